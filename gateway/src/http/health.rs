//! `/readyz`: whether there is anything behind the door.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use futures::future::join_all;
use http::{Request, StatusCode, Uri};
use peer::Upstream;
use serde_json::{Map, Value, json};

use crate::gateway::Gateway;

const TIMEOUT: Duration = Duration::from_millis(800);

/// Lists every service as up or down. One that is down is no reason to take the gateway out of service, because the
/// operations of the others go on; only when none is up there is nothing to serve.
pub(super) async fn ready(State(gateway): State<Arc<Gateway>>) -> (StatusCode, Json<Value>) {
    let upstreams = &gateway.config.upstreams;
    let states = join_all(upstreams.iter().map(|(_, upstream)| is_up(upstream))).await;
    let any_up = states.contains(&true);
    let services: Map<String, Value> = upstreams
        .iter()
        .zip(states)
        .map(|((service, _), up)| (service.to_string(), Value::from(if up { "up" } else { "down" })))
        .collect();
    let status = if any_up {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(json!({ "status": if any_up { "ready" } else { "unavailable" }, "services": services })),
    )
}

async fn is_up(upstream: &Upstream) -> bool {
    let mut request = Request::new(Bytes::new());
    *request.uri_mut() = Uri::from_static("/healthz");
    upstream
        .send(request, TIMEOUT)
        .await
        .is_ok_and(|answer| answer.status().is_success())
}
