//! Signed webhooks over HTTP.

mod health;
mod post;

use std::sync::Arc;
use std::time::Duration;

use ids::EventId;
use outbox::{Lane, Message, Outcome, Receiver, Schedule};
use serde::Deserialize;
use service::Clock;
use store::{Database, Snapshot, StoreError};

use crate::domain::{AddressRules, Attempt, Verdict, sign};
use crate::store::events::{self, Delivery, WEBHOOK_LANE};
use crate::store::webhook_endpoints::{self, WebhookEndpoint};
use post::Posted;

/// Our own disk is no fault of the receiver: the message comes again soon, and no attempt is counted.
const OWN_FAULT_PAUSE: Duration = Duration::from_secs(5);

/// So many events go to an endpoint side by side, and share what there is to read and to note.
const BATCH_MAX: usize = 4;

/// The lane that posts signed events to merchants' endpoints.
pub fn webhook_lane(client: reqwest::Client, rules: AddressRules, database: Database, clock: Clock) -> Lane {
    Lane {
        name: WEBHOOK_LANE,
        batch_max: BATCH_MAX,
        concurrency: 32,
        receiver_concurrency: Some(1),
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

/// A delivery that was tried.
struct Tried {
    attempt: Attempt,
    posted: Posted,
    /// For the event that tells of it, should it be the one that disables the endpoint.
    notice_id: EventId,
}

#[async_trait::async_trait]
impl Receiver for Sender {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let prepared = self.prepare(messages).await;
        let tried = futures::future::join_all(prepared.into_iter().map(async |errand| match errand {
            Ok(errand) => self.run(&errand).await,
            Err(outcome) => Err(outcome),
        }))
        .await;
        self.note(tried).await
    }
}

impl Sender {
    /// Of each message the endpoint as it is now and the event as it was committed, or what becomes of the message without
    /// being sent.
    async fn prepare(&self, messages: &[Message]) -> Vec<Result<Errand, Outcome>> {
        let payloads: Vec<String> = messages.iter().map(|message| message.payload.clone()).collect();
        let found = self
            .database
            .read(move |snapshot| payloads.iter().map(|payload| load(snapshot, payload)).collect())
            .await;
        let found: Vec<Option<Errand>> = match found {
            Ok(found) => found,
            Err(error) => {
                let error: StoreError = error;
                let outcome = Outcome::Postpone {
                    reason: error.to_string(),
                    after: OWN_FAULT_PAUSE,
                };
                return messages.iter().map(|_| Err(outcome.clone())).collect();
            }
        };
        let park = |reason: String| Outcome::Park { reason };
        let errand = |found: Option<Errand>| match found {
            None => Err(park("the endpoint (or the event) does not exist any more".to_owned())),
            Some(errand) if errand.endpoint.enabled => Ok(errand),
            Some(errand) => Err(park(disabled(
                errand.endpoint.disabled_reason.as_deref().unwrap_or_default(),
            ))),
        };
        found.into_iter().map(errand).collect()
    }

    async fn run(&self, errand: &Errand) -> Result<Tried, Outcome> {
        let now = self.clock.now();
        let endpoint = &errand.endpoint;
        let Some(signature) = sign(endpoint.secrets(now), &errand.event_id, now.seconds(), &errand.body) else {
            return Err(Outcome::Park {
                reason: "the endpoint's secret cannot be used".to_owned(),
            });
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
        Ok(Tried {
            attempt,
            posted,
            notice_id: EventId::generate(),
        })
    }

    /// Writes the attempts down, with what follows for their endpoints, and answers what became of the messages.
    async fn note(&self, tried: Vec<Result<Tried, Outcome>>) -> Vec<Outcome> {
        let now = self.clock.now();
        let attempts: Vec<(Attempt, Verdict, EventId)> = tried
            .iter()
            .flatten()
            .map(|tried| (tried.attempt.clone(), tried.posted.verdict, tried.notice_id))
            .collect();
        let count = attempts.len();
        let noted = self
            .database
            .write(move |tx| {
                let note = |(attempt, verdict, notice_id): &(Attempt, Verdict, EventId)| {
                    health::note(tx, attempt, *verdict, *notice_id, now)
                };
                attempts.iter().map(note).collect()
            })
            .await;
        let disabling: Vec<Option<String>> = noted.unwrap_or_else(|error| {
            // The deliveries count all the same; only their lines in the log of attempts are missing.
            let error: StoreError = error;
            tracing::warn!(error = &error as &dyn std::error::Error, "attempts could not be noted");
            vec![None; count]
        });
        let mut disabling = disabling.into_iter();
        let outcome = |tried: Result<Tried, Outcome>| match tried {
            Err(outcome) => outcome,
            Ok(tried) => match disabling.next().flatten() {
                None => outcome_of(&tried.posted),
                Some(reason) => {
                    tracing::warn!(endpoint = %tried.attempt.endpoint_id, reason, "a webhook endpoint was disabled");
                    Outcome::Park {
                        reason: disabled(&reason),
                    }
                }
            },
        };
        tried.into_iter().map(outcome).collect()
    }
}

/// What a message is about; nothing if it, its endpoint or its event is not there.
fn load(snapshot: &Snapshot<'_>, payload: &str) -> Result<Option<Errand>, StoreError> {
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
