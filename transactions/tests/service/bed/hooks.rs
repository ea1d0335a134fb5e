//! Webhook receivers on a socket that answer as the test says, and merchants' documents about them.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};
use service::{Clock, Timestamp};

use super::{Bed, Webhook};

/// The marketplace of the configuration.
pub const DEFAULT_MERCHANT: &str = "mrc_00000000000000000000000001";

/// How a receiver answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// This status and a few words.
    Status(u16),
    /// This status with a header.
    Header(u16, &'static str, String),
    /// This status and body.
    Body(u16, Vec<u8>),
    /// This status and a body that never ends.
    Endless(u16),
    /// This status and a body that never comes.
    NoBody(u16),
    /// Nothing.
    Hang,
}

/// Answers by path and by how many came to it before.
type Script = Arc<dyn Fn(&str, usize) -> Reply + Send + Sync>;

/// A receiver. Clones are the same.
#[derive(Clone)]
pub struct Hooks {
    address: SocketAddr,
    clock: Clock,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    script: Script,
    counts: HashMap<String, usize>,
    received: Vec<Received>,
}

/// What came.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub webhook: Webhook,
    pub at: Timestamp,
}

impl Received {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.webhook.body).unwrap()
    }

    /// Whether a receiver with this secret believes it now.
    pub fn is_believed_by(&self, secret: &str) -> bool {
        let receiver = standardwebhooks::Webhook::new(secret).unwrap();
        receiver.verify(&self.webhook.body, &self.webhook.headers).is_ok()
    }

    /// Whether it is signed with this secret, at whatever time the test's clock shows.
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let header = |name: &str| self.webhook.headers[name].to_str().unwrap();
        let signer = standardwebhooks::Webhook::new(secret).unwrap();
        let sent_at = header("webhook-timestamp").parse().unwrap();
        let expected = signer.sign(header("webhook-id"), sent_at, &self.webhook.body).unwrap();
        header("webhook-signature")
            .split(' ')
            .any(|signature| signature == expected)
    }
}

impl Hooks {
    /// Opens it on a free port.
    pub async fn open(clock: &Clock, script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let this = Self {
            address: listener.local_addr().unwrap(),
            clock: clock.clone(),
            inner: Arc::new(Mutex::new(Inner {
                script: Arc::new(script),
                counts: HashMap::new(),
                received: Vec::new(),
            })),
        };
        let router = Router::new().fallback(receive).with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers like this from now on.
    pub fn answer(&self, script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) {
        self.lock().script = Arc::new(script);
    }

    /// All that came to a path.
    pub fn at(&self, path: &str) -> Vec<Received> {
        let all = self.lock().received.clone();
        all.into_iter().filter(|received| received.path == path).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

async fn receive(
    State(hooks): State<Hooks>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let path = uri.path().to_owned();
    let reply = {
        let at = hooks.clock.now();
        let mut inner = hooks.lock();
        let webhook = Webhook { headers, body };
        inner.received.push(Received {
            path: path.clone(),
            webhook,
            at,
        });
        let count = inner.counts.entry(path.clone()).or_default();
        *count += 1;
        let before = *count - 1;
        (inner.script)(&path, before)
    };
    let (status, body) = match reply {
        Reply::Status(status) => (status, Body::from(format!("status {status}"))),
        Reply::Header(status, name, value) => {
            let response = Response::builder().status(status).header(name, value);
            return response.body(Body::empty()).unwrap();
        }
        Reply::Body(status, bytes) => (status, Body::from(bytes)),
        Reply::Endless(status) => {
            let chunk = || Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 * 1024]));
            let endless = futures::stream::repeat_with(chunk);
            (status, Body::from_stream(endless))
        }
        Reply::NoBody(status) => {
            let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
            (status, Body::from_stream(never))
        }
        Reply::Hang => std::future::pending().await,
    };
    Response::builder().status(status).body(body).unwrap()
}

impl Bed {
    /// Sends a document as an admin, who acts for every merchant.
    pub async fn as_admin(&self, document: &str, variables: Value) -> Value {
        let answer = self.ask(Some(&self.admin()), document, variables).await;
        answer.data().clone()
    }

    /// Makes an endpoint of the default marketplace; no events: all. Answers with its id and secret.
    pub async fn endpoint(&self, url: &str, events: &[&str]) -> (String, String) {
        let document = "mutation($merchant: String, $url: String!, $events: [String!]) {
            createWebhookEndpoint(merchantId: $merchant, url: $url, events: $events) { secret endpoint { endpointId enabled } } }";
        let variables = json!({ "merchant": DEFAULT_MERCHANT, "url": url, "events": events });
        let made = self.as_admin(document, variables).await["createWebhookEndpoint"].clone();
        assert_eq!(made["endpoint"]["enabled"], true);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&made["endpoint"]["endpointId"]), text(&made["secret"]))
    }

    /// An endpoint of the default marketplace as its merchant sees it.
    pub async fn endpoint_now(&self, endpoint_id: &str) -> Value {
        let document = "query($merchant: String) { webhookEndpoints(merchantId: $merchant) {
            endpointId url events enabled disabledReason failingSince previousSecretUntil } }";
        let found = self.as_admin(document, json!({ "merchant": DEFAULT_MERCHANT })).await;
        let found = found["webhookEndpoints"].as_array().unwrap().clone();
        found
            .into_iter()
            .find(|endpoint| endpoint["endpointId"] == endpoint_id)
            .unwrap_or_default()
    }

    /// Enables or disables an endpoint.
    pub async fn set_enabled(&self, endpoint_id: &str, enabled: bool) {
        let document = "mutation($id: String!, $enabled: Boolean) {
            updateWebhookEndpoint(endpointId: $id, enabled: $enabled) { enabled disabledReason failingSince } }";
        let changed = self
            .as_admin(document, json!({ "id": endpoint_id, "enabled": enabled }))
            .await;
        assert_eq!(changed["updateWebhookEndpoint"]["enabled"], enabled);
    }

    /// Sends an event again.
    pub async fn resend(&self, event_id: &str, endpoint_id: Option<&str>) {
        let document =
            "mutation($event: String!, $endpoint: String) { resendWebhook(eventId: $event, endpointId: $endpoint) }";
        let sent = self
            .as_admin(document, json!({ "event": event_id, "endpoint": endpoint_id }))
            .await;
        assert_eq!(sent["resendWebhook"], true);
    }

    /// The attempts at an endpoint, the first one first.
    pub async fn attempts(&self, endpoint_id: &str) -> Vec<Value> {
        let document = "query($id: String) { webhookAttempts(endpointId: $id, first: 500) {
            attemptId eventId endpointId attemptedAt outcome status latencyMs responseExcerpt } }";
        let found = self.as_admin(document, json!({ "id": endpoint_id })).await;
        let mut found = found["webhookAttempts"].as_array().unwrap().clone();
        found.reverse();
        found
    }

    /// All events of the default marketplace, pulled in pages of this size.
    pub async fn pull(&self, cursor: Option<String>, first: usize) -> (Vec<Value>, Option<String>, bool) {
        let document = "query($cursor: String, $merchant: String, $first: Int) {
            eventsAfter(cursor: $cursor, merchantId: $merchant, first: $first) {
                events { eventId type subject sequence createdAt body } cursor hasMore } }";
        let variables = json!({ "cursor": cursor, "merchant": DEFAULT_MERCHANT, "first": first });
        let page = self.as_admin(document, variables).await["eventsAfter"].clone();
        let cursor = page["cursor"].as_str().map(str::to_owned);
        let events = page["events"].as_array().unwrap().clone();
        (events, cursor, page["hasMore"] == true)
    }

    /// Waits until so many have come to a path, turning the clock on by `step`.
    pub async fn until_received(&self, hooks: &Hooks, path: &str, count: usize, step: Duration) {
        let what = format!("{count} have come to {path}");
        self.until(&what, step, async || hooks.at(path).len() >= count).await;
    }
}
