//! A GraphQL client, as small as a client can be.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

pub struct Client {
    http: reqwest::Client,
    url: String,
    /// Sent as `Authorization: Bearer …`.
    pub token: Option<String>,
}

impl Client {
    pub fn new(url: String) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(35))
            .no_proxy()
            .build()?;
        Ok(Self { http, url, token: None })
    }

    /// Sends a document and answers with its data; any error ends the story.
    pub async fn send(&self, document: &str, variables: Value) -> Result<Value> {
        let mut request = self
            .http
            .post(&self.url)
            .json(&json!({ "query": document, "variables": variables }));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request
            .send()
            .await
            .with_context(|| format!("{} does not answer", self.url))?;
        let status = response.status();
        let answer: Value = response
            .json()
            .await
            .with_context(|| format!("{} answered {status} without JSON", self.url))?;
        if let Some(errors) = answer.get("errors") {
            bail!("{} answered with errors: {errors}", self.url);
        }
        Ok(answer["data"].clone())
    }
}
