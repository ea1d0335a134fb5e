//! `/.well-known/jwks.json`: auth's public keys, also while auth is away.
//!
//! Tokens that were issued stay good when auth is down, so whoever verifies them must still find the keys.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, Uri, header};
use serde_json::Value;
use service::ServiceName;
use service::error::ErrorCode;
use service::graphql_http::{ResponseFormat, error_body};
use tokio::sync::Mutex;

use crate::gateway::Gateway;

/// How old an answer may be before auth is asked again. Short, so that a new key is soon known.
const FRESH: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(2);

/// The last good answer. The lock is held while auth is asked, so that one request asks for all that wait.
pub(crate) struct KeySet {
    known: Mutex<Known>,
    fresh: Duration,
}

impl Default for KeySet {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            fresh: FRESH,
        }
    }
}

#[derive(Default)]
struct Known {
    asked: Option<Instant>,
    good: Option<Bytes>,
}

pub(super) async fn jwks(State(gateway): State<Arc<Gateway>>) -> Response {
    let mut known = gateway.keys.known.lock().await;
    if known.asked.is_none_or(|asked| asked.elapsed() > gateway.keys.fresh) {
        if let Some(keys) = ask(&gateway).await {
            known.good = Some(keys);
        }
        // Also after a failure: while auth is away, nobody waits for it more than once per interval.
        known.asked = Some(Instant::now());
    }
    let Some(keys) = known.good.clone() else {
        let body = error_body(ErrorCode::ServiceUnavailable, "the keys are not known yet; try again");
        let mut response = ResponseFormat::Json.respond(StatusCode::SERVICE_UNAVAILABLE, body);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        return response;
    };
    let mut response = Response::new(Body::from(keys));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}

async fn ask(gateway: &Gateway) -> Option<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = Uri::from_static("/.well-known/jwks.json");
    let answer = gateway.upstream(ServiceName::Auth)?.send(request, TIMEOUT).await;
    let keys = match answer {
        Ok(answer) if answer.status().is_success() => answer.into_body(),
        Ok(answer) => {
            tracing::warn!(status = answer.status().as_u16(), "auth does not give its keys");
            return None;
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "auth does not give its keys");
            return None;
        }
    };
    let is_key_set = serde_json::from_slice::<Value>(&keys).is_ok_and(|value| value["keys"].is_array());
    is_key_set.then_some(keys)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::Config;
    use crate::schema::PublicSchema;
    use axum::Router;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use peer::Upstream;

    const KEYS: &str = r#"{"keys":[{"kid":"1"}]}"#;

    #[tokio::test]
    async fn the_keys_outlive_auth() {
        let (up, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_up, count) = (up.clone(), asked.clone());
        let answer = move || {
            count.fetch_add(1, Ordering::Relaxed);
            let body = if is_up.load(Ordering::Relaxed) {
                KEYS
            } else {
                "<html>starting</html>"
            };
            async move { body }
        };
        let auth = Upstream::in_process(Router::new().route("/.well-known/jwks.json", get(answer)));
        let schema = PublicSchema::merge(&[(ServiceName::Auth, "type Query { a: Int }")]).unwrap();
        let mut gateway = Gateway::new(schema, Config::new(vec![(ServiceName::Auth, auth)])).unwrap();
        gateway.keys.fresh = Duration::from_millis(40);
        let gateway = Arc::new(gateway);
        let keys = async || {
            let (parts, body) = jwks(State(gateway.clone())).await.into_parts();
            (parts.status.as_u16(), body.collect().await.unwrap().to_bytes())
        };

        assert_eq!((keys().await.0, keys().await.0), (503, 503));
        assert_eq!(asked.load(Ordering::Relaxed), 1, "not every request asks auth");
        up.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(keys().await, (200, Bytes::from_static(KEYS.as_bytes())));
        up.store(false, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(60)).await;
        assert_eq!(keys().await, (200, Bytes::from_static(KEYS.as_bytes())));
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }
}
