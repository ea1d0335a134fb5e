//! Signed webhooks over HTTP.

use std::sync::Arc;
use std::time::Duration;

use outbox::{Lane, Message, Outcome, Receiver, Schedule};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use service::Clock;
use store::{Database, StoreError};

use super::graphql::{describe, read_bounded};
use crate::domain::sign;
use crate::store::events::{self, Delivery, WEBHOOK_LANE};
use crate::store::webhook_endpoints::{self, WebhookEndpoint};

/// Of an answer only the beginning is read, for the operator.
const EXCERPT_BYTES_MAX: usize = 4 * 1024;
/// A receiver may ask for a pause, but not for a week.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The lane that posts signed events to merchants' endpoints.
pub fn webhook_lane(client: reqwest::Client, database: Database, clock: Clock) -> Lane {
    Lane {
        name: WEBHOOK_LANE,
        batch_max: 1,
        concurrency: 32,
        gather: super::GATHER,
        schedule: Schedule::Merchant,
        receiver: Arc::new(Sender {
            client,
            database,
            clock,
        }),
    }
}

struct Sender {
    client: reqwest::Client,
    database: Database,
    clock: Clock,
}

#[async_trait::async_trait]
impl Receiver for Sender {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(messages.len());
        for message in messages {
            outcomes.push(self.send(message).await);
        }
        outcomes
    }
}

impl Sender {
    async fn send(&self, message: &Message) -> Outcome {
        let park = |reason: &str| Outcome::Park {
            reason: reason.to_owned(),
        };
        let Ok(delivery) = serde_json::from_str::<Delivery>(&message.payload) else {
            return park("the message cannot be read");
        };
        let (endpoint, body) = match self.load(&delivery).await {
            Ok(Some(found)) => found,
            Ok(None) => return park("the endpoint (or the event) does not exist any more"),
            Err(error) => {
                return Outcome::Retry {
                    reason: error.to_string(),
                    after: None,
                };
            }
        };
        let sent_at = self.clock.now().seconds();
        let Some(signature) = sign(&endpoint.secret, &delivery.event_id, sent_at, &body) else {
            return park("the merchant's webhook secret cannot be used");
        };
        let sent = self
            .client
            .post(endpoint.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &delivery.event_id)
            .header("webhook-timestamp", sent_at)
            .header("webhook-signature", signature)
            .body(body)
            .send()
            .await;
        match sent {
            Ok(response) => judge(response).await,
            Err(error) => Outcome::Retry {
                reason: describe(&error),
                after: None,
            },
        }
    }

    /// The endpoint as it is now and the event as it was committed.
    async fn load(&self, delivery: &Delivery) -> Result<Option<(WebhookEndpoint, String)>, StoreError> {
        let Ok(endpoint_id) = delivery.endpoint_id.parse() else {
            return Ok(None);
        };
        let event_id = delivery.event_id.clone();
        self.database
            .read(move |snapshot| {
                let endpoint = webhook_endpoints::find(snapshot, endpoint_id)?;
                Ok(endpoint.zip(events::body(snapshot, &event_id)?))
            })
            .await
    }
}

/// 2xx is an acknowledgement, 410 means never again, and anything else is tried again.
async fn judge(response: reqwest::Response) -> Outcome {
    let status = response.status();
    if status.is_success() {
        return Outcome::Delivered;
    }
    let asked_pause = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let excerpt = read_bounded(response, EXCERPT_BYTES_MAX).await.unwrap_or_default();
    let reason = format!("{status}: {}", String::from_utf8_lossy(&excerpt));
    match status {
        StatusCode::GONE => Outcome::Park { reason },
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Outcome::Retry {
            reason,
            after: asked_pause.map(|pause| pause.min(PAUSE_MAX)),
        },
        _ => Outcome::Retry { reason, after: None },
    }
}
