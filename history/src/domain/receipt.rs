//! A receipt: one entry, the proof that it is in the history, and the signed checkpoint it is in. Verified by anybody who
//! has the public key, offline. `docs/receipts.md` describes the format for those who write a verifier of their own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use service::Timestamp;

use super::checkpoint::{self, Checkpoint, NoteError, VerifierKey};
use super::merkle::{self, Hash};
use super::{Entry, bytes};

const FORMAT: &str = "sawit-receipt/1";
/// Far more than any receipt has.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// The proof that an entry is in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The entry's canonical bytes.
    pub entry: Vec<u8>,
    /// Which leaf it is, from 0.
    pub leaf: u64,
    /// Of a tree of how many.
    pub size: u64,
    /// The way to the root, lowest first.
    pub path: Vec<Hash>,
    /// The signed checkpoint of that tree.
    pub note: String,
}

/// A receipt that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What is proven: this entry is in the history.
    pub entry: Entry,
    /// Its number.
    pub sequence: i64,
    /// Who signed for what, and when.
    pub checkpoint: Checkpoint,
}

/// Why a receipt proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is not in the format.
    #[error("this is no receipt: {0}")]
    Malformed(String),
    /// What people read in it is not what was signed for.
    #[error("what the receipt says is not what its entry's bytes say")]
    Disagrees,
    /// The proof does not lead from the entry to the signed root.
    #[error("the entry is not in the tree that was signed for")]
    NotIncluded,
    /// The checkpoint.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Proof {
    /// Verifies the proof and answers what is proven.
    pub fn verify(&self, key: &VerifierKey) -> Result<Verified, ReceiptError> {
        let checkpoint = key.verify(&self.note)?;
        let (sequence, entry) =
            bytes::read(&self.entry).ok_or_else(|| ReceiptError::Malformed("the entry's bytes".to_owned()))?;
        let in_its_place = leaf_of(sequence) == Some(self.leaf) && checkpoint.size == self.size;
        let hash = merkle::leaf_hash(&self.entry);
        if !in_its_place || !merkle::verify_inclusion(hash, self.leaf, self.size, &self.path, &checkpoint.root) {
            return Err(ReceiptError::NotIncluded);
        }
        Ok(Verified {
            entry,
            sequence,
            checkpoint,
        })
    }

    /// The receipt as text. `None` when the bytes are those of no entry.
    pub fn to_receipt(&self) -> Option<String> {
        let (sequence, entry) = bytes::read(&self.entry)?;
        let receipt = Receipt {
            format: FORMAT.to_owned(),
            entry: Told::of(sequence, &entry),
            entry_bytes: BASE64.encode(&self.entry),
            leaf_index: self.leaf,
            tree_size: self.size,
            path: self.path.iter().map(|hash| BASE64.encode(hash)).collect(),
            checkpoint: self.note.clone(),
            key_id: checkpoint::key_id(&self.note)?,
        };
        serde_json::to_string_pretty(&receipt).ok()
    }
}

/// Which leaf an entry is. Numbers that no entry has are read as well as others, so they are no leaf.
pub(super) fn leaf_of(sequence: i64) -> Option<u64> {
    u64::try_from(sequence.checked_sub(1)?).ok()
}

/// Verifies a receipt with nothing but a public key: the JSON, or the code of it, alone or in its link.
pub fn verify(text: &str, key: &VerifierKey) -> Result<Verified, ReceiptError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(malformed("it is too long"));
    }
    // Editors of text put a mark before it.
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        verify_json(text, key)
    } else {
        Proof::from_code(text)?.verify(key)
    }
}

pub(super) fn malformed(problem: &str) -> ReceiptError {
    ReceiptError::Malformed(problem.to_owned())
}

fn verify_json(text: &str, key: &VerifierKey) -> Result<Verified, ReceiptError> {
    let receipt: Receipt = serde_json::from_str(text).map_err(|error| ReceiptError::Malformed(error.to_string()))?;
    if receipt.format != FORMAT {
        return Err(malformed("another format or version"));
    }
    let hash = |text: &String| BASE64.decode(text).ok()?.try_into().ok();
    let path: Option<Vec<Hash>> = receipt.path.iter().map(hash).collect();
    let proof = Proof {
        entry: BASE64
            .decode(&receipt.entry_bytes)
            .map_err(|_| malformed("`entryBytes` is no base64"))?,
        leaf: receipt.leaf_index,
        size: receipt.tree_size,
        path: path.ok_or_else(|| malformed("`path` holds something else than hashes"))?,
        note: receipt.checkpoint,
    };
    let verified = proof.verify(key)?;
    if receipt.entry != Told::of(verified.sequence, &verified.entry) || receipt.key_id != key.id() {
        return Err(ReceiptError::Disagrees);
    }
    Ok(verified)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Receipt {
    format: String,
    entry: Told,
    entry_bytes: String,
    leaf_index: u64,
    tree_size: u64,
    path: Vec<String>,
    checkpoint: String,
    key_id: String,
}

/// The entry for people. Nothing in here counts that is not in the bytes.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Told {
    sequence: i64,
    history_id: String,
    entry_key: String,
    transaction_id: String,
    user_id: String,
    amount_minor: i64,
    currency: String,
    #[serde(rename = "type")]
    kind: String,
    status: String,
    direction: String,
    va_number: Option<String>,
    wallet_id: Option<String>,
    counterparty: Option<String>,
    failure_code: Option<String>,
    occurred_at: String,
    recorded_at: String,
}

impl Told {
    fn of(sequence: i64, entry: &Entry) -> Self {
        let entry = entry.clone();
        Self {
            sequence,
            history_id: entry.history_id,
            entry_key: entry.entry_key,
            transaction_id: entry.transaction_id,
            user_id: entry.user_id,
            amount_minor: entry.amount,
            currency: entry.currency,
            kind: entry.kind,
            status: entry.status,
            direction: entry.direction,
            va_number: entry.va_number,
            wallet_id: entry.wallet_id,
            counterparty: entry.counterparty,
            failure_code: entry.failure_code,
            occurred_at: Timestamp::from_micros(entry.occurred_at).to_string(),
            recorded_at: Timestamp::from_micros(entry.recorded_at).to_string(),
        }
    }
}
