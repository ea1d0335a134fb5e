//! One typed GraphQL call to another service's internal endpoint.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use graphql_client::GraphQLQuery;
use http::{HeaderValue, Request, StatusCode, header};
use rand::RngExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use service::trace::TraceContext;
use service::{ErrorCode, ServiceName};

use crate::breaker::Breaker;
use crate::error::PeerError;
use crate::tokens::ServiceTokens;
use crate::upstream::{Upstream, UpstreamError};

/// An answer usually takes milliseconds; this bounds what a stuck peer costs.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Every internal operation is idempotent by the ids in it, so asking again is safe.
const ATTEMPTS: u32 = 3;

/// Another service, as one that calls it sees it. Cheap to clone.
#[derive(Clone)]
pub struct Peer {
    name: ServiceName,
    upstream: Upstream,
    tokens: ServiceTokens,
    breaker: Arc<Breaker>,
}

impl Peer {
    /// A way to call `name` with the caller's tokens.
    pub fn new(name: ServiceName, upstream: Upstream, tokens: ServiceTokens) -> Self {
        Self {
            name,
            upstream,
            tokens,
            breaker: Arc::default(),
        }
    }

    /// Calls an operation of the peer's internal schema. Tries again (a bounded number of times, with jitter) while
    /// the peer does not answer; what it refuses is final.
    pub async fn call<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Q::ResponseData, PeerError> {
        let request = Q::build_query(variables);
        let body = serde_json::to_vec(&request).map_err(|error| PeerError::Malformed {
            peer: self.name.as_str(),
            problem: error.to_string(),
        })?;
        let body = Bytes::from(body);
        let mut attempt = 1;
        loop {
            match self.attempt(body.clone()).await {
                Err(PeerError::Unavailable { .. }) if attempt < ATTEMPTS => {
                    let pause = Duration::from_millis(rand::rng().random_range(20..60) << attempt);
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt<T: DeserializeOwned>(&self, body: Bytes) -> Result<T, PeerError> {
        let peer = self.name.as_str();
        if !self.breaker.allows(Instant::now()) {
            return Err(PeerError::Unavailable { peer, cause: None });
        }
        // Whatever auth says to us, the peer has not heard of this call: that is no refusal of it.
        let token = self.tokens.get().await.map_err(|error| {
            tracing::warn!(
                peer,
                error = &error as &dyn std::error::Error,
                "there is no token to call with"
            );
            PeerError::unavailable("auth", error)
        })?;
        let started = Instant::now();
        let mut outcome = send(peer, &self.upstream, Some(token.clone()), body, TIMEOUT).await;
        if let Err(PeerError::Refused { code, .. }) = &outcome
            && code == ErrorCode::Unauthenticated.as_str()
        {
            tracing::warn!(peer, "our token was not accepted; asking for a new one");
            self.tokens.forget(&token);
            outcome = Err(PeerError::Unavailable { peer, cause: None });
        }
        match &outcome {
            Err(PeerError::Unavailable { .. }) => self.breaker.failed(Instant::now()),
            _ => self.breaker.succeeded(),
        }
        metrics::histogram!("sawit_peer_call_seconds", "peer" => peer).record(started.elapsed().as_secs_f64());
        outcome
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<AnswerError>,
}

#[derive(Deserialize)]
struct AnswerError {
    message: String,
    #[serde(default)]
    extensions: AnswerExtensions,
}

#[derive(Default, Deserialize)]
struct AnswerExtensions {
    #[serde(default)]
    code: String,
}

/// Sends one request to `/internal/graphql` and reads its data.
pub(crate) async fn send<T: DeserializeOwned>(
    peer: &'static str,
    upstream: &Upstream,
    token: Option<HeaderValue>,
    body: Bytes,
    timeout: Duration,
) -> Result<T, PeerError> {
    let mut request = Request::post("/internal/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|error| PeerError::Malformed {
            peer,
            problem: error.to_string(),
        })?;
    TraceContext::start().inject(request.headers_mut());
    if let Some(token) = token {
        request.headers_mut().insert(header::AUTHORIZATION, token);
    }
    let response = upstream.send(request, timeout).await.map_err(|error| match error {
        // Asked again, it would be as large.
        UpstreamError::AnswerTooLarge => PeerError::Malformed {
            peer,
            problem: error.to_string(),
        },
        error => PeerError::unavailable(peer, error),
    })?;
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Err(PeerError::Unavailable { peer, cause: None });
    }
    let answer: Answer<T> = serde_json::from_slice(response.body()).map_err(|error| PeerError::Malformed {
        peer,
        problem: format!("{status}: {error}"),
    })?;
    if let Some(error) = answer.errors.into_iter().next() {
        let code = error.extensions.code.as_str();
        let is = |known: ErrorCode| code == known.as_str();
        return Err(match code {
            // "Cannot now" is not "no": the peer is alive but its disk or a service behind it is not.
            _ if is(ErrorCode::ServiceUnavailable) || is(ErrorCode::RateLimited) => {
                PeerError::Unavailable { peer, cause: None }
            }
            // It broke on the way, and nobody knows how far it had come. An error without a code is none of ours.
            "" | "INTERNAL" => PeerError::Malformed {
                peer,
                problem: format!("it failed inside: {}", error.message),
            },
            _ => PeerError::Refused {
                peer,
                code: error.extensions.code,
                message: error.message,
            },
        });
    }
    answer.data.ok_or_else(|| PeerError::Malformed {
        peer,
        problem: "neither data nor errors".into(),
    })
}
