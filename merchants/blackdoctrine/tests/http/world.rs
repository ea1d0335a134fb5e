//! A marketplace of its own for every test.

use std::time::Duration;

use blackdoctrine::{Config, Running};
use reqwest::StatusCode;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

pub struct World {
    pub folder: TempDir,
    pub http: reqwest::Client,
    running: Running,
    shutdown: CancellationToken,
}

/// The settings tests start from.
pub fn config() -> Config {
    Config {
        users_port: 0,
        orders_port: 0,
        webhook_secret: Some(SECRET.to_owned()),
        ..Config::default()
    }
}

impl World {
    pub async fn start() -> Self {
        Self::with(config()).await
    }

    pub async fn with(config: Config) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), config).await
    }

    pub async fn in_folder(folder: TempDir, config: Config) -> Self {
        let shutdown = CancellationToken::new();
        let config = Config {
            data_dir: folder.path().join("shop"),
            ..config
        };
        let running = blackdoctrine::start(config, shutdown.clone()).await.unwrap();
        Self {
            folder,
            http: reqwest::Client::new(),
            running,
            shutdown,
        }
    }

    /// Stops it in good order and gives back its folder.
    pub async fn stop(self) -> TempDir {
        self.shutdown.cancel();
        let stopped = tokio::time::timeout(Duration::from_secs(10), self.running.stopped()).await;
        stopped.expect("the marketplace stops in time").unwrap();
        self.folder
    }

    pub fn users_url(&self) -> String {
        format!("http://{}/graphql", self.running.users_addr)
    }

    pub fn orders_url(&self) -> String {
        format!("http://{}/graphql", self.running.orders_addr)
    }

    pub fn pages_url(&self) -> String {
        format!("http://{}", self.running.orders_addr)
    }

    pub fn webhook_url(&self) -> String {
        format!("http://{}/webhook", self.running.orders_addr)
    }

    /// Sends a document; gives the whole answer.
    pub async fn ask(&self, url: &str, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut request = self
            .http
            .post(url)
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    pub async fn ask_orders(&self, token: Option<&str>, query: &str) -> Value {
        self.ask(&self.orders_url(), token, query, json!({})).await
    }

    /// Registers and logs in; gives the token.
    pub async fn buyer(&self, email: &str) -> String {
        let person = json!({ "nama": "Naruto", "email": email, "password": "password123" });
        let register = "mutation RegisterUser($nama: String!, $email: String!, $password: String!) {
            register(nama: $nama, email: $email, password: $password) { id nama email role isActive statusLabel } }";
        data(&self.ask(&self.users_url(), None, register, person.clone()).await);
        let login = "mutation LoginUser($email: String!, $password: String!) {
            login(email: $email, password: $password) { token user { id nama email role isActive statusLabel } } }";
        let person = json!({ "email": email, "password": "password123" });
        let answer = self.ask(&self.users_url(), None, login, person).await;
        data(&answer)["login"]["token"].as_str().unwrap().to_owned()
    }

    /// Orders as the spec writes it; gives the order.
    pub async fn order(&self, token: &str, product_id: &str, quantity: i64) -> Value {
        data(&self.try_order(token, product_id, quantity).await)["createOrder"].clone()
    }

    pub async fn try_order(&self, token: &str, product_id: &str, quantity: i64) -> Value {
        let query = format!(
            r#"mutation BuatOrderBaru {{
  createOrder(input: {{ productId: "{product_id}", quantity: {quantity}, alamatPengiriman: "Jalan Konoha No. 02", metodePengiriman: "REGULER" }}) {{
    id totalHarga nomorVA status paymentStatus ongkir createdAt expiresAt productId quantity checkoutUrl
  }}
}}"#
        );
        self.ask_orders(Some(token), &query).await
    }

    pub async fn bill(&self, va_number: &str) -> Value {
        let query = format!(
            r#"query CekTagihanByVA {{ getOrderByVA(vaNumber: "{va_number}") {{ id totalHarga status paymentStatus productId quantity nomorVA ongkir expiresAt }} }}"#
        );
        data(&self.ask_orders(None, &query).await)["getOrderByVA"].clone()
    }

    pub async fn stock(&self, product_id: &str) -> i64 {
        let query = format!(r#"{{ product(id: "{product_id}") {{ stok }} }}"#);
        data(&self.ask_orders(None, &query).await)["product"]["stok"]
            .as_i64()
            .unwrap()
    }

    /// Waits until the bill's status is this; fails when it takes too long.
    pub async fn wait_for_status(&self, va_number: &str, status: &str, is_reached: impl AsyncFn() -> bool) {
        for _ in 0..200 {
            if self.bill(va_number).await["status"] == status && is_reached().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{va_number} never became {status}: {}", self.bill(va_number).await);
    }

    /// Delivers an event, signed properly with our secret.
    pub async fn deliver(&self, id: &str, event: &Value) -> (StatusCode, Value) {
        self.deliver_signed(SECRET, id, now(), event.to_string()).await
    }

    pub async fn deliver_signed(&self, secret: &str, id: &str, timestamp: i64, body: String) -> (StatusCode, Value) {
        let signature = Webhook::new(secret)
            .unwrap()
            .sign(id, timestamp, body.as_bytes())
            .unwrap();
        self.deliver_raw(id, timestamp, &signature, body).await
    }

    pub async fn deliver_raw(&self, id: &str, timestamp: i64, signature: &str, body: String) -> (StatusCode, Value) {
        let request = self
            .http
            .post(self.webhook_url())
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .header("content-type", "application/json")
            .body(body);
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }
}

pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// What the provider sends when a bill was paid.
pub fn paid_event(transaction_id: &str, va_number: &str, amount: Value) -> Value {
    json!({
        "type": "payment.succeeded",
        "timestamp": "2026-11-05T10:00:00Z",
        "data": {
            "transactionId": transaction_id, "vaNumber": va_number, "status": "SUCCESS", "amount": amount,
            "currency": "IDR", "paidAt": "2026-11-05T09:59:59.123456Z",
        },
    })
}

/// The data of an answer without errors.
#[track_caller]
pub fn data(answer: &Value) -> &Value {
    assert!(answer["errors"].is_null(), "{answer}");
    &answer["data"]
}

/// The code of an answer's first error.
#[track_caller]
pub fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no code in {answer}"))
}
