//! The outbox's table as an operator sees it: what waits, what was parked, and how that goes on its way again.

use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

/// A lane's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// The lane.
    pub lane: String,
    /// How many wait.
    pub waiting: i64,
    /// How many are parked.
    pub parked: i64,
    /// Since when the longest waiting one does.
    pub oldest_waiting_at: Option<Timestamp>,
}

/// A message that was given up until an operator looks at it.
#[derive(Clone, Debug)]
pub struct ParkedRow {
    /// Its number.
    pub message_id: i64,
    /// Its lane.
    pub lane: String,
    /// Its key.
    pub ordering_key: String,
    /// How often it was tried.
    pub attempts: i64,
    /// Why it was given up.
    pub last_error: Option<String>,
    /// When it was committed.
    pub created_at: Timestamp,
}

/// How full a lane is.
pub fn depth(snapshot: &Snapshot<'_>, lane: &str) -> Result<QueueRow, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FILTER (WHERE state = 'WAITING'), COUNT(*) FILTER (WHERE state = 'PARKED'),
             MIN(CASE WHEN state = 'WAITING' THEN created_at END)
         FROM outbox WHERE lane = $1 AND state IN ('WAITING', 'PARKED')",
        &[&lane],
        |row| {
            Ok(QueueRow {
                lane: lane.to_owned(),
                waiting: row.get(0)?,
                parked: row.get(1)?,
                oldest_waiting_at: row.get(2)?,
            })
        },
    )
}

/// A lane's parked messages, the newest first, from before a number.
pub fn parked(
    snapshot: &Snapshot<'_>,
    lane: &str,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<ParkedRow>, StoreError> {
    snapshot.query(
        "SELECT message_id, lane, ordering_key, attempts, last_error, created_at FROM outbox
         WHERE lane = $1 AND state = 'PARKED' AND message_id < $2 ORDER BY message_id DESC LIMIT $3",
        &[&lane, &before.unwrap_or(i64::MAX), &limit],
        message,
    )
}

/// A parked message.
pub fn find_parked(snapshot: &Snapshot<'_>, message_id: i64) -> Result<Option<ParkedRow>, StoreError> {
    snapshot.query_opt(
        "SELECT message_id, lane, ordering_key, attempts, last_error, created_at FROM outbox
         WHERE message_id = $1 AND state = 'PARKED'",
        &[&message_id],
        message,
    )
}

/// Has a parked message go out again, with all its attempts before it.
pub fn requeue(tx: &mut Tx<'_>, message_id: i64, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET state = 'WAITING', attempts = 0, next_attempt_at = $2, last_error = NULL
         WHERE message_id = $1 AND state = 'PARKED'",
        &[&message_id, &now],
    )?;
    Ok(())
}

fn message(row: &Row<'_>) -> Result<ParkedRow, StoreError> {
    Ok(ParkedRow {
        message_id: row.get(0)?,
        lane: row.get(1)?,
        ordering_key: row.get(2)?,
        attempts: row.get(3)?,
        last_error: row.get(4)?,
        created_at: row.get(5)?,
    })
}
