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

/// Whether a log is hidden.
pub fn is_hidden(snapshot: &Snapshot<'_>, log_id: FraudLogId) -> Result<bool, StoreError> {
    let found = snapshot.query_opt(
        "SELECT 1 FROM fraud_log_deletions WHERE log_id = $1",
        &[&log_id],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// Hidden logs, no more than `limit`.
pub fn first(snapshot: &Snapshot<'_>, limit: i64) -> Result<Vec<FraudLogId>, StoreError> {
    snapshot.query("SELECT log_id FROM fraud_log_deletions LIMIT $1", &[&limit], |row| {
        row.get(0)
    })
}
