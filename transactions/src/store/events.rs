//! The table `events`, and the messages that carry them to merchants.

use outbox::NewMessage;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

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
        ordering_key: format!("{}:{subject}", delivery.endpoint_id),
        payload: serde_json::to_string(delivery).map_err(|_| corrupt(0, "the delivery is no JSON"))?,
    })
}

/// The body of an event, byte for byte as every attempt sends it.
pub fn body(snapshot: &Snapshot<'_>, event_id: &str) -> Result<Option<String>, StoreError> {
    snapshot.query_opt("SELECT body FROM events WHERE event_id = $1", &[&event_id], |row| {
        row.get(0)
    })
}
