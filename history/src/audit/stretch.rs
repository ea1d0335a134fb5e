//! One stretch of entries and their part of the tree.

use rusqlite::types::ValueRef;
use rusqlite::{Row, Rows};

use super::file::{File, hash_of, is_damage};
use super::{AuditError, Finding, LEVEL};
use crate::domain::bytes::{self, RawEntry, VERSION};
use crate::domain::chain::Head;
use crate::domain::merkle::{self, Hash};

/// What a check of a stretch came to.
pub enum Stretch {
    /// The first thing in it that does not hold.
    Bad(Finding),
    /// All is well, and it has as many leaves as a stretch has.
    Complete {
        /// The root of its subtree.
        root: Hash,
        /// The stored hashes of the larger subtrees that end with it, to be compared by who knows those before it.
        above: Vec<u8>,
    },
    /// All is well, and more entries may follow: the last stretch.
    Open,
}

/// What stands at one place, as a finding.
type Checked<T> = Result<T, &'static str>;

const MISSING: &str = "the entry is missing";
const UNREADABLE: &str = "the entry cannot be read";

/// A hash of the tree that is another one than its leaves give.
pub fn wrong_node(sequence: i64) -> Finding {
    let what = "a node of the tree that ends with this entry was changed".to_owned();
    Finding { sequence, what }
}

/// Checks the leaves from `first` up to `end`, of which `first` begins a stretch.
pub fn check(file: &File, first: u64, end: u64) -> Result<Stretch, AuditError> {
    let (from, to) = (first as i64, end as i64);
    let mut entries = file.connection().prepare_cached(
        "SELECT sequence, version, history_id, entry_key, transaction_id, user_id, amount, currency, kind, status,
                va_number, direction, wallet_id, counterparty, failure_code, occurred_at, recorded_at, hash
         FROM entries WHERE sequence > ?1 AND sequence <= ?2 ORDER BY sequence",
    )?;
    let mut nodes = file
        .connection()
        .prepare_cached("SELECT leaf, hashes FROM tree_nodes WHERE leaf >= ?1 AND leaf < ?2 ORDER BY leaf")?;
    let mut cursor = Cursor {
        entries: entries.query((from, to))?,
        nodes: nodes.query((from, to))?,
        // A hash that is missing is named by the stretch before, where it stands.
        head: Head {
            sequence: from,
            hash: if from == 0 {
                Head::START.hash
            } else {
                file.chain_hash(from)?.unwrap_or_default()
            },
        },
        left: [[0; 32]; LEVEL as usize + 1],
        buffer: Vec::with_capacity(1024),
        above: Vec::new(),
    };
    for leaf in first..end {
        if let Err(what) = cursor.step(leaf)? {
            return Ok(Stretch::Bad(Finding {
                sequence: leaf as i64 + 1,
                what: what.to_owned(),
            }));
        }
    }
    Ok(if end - first == 1 << LEVEL {
        Stretch::Complete {
            root: cursor.left[LEVEL as usize],
            above: cursor.above,
        }
    } else {
        Stretch::Open
    })
}

struct Cursor<'a> {
    entries: Rows<'a>,
    nodes: Rows<'a>,
    head: Head,
    /// By level: the last complete subtree of this stretch that was the left one of two, or the whole.
    left: [Hash; LEVEL as usize + 1],
    buffer: Vec<u8>,
    above: Vec<u8>,
}

impl Cursor<'_> {
    /// Checks the next entry and what the tree has for it.
    fn step(&mut self, leaf: u64) -> Result<Checked<()>, AuditError> {
        let sequence = leaf as i64 + 1;
        self.buffer.clear();
        let row = match self.entries.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Err(MISSING)),
            Err(error) if is_damage(&error) => return Ok(Err(UNREADABLE)),
            Err(error) => return Err(error.into()),
        };
        let stored = match read(row, sequence, &mut self.buffer) {
            Ok(stored) => stored,
            Err(what) => return Ok(Err(what)),
        };
        self.head = self.head.extend_by(&self.buffer);
        if stored != Some(self.head.hash) {
            return Ok(Err("the entry or its hash in the chain was changed"));
        }
        let row = match self.nodes.next() {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Err("the tree has no leaf for this entry")),
            Err(error) if is_damage(&error) => return Ok(Err("the tree's nodes cannot be read")),
            Err(error) => return Err(error.into()),
        };
        Ok(check_nodes(row, leaf, &self.buffer, &mut self.left, &mut self.above))
    }
}

/// Computes the subtrees that end with this leaf, as far as they lie in the stretch, and compares them.
fn check_nodes(
    row: &Row<'_>,
    leaf: u64,
    canonical: &[u8],
    left: &mut [Hash; LEVEL as usize + 1],
    above: &mut Vec<u8>,
) -> Checked<()> {
    const CHANGED: &str = "a node of the tree that ends with this entry was changed";
    let (Ok(ValueRef::Integer(number)), Ok(ValueRef::Blob(stored))) = (row.get_ref(0), row.get_ref(1)) else {
        return Err(CHANGED);
    };
    if number != leaf as i64 {
        return Err("the tree has no leaf for this entry");
    }
    if stored.len() != merkle::completed_by(leaf) as usize * 32 {
        return Err(CHANGED);
    }
    let mut top = merkle::leaf_hash(canonical);
    let levels = leaf.trailing_ones().min(LEVEL) as usize;
    for (level, hash) in stored.chunks_exact(32).take(levels + 1).enumerate() {
        if level > 0 {
            top = merkle::node_hash(&left[level - 1], &top);
        }
        if hash != top {
            return Err(CHANGED);
        }
    }
    left[levels] = top;
    if levels == LEVEL as usize {
        above.extend_from_slice(&stored[(levels + 1) * 32..]);
    }
    Ok(())
}

/// Reads an entry's row: its canonical bytes go into `buffer`, the hash that stands beside it is the answer.
fn read(row: &Row<'_>, sequence: i64, buffer: &mut Vec<u8>) -> Checked<Option<Hash>> {
    if integer(row, 0)? != sequence {
        return Err(MISSING);
    }
    if integer(row, 1)? != VERSION {
        return Err("the entry's version was changed");
    }
    let entry = RawEntry {
        history_id: text(row, 2)?,
        entry_key: text(row, 3)?,
        transaction_id: text(row, 4)?,
        user_id: text(row, 5)?,
        amount: integer(row, 6)?,
        currency: text(row, 7)?,
        kind: text(row, 8)?,
        status: text(row, 9)?,
        va_number: optional(row, 10)?,
        direction: text(row, 11)?,
        wallet_id: optional(row, 12)?,
        counterparty: optional(row, 13)?,
        failure_code: optional(row, 14)?,
        occurred_at: integer(row, 15)?,
        recorded_at: integer(row, 16)?,
    };
    bytes::write(sequence, &entry, buffer);
    Ok(row.get_ref(17).ok().and_then(hash_of))
}

fn integer(row: &Row<'_>, column: usize) -> Checked<i64> {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(value)) => Ok(value),
        _ => Err(UNREADABLE),
    }
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Checked<&'a [u8]> {
    optional(row, column)?.ok_or(UNREADABLE)
}

fn optional<'a>(row: &'a Row<'_>, column: usize) -> Checked<Option<&'a [u8]>> {
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes)) => Ok(Some(bytes)),
        Ok(ValueRef::Null) => Ok(None),
        _ => Err(UNREADABLE),
    }
}
