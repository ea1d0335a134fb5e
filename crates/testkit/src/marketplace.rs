//! A marketplace in the test's own process: it behaves as the test says and remembers what it was told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::{any, post};
use serde_json::{Map, Value, json};

use crate::listen::Server;
use crate::ports::free_port;

const WEBHOOK_SECRET: &str = "whsec_c2F3aXQtdGVzdC13ZWJob29rLXNlY3JldC0wMQ==";
/// Far more than anybody should read of a bill.
const HUGE_BYTES: usize = 4 * 1024 * 1024;

/// How an endpoint of the marketplace behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// As it should.
    Normal,
    /// As it should, after a while.
    Slow(Duration),
    /// This status, with a text.
    Status(u16),
    /// 200 and a web page.
    Html,
    /// 200 and JSON that breaks off.
    InvalidJson,
    /// 200 and a good answer with megabytes around it.
    HugeBody,
    /// A redirect to where the good answer is.
    Redirect,
    /// A GraphQL error that is not about the bill's existence.
    GraphqlError,
    /// As it should, but a document with more than one field is refused.
    OneFieldOnly,
}

/// A bill of the marketplace.
#[derive(Clone, Debug)]
pub struct Bill {
    /// `totalHarga`, as it stands in the answer.
    pub total: Value,
    /// `status`.
    pub status: &'static str,
    /// `paymentStatus`.
    pub payment_status: &'static str,
}

/// A webhook that came in.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// `webhook-id`.
    pub id: String,
    /// The body.
    pub body: Value,
    /// Whether the reference implementation accepts the signature.
    pub verified: bool,
    /// Whether it was acknowledged.
    pub acknowledged: bool,
}

/// The marketplace. It listens until it is dropped or switched off.
pub struct Marketplace {
    port: u16,
    inner: Arc<Inner>,
    server: Option<Server>,
}

struct Inner {
    port: u16,
    state: Mutex<Shop>,
}

struct Shop {
    bills: HashMap<String, Bill>,
    bill_of_everything: Option<i64>,
    bills_behave: Behaviour,
    notifications_behave: Behaviour,
    webhooks_behave: Behaviour,
    bill_requests: Vec<String>,
    notified: Vec<String>,
    webhooks: Vec<Webhook>,
}

impl Bill {
    /// An unpaid bill over whole rupiah.
    pub fn unpaid(total: i64) -> Self {
        Self {
            total: json!(total),
            status: "PENDING",
            payment_status: "UNPAID",
        }
    }
}

impl Marketplace {
    /// A marketplace that behaves, without any bill.
    pub async fn start() -> Self {
        let port = free_port();
        let state = Shop {
            bills: HashMap::new(),
            bill_of_everything: None,
            bills_behave: Behaviour::Normal,
            notifications_behave: Behaviour::Normal,
            webhooks_behave: Behaviour::Normal,
            bill_requests: Vec::new(),
            notified: Vec::new(),
            webhooks: Vec::new(),
        };
        let inner = Arc::new(Inner {
            port,
            state: Mutex::new(state),
        });
        let mut marketplace = Self {
            port,
            inner,
            server: None,
        };
        marketplace.switch_on().await;
        marketplace
    }

    /// Refuses connections from now on.
    pub async fn switch_off(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    /// Listens again, on the same port.
    pub async fn switch_on(&mut self) {
        let router = Router::new()
            .route("/graphql", post(graphql))
            .route("/elsewhere", any(elsewhere))
            .route("/webhook", post(webhook))
            .with_state(Arc::clone(&self.inner));
        self.server = Some(Server::start(self.port, router).await);
    }

    /// The base URL, for a gate in front of it.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where bills are asked for.
    pub fn graphql_url(&self) -> String {
        format!("{}/graphql", self.base_url())
    }

    /// Where webhooks are taken.
    pub fn webhook_url(&self) -> String {
        format!("{}/webhook", self.base_url())
    }

    /// What webhooks are signed with.
    pub const fn webhook_secret(&self) -> &'static str {
        WEBHOOK_SECRET
    }

    /// Puts a bill up.
    pub fn put(&self, va_number: &str, bill: Bill) {
        self.inner.state().bills.insert(va_number.to_owned(), bill);
    }

    /// From now on every number that was not put up is an unpaid bill over this amount.
    pub fn bill_everything(&self, total: i64) {
        self.inner.state().bill_of_everything = Some(total);
    }

    /// How it answers when it is asked for bills.
    pub fn bills(&self, behaviour: Behaviour) {
        self.inner.state().bills_behave = behaviour;
    }

    /// How it answers `updatePaymentStatus`.
    pub fn notifications(&self, behaviour: Behaviour) {
        self.inner.state().notifications_behave = behaviour;
    }

    /// How it answers webhooks.
    pub fn webhooks(&self, behaviour: Behaviour) {
        self.inner.state().webhooks_behave = behaviour;
    }

    /// The documents with which bills were asked for.
    pub fn bill_requests(&self) -> Vec<String> {
        self.inner.state().bill_requests.clone()
    }

    /// How often it took `updatePaymentStatus` for this bill and said yes.
    pub fn times_notified(&self, va_number: &str) -> usize {
        self.inner
            .state()
            .notified
            .iter()
            .filter(|known| *known == va_number)
            .count()
    }

    /// All webhooks, acknowledged or not.
    pub fn all_webhooks(&self) -> Vec<Webhook> {
        self.inner.state().webhooks.clone()
    }

    /// All numbers that were told as paid, as often as they were.
    pub fn all_notified(&self) -> Vec<String> {
        self.inner.state().notified.clone()
    }

    /// The webhooks about a bill, acknowledged or not.
    pub fn webhooks_about(&self, va_number: &str) -> Vec<Webhook> {
        let mut webhooks = self.inner.state().webhooks.clone();
        webhooks.retain(|webhook| webhook.body["data"]["vaNumber"] == va_number);
        webhooks
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, Shop> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a document, and what happens by it.
    fn execute(&self, document: &str) -> Value {
        let mut state = self.state();
        let mut data = Map::new();
        let mut errors = Vec::new();
        for field in fields(document) {
            let answer = match field.name {
                "getOrderByVA" => state.order(&field.va_number),
                _ => state.notify(&field.va_number),
            };
            if answer.is_null() && field.name != "getOrderByVA" {
                errors.push(json!({ "message": "Order not found", "path": [field.key] }));
            }
            data.insert(field.key, answer);
        }
        if errors.is_empty() {
            json!({ "data": data })
        } else {
            json!({ "data": data, "errors": errors })
        }
    }
}

impl Shop {
    fn order(&self, va_number: &str) -> Value {
        let bill = self
            .bills
            .get(va_number)
            .cloned()
            .or_else(|| self.bill_of_everything.map(Bill::unpaid));
        bill.map_or(Value::Null, |bill| {
            json!({ "id": va_number, "totalHarga": bill.total, "status": bill.status, "paymentStatus": bill.payment_status })
        })
    }

    fn notify(&mut self, va_number: &str) -> Value {
        self.notified.push(va_number.to_owned());
        if let Some(bill) = self.bills.get_mut(va_number) {
            (bill.status, bill.payment_status) = ("PROCESSED", "PAID");
        }
        json!(true)
    }
}

/// A root field of a document, as far as a marketplace of the tests must understand it.
struct Field {
    key: String,
    name: &'static str,
    va_number: String,
}

fn fields(document: &str) -> Vec<Field> {
    let mut found = Vec::new();
    for name in ["getOrderByVA", "updatePaymentStatus"] {
        let opening = format!("{name}(vaNumber: \"");
        for (at, _) in document.match_indices(&opening) {
            let before = document[..at].trim_end();
            let alias = before.strip_suffix(':').map(|text| {
                let start = text.rfind(|character: char| !character.is_ascii_alphanumeric() && character != '_');
                text[start.map_or(0, |start| start + 1)..].to_owned()
            });
            let va_number = document[at + opening.len()..].split('"').next().unwrap_or_default();
            found.push(Field {
                key: alias.unwrap_or_else(|| name.to_owned()),
                name,
                va_number: va_number.to_owned(),
            });
        }
    }
    found
}

async fn graphql(State(inner): State<Arc<Inner>>, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let document = body["query"].as_str().unwrap_or_default().to_owned();
    let behaviour = {
        let mut state = inner.state();
        if document.contains("updatePaymentStatus") {
            state.notifications_behave.clone()
        } else {
            state.bill_requests.push(document.clone());
            state.bills_behave.clone()
        }
    };
    match behaviour {
        Behaviour::Normal => answer(200, inner.execute(&document).to_string()),
        Behaviour::Slow(pause) => {
            tokio::time::sleep(pause).await;
            answer(200, inner.execute(&document).to_string())
        }
        Behaviour::OneFieldOnly if fields(&document).len() > 1 => {
            answer(400, json!({ "errors": [{ "message": "Too many fields" }] }).to_string())
        }
        Behaviour::OneFieldOnly => answer(200, inner.execute(&document).to_string()),
        Behaviour::GraphqlError => {
            let error = json!({ "message": "the database is down" });
            answer(200, json!({ "data": null, "errors": [error] }).to_string())
        }
        Behaviour::HugeBody => {
            let mut body = inner.execute(&document);
            body["extensions"] = json!({ "padding": "x".repeat(HUGE_BYTES) });
            answer(200, body.to_string())
        }
        other => misbehave(&other, inner.port),
    }
}

async fn webhook(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let behaviour = inner.state().webhooks_behave.clone();
    if let Behaviour::Slow(pause) = behaviour {
        tokio::time::sleep(pause).await;
    }
    let verifier = standardwebhooks::Webhook::new(WEBHOOK_SECRET).expect("the secret is one");
    let verified = verifier.verify(&body, &headers).is_ok();
    let is_normal = matches!(behaviour, Behaviour::Normal | Behaviour::Slow(_));
    inner.state().webhooks.push(Webhook {
        id: headers
            .get("webhook-id")
            .and_then(|id| id.to_str().ok())
            .unwrap_or_default()
            .to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        verified,
        acknowledged: verified && is_normal,
    });
    match (is_normal, verified) {
        (true, true) => answer(200, "{}".to_owned()),
        (true, false) => answer(401, "{}".to_owned()),
        (false, _) => misbehave(&behaviour, inner.port),
    }
}

async fn elsewhere(State(inner): State<Arc<Inner>>) -> Response {
    // Whoever follows the redirect finds a bill that must not count.
    let known = inner.state().bills.keys().next().cloned().unwrap_or_default();
    let order = inner.state().order(&known);
    answer(200, json!({ "data": { "getOrderByVA": order } }).to_string())
}

fn misbehave(behaviour: &Behaviour, port: u16) -> Response {
    match behaviour {
        Behaviour::Status(status) => answer(*status, "out of order".to_owned()),
        Behaviour::InvalidJson => answer(200, "{\"data\":{\"getOrderByVA\":{\"totalHarga\":".to_owned()),
        Behaviour::Redirect => {
            let mut response = answer(307, String::new());
            let target = format!("http://127.0.0.1:{port}/elsewhere");
            response
                .headers_mut()
                .insert(header::LOCATION, target.parse().expect("a URL is a header"));
            response
        }
        _ => answer(200, "<html><body>Welcome to our shop</body></html>".to_owned()),
    }
}

fn answer(status: u16, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("the test names a real status");
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}
