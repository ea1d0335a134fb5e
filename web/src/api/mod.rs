//! What the gateway is asked, and how its answers are read. One operation has one root field, so that each part of a page
//! knows by itself whether its service is there.

pub(crate) mod documents;
mod receipts;
mod types;

use std::collections::HashMap;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use peer::Upstream;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub(crate) use receipts::*;
pub(crate) use types::*;

/// The gateway answers within 30 seconds, whatever happens behind it.
const TIMEOUT: Duration = Duration::from_secs(32);

/// One document with one root field, and what that field holds.
pub(crate) struct Operation<T> {
    pub(crate) document: &'static str,
    field: &'static str,
    answer: PhantomData<fn() -> T>,
}

impl<T> Operation<T> {
    pub(crate) const fn new(field: &'static str, document: &'static str) -> Self {
        Self {
            document,
            field,
            answer: PhantomData,
        }
    }
}

/// On whose behalf the gateway is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asker<'a> {
    /// The browser's address: attempts are counted by it, not by ours.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) token: Option<&'a str>,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Nobody answered, or not usefully: what was asked may have happened.
    Unavailable,
    /// The marketplace could not be asked for its bill; the provider itself is well.
    MerchantUnavailable,
    /// It was refused.
    Refused(Refusal),
}

/// An answer that is no.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    /// The API's own words, in English: what staff read.
    pub(crate) message: String,
    /// The argument that is wrong, where there is one.
    pub(crate) field: Option<String>,
    /// Why a bill cannot be opened, as a payment of it would fail.
    pub(crate) failure_code: Option<String>,
    pub(crate) retry_after_seconds: Option<u64>,
}

/// The codes that pages tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Unauthenticated,
    Forbidden,
    NotFound,
    BadInput,
    Conflict,
    RateLimited,
    /// A code of the second factor is missing.
    TotpRequired,
    Other,
}

impl Failure {
    pub(crate) const fn code(&self) -> Option<Code> {
        match self {
            Self::Unavailable | Self::MerchantUnavailable => None,
            Self::Refused(refusal) => Some(refusal.code),
        }
    }

    /// Whether what was asked may have happened all the same.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.code().is_none()
    }

    pub(crate) fn is(&self, code: Code) -> bool {
        self.code() == Some(code)
    }

    pub(crate) fn field(&self) -> Option<&str> {
        match self {
            Self::Unavailable | Self::MerchantUnavailable => None,
            Self::Refused(refusal) => refusal.field.as_deref(),
        }
    }
}

/// A way to the gateway. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    gateway: Upstream,
}

impl Api {
    pub(crate) const fn new(gateway: Upstream) -> Self {
        Self { gateway }
    }

    /// Sends a document. An answer of `null` is a failure unless `T` has a place for it.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        asker: Asker<'_>,
        operation: &Operation<T>,
        variables: impl Serialize,
    ) -> Result<T, Failure> {
        let request = request(asker, operation.document, variables).ok_or(Failure::Unavailable)?;
        let response = self.gateway.send(request, TIMEOUT).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn std::error::Error, "the gateway gave no answer");
            Failure::Unavailable
        })?;
        read(operation, response.status(), response.body())
    }
}

fn request(asker: Asker<'_>, document: &str, variables: impl Serialize) -> Option<Request<Bytes>> {
    #[derive(Serialize)]
    struct Body<'a, V> {
        query: &'a str,
        variables: V,
    }
    let body = serde_json::to_vec(&Body {
        query: document,
        variables,
    })
    .ok()?;
    let mut request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .body(Bytes::from(body))
        .ok()?;
    if let Some(token) = asker.token {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    // As a listener tells it: the gateway vouches for this address towards the services.
    if let Some(address) = asker.address {
        request.extensions_mut().insert(ConnectInfo(address));
    }
    Some(request)
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Option<HashMap<String, &'a RawValue>>,
    #[serde(default)]
    errors: Vec<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
struct Extensions {
    #[serde(default)]
    code: String,
    #[serde(default)]
    field: Option<String>,
    #[serde(default, rename = "failureCode")]
    failure_code: Option<String>,
    #[serde(default, rename = "retryAfterSeconds")]
    retry_after_seconds: Option<u64>,
}

fn read<T: DeserializeOwned>(operation: &Operation<T>, status: StatusCode, body: &[u8]) -> Result<T, Failure> {
    let field = operation.field;
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|error| {
        tracing::warn!(%error, %status, field, "the gateway's answer cannot be read");
        Failure::Unavailable
    })?;
    if let Some(error) = answer.errors.into_iter().next() {
        return Err(failure(field, error.message, error.extensions));
    }
    let data = answer.data.unwrap_or_default();
    let value = data.get(field).map_or("null", |value| value.get());
    serde_json::from_str(value).map_err(|error| {
        tracing::warn!(%error, field, "the gateway's answer has another shape");
        Failure::Unavailable
    })
}

fn failure(field: &'static str, message: String, extensions: Extensions) -> Failure {
    let code = match extensions.code.as_str() {
        "UNAUTHENTICATED" => Code::Unauthenticated,
        "FORBIDDEN" => Code::Forbidden,
        "NOT_FOUND" => Code::NotFound,
        "BAD_USER_INPUT" => Code::BadInput,
        "CONFLICT" | "IDEMPOTENCY_KEY_REUSED" => Code::Conflict,
        "TOTP_REQUIRED" => Code::TotpRequired,
        "RATE_LIMITED" => Code::RateLimited,
        "SERVICE_UNAVAILABLE" if extensions.failure_code.as_deref() == Some("MERCHANT_UNAVAILABLE") => {
            return Failure::MerchantUnavailable;
        }
        "SERVICE_UNAVAILABLE" => return Failure::Unavailable,
        "" | "INTERNAL" | "GRAPHQL_PARSE_FAILED" | "GRAPHQL_VALIDATION_FAILED" => {
            tracing::error!(code = extensions.code, field, "the gateway failed at what a page asked");
            return Failure::Unavailable;
        }
        _ => Code::Other,
    };
    Failure::Refused(Refusal {
        code,
        message,
        field: extensions.field,
        failure_code: extensions.failure_code,
        retry_after_seconds: extensions.retry_after_seconds,
    })
}

/// Holds every document that stands in a source file against the gateway's schema: read out of it, so that none is forgotten.
#[cfg(test)]
pub(crate) fn check_documents(source: &str) {
    use apollo_compiler::{ExecutableDocument, Schema};
    let sdl = include_str!("../../../schemas/gateway.graphql");
    let schema = Schema::parse_and_validate(sdl, "gateway.graphql").expect("the schema is good");
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let texts = source.split('"');
    let documents: Vec<&str> = texts
        .filter(|text| text.starts_with("query") || text.starts_with("mutation"))
        .collect();
    assert_eq!(documents.len(), source.matches("pub(crate) const ").count());
    for document in documents {
        if let Err(problem) = ExecutableDocument::parse_and_validate(&schema, document, "page.graphql") {
            panic!("{document}\n{}", problem.errors);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALLETS: Operation<Vec<String>> = Operation::new("myWallets", "");
    const FOUND: Operation<Option<String>> = Operation::new("recipient", "");

    fn wallets(body: &str) -> Result<Vec<String>, Failure> {
        read(&WALLETS, StatusCode::OK, body.as_bytes())
    }

    #[test]
    fn an_answer_is_a_value_a_refusal_or_unknown() {
        assert_eq!(wallets(r#"{"data":{"myWallets":["a"]}}"#).unwrap(), ["a"]);
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"data":null}"#,
            r#"{"data":{"myWallets":null}}"#,
            r#"{"data":{"myWallets":[1]}}"#,
        ] {
            assert!(matches!(wallets(body), Err(Failure::Unavailable)), "{body}");
        }
        let refused = r#"{"data":{"myWallets":null},"errors":[{"message":"x","extensions":{"code":"RATE_LIMITED","retryAfterSeconds":60}}]}"#;
        let Err(Failure::Refused(refusal)) = wallets(refused) else {
            panic!("a refusal is expected");
        };
        assert_eq!(
            (refusal.code, refusal.retry_after_seconds),
            (Code::RateLimited, Some(60))
        );
        let down =
            r#"{"data":{"myWallets":null},"errors":[{"message":"x","extensions":{"code":"SERVICE_UNAVAILABLE"}}]}"#;
        assert!(matches!(wallets(down), Err(Failure::Unavailable)));
        let nobody = read(&FOUND, StatusCode::OK, br#"{"data":{"recipient":null}}"#);
        assert_eq!(nobody.unwrap(), None);
    }
}
