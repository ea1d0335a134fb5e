//! Who may call what: every operation, by whoever is nobody, the owner, somebody else, an admin.

use super::Expected;

const EVERYBODY: Expected = ["OK"; 4];
const SIGNED_IN: Expected = ["UNAUTHENTICATED", "OK", "OK", "OK"];
const OWNER: Expected = ["UNAUTHENTICATED", "OK", "NOT_FOUND", "NOT_FOUND"];
const OWNER_OR_ADMIN: Expected = ["UNAUTHENTICATED", "OK", "NOT_FOUND", "OK"];
const OWNER_OR_ADMIN_SEES: Expected = ["UNAUTHENTICATED", "OK", "NULL", "OK"];
const ADMIN: Expected = ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK"];
const NOBODY: Expected = ["UNAUTHENTICATED"; 4];
/// Of a merchant that neither the owner nor the stranger runs.
const OF_A_MERCHANT: Expected = ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "OK"];

/// Every operation: its kind, its field with arguments and selection, the variables' types, and what callers get.
pub(super) fn table() -> Vec<(&'static str, &'static str, &'static str, Expected)> {
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
        (query, "users { user_id }", "", ADMIN),
        (query, "myWallets { walletId }", "", SIGNED_IN),
        (
            query,
            "wallet(walletId: $walletId) { balance }",
            "$walletId: String!",
            OWNER_OR_ADMIN_SEES,
        ),
        (
            query,
            "receivingWallet(userId: $userId) { walletId }",
            "$userId: String!",
            SIGNED_IN,
        ),
        (query, "trialBalance { balanced }", "", ADMIN),
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
            ["UNAUTHENTICATED", "NULL", "NULL", "NULL"],
        ),
        (
            query,
            "payouts(merchantId: \"mrc_00000000000000000000000001\") { state }",
            "",
            OF_A_MERCHANT,
        ),
        (
            query,
            "payment(transactionId: \"trx_00000000000000000000000001\") { status }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            query,
            "payments(merchantId: \"mrc_00000000000000000000000001\") { status }",
            "",
            OF_A_MERCHANT,
        ),
        (query, "operationsStatus { pendingTransactions }", "", ADMIN),
        (query, "getFraudLogs { logId }", "", ADMIN),
        (query, "myHistory { historyId }", "", SIGNED_IN),
        (
            query,
            "historyProof(historyId: $historyId) { entry }",
            "$historyId: String!",
            OWNER_OR_ADMIN,
        ),
        (
            query,
            "receipt(transactionId: $transactionId)",
            "$transactionId: String!",
            OWNER_OR_ADMIN,
        ),
        (
            query,
            "historyConsistency(fromSize: 1, toSize: 1) { path }",
            "",
            SIGNED_IN,
        ),
        (query, "historyCheckpoints { size }", "", SIGNED_IN),
        (query, "historyCheckpoint { size }", "", EVERYBODY),
        (query, "historyPublicKey", "", EVERYBODY),
        (
            query,
            "historySummary(from: \"2026-11-01T00:00:00Z\", to: \"2026-11-02T00:00:00Z\", by: DAY) { wentOut }",
            "",
            SIGNED_IN,
        ),
        (query, "auditHead { hash }", "", ADMIN),
        (query, "verifyHistory { ok }", "", ADMIN),
        (
            query,
            "merchant(merchantId: \"mrc_00000000000000000000000001\") { name }",
            "",
            OF_A_MERCHANT,
        ),
        (query, "merchants { name }", "", SIGNED_IN),
        (
            query,
            "paymentSession(sessionId: \"cks_00000000000000000000000001\") { state }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            query,
            "paymentSessions(merchantId: \"mrc_00000000000000000000000001\") { state }",
            "",
            OF_A_MERCHANT,
        ),
        (
            query,
            "checkoutSession(sessionId: \"cks_00000000000000000000000001\") { state }",
            "",
            ["NULL"; 4],
        ),
        (query, "checkPayment(orderId: \"1\") { status }", "", ["NULL"; 4]),
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
            NOBODY,
        ),
        (mutation, "logout(refreshToken: \"made up\")", "", EVERYBODY),
        (
            mutation,
            "changePassword(currentPassword: \"not my password\", newPassword: \"another good one\")",
            "",
            ["UNAUTHENTICATED", "BAD_USER_INPUT", "BAD_USER_INPUT", "BAD_USER_INPUT"],
        ),
        (
            mutation,
            "setPin(currentPassword: \"not my password\", pin: \"271828\")",
            "",
            ["UNAUTHENTICATED", "BAD_USER_INPUT", "BAD_USER_INPUT", "BAD_USER_INPUT"],
        ),
        (
            mutation,
            "confirmIdentity(pin: \"271828\")",
            "",
            ["UNAUTHENTICATED", "CONFLICT", "CONFLICT", "CONFLICT"],
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
            OWNER_OR_ADMIN,
        ),
        (
            mutation,
            "deductWallet(walletId: $walletId, amount: 1) { balance }",
            "$walletId: String!",
            OWNER_OR_ADMIN,
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
            "createWebhookEndpoint(merchantId: \"mrc_00000000000000000000000001\", url: \"http://127.0.0.1:9/\", events: [\"endpoint.disabled\"]) { secret }",
            "",
            OF_A_MERCHANT,
        ),
        (
            mutation,
            "updateWebhookEndpoint(endpointId: \"whe_00000000000000000000000009\", enabled: true) { url }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "deleteWebhookEndpoint(endpointId: \"whe_00000000000000000000000009\")",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "rotateWebhookSecret(endpointId: \"whe_00000000000000000000000009\") { secret }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "resendWebhook(eventId: \"evt_00000000000000000000000009\")",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            query,
            "webhookEndpoints(merchantId: \"mrc_00000000000000000000000001\") { url }",
            "",
            OF_A_MERCHANT,
        ),
        (
            query,
            "webhookAttempts(endpointId: \"whe_00000000000000000000000009\") { outcome }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            query,
            "eventsAfter(merchantId: \"mrc_00000000000000000000000001\") { cursor }",
            "",
            OF_A_MERCHANT,
        ),
        (
            mutation,
            "createPayout(input: { merchantId: \"mrc_00000000000000000000000001\", amount: 1, bankCode: \"BCA\", accountNumber: \"12345\", accountName: \"Toko\" }) { state }",
            "",
            OF_A_MERCHANT,
        ),
        (
            mutation,
            "capturePayment(input: { transactionId: \"trx_00000000000000000000000001\" }) { state }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "voidPayment(input: { transactionId: \"trx_00000000000000000000000001\" }) { state }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "refundPayment(input: { transactionId: \"trx_00000000000000000000000001\" }) { state }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "reportPayout(payoutId: \"pyt_00000000000000000000000001\", result: PAID) { state }",
            "",
            ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "NOT_FOUND"],
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
            "updateMerchant(merchantId: \"mrc_00000000000000000000000001\", input: {}) { name }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "CONFLICT"],
        ),
        (
            mutation,
            "setMerchantStatus(merchantId: \"mrc_00000000000000000000000001\", status: ACTIVE) { name }",
            "",
            ADMIN,
        ),
        (
            mutation,
            "setFeePlan(merchantId: \"mrc_00000000000000000000000001\", percent: 0, fixed: 0) { name }",
            "",
            ADMIN,
        ),
        (
            mutation,
            "createApiKey(merchantId: \"mrc_00000000000000000000000001\", name: \"Till\") { secret }",
            "",
            OF_A_MERCHANT,
        ),
        (
            mutation,
            "revokeApiKey(keyId: \"key_00000000000000000000000001\") { name }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "rotateSigningSecret(merchantId: \"mrc_00000000000000000000000001\")",
            "",
            OF_A_MERCHANT,
        ),
        (
            mutation,
            "createPaymentSession(input: { merchantId: \"mrc_00000000000000000000000001\", orderId: \"2\", amount: 1 }) { state }",
            "",
            OF_A_MERCHANT,
        ),
        (
            mutation,
            "cancelPaymentSession(sessionId: \"cks_00000000000000000000000001\") { state }",
            "",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "openCheckout(vaNumber: \"XX-1234\") { state }",
            "",
            ["NOT_FOUND"; 4],
        ),
        (
            mutation,
            "payPaymentSession(input: { sessionId: \"cks_00000000000000000000000001\", walletId: $walletId }) { status }",
            "$walletId: String!",
            ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"],
        ),
        (
            mutation,
            "checkFraud(userId: $userId, amount: 1) { status }",
            "$userId: String!",
            ADMIN,
        ),
        (mutation, "deleteFraudLog(logId: $logId)", "$logId: String!", ADMIN),
        (
            mutation,
            "addHistory(input: { transactionId: $name, userId: $userId, amount: 1, type: \"PAYMENT\", status: \"SUCCESS\" })",
            "$name: String!, $userId: String!",
            ADMIN,
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
