//! Every document that pages send. A test holds them against the gateway's schema.

use super::{
    CheckoutSession, DeviceSession, HistoryEntry, Login, Operation, Payment, Profile, ReceiptVerification,
    ReceivingWallet, Recipient, Wallet, WalletStatement,
};

pub(crate) const LOGIN: Operation<Login> = Operation::new(
    "loginUser",
    "mutation($email: String!, $password: String!, $totpCode: String) {
        loginUser(email: $email, password: $password, totpCode: $totpCode) {
        access_token refresh_token expires_in user { user_id fullname } } }",
);

pub(crate) const REGISTER: Operation<Login> = Operation::new(
    "register",
    "mutation($username: String!, $fullname: String!, $email: String!, $password: String!) {
        register(username: $username, fullname: $fullname, email: $email, password: $password) {
            access_token refresh_token expires_in user { user_id fullname } } }",
);

pub(crate) const REFRESH_SESSION: Operation<Login> = Operation::new(
    "refreshSession",
    "mutation($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) {
        access_token refresh_token expires_in user { user_id fullname role totpEnabled } } }",
);

pub(crate) const LOGOUT: Operation<bool> = Operation::new(
    "logout",
    "mutation($refreshToken: String!) { logout(refreshToken: $refreshToken) }",
);

pub(crate) const MY_PROFILE: Operation<Profile> = Operation::new(
    "myProfile",
    "query { myProfile { username fullname email hasPin createdAt } }",
);

pub(crate) const MY_SESSIONS: Operation<Vec<DeviceSession>> = Operation::new(
    "mySessions",
    "query { mySessions { sessionId createdAt lastUsedAt address current } }",
);

pub(crate) const END_SESSION: Operation<bool> = Operation::new(
    "endSession",
    "mutation($sessionId: String!) { endSession(sessionId: $sessionId) }",
);

pub(crate) const CHANGE_PASSWORD: Operation<bool> = Operation::new(
    "changePassword",
    "mutation($currentPassword: String!, $newPassword: String!) {
        changePassword(currentPassword: $currentPassword, newPassword: $newPassword) }",
);

pub(crate) const SET_PIN: Operation<bool> = Operation::new(
    "setPin",
    "mutation($currentPassword: String!, $pin: String!) { setPin(currentPassword: $currentPassword, pin: $pin) }",
);

pub(crate) const CONFIRM_IDENTITY: Operation<bool> = Operation::new(
    "confirmIdentity",
    "mutation($password: String, $pin: String) { confirmIdentity(password: $password, pin: $pin) }",
);

pub(crate) const RECIPIENT: Operation<Option<Recipient>> = Operation::new(
    "recipient",
    "query($login: String!) { recipient(login: $login) { userId username fullname } }",
);

pub(crate) const RECEIVING_WALLET: Operation<Option<ReceivingWallet>> = Operation::new(
    "receivingWallet",
    "query($userId: String!) { receivingWallet(userId: $userId) { walletId } }",
);

pub(crate) const MY_WALLETS: Operation<Vec<Wallet>> = Operation::new(
    "myWallets",
    "query { myWallets { walletId walletName balance availableBalance status createdAt } }",
);

pub(crate) const CREATE_WALLET: Operation<Wallet> = Operation::new(
    "createWallet",
    "mutation($walletName: String!) { createWallet(walletName: $walletName) {
        walletId walletName balance availableBalance status createdAt } }",
);

pub(crate) const CREATE_TRANSACTION: Operation<Payment> = Operation::new(
    "createTransaction",
    "mutation($input: TransactionInput!) { createTransaction(input: $input) {
        transactionId type status amount walletId targetWalletId sessionId description failureCode createdAt } }",
);

pub(crate) const TRANSACTION: Operation<Option<Payment>> = Operation::new(
    "transaction",
    "query($transactionId: String!) { transaction(transactionId: $transactionId) {
        transactionId type status amount walletId targetWalletId sessionId description failureCode createdAt } }",
);

pub(crate) const MY_HISTORY: Operation<Vec<HistoryEntry>> = Operation::new(
    "myHistory",
    "query($first: Int, $after: String, $type: String, $status: String, $from: DateTime, $to: DateTime) {
        myHistory(first: $first, after: $after, type: $type, status: $status, from: $from, to: $to) {
            historyId transactionId amount type vaNumber status direction walletId counterparty failureCode createdAt } }",
);

pub(crate) const WALLET_STATEMENT: Operation<WalletStatement> = Operation::new(
    "walletStatement",
    "query($walletId: String!, $month: String!, $first: Int, $after: String) {
        walletStatement(walletId: $walletId, month: $month, first: $first, after: $after) {
            walletId walletName from to isComplete openingBalance closingBalance cameIn wentOut lineCount
            lines { postingId transferId kind amount balanceAfter counterparty counterpartyName createdAt } } }",
);

pub(crate) const RECEIPT: Operation<String> = Operation::new(
    "receipt",
    "query($transactionId: String!) { receipt(transactionId: $transactionId) }",
);

pub(crate) const RECEIPT_CODE: Operation<Option<String>> = Operation::new(
    "receiptCode",
    "query($transactionId: String!) { receiptCode(transactionId: $transactionId) }",
);

pub(crate) const VERIFY_RECEIPT: Operation<ReceiptVerification> = Operation::new(
    "verifyReceipt",
    "query($receipt: String!, $publicKey: String) { verifyReceipt(receipt: $receipt, publicKey: $publicKey) {
        holds problem sequence treeSize signedAt publicKey entry {
            historyId transactionId userId amount type vaNumber status direction walletId counterparty failureCode
            createdAt } } }",
);

pub(crate) const HISTORY_PUBLIC_KEYS: Operation<Vec<String>> =
    Operation::new("historyPublicKeys", "query { historyPublicKeys }");

pub(crate) const OPEN_CHECKOUT: Operation<Option<CheckoutSession>> = Operation::new(
    "openCheckout",
    "mutation($vaNumber: String!, $returnUrl: String) { openCheckout(vaNumber: $vaNumber, returnUrl: $returnUrl) {
        sessionId merchantName orderId amount description items { name quantity price } vaNumber state
        expiresAt version canReturn returnUrl cancelUrl now } }",
);

pub(crate) const CHECKOUT_SESSION: Operation<Option<CheckoutSession>> = Operation::new(
    "checkoutSession",
    "query($sessionId: String!) { checkoutSession(sessionId: $sessionId) {
        sessionId merchantName orderId amount description items { name quantity price } vaNumber state
        expiresAt version canReturn returnUrl cancelUrl now } }",
);

pub(crate) const PAY_PAYMENT_SESSION: Operation<Payment> = Operation::new(
    "payPaymentSession",
    "mutation($input: PayPaymentSessionInput!) { payPaymentSession(input: $input) {
        transactionId type status amount walletId targetWalletId sessionId description failureCode createdAt } }",
);

#[cfg(test)]
mod tests {
    use apollo_compiler::{ExecutableDocument, Schema};

    use super::*;

    /// All documents: one that is not in the list would not be checked.
    fn all() -> Vec<&'static str> {
        vec![
            LOGIN.document,
            REGISTER.document,
            REFRESH_SESSION.document,
            LOGOUT.document,
            MY_PROFILE.document,
            MY_SESSIONS.document,
            END_SESSION.document,
            CHANGE_PASSWORD.document,
            SET_PIN.document,
            CONFIRM_IDENTITY.document,
            RECIPIENT.document,
            RECEIVING_WALLET.document,
            MY_WALLETS.document,
            CREATE_WALLET.document,
            CREATE_TRANSACTION.document,
            TRANSACTION.document,
            MY_HISTORY.document,
            WALLET_STATEMENT.document,
            RECEIPT.document,
            RECEIPT_CODE.document,
            VERIFY_RECEIPT.document,
            HISTORY_PUBLIC_KEYS.document,
            OPEN_CHECKOUT.document,
            CHECKOUT_SESSION.document,
            PAY_PAYMENT_SESSION.document,
        ]
    }

    #[test]
    fn every_document_fits_the_gateways_schema() {
        let sdl = include_str!("../../../schemas/gateway.graphql");
        let schema = Schema::parse_and_validate(sdl, "gateway.graphql").expect("the schema is good");
        for document in all() {
            if let Err(problem) = ExecutableDocument::parse_and_validate(&schema, document, "page.graphql") {
                panic!("{document}\n{}", problem.errors);
            }
        }
        let source = include_str!("documents.rs");
        let written = source
            .lines()
            .filter(|line| line.starts_with("pub(crate) const "))
            .count();
        assert_eq!(all().len(), written, "a document is missing in the list");
    }
}
