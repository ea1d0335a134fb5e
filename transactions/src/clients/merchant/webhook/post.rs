//! One request to an endpoint: bounded in time, and of the answer only the beginning is read.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use service::Timestamp;

use super::Errand;
use crate::clients::merchant::http::is_refused_address;
use crate::domain::{AttemptOutcome, EXCERPT_BYTES_MAX, Verdict, excerpt};

/// What is wanted is the status; an answer whose body does not come within this time has been read enough.
const BODY_PATIENCE: Duration = Duration::from_secs(2);

/// What came of a request.
#[derive(Debug)]
pub struct Posted {
    pub outcome: AttemptOutcome,
    pub status: Option<u16>,
    pub verdict: Verdict,
    pub latency: Duration,
    pub excerpt: Option<String>,
}

impl Posted {
    /// No request was made.
    pub fn refused(problem: &str) -> Self {
        Self {
            outcome: AttemptOutcome::AddressRefused,
            status: None,
            verdict: Verdict::Failed,
            latency: Duration::ZERO,
            excerpt: Some(problem.to_owned()),
        }
    }
}

pub(super) async fn post(client: &reqwest::Client, errand: &Errand, signature: &str, now: Timestamp) -> Posted {
    // How long it takes is measured by the machine's clock, whatever ours shows.
    let began = Instant::now();
    let sent = client
        .post(errand.endpoint.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &errand.event_id)
        .header("webhook-timestamp", now.seconds())
        .header("webhook-signature", signature)
        .body(errand.body.clone())
        .send()
        .await;
    let latency = began.elapsed();
    match sent {
        Ok(response) => {
            let status = response.status().as_u16();
            let retry_after = response
                .headers()
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok());
            let verdict = Verdict::of_status(status, retry_after, now);
            let outcome = match verdict {
                Verdict::Delivered => AttemptOutcome::Delivered,
                _ => AttemptOutcome::Rejected,
            };
            Posted {
                outcome,
                status: Some(status),
                verdict,
                latency,
                excerpt: beginning_of(response).await,
            }
        }
        Err(error) => {
            let (outcome, problem) = problem_of(&error);
            Posted {
                outcome,
                latency,
                ..Posted::refused(problem)
            }
        }
    }
}

/// What went wrong, without the URL, which may hold a secret.
fn problem_of(error: &reqwest::Error) -> (AttemptOutcome, &'static str) {
    if is_refused_address(error) {
        (
            AttemptOutcome::AddressRefused,
            "the name leads to no address that may be called",
        )
    } else if error.is_timeout() {
        (AttemptOutcome::TimedOut, "no answer in time")
    } else if error.is_connect() {
        (AttemptOutcome::NotReached, "no connection")
    } else {
        (AttemptOutcome::BrokenOff, "the connection broke")
    }
}

/// The beginning of a body. The rest is not read: dropping the response closes its connection.
async fn beginning_of(mut response: reqwest::Response) -> Option<String> {
    let mut bytes = Vec::new();
    let reading = async {
        while bytes.len() < EXCERPT_BYTES_MAX {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let wanted = chunk.len().min(EXCERPT_BYTES_MAX - bytes.len());
                    bytes.extend_from_slice(&chunk[..wanted]);
                }
                // An answer that breaks off was answered all the same: its status has come.
                Ok(None) | Err(_) => break,
            }
        }
    };
    // What came before patience ended is there in any case.
    let _ = tokio::time::timeout(BODY_PATIENCE, reading).await;
    (!bytes.is_empty()).then(|| excerpt(&bytes))
}
