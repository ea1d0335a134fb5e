//! Asking a service: whatever comes back, or does not, becomes an answer or a failure that a client may see.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use apollo_compiler::ast::OperationType;
use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use peer::UpstreamError;
use serde::Deserialize;
use serde_json::value::RawValue;
use service::ServiceName;

use crate::gateway::Gateway;

/// What a service answered: certainly a GraphQL response.
pub(super) struct ServiceAnswer {
    pub(super) status: StatusCode,
    pub(super) retry_after: Option<HeaderValue>,
    pub(super) body: Bytes,
    pub(super) has_errors: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It cannot be reached, or not in time. What it was asked may have happened.
    Silent,
    /// It answered with something that is no GraphQL response, or broke down. What it was asked may have happened.
    Unusable,
    /// The request's time was over before it was this service's turn. It was not asked.
    NotAsked,
}

/// A GraphQL response, taken apart no further than needed.
#[derive(Deserialize)]
pub(super) struct GraphqlResponse<'a> {
    #[serde(borrow, default)]
    pub(super) data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) errors: Option<Vec<&'a RawValue>>,
}

impl<'a> GraphqlResponse<'a> {
    /// Reads a response; none when it is something else.
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        let is_object = body.trim_ascii_start().first() == Some(&b'{');
        let response: Self = is_object.then(|| serde_json::from_slice(body).ok()).flatten()?;
        let has_data = response.data.is_some_and(|data| data.get().starts_with('{'));
        let has_errors = response.errors.as_ref().is_some_and(|errors| !errors.is_empty());
        (has_data || has_errors).then_some(response)
    }
}

/// Sends a body to a service's public endpoint, until the deadline at most.
pub(super) async fn call(
    gateway: &Gateway,
    service: ServiceName,
    headers: HeaderMap,
    body: Bytes,
    deadline: Instant,
) -> Result<ServiceAnswer, Failure> {
    let timeout = deadline.saturating_duration_since(Instant::now());
    if timeout.is_zero() {
        return Err(Failure::NotAsked);
    }
    let upstream = gateway.upstream(service).ok_or(Failure::NotAsked)?;
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = Uri::from_static("/graphql");
    *request.headers_mut() = headers;
    // A service in this process may panic; that is its failure and not the gateway's.
    let answer = match AssertUnwindSafe(upstream.send(request, timeout)).catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            tracing::warn!(%service, error = &error as &dyn std::error::Error, "a service gave no answer");
            return Err(match error {
                UpstreamError::Unreachable(_) | UpstreamError::Timeout(_) => Failure::Silent,
                UpstreamError::AnswerTooLarge | UpstreamError::Address(_) => Failure::Unusable,
            });
        }
        Err(_) => {
            tracing::error!(%service, "a service panicked");
            return Err(Failure::Unusable);
        }
    };
    let (mut head, body) = answer.into_parts();
    let Some(response) = GraphqlResponse::read(&body) else {
        tracing::warn!(%service, status = head.status.as_u16(), "a service's answer is no GraphQL response");
        return Err(Failure::Unusable);
    };
    let has_errors = response.errors.is_some_and(|errors| !errors.is_empty());
    let retry_after = head.headers.remove(header::RETRY_AFTER);
    Ok(ServiceAnswer {
        status: head.status,
        retry_after,
        body,
        has_errors,
    })
}

impl Failure {
    /// What a client is told.
    pub(super) fn message(self, service: ServiceName, kind: OperationType) -> String {
        match (self, kind) {
            (Self::NotAsked, _) => format!("the {service} service was not asked any more: the request's time was over"),
            (_, OperationType::Mutation) => format!(
                "the {service} service did not answer, so it is unknown whether this took effect; \
                 repeating it with the same idempotencyKey is safe"
            ),
            (Self::Silent, _) => format!("the {service} service does not answer now; trying again is safe"),
            (Self::Unusable, _) => format!("the {service} service gave no usable answer; trying again is safe"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_graphql_responses_pass() {
        #[track_caller]
        fn check(body: &str, expect: bool) {
            assert_eq!(GraphqlResponse::read(body.as_bytes()).is_some(), expect, "{body}");
        }
        check(r#"{"data":{}}"#, true);
        check(r#"{"data":null,"errors":[{"message":"x"}],"extensions":{}}"#, true);
        check(r#" {"errors":[{"message":"x"}]}"#, true);
        check(r#"{"data":null}"#, false);
        check(r#"{"data":[]}"#, false);
        check(r#"{"errors":[]}"#, false);
        check(r#"{"data":{"#, false);
        check(r#"[{"data":{}}]"#, false);
        check("<html></html>", false);
        check("", false);
    }
}
