//! A service that answers what the test says, and remembers what it was asked: the other end of `peer`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::{Json, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

/// A call to `/internal/graphql`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The document.
    pub query: String,
    /// Its variables.
    pub variables: Value,
    /// The `Authorization` header.
    pub authorization: Option<String>,
}

impl Call {
    /// Whether the document names this operation or root field.
    pub fn is(&self, name: &str) -> bool {
        self.query.contains(name)
    }
}

/// What the fake answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// `data`.
    Data(Value),
    /// One error with this `extensions.code`.
    Error(&'static str),
    /// Any status with any body.
    Raw(u16, String),
    /// Nothing, ever.
    Silence,
    /// The handler breaks.
    Panic,
}

/// A fake service. Clones are the same one.
///
/// It hands out service tokens (`token-1`, `token-2`, …) like auth, so that it can be both ends of a
/// `ServiceTokens`; everything else goes to the test's closure.
#[derive(Clone)]
pub struct FakePeer {
    inner: Arc<Inner>,
}

struct Inner {
    answer: Box<dyn Fn(&Call) -> Reply + Send + Sync>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    calls: Vec<Call>,
    tokens_issued: usize,
    token_reply: Option<Reply>,
    expires_in: Option<u32>,
}

impl FakePeer {
    /// A service that answers as told. The closure must not block.
    pub fn new(answer: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        let inner = Inner {
            answer: Box::new(answer),
            seen: Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// One that answers every call with this.
    pub fn always(reply: Reply) -> Self {
        Self::new(move |_| reply.clone())
    }

    /// Its HTTP side.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/internal/graphql", post(serve))
            .with_state(self.clone())
    }

    /// Every call so far, those for tokens aside.
    pub fn calls(&self) -> Vec<Call> {
        self.seen().calls.clone()
    }

    /// How many tokens were asked for.
    pub fn tokens_issued(&self) -> usize {
        self.seen().tokens_issued
    }

    /// Answers the next requests for tokens with this, or again with tokens.
    pub fn answer_tokens_with(&self, reply: Option<Reply>) {
        self.seen().token_reply = reply;
    }

    /// How long the tokens last that it hands out from now on, in seconds.
    pub fn tokens_last(&self, seconds: u32) {
        self.seen().expires_in = Some(seconds);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.inner.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn reply(&self, call: Call) -> Reply {
        if !call.is("issueServiceToken") {
            let reply = (self.inner.answer)(&call);
            self.seen().calls.push(call);
            return reply;
        }
        let mut seen = self.seen();
        seen.tokens_issued += 1;
        let token = json!({
            "token": format!("token-{}", seen.tokens_issued), "expiresIn": seen.expires_in.unwrap_or(900),
        });
        seen.token_reply
            .clone()
            .unwrap_or_else(|| Reply::Data(json!({ "issueServiceToken": token })))
    }
}

async fn serve(
    State(fake): State<FakePeer>,
    headers: HeaderMap,
    Json(mut body): Json<HashMap<String, Value>>,
) -> Response {
    let call = Call {
        query: body.get("query").and_then(Value::as_str).unwrap_or_default().to_owned(),
        variables: body.remove("variables").unwrap_or_default(),
        authorization: headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned),
    };
    // Real handlers wait for something, too: whoever comes at the same time gets to ask.
    tokio::task::yield_now().await;
    let (status, text) = match fake.reply(call) {
        Reply::Data(data) => (200, json!({ "data": data }).to_string()),
        Reply::Error(code) => {
            let error = json!({ "message": format!("refused by the test: {code}"), "extensions": { "code": code } });
            (200, json!({ "data": null, "errors": [error] }).to_string())
        }
        Reply::Raw(status, text) => (status, text),
        Reply::Silence => std::future::pending().await,
        Reply::Panic => panic!("the test wants this handler to panic"),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).expect("the test names a real status");
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/json"),
    );
    response
}
