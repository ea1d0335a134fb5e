//! What admins hid from the list.

use ids::FraudLogId;
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

/// Notes who hid a log and when. The first one stays noted.
pub fn insert(tx: &mut Tx<'_>, log_id: FraudLogId, deleted_by: &str, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO fraud_log_deletions (log_id, deleted_by, deleted_at) VALUES ($1, $2, $3)
         ON CONFLICT (log_id) DO NOTHING",
        &[&log_id, &deleted_by, &now],
    )?;
    Ok(changed > 0)
}

/// Whether the log of a number is hidden.
pub fn is_hidden(snapshot: &Snapshot<'_>, number: i64) -> Result<bool, StoreError> {
    let found = snapshot.query_opt(
        "SELECT 1 FROM fraud_logs l JOIN fraud_log_deletions d ON d.log_id = l.log_id WHERE l.number = $1",
        &[&number],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// The numbers of hidden logs, no more than `limit`.
pub fn first(snapshot: &Snapshot<'_>, limit: i64) -> Result<Vec<i64>, StoreError> {
    snapshot.query(
        "SELECT l.number FROM fraud_log_deletions d JOIN fraud_logs l ON l.log_id = d.log_id LIMIT $1",
        &[&limit],
        |row| row.get(0),
    )
}
