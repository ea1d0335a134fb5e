//! The table `manual_moves`: idempotency keys of top-ups and deductions.

use ids::TransferId;
use store::{StoreError, Tx};

/// The transfer of this caller's key: the one it named before, or `fresh`, which it names from now on.
pub fn transfer_of_key(
    tx: &mut Tx<'_>,
    caller_id: &str,
    key: &str,
    fresh: TransferId,
) -> Result<TransferId, StoreError> {
    tx.execute(
        "INSERT INTO manual_moves (caller_id, idempotency_key, transfer_id) VALUES ($1, $2, $3)
         ON CONFLICT (caller_id, idempotency_key) DO NOTHING",
        &[&caller_id, &key, &fresh],
    )?;
    tx.query_one(
        "SELECT transfer_id FROM manual_moves WHERE caller_id = $1 AND idempotency_key = $2",
        &[&caller_id, &key],
        |row| row.get(0),
    )
}
