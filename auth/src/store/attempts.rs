//! The table `attempts`.

use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use crate::domain::{AttemptKind, Attempts};

pub(crate) fn find(snapshot: &Snapshot<'_>, kind: AttemptKind, subject: &str) -> Result<Option<Attempts>, StoreError> {
    snapshot.query_opt(
        "SELECT failures, window_started_at, blocked_until, updated_at FROM attempts WHERE kind = $1 AND subject = $2",
        &[&kind.as_str(), &subject],
        |row| {
            Ok(Attempts {
                failures: row.get(0)?,
                window_started_at: row.get(1)?,
                blocked_until: row.get(2)?,
                updated_at: row.get(3)?,
            })
        },
    )
}

pub(crate) fn save(tx: &mut Tx<'_>, kind: AttemptKind, subject: &str, attempts: &Attempts) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO attempts (kind, subject, failures, window_started_at, blocked_until, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, subject) DO UPDATE SET failures = excluded.failures, \
         window_started_at = excluded.window_started_at, blocked_until = excluded.blocked_until, \
         updated_at = excluded.updated_at",
        &[
            &kind.as_str(),
            &subject,
            &attempts.failures,
            &attempts.window_started_at,
            &attempts.blocked_until,
            &attempts.updated_at,
        ],
    )?;
    Ok(())
}

pub(crate) fn delete(tx: &mut Tx<'_>, kind: AttemptKind, subject: &str) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM attempts WHERE kind = $1 AND subject = $2",
        &[&kind.as_str(), &subject],
    )?;
    Ok(())
}

/// Removes some rows that were last touched before `before`; says how many.
pub(crate) fn delete_older(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM attempts WHERE (kind, subject) IN \
         (SELECT kind, subject FROM attempts WHERE updated_at < $1 ORDER BY updated_at LIMIT $2)",
        &[&before, &limit],
    )
}

/// When the newest row beyond the `keep` newest was last touched, if there are so many.
pub(crate) fn age_beyond(snapshot: &Snapshot<'_>, keep: i64) -> Result<Option<Timestamp>, StoreError> {
    snapshot.query_opt(
        "SELECT updated_at FROM attempts ORDER BY updated_at DESC LIMIT 1 OFFSET $1",
        &[&keep],
        |row| row.get(0),
    )
}
