//! Asks a service's router, in process and over HTTP's own types, as a client would.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use serde_json::{Value, json};
use tower::ServiceExt;

const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A service under test.
#[derive(Clone)]
pub struct Api {
    router: Router,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The whole body.
    pub body: Value,
}

impl Api {
    /// Asks this router.
    pub const fn new(router: Router) -> Self {
        Self { router }
    }

    /// Sends a document to `/graphql`.
    pub async fn public(&self, token: Option<&str>, document: &str, variables: Value) -> Answer {
        self.post("/graphql", token, json!({ "query": document, "variables": variables }))
            .await
    }

    /// Sends a document to `/internal/graphql`.
    pub async fn internal(&self, token: Option<&str>, document: &str, variables: Value) -> Answer {
        let body = json!({ "query": document, "variables": variables });
        self.post("/internal/graphql", token, body).await
    }

    /// Posts any JSON to any path.
    pub async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Answer {
        let (status, bytes) = self.post_bytes(path, token, body.to_string().into()).await;
        let body = serde_json::from_slice(&bytes).expect("the answer is JSON");
        Answer { status, body }
    }

    /// Posts a body as it is, and answers one as it came.
    pub async fn post_bytes(&self, path: &str, token: Option<&str>, body: Bytes) -> (StatusCode, Bytes) {
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Body::from(body)).expect("the request is well formed");
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX)
            .await
            .expect("the answer ends");
        (status, bytes)
    }
}

impl Answer {
    /// The data of an answer without errors.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert!(self.body.get("errors").is_none(), "{:#}", self.body);
        &self.body["data"]
    }

    /// `extensions.code` of the first error, or `"OK"`.
    pub fn code(&self) -> &str {
        match self.body.pointer("/errors/0") {
            None => "OK",
            Some(error) => error
                .pointer("/extensions/code")
                .and_then(Value::as_str)
                .unwrap_or("(an error without code)"),
        }
    }
}
