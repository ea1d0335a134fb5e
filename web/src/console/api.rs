//! Every document that the console's pages send, but those of the desk against fraud and of merchants. A test holds them
//! against the gateway's schema.

use super::fraud::types::WholeLog;
use super::types::{
    AdminAction, AuditHead, Checkpoint, Done, LedgerAccount, MerchantPayment, ParkedMessage, PaymentsOverview, Posting,
    Record, TimelineEntry, TotpSetup, Transaction, TrialBalance, User, Verification, Wallet,
};
use crate::api::{Login, Operation};

pub(crate) const LOGIN: Operation<Login> = Operation::new(
    "loginUser",
    "mutation($email: String!, $password: String!, $totpCode: String) {
        loginUser(email: $email, password: $password, totpCode: $totpCode) {
            access_token refresh_token expires_in user { user_id fullname role totpEnabled } } }",
);

pub(crate) const LOGOUT: Operation<bool> = Operation::new(
    "logout",
    "mutation($refreshToken: String!) { logout(refreshToken: $refreshToken) }",
);

pub(crate) const BEGIN_TOTP: Operation<TotpSetup> = Operation::new(
    "beginTotp",
    "mutation($currentPassword: String!) { beginTotp(currentPassword: $currentPassword) { secret uri } }",
);

pub(crate) const CONFIRM_TOTP: Operation<Vec<String>> =
    Operation::new("confirmTotp", "mutation($code: String!) { confirmTotp(code: $code) }");

pub(crate) const OVERVIEW: Operation<PaymentsOverview> = Operation::new(
    "paymentsOverview",
    "query($minutes: Int) { paymentsOverview(minutes: $minutes) {
        minutes { at total succeeded failed review } total succeeded successRate volume
        refusals { failureCode count } queues { lane waiting parked oldestSeconds } inReview pending } }",
);

pub(crate) const TRIAL_BALANCE: Operation<TrialBalance> = Operation::new(
    "trialBalance",
    "query { trialBalance { balanced unbalancedTransfers countedAt currencies { currency sum accounts mismatches } } }",
);

pub(crate) const TRANSACTIONS: Operation<Vec<Transaction>> = Operation::new(
    "allTransactions",
    "query($first: Int, $after: String, $status: TransactionStatus, $type: TransactionType, $userId: String,
        $merchantId: String, $walletId: String, $vaNumber: String, $from: DateTime, $to: DateTime, $minAmount: Decimal,
        $maxAmount: Decimal) {
        allTransactions(first: $first, after: $after, status: $status, type: $type, userId: $userId,
            merchantId: $merchantId, walletId: $walletId, vaNumber: $vaNumber, from: $from, to: $to,
            minAmount: $minAmount, maxAmount: $maxAmount) {
            transactionId userId walletId targetWalletId merchantId sessionId amount capturedAmount refundedAmount type
            status vaNumber description failureCode failureReason createdAt updatedAt } }",
);

pub(crate) const TRANSACTION: Operation<Transaction> = Operation::new(
    "transaction",
    "query($transactionId: String!) { transaction(transactionId: $transactionId) {
        transactionId userId walletId targetWalletId merchantId sessionId amount capturedAmount refundedAmount type
        status vaNumber description failureCode failureReason createdAt updatedAt } }",
);

pub(crate) const TIMELINE: Operation<Vec<TimelineEntry>> = Operation::new(
    "paymentTimeline",
    "query($transactionId: String!) { paymentTimeline(transactionId: $transactionId) {
        at kind title status detail attempt durationMicros } }",
);

pub(crate) const PAYMENT: Operation<Option<MerchantPayment>> = Operation::new(
    "payment",
    "query($transactionId: String!) { payment(transactionId: $transactionId) {
        operations { operationId kind state amount fee reason failureCode createdAt } } }",
);

pub(crate) const FRAUD_LOG_OF: Operation<Option<WholeLog>> = Operation::new(
    "fraudLogOf",
    "query($transactionId: String!) { fraudLogOf(transactionId: $transactionId) {
        logId userId transactionId merchantId caseId amount kind status action score rules createdAt reason
        readings { name value unit description }
        policyVersion fired { rule version score reason } shadowFired { rule version score reason } } }",
);

pub(crate) const HISTORY_OF: Operation<Vec<Record>> = Operation::new(
    "historyOf",
    "query($transactionId: String!) { historyOf(transactionId: $transactionId) {
        userId walletId direction status type amount createdAt } }",
);

pub(crate) const PARKED: Operation<Vec<ParkedMessage>> = Operation::new(
    "parkedMessages",
    "query($lane: String, $first: Int, $after: String) { parkedMessages(lane: $lane, first: $first, after: $after) {
        messageId lane orderingKey attempts lastError createdAt } }",
);

pub(crate) const REQUEUE: Operation<bool> = Operation::new(
    "requeueMessage",
    "mutation($messageId: String!, $reason: String!) { requeueMessage(messageId: $messageId, reason: $reason) }",
);

pub(crate) const USERS: Operation<Vec<User>> = Operation::new(
    "users",
    "query($first: Int, $after: String, $query: String, $role: String, $isDisabled: Boolean) {
        users(first: $first, after: $after, query: $query, role: $role, isDisabled: $isDisabled) {
            userId: user_id username fullname email role status totpEnabled timeZone createdAt } }",
);

pub(crate) const USER: Operation<Option<User>> = Operation::new(
    "user",
    "query($userId: String!) { user(userId: $userId) {
        userId: user_id username fullname email role status totpEnabled timeZone createdAt } }",
);

pub(crate) const SET_ROLE: Operation<Done> = Operation::new(
    "setUserRole",
    "mutation($userId: String!, $role: String!, $reason: String) {
        setUserRole(userId: $userId, role: $role, reason: $reason) { role } }",
);

pub(crate) const DISABLE_USER: Operation<Done> = Operation::new(
    "disableUser",
    "mutation($userId: String!, $reason: String) { disableUser(userId: $userId, reason: $reason) { status } }",
);

pub(crate) const ENABLE_USER: Operation<Done> = Operation::new(
    "enableUser",
    "mutation($userId: String!, $reason: String) { enableUser(userId: $userId, reason: $reason) { status } }",
);

pub(crate) const UNLOCK_USER: Operation<Done> = Operation::new(
    "unlockUser",
    "mutation($userId: String!, $reason: String) { unlockUser(userId: $userId, reason: $reason) { status } }",
);

pub(crate) const RESET_TOTP: Operation<Done> = Operation::new(
    "resetTotp",
    "mutation($userId: String!, $reason: String!) { resetTotp(userId: $userId, reason: $reason) { totpEnabled } }",
);

pub(crate) const WALLETS: Operation<Vec<Wallet>> = Operation::new(
    "wallets",
    "query($userId: String, $status: WalletStatus, $query: String, $first: Int, $after: String) {
        wallets(userId: $userId, status: $status, query: $query, first: $first, after: $after) {
            walletId userId walletName balance availableBalance status createdAt } }",
);

pub(crate) const WALLET: Operation<Wallet> = Operation::new(
    "wallet",
    "query($walletId: String!) { wallet(walletId: $walletId) {
        walletId userId walletName balance availableBalance status createdAt } }",
);

pub(crate) const POSTINGS: Operation<Vec<Posting>> = Operation::new(
    "walletPostings",
    "query($walletId: String!, $first: Int, $after: String) {
        walletPostings(walletId: $walletId, first: $first, after: $after) {
            transferId postingId kind amount balanceAfter counterparty createdAt } }",
);

pub(crate) const FREEZE: Operation<Done> = Operation::new(
    "freezeWallet",
    "mutation($walletId: String!, $reason: String) { freezeWallet(walletId: $walletId, reason: $reason) { status } }",
);

pub(crate) const UNFREEZE: Operation<Done> = Operation::new(
    "unfreezeWallet",
    "mutation($walletId: String!, $reason: String) {
        unfreezeWallet(walletId: $walletId, reason: $reason) { status } }",
);

pub(crate) const ACCOUNTS: Operation<Vec<LedgerAccount>> = Operation::new(
    "ledgerAccounts",
    "query($first: Int, $after: String) { ledgerAccounts(first: $first, after: $after) {
        account kind balance postings } }",
);

pub(crate) const CHECKPOINTS: Operation<Vec<Checkpoint>> = Operation::new(
    "historyCheckpoints",
    "query($first: Int, $after: Sequence) { historyCheckpoints(first: $first, after: $after) {
        size rootHash keyId createdAt } }",
);

pub(crate) const PUBLIC_KEY: Operation<Option<String>> =
    Operation::new("historyPublicKey", "query { historyPublicKey }");

pub(crate) const AUDIT_HEAD: Operation<AuditHead> =
    Operation::new("auditHead", "query { auditHead { sequence hash } }");

pub(crate) const VERIFY: Operation<Verification> = Operation::new(
    "verifyHistory",
    "query($afterSequence: Sequence, $first: Int) { verifyHistory(afterSequence: $afterSequence, first: $first) {
        ok firstBadSequence lastSequence complete } }",
);

pub(crate) const AUTH_ACTIONS: Operation<Vec<AdminAction>> = Operation::new(
    "authActions",
    "query($object: String, $first: Int, $after: String) { authActions(object: $object, first: $first, after: $after) {
        actionId actor action object reason detail createdAt } }",
);

pub(crate) const WALLET_ACTIONS: Operation<Vec<AdminAction>> = Operation::new(
    "walletActions",
    "query($object: String, $first: Int, $after: String) {
        walletActions(object: $object, first: $first, after: $after) {
            actionId actor action object reason detail createdAt } }",
);

pub(crate) const PAYMENT_ACTIONS: Operation<Vec<AdminAction>> = Operation::new(
    "paymentActions",
    "query($object: String, $first: Int, $after: String) {
        paymentActions(object: $object, first: $first, after: $after) {
            actionId actor action object reason detail createdAt } }",
);

pub(crate) const FRAUD_ACTIONS: Operation<Vec<AdminAction>> = Operation::new(
    "fraudActions",
    "query($object: String, $first: Int, $after: String) {
        fraudActions(object: $object, first: $first, after: $after) {
            actionId actor action object reason detail createdAt } }",
);

#[cfg(test)]
mod tests {
    use apollo_compiler::{ExecutableDocument, Schema};

    /// Read out of this very file, so that none is forgotten.
    #[test]
    fn every_document_fits_the_gateways_schema() {
        let sdl = include_str!("../../../schemas/gateway.graphql");
        let schema = Schema::parse_and_validate(sdl, "gateway.graphql").expect("the schema is good");
        let source = include_str!("api.rs").split("#[cfg(test)]").next().unwrap();
        let documents: Vec<&str> = source
            .split('"')
            .filter(|text| text.starts_with("query") || text.starts_with("mutation"))
            .collect();
        let written = source.matches("pub(crate) const ").count();
        assert_eq!(documents.len(), written);
        for document in documents {
            if let Err(problem) = ExecutableDocument::parse_and_validate(&schema, document, "page.graphql") {
                panic!("{document}\n{}", problem.errors);
            }
        }
    }
}
