//! Signed webhooks over HTTP.

mod health;
mod post;

use std::sync::Arc;
use std::time::Duration;

use ids::EventId;
use outbox::{Lane, Message, Outcome, Receiver, Schedule};
use serde::Deserialize;
use service::Clock;
use store::{Database, StoreError};

use crate::domain::{AddressRules, Attempt, Verdict, sign};
use crate::store::events::{self, Delivery, WEBHOOK_LANE};
use crate::store::webhook_endpoints::{self, WebhookEndpoint};
use post::Posted;

/// Our own disk is no fault of the receiver: the message comes again soon, and no attempt is counted.
const OWN_FAULT_PAUSE: Duration = Duration::from_secs(5);

/// The lane that posts signed events to merchants' endpoints.
pub fn webhook_lane(client: reqwest::Client, rules: AddressRules, database: Database, clock: Clock) -> Lane {
    Lane {
        name: WEBHOOK_LANE,
        batch_max: 1,
        concurrency: 64,
        receiver_concurrency: Some(4),
        gather: super::GATHER,
        schedule: Schedule::Merchant,
        receiver: Arc::new(Sender {
            client,
            rules,
            database,
            clock,
        }),
    }
}

struct Sender {
    client: reqwest::Client,
    rules: AddressRules,
    database: Database,
    clock: Clock,
}

/// What waits in a lane that the program before this one has left: the event itself, for the only merchant there was.
#[derive(Deserialize)]
struct WholeEvent {
    event_id: String,
    body: String,
}

/// A delivery with all that it needs.
struct Errand {
    event_id: String,
    body: String,
    endpoint: WebhookEndpoint,
}

#[async_trait::async_trait]
impl Receiver for Sender {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(messages.len());
        for message in messages {
            outcomes.push(match self.prepare(message).await {
                Ok(errand) => self.run(&errand).await,
                Err(outcome) => outcome,
            });
        }
        outcomes
    }
}

impl Sender {
    async fn prepare(&self, message: &Message) -> Result<Errand, Outcome> {
        let park = |reason: String| Outcome::Park { reason };
        let found = self.load(&message.payload).await.map_err(|error| Outcome::Postpone {
            reason: error.to_string(),
            after: OWN_FAULT_PAUSE,
        })?;
        let errand = found.ok_or_else(|| park("the endpoint (or the event) does not exist any more".to_owned()))?;
        match &errand.endpoint {
            endpoint if endpoint.enabled => Ok(errand),
            endpoint => Err(park(disabled(endpoint.disabled_reason.as_deref().unwrap_or_default()))),
        }
    }

    /// The endpoint as it is now and the event as it was committed.
    async fn load(&self, payload: &str) -> Result<Option<Errand>, StoreError> {
        let (event_id, endpoint_id, body) = match serde_json::from_str::<Delivery>(payload) {
            Ok(delivery) => (delivery.event_id, delivery.endpoint_id.parse().ok(), None),
            Err(_) => match serde_json::from_str::<WholeEvent>(payload) {
                Ok(event) => (event.event_id, Some(WebhookEndpoint::configured_id()), Some(event.body)),
                Err(_) => return Ok(None),
            },
        };
        let Some(endpoint_id) = endpoint_id else {
            return Ok(None);
        };
        self.database
            .read(move |snapshot| {
                let endpoint = webhook_endpoints::find(snapshot, endpoint_id)?;
                let body = match body {
                    Some(body) => Some(body),
                    None => events::find(snapshot, &event_id)?.map(|event| event.body),
                };
                Ok(endpoint.zip(body).map(|(endpoint, body)| Errand {
                    event_id,
                    body,
                    endpoint,
                }))
            })
            .await
    }

    async fn run(&self, errand: &Errand) -> Outcome {
        let now = self.clock.now();
        let endpoint = &errand.endpoint;
        let Some(signature) = sign(endpoint.secrets(now), &errand.event_id, now.seconds(), &errand.body) else {
            return Outcome::Park {
                reason: "the endpoint's secret cannot be used".to_owned(),
            };
        };
        let posted = match self.rules.problem(&endpoint.url) {
            // It was allowed when it was saved; the rules, or the mode, have changed since.
            Some(problem) => Posted::refused(problem),
            None => post::post(&self.client, errand, &signature, now).await,
        };
        let attempt = Attempt {
            event_id: errand.event_id.clone(),
            endpoint_id: endpoint.endpoint_id,
            merchant_id: endpoint.merchant_id,
            attempted_at: now,
            outcome: posted.outcome,
            status: posted.status,
            latency: posted.latency,
            excerpt: posted.excerpt.clone(),
        };
        match self.note(attempt, posted.verdict).await {
            Some(reason) => Outcome::Park {
                reason: disabled(&reason),
            },
            None => outcome_of(&posted),
        }
    }

    /// Writes the attempt down, with what follows for the endpoint. Answers why it was disabled, if that follows.
    async fn note(&self, attempt: Attempt, verdict: Verdict) -> Option<String> {
        let (endpoint_id, now) = (attempt.endpoint_id, self.clock.now());
        let notice_id = EventId::generate();
        let noted = self
            .database
            .write(move |tx| health::note(tx, &attempt, verdict, notice_id, now))
            .await;
        match noted {
            Ok(None) => None,
            Ok(Some(reason)) => {
                tracing::warn!(endpoint = %endpoint_id, reason, "a webhook endpoint was disabled");
                Some(reason)
            }
            // The delivery counts all the same; only its line in the log of attempts is missing.
            Err(error) => {
                let error: StoreError = error;
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "an attempt could not be noted"
                );
                None
            }
        }
    }
}

fn disabled(reason: &str) -> String {
    format!("the endpoint is disabled: {reason}")
}

fn outcome_of(posted: &Posted) -> Outcome {
    let reason = match (posted.status, &posted.excerpt) {
        (Some(status), Some(excerpt)) => format!("{status}: {excerpt}"),
        (Some(status), None) => format!("{status}"),
        (None, excerpt) => excerpt.clone().unwrap_or_default(),
    };
    match posted.verdict {
        Verdict::Delivered => Outcome::Delivered,
        Verdict::Gone => Outcome::Park { reason },
        Verdict::SlowDown(after) => Outcome::Rest { reason, after },
        Verdict::Failed => Outcome::Retry { reason, after: None },
    }
}
