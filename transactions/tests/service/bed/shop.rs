//! A merchant with its owner, and the documents that merchants send.

use serde_json::{Value, json};
use testkit::graphql::Answer;

use super::{Ask, Bed, User};

/// A merchant of the sandbox, registered by its owner.
pub struct Shop {
    pub id: String,
    pub key: String,
    pub secret: String,
    pub owner: User,
}

pub const REGISTER: &str = "mutation($input: MerchantInput!) { registerMerchant(input: $input) {
    apiKey signingSecret merchant { merchantId name status ownerUserId vaPrefix orderUrl notification returnOrigins walletId }
} }";

const OPEN: &str = "mutation($input: PaymentSessionInput!) { createPaymentSession(input: $input) {
    sessionId merchantId orderId amount currency description items { name quantity price } vaNumber checkoutUrl returnUrl cancelUrl
    captureMode state version transactionId splits { walletId merchantId amount } metadata { key value } expiresAt paidAt createdAt
} }";

impl Bed {
    /// Registers a merchant with this prefix, whose orders are the marketplace's.
    pub async fn shop(&self, name: &str, va_prefix: &str) -> Shop {
        let owner = self.user(name, 0);
        let input = json!({
            "name": format!("Toko {name}"), "vaPrefix": va_prefix, "orderUrl": self.market.url("/graphql"),
            "returnOrigins": ["https://shop.example"],
        });
        let answer = self.ask(Some(&owner.token), REGISTER, json!({ "input": input })).await;
        let registered = answer.data()["registerMerchant"].clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Shop {
            id: text(&registered["merchant"]["merchantId"]),
            key: text(&registered["apiKey"]),
            secret: text(&registered["signingSecret"]),
            owner,
        }
    }

    /// `createPaymentSession`, whatever it answers.
    pub async fn try_open(&self, token: &str, input: Value) -> Answer {
        self.answer(Ask::open(token, input)).await
    }

    /// `createPaymentSession`, which answers with a session.
    pub async fn open(&self, shop: &Shop, input: Value) -> Value {
        self.try_open(&shop.key, input).await.data()["createPaymentSession"].clone()
    }

    /// A session as its merchant sees it.
    pub async fn session(&self, shop: &Shop, session_id: &Value) -> Value {
        let document = "query($id: String!) { paymentSession(sessionId: $id) {
            sessionId state version transactionId paidAt expiresAt amount returnUrl vaNumber orderId } }";
        let answer = self.ask(Some(&shop.key), document, json!({ "id": session_id })).await;
        answer.data()["paymentSession"].clone()
    }

    /// `payPaymentSession` in the background.
    pub fn paying(&self, user: &User, session_id: &Value) -> tokio::task::JoinHandle<Answer> {
        self.sending(Ask::pay(user, session_id, None))
    }

    /// `payPaymentSession`, which answers with a transaction: its status, or its failure's code.
    pub async fn pay(&self, user: &User, session_id: &Value) -> String {
        let answer = self.answer(Ask::pay(user, session_id, None)).await;
        outcome(&answer.data()["payPaymentSession"])
    }
}

impl Ask {
    /// `createPaymentSession`.
    pub fn open(token: &str, input: Value) -> Self {
        Self::new(Some(token), OPEN, json!({ "input": input }))
    }

    /// `payPaymentSession` of a user.
    pub fn pay(user: &User, session_id: &Value, key: Option<&str>) -> Self {
        let document = "mutation($input: PayPaymentSessionInput!) { payPaymentSession(input: $input) {
            transactionId sessionId merchantId status failureCode amount vaNumber } }";
        let input = json!({ "sessionId": session_id, "walletId": user.wallet.as_str(), "idempotencyKey": key });
        Self::new(Some(&user.token), document, json!({ "input": input }))
    }
}

/// SUCCESS (or another status), or the code of a failure.
pub fn outcome(transaction: &Value) -> String {
    let status = transaction["status"].as_str().unwrap();
    transaction["failureCode"].as_str().unwrap_or(status).to_owned()
}
