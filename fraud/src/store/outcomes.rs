//! What became of transactions, each noted once.

use std::time::Duration;

use service::Timestamp;
use store::{StoreError, Tx};

/// Nobody tells of the same after so long.
const KEPT_FOR: Duration = Duration::from_secs(45 * 24 * 3_600);
/// Old rows go in steps of this many, so that no commit becomes long.
const PRUNED_AT_ONCE: i64 = 1_024;

/// Notes an event of a transaction (or of a refund). `false` when it was noted before.
pub fn insert(tx: &mut Tx<'_>, source_id: &str, event: &str, now: Timestamp) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "INSERT INTO fraud_outcomes (source_id, event, recorded_at) VALUES ($1, $2, $3) ON CONFLICT (source_id, event) DO NOTHING",
        &[&source_id, &event, &now],
    )?;
    Ok(changed > 0)
}

/// Forgets some of what is too old to be told again.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM fraud_outcomes WHERE (source_id, event) IN (
             SELECT source_id, event FROM fraud_outcomes WHERE recorded_at < $1 ORDER BY recorded_at LIMIT $2)",
        &[&now.before(KEPT_FOR), &PRUNED_AT_ONCE],
    )?;
    Ok(())
}
