//! Somebody with an account and a wallet.

use serde_json::{Value, json};

use crate::client::Client;
use crate::graphql::Answer;
use crate::wait::eventually;

/// What tests look at in a transaction.
pub const TRANSACTION_FIELDS: &str =
    "transactionId userId walletId targetWalletId amount type status vaNumber failureCode failureReason createdAt";

/// Somebody with an account, a token and one wallet.
#[derive(Clone)]
pub struct Person {
    /// Asks the provider with the person's token.
    pub api: Client,
    /// `usr_…`
    pub user_id: String,
    /// The address they log in with.
    pub email: String,
    /// `wal_…`
    pub wallet_id: String,
}

/// Every person's password.
pub const PASSWORD: &str = "correct horse battery";

impl Person {
    /// Registers, logs in and opens a wallet.
    pub async fn register(gateway: &Client, name: &str) -> Self {
        let document = "mutation($name: String!, $email: String!, $password: String!) {
            register(username: $name, fullname: $name, email: $email, password: $password) { access_token user { user_id } } }";
        let email = format!("{name}@example.com");
        let variables = json!({ "name": name, "email": email, "password": PASSWORD });
        let session = gateway.send(document, variables).await.data()["register"].clone();
        let api = gateway.with_token(text(&session["access_token"]));
        let user_id = text(&session["user"]["user_id"]);
        let wallet_id = open_wallet(&api, "Tabungan").await;
        Self {
            api,
            user_id,
            email,
            wallet_id,
        }
    }

    /// Registers with money in the wallet.
    pub async fn with_money(gateway: &Client, name: &str, amount: i64) -> Self {
        let person = Self::register(gateway, name).await;
        person.deposit(amount).await;
        person
    }

    /// Puts money into the wallet.
    pub async fn deposit(&self, amount: i64) {
        let input = json!({ "walletId": self.wallet_id, "amount": amount, "type": "DEPOSIT" });
        let deposit = self.transact(input).await;
        assert_eq!(deposit["status"], "SUCCESS", "{deposit:#}");
    }

    /// The input that pays a bill from the wallet.
    pub fn payment(&self, va_number: &str, amount: i64, key: Option<&str>) -> Value {
        json!({ "walletId": self.wallet_id, "amount": amount, "type": "PAYMENT", "vaNumber": va_number, "idempotencyKey": key })
    }

    /// The input that moves money to another wallet.
    pub fn transfer(&self, target_wallet_id: &str, amount: i64, key: Option<&str>) -> Value {
        json!({ "walletId": self.wallet_id, "amount": amount, "type": "TRANSFER", "targetWalletId": target_wallet_id,
            "idempotencyKey": key })
    }

    /// `createTransaction`, which must answer without errors.
    pub async fn transact(&self, input: Value) -> Value {
        self.ask_transact(input).await.data()["createTransaction"].clone()
    }

    /// `createTransaction`, whatever it answers.
    pub async fn ask_transact(&self, input: Value) -> Answer {
        self.api.send(&create_transaction(), json!({ "input": input })).await
    }

    /// `createTransaction` of a provider that may be away.
    pub async fn try_transact(&self, input: Value) -> Option<Answer> {
        self.api
            .try_send(&create_transaction(), json!({ "input": input }))
            .await
            .ok()
    }

    /// `createTransaction`, repeated (it must have a key) until it is answered and not PENDING.
    pub async fn insist(&self, input: Value) -> Value {
        assert!(input["idempotencyKey"].is_string(), "only what has a key is repeated");
        eventually("a repeated transaction ends", async || {
            let answer = self.try_transact(input.clone()).await?;
            let transaction = answer.body.pointer("/data/createTransaction")?.clone();
            is_ended(&transaction).then_some(transaction)
        })
        .await
    }

    /// Waits until a transaction is no longer PENDING.
    pub async fn ended(&self, transaction_id: &str) -> Value {
        eventually("a transaction ends", async || {
            let transaction = self.transaction(transaction_id).await?;
            is_ended(&transaction).then_some(transaction)
        })
        .await
    }

    /// A transaction, if the provider answers and knows it.
    pub async fn transaction(&self, transaction_id: &str) -> Option<Value> {
        let document = format!("query($id: String!) {{ transaction(transactionId: $id) {{ {TRANSACTION_FIELDS} }} }}");
        let answer = self
            .api
            .try_send(&document, json!({ "id": transaction_id }))
            .await
            .ok()?;
        answer
            .body
            .pointer("/data/transaction")
            .filter(|found| found.is_object())
            .cloned()
    }

    /// All transactions, newest first (at most 500).
    pub async fn transactions(&self) -> Vec<Value> {
        let document = format!("query {{ myTransactions(first: 500) {{ {TRANSACTION_FIELDS} }} }}");
        list(&self.api.send(&document, json!({})).await.data()["myTransactions"])
    }

    /// The history, newest first (at most 500).
    pub async fn history(&self) -> Vec<Value> {
        let document = "query { myHistory(first: 500) { historyId transactionId userId amount type status direction vaNumber failureCode } }";
        list(&self.api.send(document, json!({})).await.data()["myHistory"])
    }

    /// The history's entries of one transaction, waiting for the first.
    pub async fn history_of(&self, transaction_id: &str) -> Vec<Value> {
        eventually("history shows a transaction", async || {
            let mut entries = self.history().await;
            entries.retain(|entry| entry["transactionId"] == transaction_id);
            (!entries.is_empty()).then_some(entries)
        })
        .await
    }

    /// The wallet's balance in whole rupiah.
    pub async fn balance(&self) -> i64 {
        let document = "query($id: String!) { wallet(walletId: $id) { balance } }";
        let answer = self.api.send(document, json!({ "id": self.wallet_id })).await;
        let balance = &answer.data()["wallet"]["balance"];
        balance
            .as_i64()
            .unwrap_or_else(|| panic!("whole rupiah were expected, not {balance}"))
    }

    /// Asks for an invoice of the default marketplace.
    pub async fn invoice(&self, amount: i64) -> String {
        let document = "mutation($amount: Decimal!) { generateInvoiceVA(amount: $amount) }";
        text(&self.api.send(document, json!({ "amount": amount })).await.data()["generateInvoiceVA"])
    }
}

/// Opens one more wallet for whoever's token the client sends.
pub async fn open_wallet(api: &Client, name: &str) -> String {
    let document = "mutation($name: String!) { createWallet(walletName: $name) { walletId } }";
    text(&api.send(document, json!({ "name": name })).await.data()["createWallet"]["walletId"])
}

/// Whether it is decided what became of a transaction: it is SUCCESS, FAILED, AUTHORIZED or what follows from that.
pub fn is_ended(transaction: &Value) -> bool {
    transaction["status"].as_str().is_some_and(|status| status != "PENDING")
}

/// A JSON text.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("text was expected, not {value}"))
        .to_owned()
}

fn create_transaction() -> String {
    format!("mutation($input: TransactionInput!) {{ createTransaction(input: $input) {{ {TRANSACTION_FIELDS} }} }}")
}

#[track_caller]
fn list(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("a list was expected, not {value}"))
        .clone()
}
