//! GraphQL over HTTP: what counts as a request, and how an answer is labelled.
//!
//! Follows the [GraphQL-over-HTTP draft](https://graphql.github.io/graphql-over-http/draft/): POST with a JSON body,
//! GET for queries, and a media type by `Accept`. The gateway and every service read requests through this module,
//! so that a client sees one behaviour whichever door it uses.

mod digits;

use async_graphql::Variables;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use crate::error::ErrorCode;
use digits::has_inexact_number;

/// `application/graphql-response+json`, the media type of the specification.
pub const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
/// `application/json`, what older clients ask for.
pub const JSON: &str = "application/json";

/// One GraphQL request as a client sent it.
#[derive(Clone, Debug, Deserialize)]
pub struct GraphqlRequest {
    /// The document.
    pub query: String,
    /// Which operation of the document to run; needed when there are several.
    #[serde(default, rename = "operationName")]
    pub operation_name: Option<String>,
    /// Values of the operation's variables.
    #[serde(default)]
    pub variables: Variables,
}

/// How the client wants its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseFormat {
    /// `application/graphql-response+json`: the status tells whether the request itself was good.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl ResponseFormat {
    /// Chooses by the `Accept` header; `None` when nothing we speak is acceptable (406).
    ///
    /// No header and `*/*` mean JSON, which every GraphQL client understands.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut ranges = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .peekable();
        if ranges.peek().is_none() {
            return Some(Self::Json);
        }
        let mut best: Option<(Self, f32)> = None;
        for range in ranges.flat_map(|line| line.split(',')) {
            let mut parts = range.split(';').map(str::trim);
            let format = match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                GRAPHQL_RESPONSE => Self::GraphqlResponse,
                JSON | "*/*" | "application/*" => Self::Json,
                _ => continue,
            };
            let quality = parts
                .find_map(|parameter| parameter.strip_prefix("q="))
                .map_or(1.0, |text| text.parse::<f32>().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(_, known)| quality > known) {
                best = Some((format, quality));
            }
        }
        best.map(|(format, _)| format)
    }

    /// The `Content-Type` of the answer.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The status for a well-formed request whose document failed before execution (syntax, validation, variables).
    pub const fn request_error_status(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }

    /// An answer from bytes that already are a GraphQL response.
    pub fn respond(self, status: StatusCode, body: impl Into<Body>) -> Response {
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Why a request could not be read. Each becomes an HTTP status and a GraphQL error with a stable code.
#[derive(Debug, thiserror::Error)]
pub enum HttpRequestError {
    /// Neither GET nor POST.
    #[error("use POST, or GET for queries")]
    MethodNotAllowed,
    /// GET carried a mutation or a subscription.
    #[error("a {0} must be sent by POST")]
    OnlyQueriesByGet(&'static str),
    /// The body is not JSON by its `Content-Type`.
    #[error("send the request as application/json")]
    UnsupportedMediaType,
    /// Nothing in `Accept` that we can answer with.
    #[error("the answer can be {GRAPHQL_RESPONSE} or {JSON}")]
    NotAcceptable,
    /// The body is no JSON object with a `query`.
    #[error("the request is malformed: {0}")]
    Malformed(String),
    /// The body did not come in time.
    #[error("the body took too long to arrive")]
    TooSlow,
    /// The body is larger than the server takes.
    #[error("the request is larger than {0} bytes")]
    TooLarge(usize),
}

impl HttpRequestError {
    /// The HTTP status of this error, whichever media type was asked for.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MethodNotAllowed | Self::OnlyQueriesByGet(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }
}

impl IntoResponse for HttpRequestError {
    fn into_response(self) -> Response {
        let body = error_body(ErrorCode::BadUserInput, &self.to_string());
        let mut response = ResponseFormat::Json.respond(self.status(), body);
        let allow = match self {
            Self::MethodNotAllowed => Some("GET, POST"),
            Self::OnlyQueriesByGet(_) => Some("POST"),
            _ => None,
        };
        if let Some(methods) = allow {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        response
    }
}

/// A GraphQL response without data and with one error.
pub fn error_body(code: ErrorCode, message: &str) -> Bytes {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": code.as_str() } }] });
    Bytes::from(body.to_string())
}

/// Reads a request from its parts. `body` is already limited in size by the caller.
///
/// A GET request is read from its query string; whether its operation is a query is for the caller to check,
/// who knows the parsed document ([`HttpRequestError::OnlyQueriesByGet`]).
pub fn read_request(
    method: &Method,
    query_string: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<GraphqlRequest, HttpRequestError> {
    let request = match *method {
        Method::GET => read_get(query_string.unwrap_or_default()),
        Method::POST => read_post(headers, body),
        _ => Err(HttpRequestError::MethodNotAllowed),
    }?;
    exact(request.query.as_bytes())?;
    Ok(request)
}

/// Refuses text with a number that would be rounded on its way in.
fn exact(text: &[u8]) -> Result<(), HttpRequestError> {
    if has_inexact_number(text) {
        return Err(HttpRequestError::Malformed(
            "a number has more than 15 significant digits".into(),
        ));
    }
    Ok(())
}

fn read_post(headers: &HeaderMap, body: &[u8]) -> Result<GraphqlRequest, HttpRequestError> {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case(JSON) {
        return Err(HttpRequestError::UnsupportedMediaType);
    }
    // Without this a list of values would pass for the fields in their order.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(HttpRequestError::Malformed("a JSON object is expected".into()));
    }
    exact(body)?;
    serde_json::from_slice(body).map_err(|error| HttpRequestError::Malformed(error.to_string()))
}

fn read_get(query_string: &str) -> Result<GraphqlRequest, HttpRequestError> {
    let mut request = GraphqlRequest {
        query: String::new(),
        operation_name: None,
        variables: Variables::default(),
    };
    for (name, value) in url::form_urlencoded::parse(query_string.as_bytes()) {
        match name.as_ref() {
            "query" => request.query = value.into_owned(),
            "operationName" if !value.is_empty() => request.operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => {
                exact(value.as_bytes())?;
                request.variables = serde_json::from_str(&value)
                    .map_err(|error| HttpRequestError::Malformed(format!("variables: {error}")))?;
            }
            _ => {}
        }
    }
    if request.query.is_empty() {
        return Err(HttpRequestError::Malformed("the parameter `query` is missing".into()));
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_header_chooses_the_media_type() {
        #[track_caller]
        fn check(accept: Option<&str>, expect: Option<ResponseFormat>) {
            let mut headers = HeaderMap::new();
            if let Some(text) = accept {
                headers.insert(header::ACCEPT, text.parse().unwrap());
            }
            assert_eq!(ResponseFormat::negotiate(&headers), expect, "{accept:?}");
        }
        check(None, Some(ResponseFormat::Json));
        check(Some("*/*"), Some(ResponseFormat::Json));
        check(Some("application/json"), Some(ResponseFormat::Json));
        check(
            Some("application/graphql-response+json, application/json;q=0.9"),
            Some(ResponseFormat::GraphqlResponse),
        );
        check(
            Some("application/graphql-response+json;q=0.1, application/json"),
            Some(ResponseFormat::Json),
        );
        check(Some("text/html"), None);
        check(Some("application/json;q=0"), None);
    }

    #[test]
    fn requests_are_read_from_post_and_get() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap());
        let body = br#"{"query":"{a}","variables":null,"operationName":null,"extensions":{}}"#;
        let read = read_request(&Method::POST, None, &headers, body).unwrap();
        assert_eq!((read.query.as_str(), read.variables.len()), ("{a}", 0));

        let read = read_request(
            &Method::GET,
            Some("query=%7Ba%7D&variables=%7B%22x%22%3A1%7D"),
            &headers,
            b"",
        )
        .unwrap();
        let one = async_graphql::Value::from(1);
        assert_eq!((read.query.as_str(), &read.variables["x"]), ("{a}", &one));
    }

    #[test]
    fn malformed_requests_are_refused_with_their_status() {
        #[track_caller]
        fn check(method: Method, query: Option<&str>, content_type: &str, body: &str, status: u16) {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            let error = read_request(&method, query, &headers, body.as_bytes()).unwrap_err();
            assert_eq!(error.status().as_u16(), status, "{error}");
        }
        check(Method::PUT, None, JSON, "{}", 405);
        check(Method::POST, None, "text/plain", "{}", 415);
        check(Method::POST, None, JSON, "{", 400);
        check(Method::POST, None, JSON, "[]", 400);
        check(Method::POST, None, JSON, r#"["{a}"]"#, 400);
        check(Method::POST, None, JSON, r#"[{"query":"{a}"}]"#, 400);
        check(Method::POST, None, JSON, r#"{"query":1}"#, 400);
        check(Method::POST, None, JSON, r#"{"query":"{a}","variables":[1]}"#, 400);
        check(Method::GET, Some("variables=%7B%7D"), JSON, "", 400);
        check(Method::GET, Some("query=%7Ba%7D&variables=%7B"), JSON, "", 400);
    }
}
