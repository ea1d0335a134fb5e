//! What admins hid from the list.

use ids::FraudLogId;
use service::Timestamp;
use store::{StoreError, Tx};

/// Notes who hid a log and when. The first one stays noted.
pub fn insert(tx: &mut Tx<'_>, log_id: FraudLogId, deleted_by: &str, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO fraud_log_deletions (log_id, deleted_by, deleted_at) VALUES ($1, $2, $3)
         ON CONFLICT (log_id) DO NOTHING",
        &[&log_id, &deleted_by, &now],
    )?;
    Ok(changed > 0)
}
