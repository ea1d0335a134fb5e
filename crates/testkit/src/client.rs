//! Asks over HTTP, as a deployed client would.

use std::time::Duration;

use serde_json::{Value, json};

use crate::graphql::Answer;

/// Longer than the provider lets anybody wait.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A GraphQL client over HTTP. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    /// A client of this endpoint, without a token.
    pub fn new(url: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        Self {
            http: http.build().expect("an HTTP client can be made"),
            url: url.into(),
            token: None,
        }
    }

    /// The same client with a token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self.clone()
        }
    }

    /// The token it sends.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The HTTP client beneath, for requests of another shape.
    pub const fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A POST to the endpoint, to be completed by the test.
    pub fn post(&self) -> reqwest::RequestBuilder {
        let request = self.http.post(&self.url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a document. Panics when there is no answer at all.
    pub async fn send(&self, document: &str, variables: Value) -> Answer {
        self.try_send(document, variables)
            .await
            .unwrap_or_else(|error| panic!("{} gave no answer to {document}: {error:?}", self.url))
    }

    /// Sends a document to a provider that may be away.
    pub async fn try_send(&self, document: &str, variables: Value) -> Result<Answer, reqwest::Error> {
        let body = json!({ "query": document, "variables": variables });
        Self::read(self.post().json(&body)).await
    }

    /// Sends a document with an `Idempotency-Key` header.
    pub async fn send_with_key(&self, key: &str, document: &str, variables: Value) -> Answer {
        let body = json!({ "query": document, "variables": variables });
        let request = self.post().header("idempotency-key", key).json(&body);
        Self::read(request)
            .await
            .unwrap_or_else(|error| panic!("no answer to {document}: {error:?}"))
    }

    /// Sends a request and reads its answer. A body that is no JSON becomes a JSON text.
    pub async fn read(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
        let response = request.send().await?;
        let status = response.status();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, body })
    }
}
