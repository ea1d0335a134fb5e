//! One GraphQL request to a merchant, and what can be made of its answer.

use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::http::OrderHttp;

/// A merchant's answer is a handful of fields.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// A merchant's answer, as far as it is GraphQL.
#[derive(Debug, Default, Deserialize)]
pub struct Answer {
    #[serde(default)]
    pub data: Option<Map<String, Value>>,
    #[serde(default)]
    pub errors: Vec<AnswerError>,
}

#[derive(Debug, Deserialize)]
pub struct AnswerError {
    #[serde(default)]
    pub message: String,
    #[serde(default)]
    pub path: Vec<Value>,
    #[serde(default)]
    pub extensions: Option<Map<String, Value>>,
}

impl Answer {
    /// The error of a field of the document, or one that is of no field in particular.
    pub fn error_of(&self, field: &str) -> Option<&AnswerError> {
        self.errors
            .iter()
            .find(|error| error.path.first().is_none_or(|first| first == field))
    }
}

impl AnswerError {
    /// Whether it says of which field it is.
    pub fn names_its_field(&self) -> bool {
        !self.path.is_empty()
    }

    /// Whether it says that there is no such bill, in the words of one framework or another.
    pub fn says_not_found(&self) -> bool {
        let code = self
            .extensions
            .as_ref()
            .and_then(|extensions| extensions.get("code")?.as_str());
        let message = self.message.to_lowercase();
        code == Some("NOT_FOUND")
            || ["not found", "tidak ditemukan", "no such"]
                .iter()
                .any(|words| message.contains(words))
    }
}

/// No usable answer, in a few words for the log and the operator.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

/// Sends a document and reads the answer.
pub async fn send(http: &OrderHttp, endpoint: &Url, document: &str) -> Result<Answer, NoAnswer> {
    let body = serde_json::json!({ "query": document });
    let request = http
        .post(endpoint)
        .ok_or_else(|| NoAnswer("its address must not be called".to_owned()))?;
    let response = request
        .header(
            reqwest::header::ACCEPT,
            "application/json, application/graphql-response+json;q=0.9",
        )
        .json(&body)
        .send()
        .await
        .map_err(|error| NoAnswer(describe(&error)))?;
    let status = response.status();
    let bytes = read_bounded(response, ANSWER_BYTES_MAX).await?;
    // Some servers answer 400 or 500 with a perfectly good GraphQL error; the body says more than the status.
    match serde_json::from_slice::<Answer>(&bytes) {
        Ok(answer) if answer.data.is_some() || !answer.errors.is_empty() => Ok(answer),
        _ => Err(NoAnswer(format!("status {status} without a GraphQL answer"))),
    }
}

/// Reads a body, but not more of it than `limit`.
pub async fn read_bounded(mut response: reqwest::Response, limit: usize) -> Result<Vec<u8>, NoAnswer> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| NoAnswer(describe(&error)))? {
        if bytes.len() + chunk.len() > limit {
            return Err(NoAnswer(format!("an answer of more than {limit} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What went wrong, without the URL, which may hold a secret.
pub fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time".into()
    } else if error.is_connect() {
        "no connection".into()
    } else {
        "the connection broke".into()
    }
}
