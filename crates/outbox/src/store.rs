//! The table `outbox`.

use std::time::Duration;

use service::Timestamp;
use store::{Migration, Snapshot, StoreError, Tx};

use crate::message::{Message, NewMessage};

/// The outbox's table, to be applied behind a service's own migrations.
pub const MIGRATIONS: &[Migration] = store::migrations!["outbox_0001.sql"];

/// Adds a message to the transaction that it tells of.
pub fn enqueue(tx: &mut Tx<'_>, message: &NewMessage, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO outbox (lane, ordering_key, payload, state, attempts, next_attempt_at, created_at)
         VALUES ($1, $2, $3, 'WAITING', 0, $4, $4)",
        &[&message.lane, &message.ordering_key, &message.payload, &now],
    )?;
    Ok(())
}

/// How many messages of a service wait, and how many are parked.
pub fn waiting_count(snapshot: &Snapshot<'_>) -> Result<(i64, i64), StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FILTER (WHERE state = 'WAITING'), COUNT(*) FILTER (WHERE state = 'PARKED') FROM outbox",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Messages that are due and whose predecessors with the same key have all been delivered (or parked).
pub(crate) fn due(snapshot: &Snapshot<'_>, lane: &str, now: Timestamp, limit: i64) -> Result<Vec<Message>, StoreError> {
    snapshot.query(
        "SELECT message_id, ordering_key, payload, attempts, created_at FROM outbox AS due
         WHERE lane = $1 AND state = 'WAITING' AND next_attempt_at <= $2
           AND NOT EXISTS (
               SELECT 1 FROM outbox AS earlier
               WHERE earlier.lane = due.lane AND earlier.ordering_key = due.ordering_key
                 AND earlier.message_id < due.message_id AND earlier.state = 'WAITING')
         ORDER BY next_attempt_at, message_id LIMIT $3",
        &[&lane, &now, &limit],
        |row| {
            Ok(Message {
                message_id: row.get(0)?,
                ordering_key: row.get(1)?,
                payload: row.get(2)?,
                attempts: row.get(3)?,
                created_at: row.get(4)?,
            })
        },
    )
}

pub(crate) fn delete(tx: &mut Tx<'_>, message_id: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM outbox WHERE message_id = $1", &[&message_id])?;
    Ok(())
}

/// Notes a failed attempt; without a pause the message is parked.
pub(crate) fn note_failure(
    tx: &mut Tx<'_>,
    message_id: i64,
    reason: &str,
    pause: Option<Duration>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, next) = match pause {
        Some(pause) => ("WAITING", now.after(pause)),
        None => ("PARKED", now),
    };
    tx.execute(
        "UPDATE outbox SET attempts = attempts + 1, state = $2, next_attempt_at = $3, last_error = $4 WHERE message_id = $1",
        &[&message_id, &state, &next, &reason],
    )?;
    Ok(())
}
