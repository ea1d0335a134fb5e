//! Who may call what: every operation, by everybody there is, in the order of [`CALLERS`](super::CALLERS).

use super::{Expected, Operation};

/// `UNAUTHENTICATED`, `FORBIDDEN`, `NOT_FOUND`, which stand in every other row.
const U: &str = "UNAUTHENTICATED";
const F: &str = "FORBIDDEN";
const N: &str = "NOT_FOUND";

pub(super) const EVERYBODY: Expected = ["OK"; 9];
pub(super) const SIGNED_IN: Expected = [U, "OK", "OK", "OK", "OK", "OK", "OK", "OK", F];
/// Of a customer.
const OWNER: Expected = [U, "OK", N, N, N, N, N, N, F];
pub(super) const OWNER_OR_STAFF: Expected = [U, "OK", N, N, N, "OK", "OK", "OK", F];
const OWNER_OR_STAFF_SEES: Expected = [U, "OK", "NULL", "NULL", "NULL", "OK", "OK", "OK", F];
const OWNER_OR_ADMIN_SEES: Expected = [U, "OK", "NULL", "NULL", "NULL", "NULL", "NULL", "OK", F];
const OWNER_OR_OPERATOR: Expected = [U, "OK", N, N, N, N, N, "OK", "OK"];
/// Of a merchant.
const MERCHANT: Expected = [U, N, N, "OK", N, N, N, "OK", F];
/// Of a merchant's webhook endpoint: whoever may not is told that there is none, services as well.
const MERCHANT_OF_ENDPOINT: Expected = [U, N, N, "OK", N, N, N, "OK", N];
pub(super) const STAFF: Expected = [U, F, F, F, F, "OK", "OK", "OK", F];
const STAFF_OR_SERVICE: Expected = [U, F, F, F, F, "OK", "OK", "OK", "OK"];
pub(super) const ADMIN: Expected = [U, F, F, F, F, F, F, "OK", F];
/// An admin or a service.
const OPERATOR: Expected = [U, F, F, F, F, F, F, "OK", "OK"];
/// Asked with what cannot be right for anybody.
const SIGNED_IN_WITH_A_WRONG_PASSWORD: Expected = signed_in("BAD_USER_INPUT*");
const SIGNED_IN_WITHOUT_IT: Expected = signed_in("CONFLICT*");
/// For the merchant and admins; the one that is asked for does not exist.
const MERCHANT_OF_NOTHING: Expected = [U, N, N, "NOT_FOUND*", N, N, N, "NOT_FOUND*", N];

/// Staff see what is a merchant's, so they are told that they may not change it.
const fn change(by_merchant: Expected) -> Expected {
    let mut expected = by_merchant;
    (expected[5], expected[6]) = (F, F);
    expected
}

const fn signed_in(answer: &'static str) -> Expected {
    [U, answer, answer, answer, answer, answer, answer, answer, F]
}

/// Every operation. The lines are long because they are a table.
pub(super) fn table() -> Vec<Operation> {
    let (query, mutation) = ("query", "mutation");
    vec![
        (query, "myProfile { username }", "", SIGNED_IN),
        (query, "mySessions { sessionId }", "", SIGNED_IN),
        (
            query,
            "recipient(login: $ownerEmail) { userId }",
            "$ownerEmail: String!",
            SIGNED_IN,
        ),
        (query, "users { user_id }", "", STAFF),
        (query, "user(userId: $userId) { email }", "$userId: String!", STAFF),
        (query, "authActions { action }", "", STAFF),
        (query, "wallets { walletId }", "", STAFF),
        (
            query,
            "walletPostings(walletId: $walletId) { amount }",
            "$walletId: String!",
            OWNER_OR_STAFF,
        ),
        (
            query,
            "walletStatement(walletId: $walletId, month: $month) { closingBalance }",
            "$walletId: String!, $month: String!",
            OWNER_OR_STAFF,
        ),
        (query, "ledgerAccounts { account }", "", STAFF),
        (query, "walletActions { action }", "", STAFF),
        (query, "myWallets { walletId }", "", SIGNED_IN),
        (
            query,
            "wallet(walletId: $walletId) { balance }",
            "$walletId: String!",
            OWNER_OR_STAFF_SEES,
        ),
        (
            query,
            "receivingWallet(userId: $userId) { walletId }",
            "$userId: String!",
            SIGNED_IN,
        ),
        (query, "trialBalance { balanced }", "", STAFF_OR_SERVICE),
        (query, "myTransactions { status }", "", SIGNED_IN),
        (
            query,
            "transaction(transactionId: $transactionId) { status }",
            "$transactionId: String!",
            OWNER_OR_ADMIN_SEES,
        ),
        (
            query,
            "payout(payoutId: \"pyt_00000000000000000000000001\") { state }",
            "",
            [U, "NULL", "NULL", "NULL*", "NULL", "NULL", "NULL", "NULL*", F],
        ),
        (
            query,
            "payouts(merchantId: $merchantId) { state }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            query,
            "payment(transactionId: $capturedId) { status }",
            "$capturedId: String!",
            MERCHANT,
        ),
        (
            query,
            "payments(merchantId: $merchantId) { status }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (query, "operationsStatus { pendingTransactions }", "", OPERATOR),
        (query, "getFraudLogs { logId }", "", ADMIN),
        (query, "myHistory { historyId }", "", SIGNED_IN),
        (
            query,
            "historyProof(historyId: $historyId) { entry }",
            "$historyId: String!",
            OWNER_OR_STAFF,
        ),
        (
            query,
            "receipt(transactionId: $transactionId)",
            "$transactionId: String!",
            OWNER_OR_STAFF,
        ),
        (
            query,
            "receiptCode(transactionId: $transactionId)",
            "$transactionId: String!",
            OWNER_OR_STAFF,
        ),
        (query, "verifyReceipt(receipt: \"x\") { holds }", "", EVERYBODY),
        (
            query,
            "historyConsistency(fromSize: 1, toSize: 1) { path }",
            "",
            SIGNED_IN,
        ),
        (query, "historyCheckpoints { size }", "", SIGNED_IN),
        (query, "historyCheckpoint { size }", "", EVERYBODY),
        (query, "historyPublicKey", "", EVERYBODY),
        (query, "historyPublicKeys", "", EVERYBODY),
        (
            query,
            "historySummary(from: \"2026-11-01T00:00:00Z\", to: \"2026-11-02T00:00:00Z\", by: DAY) { wentOut }",
            "",
            SIGNED_IN,
        ),
        (query, "auditHead { hash }", "", STAFF),
        (query, "verifyHistory { ok }", "", STAFF),
        (
            query,
            "merchant(merchantId: $merchantId) { name }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (query, "merchants { name }", "", SIGNED_IN),
        (
            query,
            "paymentSession(sessionId: $checkoutId) { state }",
            "$checkoutId: String!",
            MERCHANT,
        ),
        (
            query,
            "paymentSessions(merchantId: $merchantId) { state }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            query,
            "checkoutSession(sessionId: $checkoutId) { state }",
            "$checkoutId: String!",
            EVERYBODY,
        ),
        (query, "checkPayment(orderId: \"1\") { status }", "", ["NULL*"; 9]),
        (
            mutation,
            "registerUser(username: $name, fullname: $name, email: $email, password: $password)",
            "$name: String!, $email: String!, $password: String!",
            EVERYBODY,
        ),
        (
            mutation,
            "register(username: $name, fullname: $name, email: $email, password: $password) { access_token }",
            "$name: String!, $email: String!, $password: String!",
            EVERYBODY,
        ),
        (
            mutation,
            "loginUser(email: $ownerEmail, password: $password) { access_token }",
            "$ownerEmail: String!, $password: String!",
            EVERYBODY,
        ),
        (
            mutation,
            "refreshSession(refreshToken: \"made up\") { access_token }",
            "",
            ["UNAUTHENTICATED*"; 9],
        ),
        (mutation, "logout(refreshToken: \"made up\")", "", EVERYBODY),
        (
            mutation,
            "changePassword(currentPassword: \"not my password\", newPassword: \"another good one\")",
            "",
            SIGNED_IN_WITH_A_WRONG_PASSWORD,
        ),
        (
            mutation,
            "setPin(currentPassword: \"not my password\", pin: \"271828\")",
            "",
            SIGNED_IN_WITH_A_WRONG_PASSWORD,
        ),
        (mutation, "confirmIdentity(pin: \"271828\")", "", SIGNED_IN_WITHOUT_IT),
        (
            mutation,
            "beginTotp(currentPassword: \"not my password\") { uri }",
            "",
            SIGNED_IN_WITH_A_WRONG_PASSWORD,
        ),
        (mutation, "confirmTotp(code: \"123456\")", "", SIGNED_IN_WITHOUT_IT),
        (
            mutation,
            "disableTotp(currentPassword: \"not my password\", code: \"123456\")",
            "",
            SIGNED_IN_WITH_A_WRONG_PASSWORD,
        ),
        (
            mutation,
            "resetTotp(userId: $userId, reason: \"lost\") { totpEnabled }",
            "$userId: String!",
            ADMIN,
        ),
        (
            mutation,
            "setTimeZone(name: \"Asia/Jakarta\") { timeZone }",
            "",
            SIGNED_IN,
        ),
        (
            mutation,
            "endSession(sessionId: $sessionId)",
            "$sessionId: String!",
            OWNER,
        ),
        (
            mutation,
            "setUserRole(userId: $userId, role: \"Nasabah\") { role }",
            "$userId: String!",
            ADMIN,
        ),
        (
            mutation,
            "enableUser(userId: $userId) { status }",
            "$userId: String!",
            ADMIN,
        ),
        (
            mutation,
            "unlockUser(userId: $userId) { status }",
            "$userId: String!",
            ADMIN,
        ),
        (
            mutation,
            "createWallet(walletName: $name) { walletId }",
            "$name: String!",
            SIGNED_IN,
        ),
        (
            mutation,
            "deleteWallet(walletId: $emptyWalletId) { success }",
            "$emptyWalletId: String!",
            OWNER,
        ),
        (
            mutation,
            "topupWallet(walletId: $walletId, amount: 1) { balance }",
            "$walletId: String!",
            OWNER_OR_OPERATOR,
        ),
        (
            mutation,
            "deductWallet(walletId: $walletId, amount: 1) { balance }",
            "$walletId: String!",
            OWNER_OR_OPERATOR,
        ),
        (
            mutation,
            "freezeWallet(walletId: $emptyWalletId) { status }",
            "$emptyWalletId: String!",
            ADMIN,
        ),
        (
            mutation,
            "unfreezeWallet(walletId: $emptyWalletId) { status }",
            "$emptyWalletId: String!",
            ADMIN,
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
            change(MERCHANT),
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
            query,
            "webhookEndpoints(merchantId: $merchantId) { url }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            query,
            "webhookAttempts(endpointId: $endpointId) { outcome }",
            "$endpointId: String!",
            MERCHANT_OF_ENDPOINT,
        ),
        (
            query,
            "eventsAfter(merchantId: $merchantId) { cursor }",
            "$merchantId: String!",
            MERCHANT,
        ),
        (
            mutation,
            "createPayout(input: { merchantId: $merchantId, amount: 1, bankCode: \"BCA\", accountNumber: \"12345\", accountName: \"Toko\" }) { state }",
            "$merchantId: String!",
            change(MERCHANT),
        ),
        (
            mutation,
            "capturePayment(input: { transactionId: $authorizedId }) { state }",
            "$authorizedId: String!",
            change(MERCHANT),
        ),
        (
            mutation,
            "voidPayment(input: { transactionId: $authorizedId }) { state }",
            "$authorizedId: String!",
            change(MERCHANT),
        ),
        (
            mutation,
            "refundPayment(input: { transactionId: $capturedId }) { state }",
            "$capturedId: String!",
            change(MERCHANT),
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
            change(MERCHANT),
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
            change(MERCHANT),
        ),
        (
            mutation,
            "revokeApiKey(keyId: $keyId) { name }",
            "$keyId: String!",
            change(MERCHANT),
        ),
        (
            mutation,
            "rotateSigningSecret(merchantId: $merchantId)",
            "$merchantId: String!",
            change(MERCHANT),
        ),
        (
            mutation,
            "createPaymentSession(input: { merchantId: $merchantId, orderId: $name, amount: 1 }) { state }",
            "$merchantId: String!, $name: String!",
            change(MERCHANT),
        ),
        (
            mutation,
            "cancelPaymentSession(sessionId: $checkoutId) { state }",
            "$checkoutId: String!",
            change(MERCHANT),
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
        (
            mutation,
            "checkFraud(userId: $userId, amount: 1) { status }",
            "$userId: String!",
            OPERATOR,
        ),
        (mutation, "deleteFraudLog(logId: $logId)", "$logId: String!", ADMIN),
        (
            mutation,
            "addHistory(input: { transactionId: $name, userId: $userId, amount: 1, type: \"PAYMENT\", status: \"SUCCESS\" })",
            "$name: String!, $userId: String!",
            OPERATOR,
        ),
        (
            mutation,
            "deleteHistory(historyId: $historyId)",
            "$historyId: String!",
            OWNER,
        ),
        // The last one, because it ends the owner's sessions.
        (
            mutation,
            "disableUser(userId: $userId) { status }",
            "$userId: String!",
            ADMIN,
        ),
    ]
}
