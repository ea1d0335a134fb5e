//! Brings entries into the tree that were added before there was one.

use store::{Database, StoreError, Tx};

use crate::domain::chain::Found;
use crate::domain::{bytes, merkle};
use crate::store::tree::{self, Growth};
use crate::store::{entries, head};

/// Entries in one commit: what a crash can cost, and how long others wait for the writer.
const BATCH: i64 = 1_000;

/// Goes on until the tree has all entries. After a crash it goes on where it was.
pub async fn catch_up(database: &Database) -> Result<(), StoreError> {
    let mut told = false;
    while let Some(size) = database.write(|tx| take_batch(tx, BATCH)).await? {
        if !told {
            tracing::info!("entries of an earlier version are brought into the tree; this happens once");
            told = true;
        }
        tracing::debug!(size, "the tree grows");
    }
    Ok(())
}

/// Takes up to `limit` entries; answers the size of the tree, or nothing when there was nothing to take.
pub fn take_batch(tx: &mut Tx<'_>, limit: i64) -> Result<Option<u64>, StoreError> {
    let size = tree::integer(tree::size(tx)?);
    let end = head::read(tx)?.sequence;
    if size >= end {
        return Ok(None);
    }
    let rows = entries::after(tx, size, limit.min(end - size))?;
    let mut growth = Growth::from_size(tree::number(size));
    let mut next = size + 1;
    let mut buffer = Vec::with_capacity(512);
    for row in &rows {
        // An entry that somebody removed or made unreadable leaves a leaf of nothing: the place in the tree is its own,
        // verification names it, and those behind it keep their numbers.
        while next < row.sequence.min(end + 1) {
            growth.add(tx, merkle::leaf_hash(&[]))?;
            next += 1;
        }
        if row.sequence == next && next <= end {
            growth.add(tx, merkle::leaf_hash(canonical(row, &mut buffer)))?;
            next += 1;
        }
    }
    // Nothing to take although more is promised: the end of the trail was cut off, which verification names.
    Ok((next > size + 1).then(|| tree::number(next - 1)))
}

fn canonical<'a>(row: &Found, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    buffer.clear();
    if let Some(entry) = &row.entry {
        bytes::write(row.sequence, &entry.as_raw(), buffer);
    }
    buffer
}
