//! Where the chain ends.

use store::{Snapshot, StoreError, Tx};

use crate::domain::chain::Head;

/// Makes the row when the trail is new.
pub fn prepare(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO chain_head (id, sequence, hash) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
        &[&Head::START.sequence, &Head::START.hash],
    )?;
    Ok(())
}

/// The end of the chain.
pub fn read(snapshot: &Snapshot<'_>) -> Result<Head, StoreError> {
    snapshot.query_one("SELECT sequence, hash FROM chain_head WHERE id = 1", &[], |row| {
        Ok(Head {
            sequence: row.get(0)?,
            hash: row.get(1)?,
        })
    })
}

/// Moves the end from `old` to `new`. Fails when it is not at `old`.
pub fn advance(tx: &mut Tx<'_>, old: &Head, new: &Head) -> Result<(), StoreError> {
    let changed = tx.execute(
        "UPDATE chain_head SET sequence = $1, hash = $2 WHERE id = 1 AND sequence = $3",
        &[&new.sequence, &new.hash, &old.sequence],
    )?;
    if changed == 1 { Ok(()) } else { Err(StoreError::NoRow) }
}
