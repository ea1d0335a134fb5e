//! Stage 8, shaping errors: everything that goes wrong becomes a GraphQL error with a stable code and a message that
//! says what the client can do, and nothing of our insides.

use apollo_compiler::parser::LineColumn;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use service::error::ErrorCode;
use service::graphql_http::{HttpRequestError, ResponseFormat, error_body};

/// Why a request ends before any service is asked.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It is no GraphQL request.
    Http(HttpRequestError),
    /// Too many requests are under way.
    Busy,
    /// The document fails; the answer is kept with the plan.
    Document(Bytes),
    /// The variables do not fit the document.
    Variables(String),
}

impl From<HttpRequestError> for Refusal {
    fn from(error: HttpRequestError) -> Self {
        Self::Http(error)
    }
}

impl Refusal {
    /// The answer, for a client that asked for `format`.
    pub(super) fn into_response(self, format: ResponseFormat) -> Response {
        match self {
            Self::Http(error) => {
                let mut response = error.into_response();
                let content_type = HeaderValue::from_static(format.content_type());
                response.headers_mut().insert(header::CONTENT_TYPE, content_type);
                response
            }
            Self::Busy => {
                let body = error_body(
                    ErrorCode::ServiceUnavailable,
                    "too many requests are under way; try again",
                );
                let mut response = format.respond(StatusCode::SERVICE_UNAVAILABLE, body);
                response
                    .headers_mut()
                    .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
                response
            }
            Self::Document(body) => format.respond(format.request_error_status(), body),
            Self::Variables(message) => {
                let body = error_body(ErrorCode::BadUserInput, &message);
                format.respond(format.request_error_status(), body)
            }
        }
    }
}

/// One entry of `errors`.
#[derive(Serialize)]
pub(super) struct GraphqlError<'a> {
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "<[LineColumn]>::is_empty")]
    pub(super) locations: &'a [LineColumn],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<[&'a str; 1]>,
    pub(super) extensions: Extensions<'a>,
}

#[derive(Serialize)]
pub(super) struct Extensions<'a> {
    pub(super) code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<&'a str>,
}

impl<'a> GraphqlError<'a> {
    /// An error of the document as a whole.
    pub(super) fn of_document(code: ErrorCode, message: &'a str, locations: &'a [LineColumn]) -> Self {
        Self {
            message,
            locations,
            path: None,
            extensions: Extensions {
                code: code.as_str(),
                service: None,
            },
        }
    }
}

/// An answer with errors and no data.
pub(super) fn errors_only(errors: &[GraphqlError<'_>]) -> Bytes {
    #[derive(Serialize)]
    struct Answer<'a> {
        errors: &'a [GraphqlError<'a>],
    }
    match serde_json::to_vec(&Answer { errors }) {
        Ok(body) => body.into(),
        Err(_) => error_body(ErrorCode::Internal, "the answer cannot be written"),
    }
}
