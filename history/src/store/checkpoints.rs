//! The signed checkpoints. They are added and read; no statement here changes or removes one.

use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::tree::{integer, number};

/// A checkpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many entries it covers.
    pub size: u64,
    /// When it was signed.
    pub created_at: Timestamp,
    /// The signed text.
    pub note: String,
}

/// Adds a checkpoint of a size that has none.
pub fn insert(tx: &mut Tx<'_>, checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO checkpoints (tree_size, created_at, note) VALUES ($1, $2, $3)",
        &[&integer(checkpoint.size), &checkpoint.created_at, &checkpoint.note],
    )?;
    Ok(())
}

/// The newest.
pub fn latest(snapshot: &Snapshot<'_>) -> Result<Option<StoredCheckpoint>, StoreError> {
    snapshot.query_opt(
        "SELECT tree_size, created_at, note FROM checkpoints ORDER BY tree_size DESC LIMIT 1",
        &[],
        read,
    )
}

/// The first that covers a leaf: the same one whenever it is asked for.
pub fn covering(snapshot: &Snapshot<'_>, leaf: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
    snapshot.query_opt(
        "SELECT tree_size, created_at, note FROM checkpoints WHERE tree_size > $1 ORDER BY tree_size LIMIT 1",
        &[&integer(leaf)],
        read,
    )
}

/// Newest first, those below a size.
pub fn list(snapshot: &Snapshot<'_>, below: i64, limit: i64) -> Result<Vec<StoredCheckpoint>, StoreError> {
    snapshot.query(
        "SELECT tree_size, created_at, note FROM checkpoints WHERE tree_size < $1 ORDER BY tree_size DESC LIMIT $2",
        &[&below, &limit],
        read,
    )
}

fn read(row: &Row<'_>) -> Result<StoredCheckpoint, StoreError> {
    Ok(StoredCheckpoint {
        size: number(row.get(0)?),
        created_at: row.get(1)?,
        note: row.get(2)?,
    })
}
