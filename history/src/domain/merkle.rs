//! The Merkle tree over all entries, as RFC 6962 has it (and RFC 9162 after it).
//!
//! The hash of a leaf is SHA-256(0x00 ‖ canonical bytes of the entry), that of a node SHA-256(0x01 ‖ left ‖ right). Entry
//! *n* is leaf *n* − 1. What is stored are the hashes of *complete* subtrees, those of 2^level leaves that begin at a
//! multiple of 2^level: they never change once their last leaf is there. Everything else (roots, inclusion proofs,
//! consistency proofs) is put together from a number of them that grows with the logarithm of the tree.

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// A complete subtree: the `position`-th (from 0) of those with 2^`level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// How high it is; a leaf is 0 high.
    pub level: u32,
    /// How many of its height stand before it.
    pub position: u64,
}

impl Node {
    /// The leaf that completes it.
    pub const fn last_leaf(self) -> u64 {
        ((self.position + 1) << self.level) - 1
    }
}

/// The hash of a leaf.
pub fn leaf_hash(canonical: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(canonical);
    hasher.finalize().into()
}

/// The hash of what has these two below it.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0; 65];
    bytes[0] = 1;
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// How many complete subtrees end with this leaf, itself among them.
pub const fn completed_by(leaf: u64) -> u32 {
    leaf.trailing_ones() + 1
}

/// The hashes of all complete subtrees that end with this leaf, lowest first. `left` knows those completed before.
pub fn complete<E>(leaf: u64, hash: Hash, mut left: impl FnMut(Node) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let mut hashes = Vec::with_capacity(completed_by(leaf) as usize);
    let mut top = hash;
    hashes.push(top);
    for level in 0..leaf.trailing_ones() {
        let sibling = left(Node {
            level,
            position: (leaf >> level) - 1,
        })?;
        top = node_hash(&sibling, &top);
        hashes.push(top);
    }
    Ok(hashes)
}

/// The root of the tree's first `size` leaves. `read` knows every complete subtree among them.
pub fn root<E>(size: u64, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 {
        return Ok(Sha256::digest([]).into());
    }
    stretch(0, size, &mut read)
}

/// The way from a leaf to the root of the first `size` leaves: what to hash it with, lowest first. `leaf` < `size`.
pub fn inclusion_path<E>(leaf: u64, size: u64, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut length) = (0, size);
    let mut path = Vec::new();
    while length > 1 {
        let half = half_of(length);
        if leaf < start + half {
            path.push(stretch(start + half, length - half, &mut read)?);
            length = half;
        } else {
            path.push(stretch(start, half, &mut read)?);
            start += half;
            length -= half;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the first `from` leaves of the first `to` are those of the tree of size `from`. 0 < `from` ≤ `to`.
pub fn consistency_path<E>(from: u64, to: u64, mut read: impl FnMut(Node) -> Result<Hash, E>) -> Result<Vec<Hash>, E> {
    let (mut start, mut length) = (0, to);
    let mut path = Vec::new();
    // SUBPROOF of the RFC, from the root down; `from` is a boundary somewhere within the stretch.
    while from != start + length {
        let half = half_of(length);
        if from <= start + half {
            path.push(stretch(start + half, length - half, &mut read)?);
            length = half;
        } else {
            path.push(stretch(start, half, &mut read)?);
            start += half;
            length -= half;
        }
    }
    // When the whole of the old tree is left, its root is known to whoever checks.
    if start != 0 {
        path.push(stretch(start, length, &mut read)?);
    }
    path.reverse();
    Ok(path)
}

/// True when the path leads from the leaf to the root.
pub fn verify_inclusion(hash: Hash, leaf: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    inclusion_root(hash, leaf, size, path) == Some(*root)
}

/// The root that the path leads to from the leaf. `None` when a tree of this size has no such leaf or path.
pub fn inclusion_root(hash: Hash, leaf: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if leaf >= size {
        return None;
    }
    let (mut position, mut last, mut reached) = (leaf, size - 1, hash);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if position & 1 == 1 || position == last {
            reached = node_hash(sibling, &reached);
            if position & 1 == 0 {
                let skipped = position.trailing_zeros();
                position >>= skipped;
                last >>= skipped;
            }
        } else {
            reached = node_hash(&reached, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(reached)
}

/// Two sizes of one tree and their roots.
#[derive(Clone, Copy, Debug)]
pub struct Grown {
    /// The smaller size.
    pub from: u64,
    /// Its root.
    pub from_root: Hash,
    /// The larger size.
    pub to: u64,
    /// Its root.
    pub to_root: Hash,
}

/// True when the path proves that the larger tree begins with the smaller one.
pub fn verify_consistency(grown: &Grown, path: &[Hash]) -> bool {
    let Grown {
        from,
        from_root,
        to,
        to_root,
    } = *grown;
    if from == 0 || from > to {
        return false;
    }
    if from == to {
        return path.is_empty() && from_root == to_root;
    }
    // A complete old tree is not in the path, because whoever checks has its root.
    let mut rest = path.iter();
    let first = if from.is_power_of_two() {
        Some(&from_root)
    } else {
        rest.next()
    };
    let Some(first) = first else { return false };
    let skipped = (from - 1).trailing_ones();
    let (mut position, mut last) = ((from - 1) >> skipped, (to - 1) >> skipped);
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if position & 1 == 1 || position == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            if position & 1 == 0 {
                let skipped = position.trailing_zeros();
                position >>= skipped;
                last >>= skipped;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    last == 0 && old == from_root && new == to_root
}

/// The largest power of two below `length`, which is at least 2.
const fn half_of(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// The root of `length` leaves from `start` on, where the tree has a node for them (complete or at its right edge).
fn stretch<E>(start: u64, length: u64, read: &mut impl FnMut(Node) -> Result<Hash, E>) -> Result<Hash, E> {
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        return read(Node {
            level,
            position: start >> level,
        });
    }
    let half = half_of(length);
    let left = stretch(start, half, read)?;
    let right = stretch(start + half, length - half, read)?;
    Ok(node_hash(&left, &right))
}

#[cfg(test)]
mod tests;
