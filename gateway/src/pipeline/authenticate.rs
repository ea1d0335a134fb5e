//! Stage 4, authentication: the gateway passes the client's token on and lets each service decide.
//!
//! Every service verifies tokens by itself, so nothing is gained by a second opinion here, and nothing is lost when
//! somebody finds a way around the gateway. What the gateway adds is the client's address, which services count
//! attempts by; it vouches for it with its own service token, and never takes it from the client's headers.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::{HeaderMap, HeaderName, HeaderValue, header, request};
use service::graphql_http::{GRAPHQL_RESPONSE, JSON, ResponseFormat};
use service::trace::TraceContext;

use crate::Config;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const CLIENT_ADDRESS: HeaderName = HeaderName::from_static("x-sawit-client-address");
const SERVICE_AUTHORIZATION: HeaderName = HeaderName::from_static("x-sawit-service-authorization");

/// The headers of a request to a service: a short list of what it may know, everything else stays here.
pub(super) fn onward_headers(
    parts: &request::Parts,
    format: ResponseFormat,
    trace: &TraceContext,
    config: &Config,
) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(12);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    let accept = match format {
        ResponseFormat::GraphqlResponse => GRAPHQL_RESPONSE,
        ResponseFormat::Json => JSON,
    };
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    for name in [header::AUTHORIZATION, IDEMPOTENCY_KEY] {
        // All values, so that a service sees a doubled header as what it is.
        for value in parts.headers.get_all(&name) {
            headers.append(&name, value.clone());
        }
    }
    trace.inject(&mut headers);
    if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>()
        && let Some(authorization) = (config.service_authorization)()
        && let Ok(address) = HeaderValue::from_str(&peer.ip().to_canonical().to_string())
    {
        headers.insert(CLIENT_ADDRESS, address);
        headers.insert(SERVICE_AUTHORIZATION, authorization);
    }
    headers
}
