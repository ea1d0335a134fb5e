//! I5: who may do what, over the gateway, for every operation there is.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::person::{PASSWORD, Person, open_wallet, text};
use testkit::provider::RunMode;

use crate::world::World;

/// What each caller is answered: nobody (no token), the owner of what is asked for, another customer, an admin.
/// `OK`, `NULL` (no error, and nothing shown), or an error's code.
type Expected = [&'static str; 4];

const LOGIN: &str =
    "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";
const EVERYBODY: Expected = ["OK"; 4];
const SIGNED_IN: Expected = ["UNAUTHENTICATED", "OK", "OK", "OK"];
const OWNER: Expected = ["UNAUTHENTICATED", "OK", "NOT_FOUND", "NOT_FOUND"];
const OWNER_OR_ADMIN: Expected = ["UNAUTHENTICATED", "OK", "NOT_FOUND", "OK"];
const OWNER_OR_ADMIN_SEES: Expected = ["UNAUTHENTICATED", "OK", "NULL", "OK"];
const ADMIN: Expected = ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK"];
const NOBODY: Expected = ["UNAUTHENTICATED"; 4];
/// Of a merchant that neither the owner nor the stranger runs.
const OF_A_MERCHANT: Expected = ["UNAUTHENTICATED", "NOT_FOUND", "NOT_FOUND", "OK"];

/// Everything a document of the table can name. Made anew for every request, so that none changes what the next finds.
struct Stage {
    owner: Person,
    stranger: Person,
    admin: Client,
    nobody: Client,
    count: usize,
}

impl Stage {
    /// A value for every variable that these types name.
    async fn variables(&mut self, types: &str) -> Value {
        self.count += 1;
        let mut variables = json!({});
        let names = types
            .split(", ")
            .filter_map(|variable| variable.strip_prefix('$')?.split(':').next());
        for name in names {
            variables[name] = self.value(name).await;
        }
        variables
    }

    async fn value(&self, name: &str) -> Value {
        match name {
            "walletId" => json!(self.owner.wallet_id),
            "strangersWalletId" => json!(self.stranger.wallet_id),
            "emptyWalletId" => json!(open_wallet(&self.owner.api, "Empty").await),
            "transactionId" => self.paid().await["transactionId"].clone(),
            "historyId" => {
                let transaction_id = text(&self.paid().await["transactionId"]);
                self.owner.history_of(&transaction_id).await[0]["historyId"].clone()
            }
            "logId" => {
                self.paid().await;
                let logs = self
                    .admin
                    .send("query { getFraudLogs(first: 1) { logId } }", json!({}))
                    .await;
                logs.data()["getFraudLogs"][0]["logId"].clone()
            }
            "sessionId" => self.other_session().await,
            "userId" => json!(self.owner.user_id),
            "ownerEmail" => json!(self.owner.email),
            "password" => json!(PASSWORD),
            "name" => json!(format!("new{}", self.count)),
            "email" => json!(format!("new{}@example.com", self.count)),
            other => panic!("nothing is known of ${other}"),
        }
    }

    async fn paid(&self) -> Value {
        let bill = self.owner.invoice(1).await;
        self.owner.transact(self.owner.payment(&bill, 1, None)).await
    }

    async fn other_session(&self) -> Value {
        self.nobody
            .send(LOGIN, json!({ "email": self.owner.email, "password": PASSWORD }))
            .await
            .data();
        let sessions = self
            .owner
            .api
            .send("query { mySessions { sessionId current } }", json!({}))
            .await;
        let sessions = sessions.data()["mySessions"].as_array().expect("a list").clone();
        let other = sessions.iter().find(|session| session["current"] == false);
        other.expect("another session")["sessionId"].clone()
    }

    async fn check(&mut self, field: &str, types: &str, document: &str, expected: Expected) {
        let callers = [
            ("nobody", self.nobody.clone()),
            ("the owner", self.owner.api.clone()),
            ("a stranger", self.stranger.api.clone()),
            ("an admin", self.admin.clone()),
        ];
        let shared = self.variables(types).await;
        for ((who, api), expect) in callers.into_iter().zip(expected) {
            // What one caller used up is made anew for the next.
            let variables = if expect == "OK" {
                self.variables(types).await
            } else {
                shared.clone()
            };
            let answer = api.send(document, variables).await;
            let found = match answer.code() {
                "OK" if answer.body["data"][field].is_null() => "NULL",
                code => code,
            };
            assert_eq!(found, expect, "{field} by {who}: {:#}", answer.body);
        }
    }
}

/// Every operation: its kind, its field with arguments and selection, the variables' types, and what callers get.
fn table() -> Vec<(&'static str, &'static str, &'static str, Expected)> {
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
            "createWebhookEndpoint(merchantId: \"mrc_00000000000000000000000001\", url: \"http://127.0.0.1:9/\") { secret }",
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

fn name_of(field: &str) -> &str {
    field.split([' ', '(']).next().unwrap_or(field)
}

#[tokio::test]
async fn i5_every_operation_is_open_to_those_it_is_meant_for_and_nobody_else() {
    let world = World::start(RunMode::Up).await;
    let mut stage = Stage {
        owner: world.person("naruto", 1_000_000).await,
        stranger: world.person("sasuke", 1_000_000).await,
        admin: world.provider.admin().await,
        nobody: world.gateway(),
        count: 0,
    };
    let schema = "query { __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let schema = world.gateway().send(schema, json!({})).await.data()["__schema"].clone();
    let fields = ["queryType", "mutationType"].map(|kind| schema[kind]["fields"].as_array().expect("fields").clone());
    let offered: BTreeSet<String> = fields.concat().iter().map(|field| text(&field["name"])).collect();
    let in_table: BTreeSet<String> = table().iter().map(|(_, field, ..)| name_of(field).to_owned()).collect();
    assert_eq!(in_table, offered, "every operation stands in the table");

    for (kind, field, types, expected) in table() {
        let signature = if types.is_empty() {
            String::new()
        } else {
            format!("({types})")
        };
        let document = format!("{kind}{signature} {{ {field} }}");
        if name_of(field) == "disableUser" {
            check_disabling(&mut stage, &document, expected).await;
        } else {
            stage.check(name_of(field), types, &document, expected).await;
        }
    }
    world.close().await;
}

/// The owner of an account that was disabled cannot make a stage for the next caller, so this row has a loop of its own.
async fn check_disabling(stage: &mut Stage, document: &str, expected: Expected) {
    let variables = json!({ "userId": stage.owner.user_id });
    let callers = [&stage.nobody, &stage.owner.api, &stage.stranger.api, &stage.admin];
    for (api, expect) in callers.into_iter().zip(expected) {
        let answer = api.send(document, variables.clone()).await;
        assert_eq!(answer.code(), expect, "{:#}", answer.body);
    }
    let login_variables = json!({ "email": stage.owner.email, "password": PASSWORD });
    assert_ne!(stage.nobody.send(LOGIN, login_variables).await.code(), "OK");
}

#[tokio::test]
async fn i5_nobody_sees_another_customers_money() {
    let world = World::start(RunMode::Served).await;
    let (naruto, sasuke) = (world.person("naruto", 1_000).await, world.person("sasuke", 1_000).await);
    let paid = naruto
        .transact(naruto.payment(&naruto.invoice(1).await, 1, Some("k")))
        .await;
    let entries = naruto.history_of(&text(&paid["transactionId"])).await;
    assert!(sasuke.transaction(&text(&paid["transactionId"])).await.is_none());
    assert!(
        sasuke
            .history()
            .await
            .iter()
            .all(|entry| entry["userId"] == sasuke.user_id)
    );
    assert!(
        sasuke
            .transactions()
            .await
            .iter()
            .all(|made| made["userId"] == sasuke.user_id)
    );
    // A cursor of somebody else's opens nothing.
    for (document, cursor) in [
        (
            "query($after: String) { myTransactions(after: $after) { userId } }",
            &paid["transactionId"],
        ),
        (
            "query($after: String) { myHistory(after: $after) { userId } }",
            &entries[0]["historyId"],
        ),
        (
            "query($after: String) { myWallets(after: $after) { userId } }",
            &json!(naruto.wallet_id),
        ),
    ] {
        let answer = sasuke.api.send(document, json!({ "after": cursor })).await;
        let lists = answer.body["data"].as_object().cloned().unwrap_or_default();
        for entry in lists.values().filter_map(Value::as_array).flatten() {
            assert_eq!(entry["userId"], json!(sasuke.user_id), "{document}");
        }
    }
    // Pay from one's own wallet only, and to nobody's harm with somebody else's key.
    let mut theft = sasuke.transfer(&sasuke.wallet_id, 100, Some("k"));
    theft["walletId"] = json!(naruto.wallet_id);
    assert_eq!(sasuke.ask_transact(theft).await.code(), "NOT_FOUND");
    assert_eq!((naruto.balance().await, sasuke.balance().await), (999, 1_000));
    world.close().await;
}
