//! Signed webhooks over HTTP.

use std::sync::Arc;
use std::time::Duration;

use outbox::{Lane, Message, Outcome, Receiver, Schedule};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use service::Clock;

use super::graphql::{describe, read_bounded};
use crate::domain::{Merchants, WebhookEvent, sign};

/// The lane's name.
pub const WEBHOOK_LANE: &str = "webhook";

/// Of an answer only the beginning is read, for the operator.
const EXCERPT_BYTES_MAX: usize = 4 * 1024;
/// A receiver may ask for a pause, but not for a week.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3_600);

/// The lane that posts signed events to merchants' endpoints.
pub fn webhook_lane(client: reqwest::Client, merchants: Arc<Merchants>, clock: Clock) -> Lane {
    Lane {
        name: WEBHOOK_LANE,
        batch_max: 1,
        concurrency: 32,
        gather: super::GATHER,
        schedule: Schedule::Merchant,
        receiver: Arc::new(Sender {
            client,
            merchants,
            clock,
        }),
    }
}

struct Sender {
    client: reqwest::Client,
    merchants: Arc<Merchants>,
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
        let Ok(event) = serde_json::from_str::<WebhookEvent>(&message.payload) else {
            return park("the message cannot be read");
        };
        let merchant = event
            .merchant_id
            .parse()
            .ok()
            .and_then(|merchant_id| self.merchants.get(merchant_id));
        let Some(endpoint) = merchant.and_then(|merchant| merchant.webhook.as_ref()) else {
            return park("the merchant takes no webhooks any more");
        };
        let sent_at = self.clock.now().seconds();
        let Some(signature) = sign(&endpoint.secret, &event.event_id, sent_at, &event.body) else {
            return park("the merchant's webhook secret cannot be used");
        };
        let sent = self
            .client
            .post(endpoint.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &event.event_id)
            .header("webhook-timestamp", sent_at)
            .header("webhook-signature", signature)
            .body(event.body)
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
