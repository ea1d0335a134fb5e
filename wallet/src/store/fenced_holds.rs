//! The table `fenced_holds`. There is no UPDATE and no DELETE here: what is fenced stays so.

use ids::HoldId;
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

/// Since when this hold must not be granted; `None` when it may.
pub fn find(snapshot: &Snapshot<'_>, hold_id: HoldId) -> Result<Option<Timestamp>, StoreError> {
    snapshot.query_opt(
        "SELECT fenced_at FROM fenced_holds WHERE hold_id = $1",
        &[&hold_id],
        |row| row.get(0),
    )
}

/// Records that a hold must never be granted.
pub fn insert(tx: &mut Tx<'_>, hold_id: HoldId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO fenced_holds (hold_id, fenced_at) VALUES ($1, $2)",
        &[&hold_id, &now],
    )?;
    Ok(())
}
