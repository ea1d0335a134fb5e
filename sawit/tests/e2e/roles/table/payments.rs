//! Transactions, merchants and what is theirs.

use super::{ADMIN, EVERYBODY, F, N, OWNER, SIGNED_IN, STAFF, U};
use crate::roles::{Expected, Operation};

/// What changes a merchant's things. Staff see them, so they are told that they may not change them.
const MERCHANT: Expected = [U, N, N, "OK", N, F, F, "OK", F];
/// Of a merchant's webhook endpoint: whoever may not is told that there is none, services as well.
const MERCHANT_OF_ENDPOINT: Expected = [U, N, N, "OK", N, N, N, "OK", N];
/// For the merchant and admins; the one that is asked for does not exist.
const MERCHANT_OF_NOTHING: Expected = [U, N, N, "NOT_FOUND*", N, N, N, "NOT_FOUND*", N];
/// Reads of a merchant's things that hold no secret.
const MERCHANT_OR_STAFF: Expected = [U, N, N, "OK", N, "OK", "OK", "OK", F];
const ADMIN_OF_NOTHING: Expected = [U, F, F, F, F, F, F, "NOT_FOUND*", F];

pub(super) fn table() -> Vec<Operation> {
    [reads(), writes()].concat()
}

fn reads() -> Vec<Operation> {
    let query = "query";
    vec![
        (query, "allTransactions(first: 1) { status }", "", STAFF),
        (
            query,
            "paymentTimeline(transactionId: $transactionId) { title }",
            "$transactionId: String!",
            STAFF,
        ),
        (query, "paymentsOverview { total }", "", STAFF),
        (query, "parkedMessages { messageId }", "", STAFF),
        (query, "paymentActions { action }", "", STAFF),
        (
            query,
            "transaction(transactionId: $transactionId) { status }",
            "$transactionId: String!",
            [U, "OK", "NULL", "NULL", "NULL", "OK", "OK", "OK", F],
        ),
        (
            query,
            "operationsStatus { pendingTransactions }",
            "",
            [U, F, F, F, F, "OK", "OK", "OK", "OK"],
        ),
        (
            query,
            "merchant(merchantId: $merchantId) { name }",
            "$merchantId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "payments(merchantId: $merchantId) { status }",
            "$merchantId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "payment(transactionId: $capturedId) { status }",
            "$capturedId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "payouts(merchantId: $merchantId) { state }",
            "$merchantId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "paymentSession(sessionId: $checkoutId) { state }",
            "$checkoutId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "paymentSessions(merchantId: $merchantId) { state }",
            "$merchantId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "webhookEndpoints(merchantId: $merchantId) { url }",
            "$merchantId: String!",
            MERCHANT_OR_STAFF,
        ),
        (
            query,
            "webhookAttempts(endpointId: $endpointId) { outcome }",
            "$endpointId: String!",
            [U, N, N, "OK", N, "OK", "OK", "OK", N],
        ),
        (
            query,
            "eventsAfter(merchantId: $merchantId) { cursor }",
            "$merchantId: String!",
            MERCHANT_OR_STAFF,
        ),
        (query, "myTransactions { status }", "", SIGNED_IN),
        (
            query,
            "payout(payoutId: \"pyt_00000000000000000000000001\") { state }",
            "",
            [U, "NULL", "NULL", "NULL*", "NULL", "NULL", "NULL", "NULL*", F],
        ),
        (query, "merchants { name }", "", SIGNED_IN),
        (
            query,
            "checkoutSession(sessionId: $checkoutId) { state }",
            "$checkoutId: String!",
            EVERYBODY,
        ),
        (query, "checkPayment(orderId: \"1\") { status }", "", ["NULL*"; 9]),
    ]
}

fn writes() -> Vec<Operation> {
    let mutation = "mutation";
    vec![
        (
            mutation,
            "requeueMessage(messageId: \"1\", reason: \"test\")",
            "",
            ADMIN_OF_NOTHING,
        ),
        (
            mutation,
            "createTransaction(input: { walletId: $walletId, amount: 1, type: TRANSFER, targetWalletId: $strangersWalletId }) { status }",
            "$walletId: String!, $strangersWalletId: String!",
            OWNER,
        ),
        (
            mutation,
            "createWebhookEndpoint(merchantId: $merchantId, url: \"http://127.0.0.1:9/\", events: [\"endpoint.disabled\"]) { secret }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "updateWebhookEndpoint(endpointId: $endpointId, enabled: true) { url }",
            "$endpointId: String!",
            MERCHANT_OF_ENDPOINT,
        ),
        (
            mutation,
            "deleteWebhookEndpoint(endpointId: $endpointId)",
            "$endpointId: String!",
            MERCHANT_OF_ENDPOINT,
        ),
        (
            mutation,
            "rotateWebhookSecret(endpointId: $endpointId) { secret }",
            "$endpointId: String!",
            MERCHANT_OF_ENDPOINT,
        ),
        (
            mutation,
            "resendWebhook(eventId: \"evt_00000000000000000000000009\")",
            "",
            MERCHANT_OF_NOTHING,
        ),
        (
            mutation,
            "createPayout(input: { merchantId: $merchantId, amount: 1, bankCode: \"BCA\", accountNumber: \"12345\", accountName: \"Toko\" }) { state }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "capturePayment(input: { transactionId: $authorizedId }) { state }",
            "$authorizedId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "voidPayment(input: { transactionId: $authorizedId }) { state }",
            "$authorizedId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "refundPayment(input: { transactionId: $capturedId }) { state }",
            "$capturedId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "reportPayout(payoutId: \"pyt_00000000000000000000000001\", result: PAID) { state }",
            "",
            [U, F, F, F, F, F, F, "NOT_FOUND*", "NOT_FOUND*"],
        ),
        (mutation, "deleteAllTransactions", "", SIGNED_IN),
        (mutation, "generateInvoiceVA(amount: 1)", "", EVERYBODY),
        (
            mutation,
            "registerMerchant(input: { name: \"Toko\" }) { apiKey }",
            "",
            SIGNED_IN,
        ),
        (
            mutation,
            "updateMerchant(merchantId: $merchantId, input: {}) { name }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "setMerchantStatus(merchantId: $merchantId, status: ACTIVE) { name }",
            "$merchantId: String!",
            ADMIN,
        ),
        (
            mutation,
            "setFeePlan(merchantId: $merchantId, percent: 0, fixed: 0) { name }",
            "$merchantId: String!",
            ADMIN,
        ),
        (
            mutation,
            "createApiKey(merchantId: $merchantId, name: \"Till\") { secret }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "revokeApiKey(keyId: $keyId) { name }",
            "$keyId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "rotateSigningSecret(merchantId: $merchantId)",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "createPaymentSession(input: { merchantId: $merchantId, orderId: $name, amount: 1 }) { state }",
            "$merchantId: String!, $name: String!",
            MERCHANT,
        ),
        (
            mutation,
            "cancelPaymentSession(sessionId: $checkoutId) { state }",
            "$checkoutId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "openCheckout(vaNumber: \"XX-1234\") { state }",
            "",
            ["NOT_FOUND*"; 9],
        ),
        (
            mutation,
            "payPaymentSession(input: { sessionId: $checkoutId, walletId: $walletId }) { status }",
            "$checkoutId: String!, $walletId: String!",
            OWNER,
        ),
    ]
}
