//! What owners hid from their own list.

use service::Timestamp;
use store::{StoreError, Tx};

/// Hides an entry; again is as good as once.
pub fn insert(tx: &mut Tx<'_>, history_id: &str, owner: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO hidden_entries (history_id, hidden_by, hidden_at) VALUES ($1, $2, $3)
         ON CONFLICT (history_id) DO NOTHING",
        &[&history_id, &owner, &now],
    )?;
    Ok(())
}
