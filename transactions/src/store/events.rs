//! The table `events`, and the messages that carry them to merchants.

use ids::MerchantId;
use outbox::NewMessage;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::{corrupt, webhook_endpoints};
use crate::domain::NewEvent;

/// The lane that delivers events.
pub const WEBHOOK_LANE: &str = "webhook";

/// What waits in the lane: which event goes where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The event.
    pub event_id: String,
    /// The endpoint.
    pub endpoint_id: String,
}

/// Commits an event together with what it tells of: numbered within its subject, without a gap, and with a message for
/// each endpoint that wants it. A merchant whose closure runs twice gets it once, because the first run was rolled back.
pub fn record(tx: &mut Tx<'_>, event: &NewEvent, now: Timestamp) -> Result<(), StoreError> {
    let sequence: i64 = tx.query_one(
        "SELECT COALESCE(MAX(sequence), 0) + 1 FROM events WHERE merchant_id = $1 AND subject = $2",
        &[&event.merchant_id, &event.subject],
        |row| row.get(0),
    )?;
    let body = json!({
        "type": event.event_type,
        "timestamp": now.to_string(),
        "sequence": sequence,
        "data": event.data,
    });
    tx.execute(
        "INSERT INTO events (event_id, merchant_id, subject, sequence, type, body, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &event.event_id,
            &event.merchant_id,
            &event.subject,
            &sequence,
            &event.event_type,
            &body.to_string(),
            &now,
        ],
    )?;
    for endpoint in webhook_endpoints::enabled_of_merchant(tx, event.merchant_id)? {
        if endpoint.wants(event.event_type) {
            let delivery = Delivery {
                event_id: event.event_id.to_string(),
                endpoint_id: endpoint.endpoint_id.to_string(),
            };
            outbox::enqueue(tx, &message(&delivery, &event.subject)?, now)?;
        }
    }
    Ok(())
}

/// The message of a delivery. Those of one endpoint and subject go out one after the other.
pub fn message(delivery: &Delivery, subject: &str) -> Result<NewMessage, StoreError> {
    Ok(NewMessage {
        lane: WEBHOOK_LANE,
        ordering_key: format!("{}/{subject}", delivery.endpoint_id),
        payload: serde_json::to_string(delivery).map_err(|_| corrupt(0, "the delivery is no JSON"))?,
    })
}

/// An event as it was committed.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place among all events: commits follow one another, so whoever reads up to a number misses none below it.
    pub event_number: i64,
    /// Its id.
    pub event_id: String,
    /// Whom it is for.
    pub merchant_id: MerchantId,
    /// What it is about.
    pub subject: String,
    /// Its place within its subject.
    pub sequence: i64,
    /// Such as `payment.succeeded`.
    pub event_type: String,
    /// The body, byte for byte as every attempt sends it.
    pub body: String,
    /// When it was committed.
    pub created_at: Timestamp,
}

/// An event by its id.
pub fn find(snapshot: &Snapshot<'_>, event_id: &str) -> Result<Option<Event>, StoreError> {
    snapshot.query_opt(
        "SELECT event_number, event_id, merchant_id, subject, sequence, type, body, created_at FROM events WHERE event_id = $1",
        &[&event_id],
        event,
    )
}

/// The events of a subject, in their order.
pub fn of_subject(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    subject: &str,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    snapshot.query(
        "SELECT event_number, event_id, merchant_id, subject, sequence, type, body, created_at FROM events
         WHERE merchant_id = $1 AND subject = $2 ORDER BY sequence LIMIT $3",
        &[&merchant_id, &subject, &limit],
        event,
    )
}

/// A merchant's events behind a number, in the order in which they were committed.
pub fn after(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    event_number: i64,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    snapshot.query(
        "SELECT event_number, event_id, merchant_id, subject, sequence, type, body, created_at FROM events
         WHERE merchant_id = $1 AND event_number > $2 ORDER BY event_number LIMIT $3",
        &[&merchant_id, &event_number, &limit],
        event,
    )
}

fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        event_number: row.get(0)?,
        event_id: row.get(1)?,
        merchant_id: row.get(2)?,
        subject: row.get(3)?,
        sequence: row.get(4)?,
        event_type: row.get(5)?,
        body: row.get(6)?,
        created_at: row.get(7)?,
    })
}
