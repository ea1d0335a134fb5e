//! Bounds on every request: how long it may take, and how many there may be at once.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;

use crate::http::refusal;

/// Includes reading the body, so a client that dawdles is cut off too. Longer than a call to the provider may take.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
const AT_ONCE: usize = 512;

/// The requests under way on one endpoint.
#[derive(Clone)]
pub(super) struct Limits {
    permits: Arc<Semaphore>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

pub(super) async fn apply(State(limits): State<Limits>, request: Request, next: Next) -> Response {
    // Refusing at once is kinder than letting a queue grow that nobody will see the end of.
    let Ok(_permit) = limits.permits.try_acquire() else {
        return refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "BUSY",
            "too many requests at once, try again",
        );
    };
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refusal(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", "the request took too long"),
    }
}
