//! Verifies a whole history file from outside, as an auditor would: read-only, also while the service runs.
//!
//! Everything that can be computed is computed again: the bytes of each entry, its hash in the chain, its leaf, every node
//! of the tree, the root under each checkpoint, each signature. What differs is named. A file grows only at its end, so
//! what is checked is what stood there when the check began.
//!
//! Entries are checked in stretches of 65,536, several at once: a stretch needs of the one before it only the hash it
//! ends with, and its part of the tree is a complete subtree.

mod file;
mod stretch;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::checkpoint::{self, Checkpoint, VerifierKey};
use crate::domain::merkle::{self, Hash, Node};
use file::{File, Head};
use stretch::{Stretch, check};

/// Leaves of a stretch, as a power of two.
const LEVEL: u32 = 16;
/// Findings are a list for a person; the first is what counts.
const FINDINGS_MAX: usize = 20;

/// Why a file could not be verified at all.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be opened or read.
    #[error("the file cannot be read")]
    Unreadable(#[from] rusqlite::Error),
    /// It was never opened by a version that has the tree.
    #[error("the file was written by an earlier version; start the history service once, which brings it up to date")]
    Outdated,
    /// A thread of the verification died.
    #[error("the verification was interrupted")]
    Interrupted,
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The entry it is about, or the last one that a checkpoint covers.
    pub sequence: i64,
    /// What is wrong.
    pub what: String,
}

/// What a verification came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries there are.
    pub entries: i64,
    /// How many checkpoints.
    pub checkpoints: usize,
    /// The root over all entries, when nothing is wrong with them.
    pub root: Option<Hash>,
    /// The newest checkpoint, as it is stored.
    pub newest: Option<String>,
    /// What is wrong, by entry: the first is the first bad entry. Empty when all is well.
    pub findings: Vec<Finding>,
}

/// Verifies the file with these public keys, and against a checkpoint that somebody kept. Blocks.
pub fn verify(path: &Path, keys: &[VerifierKey], kept: Option<&str>) -> Result<Report, AuditError> {
    let file = File::open(path)?;
    let head = file.head()?;
    let mut findings = Vec::new();
    let first_bad = check_entries(path, &head)?;
    let good = first_bad.as_ref().map_or(head.entries, |finding| finding.sequence - 1);
    findings.extend(first_bad);
    if findings.is_empty() {
        findings.extend(check_end(&file, &head)?);
    }
    let checkpoints = check_checkpoints(&file, keys, good, &mut findings)?;
    if let Some(kept) = kept
        && let Err((sequence, what)) = check_kept(&file, keys, kept, good)
    {
        findings.push(Finding { sequence, what });
    }
    findings.sort();
    let root = if findings.is_empty() {
        Some(root_of(&file, head.entries)?)
    } else {
        None
    };
    Ok(Report {
        entries: head.entries,
        checkpoints,
        root,
        newest: file.newest_checkpoint()?.and_then(|row| row.note),
        findings,
    })
}

/// The newest checkpoint of a file, as it is stored. Blocks.
pub fn newest_checkpoint(path: &Path) -> Result<Option<String>, AuditError> {
    let file = File::open(path)?;
    Ok(file.newest_checkpoint()?.and_then(|row| row.note))
}

/// All entries and nodes; answers the first that is bad.
fn check_entries(path: &Path, head: &Head) -> Result<Option<Finding>, AuditError> {
    let end = u64::try_from(head.promised()).unwrap_or(0);
    let stretches = end.div_ceil(1 << LEVEL);
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let worker = || -> Result<Vec<(u64, Stretch)>, AuditError> {
        let file = File::open(path)?;
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= stretches {
                return Ok(done);
            }
            let first = number << LEVEL;
            let checked = check(&file, first, end.min(first + (1 << LEVEL)))?;
            // Behind a bad entry only earlier ones can still be the first.
            if matches!(checked, Stretch::Bad(_)) {
                next.fetch_max(stretches, Ordering::Relaxed);
            }
            done.push((number, checked));
        }
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.min(8)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    let mut checked = Vec::new();
    for result in results {
        checked.extend(result.map_err(|_| AuditError::Interrupted)??);
    }
    checked.sort_by_key(|(number, _)| *number);
    Ok(join(&checked))
}

/// Puts the stretches' subtrees together, as appending did, and compares the nodes above them.
fn join(checked: &[(u64, Stretch)]) -> Option<Finding> {
    let mut left: Vec<Option<Hash>> = vec![None; 64];
    for (number, stretch) in checked {
        let (root, above) = match stretch {
            Stretch::Bad(finding) => return Some(finding.clone()),
            Stretch::Open => continue,
            Stretch::Complete { root, above } => (root, above),
        };
        let hashes = merkle::complete(*number, *root, |sibling: Node| left[sibling.level as usize].ok_or(())).ok()?;
        left[hashes.len() - 1] = hashes.last().copied();
        if hashes[1..].as_flattened() != above.as_slice() {
            let last = ((number + 1) << LEVEL) as i64;
            return Some(stretch::wrong_node(last));
        }
    }
    None
}

/// That the trail ends where it says it does.
fn check_end(file: &File, head: &Head) -> Result<Option<Finding>, AuditError> {
    let named = |sequence, what: &str| {
        Some(Finding {
            sequence,
            what: what.to_owned(),
        })
    };
    if head.noted != head.entries {
        let sequence = head.noted + 1;
        return Ok(named(
            sequence,
            "the noted end of the chain is not where the entries end",
        ));
    }
    if head.entries > 0 && file.chain_hash(head.entries)? != head.noted_hash {
        return Ok(named(head.entries, "the noted end of the chain has another hash"));
    }
    Ok(None)
}

/// All stored checkpoints; answers how many.
fn check_checkpoints(
    file: &File,
    keys: &[VerifierKey],
    good: i64,
    findings: &mut Vec<Finding>,
) -> Result<usize, AuditError> {
    let (mut count, mut last) = (0, i64::MIN);
    loop {
        let rows = file.checkpoints_after(last)?;
        let Some(end) = rows.last() else {
            return Ok(count);
        };
        last = end.size;
        count += rows.len();
        for row in &rows {
            if let Err(what) = check_checkpoint(file, keys, row, good)
                && findings.len() < FINDINGS_MAX
            {
                let sequence = row.size;
                findings.push(Finding { sequence, what });
            }
        }
    }
}

/// A stored checkpoint: signed by one of the keys, and over the tree that stands in the file.
fn check_checkpoint(file: &File, keys: &[VerifierKey], row: &file::CheckpointRow, good: i64) -> Result<(), String> {
    let note = row.note.as_deref().ok_or("a checkpoint cannot be read")?;
    let signed = checkpoint::verify(keys, note).map_err(|error| error.to_string())?;
    if i64::try_from(signed.size) != Ok(row.size) || row.created_at != Some(signed.time.micros()) {
        return Err("a checkpoint was stored as another one than was signed".to_owned());
    }
    compare(file, &signed, row.size, good)
}

/// A checkpoint that somebody kept: the file must still begin with what was signed for then.
fn check_kept(file: &File, keys: &[VerifierKey], kept: &str, good: i64) -> Result<(), (i64, String)> {
    let signed =
        checkpoint::verify(keys, kept).map_err(|error| (0, format!("the checkpoint that was kept: {error}")))?;
    let size = i64::try_from(signed.size).unwrap_or(i64::MAX);
    if size > good {
        return Err((
            good.saturating_add(1),
            format!("the checkpoint that was kept covers {size} entries, and only {good} are there and good"),
        ));
    }
    compare(file, &signed, size, good).map_err(|_| {
        let what = "the history up to here is another one than the checkpoint that was kept was signed for";
        (size, what.to_owned())
    })
}

fn compare(file: &File, signed: &Checkpoint, size: i64, good: i64) -> Result<(), String> {
    // Behind a bad entry every root is another one, which says nothing new.
    if size > good {
        return Ok(());
    }
    match root_of(file, size) {
        Ok(root) if root == signed.root => Ok(()),
        Ok(_) => Err("a checkpoint was signed for another history than this one".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn root_of(file: &File, size: i64) -> Result<Hash, AuditError> {
    merkle::root(u64::try_from(size).unwrap_or(0), |node| file.node(node))
}
