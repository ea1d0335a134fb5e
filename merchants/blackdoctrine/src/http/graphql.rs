//! GraphQL over HTTP, for both endpoints.

use async_graphql::{Executor, Request};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::SharedApp;
use crate::graphql::Viewer;

/// Runs one document.
pub(super) async fn execute<S: Executor>(
    State((app, schema)): State<(SharedApp, S)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // A form on a foreign page can post, but not as JSON.
    if !is_json(&headers) {
        return problem(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the document as application/json",
        );
    }
    let request: Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &format!("not a GraphQL request: {error}")),
    };
    let viewer = Viewer {
        user_id: bearer(&headers).and_then(|token| app.tokens.verify(token)),
    };
    Json(schema.execute(request.data(viewer)).await).into_response()
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn problem(status: StatusCode, message: &str) -> Response {
    let body = json!({ "errors": [{ "message": message, "extensions": { "code": "BAD_REQUEST" } }] });
    (status, Json(body)).into_response()
}
