//! What merchants see of webhooks and events.

use async_graphql::SimpleObject;
use service::{DateTime, Timestamp};

use crate::app::events_after;
use crate::domain::{Attempt, AttemptOutcome};
use crate::store::{events, webhook_endpoints};

/// An address where a merchant takes webhooks.
#[derive(SimpleObject)]
pub struct WebhookEndpoint {
    /// Its id.
    endpoint_id: String,
    /// Whose it is.
    merchant_id: String,
    /// Where events are posted to.
    url: String,
    /// The types of events that it asks for; none: all.
    events: Vec<String>,
    /// Whether events are sent.
    enabled: bool,
    /// Why not.
    disabled_reason: Option<String>,
    /// Since when it took nothing. After five days it is disabled.
    failing_since: Option<DateTime>,
    /// Until when the secret before the present one signs as well.
    previous_secret_until: Option<DateTime>,
    /// When it was made.
    created_at: DateTime,
}

impl WebhookEndpoint {
    /// An endpoint as it is now.
    pub fn new(endpoint: webhook_endpoints::WebhookEndpoint, now: Timestamp) -> Self {
        let until = endpoint.previous_secret.map(|(_, until)| until);
        Self {
            endpoint_id: endpoint.endpoint_id.to_string(),
            merchant_id: endpoint.merchant_id.to_string(),
            url: endpoint.url.to_string(),
            events: endpoint.events,
            enabled: endpoint.enabled,
            disabled_reason: endpoint.disabled_reason,
            failing_since: endpoint.failing_since.map(DateTime),
            previous_secret_until: until.filter(|until| now < *until).map(DateTime),
            created_at: endpoint.created_at.into(),
        }
    }
}

/// An endpoint with a secret that was just made.
#[derive(SimpleObject)]
pub struct NewWebhookEndpoint {
    /// The endpoint.
    endpoint: WebhookEndpoint,
    /// `whsec_…`: what its webhooks are signed with. It is not shown again.
    secret: String,
}

impl NewWebhookEndpoint {
    /// An endpoint with its secret.
    pub fn new(endpoint: webhook_endpoints::WebhookEndpoint, now: Timestamp) -> Self {
        let secret = endpoint.secret.expose().to_owned();
        Self {
            endpoint: WebhookEndpoint::new(endpoint, now),
            secret,
        }
    }
}

/// An attempt to deliver an event.
#[derive(SimpleObject)]
pub struct WebhookAttempt {
    /// Its id.
    attempt_id: String,
    /// Which event.
    event_id: String,
    /// To where.
    endpoint_id: String,
    /// When.
    attempted_at: DateTime,
    /// How it ended.
    outcome: AttemptOutcome,
    /// The HTTP status that was answered.
    status: Option<i32>,
    /// How long the answer took.
    latency_ms: i64,
    /// The beginning of the answer, a kilobyte at most; without an answer, what was wrong.
    response_excerpt: Option<String>,
}

impl From<(i64, Attempt)> for WebhookAttempt {
    fn from((number, attempt): (i64, Attempt)) -> Self {
        Self {
            attempt_id: number.to_string(),
            event_id: attempt.event_id,
            endpoint_id: attempt.endpoint_id.to_string(),
            attempted_at: attempt.attempted_at.into(),
            outcome: attempt.outcome,
            status: attempt.status.map(i32::from),
            latency_ms: i64::try_from(attempt.latency.as_millis()).unwrap_or(i64::MAX),
            response_excerpt: attempt.excerpt,
        }
    }
}

/// Something that happened.
#[derive(SimpleObject)]
pub struct Event {
    /// Its id, the same as `webhook-id`.
    event_id: String,
    /// Such as `payment.succeeded`.
    #[graphql(name = "type")]
    event_type: String,
    /// What it is about: a session, a VA number, a payout, an endpoint.
    subject: String,
    /// Its place among the events of its subject: 1, 2, 3, … without a gap.
    sequence: i64,
    /// When it happened.
    created_at: DateTime,
    /// The body, byte for byte as webhooks carry it: JSON.
    body: String,
}

impl From<events::Event> for Event {
    fn from(event: events::Event) -> Self {
        Self {
            event_id: event.event_id,
            event_type: event.event_type,
            subject: event.subject,
            sequence: event.sequence,
            created_at: event.created_at.into(),
            body: event.body,
        }
    }
}

/// Some of a merchant's events.
#[derive(SimpleObject)]
pub struct EventPage {
    /// The oldest first.
    events: Vec<Event>,
    /// Where to go on from; null before the first event.
    cursor: Option<String>,
    /// Whether there are more already.
    has_more: bool,
}

impl From<events_after::EventPage> for EventPage {
    fn from(page: events_after::EventPage) -> Self {
        Self {
            events: page.events.into_iter().map(Event::from).collect(),
            cursor: page.cursor,
            has_more: page.has_more,
        }
    }
}
