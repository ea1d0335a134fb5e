//! Services to stand behind a gateway in a test: real GraphQL ones, and ones that answer whatever they are told.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use bytes::Bytes;
use gateway::schema::PublicSchema;
use gateway::{Config, router_for};
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use peer::Upstream;
use serde_json::{Value, json};
use service::ServiceName;
use tower::ServiceExt;

pub const WALLET_SDL: &str = r#"
type Query {
	myWallets(first: Int, status: Status): [Wallet!]!
	wallet(id: String!): Wallet
	rate: Decimal!
}
type Mutation {
	createWallet(name: String!): Wallet!
	topup(input: TopupInput!): Wallet!
}
type Wallet {
	id: String!
	name: String!
	balance: Decimal!
	status: Status!
	self: Wallet!
}
input TopupInput {
	id: String!
	amount: Decimal!
}
enum Status {
	ACTIVE
	FROZEN
}
scalar Decimal
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
schema {
	query: Query
	mutation: Mutation
}
"#;

pub const HISTORY_SDL: &str = r#"
scalar Decimal
type Query {
	myHistory(first: Int): [Entry!]!
}
type Mutation {
	addEntry(kind: String!): Boolean!
}
type Entry {
	id: String!
	amount: Decimal!
	kind: String
}
schema {
	query: Query
	mutation: Mutation
}
"#;

/// The schema of a wallet and a history service.
pub fn schema() -> PublicSchema {
    PublicSchema::merge(&[(ServiceName::Wallet, WALLET_SDL), (ServiceName::History, HISTORY_SDL)]).unwrap()
}

/// A gateway in front of these two.
pub fn gateway(wallet: &Fake, history: &Fake) -> Router {
    gateway_with(wallet, history, |_| {})
}

pub fn gateway_with(wallet: &Fake, history: &Fake, change: impl FnOnce(&mut Config)) -> Router {
    let mut config = Config::new(vec![
        (ServiceName::Wallet, Upstream::in_process(wallet.router())),
        (ServiceName::History, Upstream::in_process(history.router())),
    ]);
    change(&mut config);
    router_for(schema(), config).unwrap()
}

/// A service that answers what it is told and remembers what it was asked.
#[derive(Clone)]
pub struct Fake {
    answer: Arc<Answer>,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    /// Several services may share one, to see in which order they were asked.
    pub journal: Arc<Mutex<Vec<String>>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub delay: Duration,
    pub panics: bool,
}

pub struct Asked {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Asked {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn query(&self) -> String {
        self.json()["query"]
            .as_str()
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Fake {
    pub fn answering(body: impl Into<Bytes>) -> Self {
        Self::with(|answer| answer.body = body.into())
    }

    pub fn with(change: impl FnOnce(&mut Answer)) -> Self {
        let mut answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            delay: Duration::ZERO,
            panics: false,
        };
        answer
            .headers
            .insert(header::CONTENT_TYPE, "application/json".parse().unwrap());
        change(&mut answer);
        Self {
            answer: Arc::new(answer),
            asked: Arc::default(),
            journal: Arc::default(),
        }
    }

    pub fn sharing(mut self, journal: &Arc<Mutex<Vec<String>>>) -> Self {
        self.journal = journal.clone();
        self
    }

    pub fn router(&self) -> Router {
        let fake = self.clone();
        let answer = move |request: Request<Body>| {
            let fake = fake.clone();
            async move { fake.handle(request).await }
        };
        Router::new()
            .route("/graphql", post(answer))
            .route("/healthz", get(|| async { "ok" }))
    }

    async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let asked = Asked {
            headers: parts.headers,
            body,
        };
        self.journal.lock().unwrap().push(asked.query());
        self.asked.lock().unwrap().push(asked);
        assert!(!self.answer.panics, "this service was told to panic");
        tokio::time::sleep(self.answer.delay).await;
        let mut response = Response::new(Body::from(self.answer.body.clone()));
        *response.status_mut() = self.answer.status;
        *response.headers_mut() = self.answer.headers.clone();
        response
    }

    pub fn asked_count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// The documents it was asked, white space evened out.
    pub fn queries(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(Asked::query).collect()
    }

    pub fn variables(&self, nth: usize) -> Value {
        self.asked.lock().unwrap()[nth].json()["variables"].clone()
    }
}

/// What a gateway answered.
pub struct Answered {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answered {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn code(&self, nth: usize) -> String {
        self.json()["errors"][nth]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answered {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answered {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body,
    }
}

pub fn post_body(body: impl Into<Body>) -> Request<Body> {
    Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.into())
        .unwrap()
}

/// Sends a document with variables.
pub async fn ask(router: &Router, query: &str, variables: Value) -> Answered {
    send(
        router,
        post_body(json!({ "query": query, "variables": variables }).to_string()),
    )
    .await
}
