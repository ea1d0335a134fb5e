//! The table `webhook_attempts`.

use std::time::Duration;

use ids::WebhookEndpointId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{Attempt, AttemptOutcome};

/// Old attempts go away in steps of this many, so that no commit becomes long.
const PRUNED_AT_ONCE: i64 = 500;

/// Adds an attempt.
pub fn add(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO webhook_attempts (event_id, endpoint_id, merchant_id, attempted_at, outcome, status, latency_ms, response_excerpt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &attempt.event_id,
            &attempt.endpoint_id,
            &attempt.merchant_id,
            &attempt.attempted_at,
            &attempt.outcome.as_str(),
            &attempt.status.map(u32::from),
            &i64::try_from(attempt.latency.as_millis()).unwrap_or(i64::MAX),
            &attempt.excerpt,
        ],
    )?;
    Ok(())
}

/// Attempts with their numbers, the newest first: of an endpoint, of an event, or of both.
pub fn list(
    snapshot: &Snapshot<'_>,
    endpoint_id: Option<WebhookEndpointId>,
    event_id: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, Attempt)>, StoreError> {
    let before = before.unwrap_or(i64::MAX);
    match (endpoint_id, event_id) {
        (Some(endpoint_id), event_id) => snapshot.query(
            "SELECT attempt_number, event_id, endpoint_id, merchant_id, attempted_at, outcome, status, latency_ms, response_excerpt
             FROM webhook_attempts
             WHERE endpoint_id = $1 AND attempt_number < $2 AND (CAST($3 AS TEXT) IS NULL OR event_id = $3)
             ORDER BY attempt_number DESC LIMIT $4",
            &[&endpoint_id, &before, &event_id, &limit],
            attempt,
        ),
        (None, Some(event_id)) => snapshot.query(
            "SELECT attempt_number, event_id, endpoint_id, merchant_id, attempted_at, outcome, status, latency_ms, response_excerpt
             FROM webhook_attempts WHERE event_id = $1 AND attempt_number < $2 ORDER BY attempt_number DESC LIMIT $3",
            &[&event_id, &before, &limit],
            attempt,
        ),
        (None, None) => Ok(Vec::new()),
    }
}

/// Removes attempts that are older than `age`, some of them; true when there may be more. Numbers follow time, so only the
/// first ones are looked at.
pub fn prune(tx: &mut Tx<'_>, age: Duration, now: Timestamp) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "DELETE FROM webhook_attempts WHERE attempt_number IN (
             SELECT attempt_number FROM (
                 SELECT attempt_number, attempted_at FROM webhook_attempts ORDER BY attempt_number LIMIT $2) AS oldest
             WHERE attempted_at < $1)",
        &[&now.before(age), &PRUNED_AT_ONCE],
    )?;
    Ok(i64::try_from(removed).is_ok_and(|removed| removed == PRUNED_AT_ONCE))
}

fn attempt(row: &Row<'_>) -> Result<(i64, Attempt), StoreError> {
    let outcome: String = row.get(5)?;
    let status: Option<u32> = row.get(6)?;
    let latency_ms: i64 = row.get(7)?;
    let attempt = Attempt {
        event_id: row.get(1)?,
        endpoint_id: row.get(2)?,
        merchant_id: row.get(3)?,
        attempted_at: row.get(4)?,
        outcome: AttemptOutcome::parse(&outcome).ok_or_else(|| corrupt(5, "no outcome of an attempt"))?,
        status: status.and_then(|status| u16::try_from(status).ok()),
        latency: Duration::from_millis(u64::try_from(latency_ms).unwrap_or_default()),
        excerpt: row.get(8)?,
    };
    Ok((row.get(0)?, attempt))
}
