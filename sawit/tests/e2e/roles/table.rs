//! Who may call what: every operation, by everybody there is, in the order of [`CALLERS`](super::CALLERS).

mod fraud;
mod payments;

use super::{Expected, Operation};

/// `UNAUTHENTICATED`, `FORBIDDEN`, `NOT_FOUND`, which stand in every other row.
const U: &str = "UNAUTHENTICATED";
const F: &str = "FORBIDDEN";
const N: &str = "NOT_FOUND";

const EVERYBODY: Expected = ["OK"; 9];
const SIGNED_IN: Expected = [U, "OK", "OK", "OK", "OK", "OK", "OK", "OK", F];
/// Of a customer.
const OWNER: Expected = [U, "OK", N, N, N, N, N, N, F];
const OWNER_OR_STAFF: Expected = [U, "OK", N, N, N, "OK", "OK", "OK", F];
const OWNER_OR_STAFF_SEES: Expected = [U, "OK", "NULL", "NULL", "NULL", "OK", "OK", "OK", F];
const OWNER_OR_OPERATOR: Expected = [U, "OK", N, N, N, N, N, "OK", "OK"];
const STAFF: Expected = [U, F, F, F, F, "OK", "OK", "OK", F];
const STAFF_OR_SERVICE: Expected = [U, F, F, F, F, "OK", "OK", "OK", "OK"];
const ADMIN: Expected = [U, F, F, F, F, F, F, "OK", F];
/// An admin or a service.
const OPERATOR: Expected = [U, F, F, F, F, F, F, "OK", "OK"];
/// Asked with what cannot be right for anybody.
const SIGNED_IN_WITH_A_WRONG_PASSWORD: Expected = signed_in("BAD_USER_INPUT*");
const SIGNED_IN_WITHOUT_IT: Expected = signed_in("CONFLICT*");

const fn signed_in(answer: &'static str) -> Expected {
    [U, answer, answer, answer, answer, answer, answer, answer, F]
}

/// Every operation. The lines are long because they are a table.
pub(super) fn table() -> Vec<Operation> {
    // The last row of the people and their wallets ends the owner's sessions.
    [fraud::table(), payments::table(), people_and_wallets()].concat()
}

fn people_and_wallets() -> Vec<Operation> {
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
            "historyOf(transactionId: $transactionId) { historyId }",
            "$transactionId: String!",
            STAFF,
        ),
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
