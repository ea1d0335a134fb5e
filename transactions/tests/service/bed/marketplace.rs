//! A marketplace on a socket: bills, `updatePaymentStatus`, and a webhook receiver, all with faults.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Json, State};
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use serde_json::Value;

use super::faults::{Faults, Side};
use super::peer::{answer, broken};

/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A scripted answer to a document; `None` leaves it to the marketplace.
type Script = Arc<dyn Fn(&str) -> Option<(u16, String)> + Send + Sync>;

/// The marketplace. Clones are the same.
#[derive(Clone)]
pub struct Marketplace {
    address: SocketAddr,
    faults: Faults,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    /// The JSON of each order, as text, so that a test chooses every digit.
    orders: BTreeMap<String, String>,
    documents: Vec<String>,
    told: Vec<String>,
    webhooks: Vec<Webhook>,
    script: Option<Script>,
    webhook_answers: Vec<(u16, Option<&'static str>)>,
}

/// A webhook as it came.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Webhook {
    /// Whether it is of this type.
    pub fn says(&self, event_type: &str) -> bool {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["type"] == event_type
    }

    /// `webhook-id`.
    pub fn id(&self) -> String {
        self.headers["webhook-id"].to_str().unwrap().to_owned()
    }
}

impl Marketplace {
    /// Opens it on a free port.
    pub async fn open(faults: &Faults) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let this = Self {
            address: listener.local_addr().unwrap(),
            faults: faults.clone(),
            inner: Arc::default(),
        };
        let router = Router::new()
            .route("/graphql", post(serve))
            .route("/webhook", post(receive))
            .with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    /// The address of one of its endpoints.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A bill over this many rupiah that can be paid. Answers with its number.
    pub fn bill(&self, rupiah: u64) -> String {
        let va_number = format!("DS-8800{:09}", rand::random_range(0..1_000_000_000_u32));
        let order = format!(r#"{{"id":"1","totalHarga":{rupiah},"status":"PENDING","paymentStatus":"UNPAID"}}"#);
        self.set_order(&va_number, &order);
        va_number
    }

    /// Makes the order with this number exactly this JSON.
    pub fn set_order(&self, va_number: &str, json: &str) {
        self.lock().orders.insert(va_number.to_owned(), json.to_owned());
    }

    /// The order was cancelled.
    pub fn cancel(&self, va_number: &str) {
        self.set_order(
            va_number,
            r#"{"id":"1","totalHarga":1,"status":"CANCELLED","paymentStatus":"UNPAID"}"#,
        );
    }

    /// Answers documents by this, where it has an answer.
    pub fn script(&self, script: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) {
        self.lock().script = Some(Arc::new(script));
    }

    /// Answers the next webhooks so (status and `Retry-After`), and those behind them with 200.
    pub fn answer_webhooks(&self, mut answers: Vec<(u16, Option<&'static str>)>) {
        answers.reverse();
        self.lock().webhook_answers = answers;
    }

    /// All documents that came.
    pub fn documents(&self) -> Vec<String> {
        self.lock().documents.clone()
    }

    /// The numbers that `updatePaymentStatus` told of.
    pub fn told(&self) -> Vec<String> {
        self.lock().told.clone()
    }

    /// All webhooks that came.
    pub fn webhooks(&self) -> Vec<Webhook> {
        self.lock().webhooks.clone()
    }

    fn execute(&self, document: &str) -> Response<Body> {
        let mut inner = self.lock();
        let mut data = Vec::new();
        for field in fields(document) {
            let value = if field.is_mutation {
                inner.told.push(field.va_number);
                "true".to_owned()
            } else {
                inner
                    .orders
                    .get(&field.va_number)
                    .cloned()
                    .unwrap_or_else(|| "null".to_owned())
            };
            data.push(format!("{:?}:{value}", field.key));
        }
        answer(200, format!("{{\"data\":{{{}}}}}", data.join(",")))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A root field of a document that the provider sends.
pub struct Field {
    /// Its alias or name.
    pub key: String,
    /// The number it asks for.
    pub va_number: String,
    is_mutation: bool,
}

/// The root fields of a document.
pub fn fields(document: &str) -> Vec<Field> {
    let parts: Vec<&str> = document.split("(vaNumber: \"").collect();
    let pairs = parts.windows(2).map(|pair| {
        let before = pair[0].trim_end();
        let words: Vec<&str> = before.split_whitespace().rev().take(2).collect();
        let name = words[0];
        let alias = words.get(1).and_then(|word| word.strip_suffix(':'));
        Field {
            key: alias.unwrap_or(name).to_owned(),
            va_number: pair[1].split('"').next().unwrap_or_default().to_owned(),
            is_mutation: name == "updatePaymentStatus",
        }
    });
    pairs.collect()
}

async fn serve(State(market): State<Marketplace>, Json(body): Json<Value>) -> Response<Body> {
    let document = body["query"].as_str().unwrap_or_default().to_owned();
    let operation = if document.contains("updatePaymentStatus") {
        "updatePaymentStatus"
    } else {
        "getOrderByVA"
    };
    market.faults.count(operation);
    market.lock().documents.push(document.clone());
    if let Some(fault) = market.faults.pass(operation, Side::Before).await {
        return broken(fault).await;
    }
    let script = market.lock().script.clone();
    let scripted = script.and_then(|script| script(&document));
    let response = match scripted {
        Some((status, body)) => answer(status, body),
        None => market.execute(&document),
    };
    match market.faults.pass(operation, Side::After).await {
        Some(fault) => broken(fault).await,
        None => response,
    }
}

async fn receive(State(market): State<Marketplace>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    market.faults.count("webhook");
    if let Some(fault) = market.faults.pass("webhook", Side::Before).await {
        return broken(fault).await;
    }
    let (status, retry_after) = {
        let mut inner = market.lock();
        inner.webhooks.push(Webhook { headers, body });
        inner.webhook_answers.pop().unwrap_or((200, None))
    };
    if let Some(fault) = market.faults.pass("webhook", Side::After).await {
        return broken(fault).await;
    }
    let mut response = answer(status, "thanks".to_owned());
    if let Some(seconds) = retry_after {
        response.headers_mut().insert("retry-after", seconds.parse().unwrap());
    }
    response
}
