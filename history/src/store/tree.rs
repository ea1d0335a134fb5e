//! The Merkle tree's nodes. They are added and read; no statement here changes or removes one.

use store::{Snapshot, StoreError, Tx};

use crate::domain::merkle::{self, Hash, Node};

const LEVELS_MAX: usize = 64;

/// How many leaves the tree has.
pub fn size(snapshot: &Snapshot<'_>) -> Result<u64, StoreError> {
    let last = snapshot.query_opt("SELECT leaf FROM tree_nodes ORDER BY leaf DESC LIMIT 1", &[], |row| {
        row.get::<i64>(0)
    })?;
    Ok(last.map_or(0, |leaf| number(leaf) + 1))
}

/// The hash of one complete subtree.
pub fn node(snapshot: &Snapshot<'_>, node: Node) -> Result<Hash, StoreError> {
    let hashes: Vec<u8> = snapshot.query_one(
        "SELECT hashes FROM tree_nodes WHERE leaf = $1",
        &[&integer(node.last_leaf())],
        |row| row.get(0),
    )?;
    let at = node.level as usize * 32;
    hashes
        .get(at..at + 32)
        .and_then(|hash| hash.try_into().ok())
        .ok_or_else(|| StoreError::Column {
            column: 0,
            problem: format!("the hash of {node:?} is missing"),
        })
}

/// Adds leaves, one after the other, within one transaction.
pub struct Growth {
    size: u64,
    /// By level: the complete subtree that the next one of its height will be the right brother of, where it is known.
    left: [Option<Hash>; LEVELS_MAX],
}

impl Growth {
    /// Behind the leaves that are there.
    pub fn from_size(size: u64) -> Self {
        Self {
            size,
            left: [None; LEVELS_MAX],
        }
    }

    /// Adds a leaf, and the complete subtrees that end with it: as many hashes as there are, two on average.
    pub fn add(&mut self, tx: &mut Tx<'_>, leaf: Hash) -> Result<(), StoreError> {
        let hashes = merkle::complete(self.size, leaf, |sibling| {
            self.left[sibling.level as usize].map_or_else(|| node(tx, sibling), Ok)
        })?;
        let top = hashes.len() - 1;
        self.left[top] = hashes.last().copied();
        tx.execute(
            "INSERT INTO tree_nodes (leaf, hashes) VALUES ($1, $2)",
            &[&integer(self.size), &hashes.as_flattened()],
        )?;
        self.size += 1;
        Ok(())
    }
}

/// Leaves and sizes are counted in `i64` columns, from 0.
pub fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The way back.
pub fn number(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}
