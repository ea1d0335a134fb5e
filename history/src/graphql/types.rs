//! The types of the public API.

use async_graphql::{Enum, InputObject, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use money::{Currency, Decimal, Money};
use service::{ApiError, DateTime, ErrorCode, Timestamp};

use super::scalars::Sequence;
use crate::app::{AddHistory, Bucket, By, Consistency, Verdict};
use crate::domain::chain::Head;
use crate::domain::checkpoint::{NoteError, VerifierKey};
use crate::domain::receipt::{Proof, ReceiptError, Verified};
use crate::domain::{Entry, checkpoint};
use crate::store::checkpoints::StoredCheckpoint;
use crate::store::tree;

/// One record of a user's history.
#[derive(SimpleObject)]
pub struct History {
    /// The record's id, also the cursor for `after`.
    history_id: String,
    /// The transaction it is about.
    transaction_id: String,
    /// Whose record it is.
    user_id: String,
    /// How much.
    amount: Decimal,
    /// In which currency.
    currency: String,
    /// The transaction's type: DEPOSIT, PAYMENT, TRANSFER.
    #[graphql(name = "type")]
    kind: String,
    /// The virtual account number that was paid, if it was one.
    va_number: Option<String>,
    /// What became of the transaction: SUCCESS, FAILED, …
    status: String,
    /// Which way the money goes, seen from the user: IN or OUT.
    direction: String,
    /// The user's wallet, if it is known.
    wallet_id: Option<String>,
    /// Who is on the other side, if that is known.
    counterparty: Option<String>,
    /// Why it failed, if it did.
    failure_code: Option<String>,
    /// When it happened.
    created_at: DateTime,
}

impl TryFrom<Entry> for History {
    type Error = ApiError;

    fn try_from(entry: Entry) -> Result<Self, ApiError> {
        let amount = entry
            .currency
            .parse::<Currency>()
            .and_then(|currency| Money::new(entry.amount, currency));
        let amount = amount.map_err(|error| {
            // Nothing like that is ever added, so somebody changed the file.
            tracing::error!(%error, entry.history_id, "a stored amount cannot be read");
            ApiError::new(ErrorCode::Internal, "something went wrong on our side")
        })?;
        Ok(Self {
            history_id: entry.history_id,
            transaction_id: entry.transaction_id,
            user_id: entry.user_id,
            amount: amount.into(),
            currency: entry.currency,
            kind: entry.kind,
            va_number: entry.va_number,
            status: entry.status,
            direction: entry.direction,
            wallet_id: entry.wallet_id,
            counterparty: entry.counterparty,
            failure_code: entry.failure_code,
            created_at: Timestamp::from_micros(entry.occurred_at).into(),
        })
    }
}

/// A record to be added.
#[derive(InputObject)]
pub struct HistoryInput {
    /// The transaction it is about.
    transaction_id: String,
    /// Whose record it is.
    user_id: String,
    /// How much, in IDR.
    amount: Decimal,
    /// The transaction's type: DEPOSIT, PAYMENT, TRANSFER.
    #[graphql(name = "type")]
    kind: String,
    /// What became of the transaction: SUCCESS, FAILED, …
    status: String,
    /// The virtual account number that was paid, if it was one.
    va_number: Option<String>,
}

impl From<HistoryInput> for AddHistory {
    fn from(input: HistoryInput) -> Self {
        Self {
            transaction_id: input.transaction_id,
            user_id: input.user_id,
            amount: input.amount,
            kind: input.kind,
            status: input.status,
            // Pages send an empty field for "none".
            va_number: input.va_number.filter(|number| !number.is_empty()),
        }
    }
}

/// Where the audit trail ends. Whoever keeps it can tell later that nothing before it was changed.
#[derive(SimpleObject)]
pub struct AuditHead {
    /// The number of the last entry; 0 when there is none.
    sequence: Sequence,
    /// Its SHA-256 hash, in hexadecimal.
    hash: String,
}

impl From<Head> for AuditHead {
    fn from(head: Head) -> Self {
        Self {
            sequence: Sequence(head.sequence),
            hash: head.hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// What a verification of the audit trail came to.
#[derive(SimpleObject)]
pub struct HistoryVerification {
    /// True when no entry of this stretch is changed or missing.
    ok: bool,
    /// The first entry that is changed or missing.
    first_bad_sequence: Option<Sequence>,
    /// The last entry up to which all is well: go on from here.
    last_sequence: Sequence,
    /// True when the end of the trail was reached.
    complete: bool,
}

impl From<Verdict> for HistoryVerification {
    fn from(verdict: Verdict) -> Self {
        Self {
            ok: verdict.broken.is_none(),
            first_bad_sequence: verdict.broken.map(|broken| Sequence(broken.sequence)),
            last_sequence: Sequence(verdict.reached),
            complete: verdict.complete,
        }
    }
}

/// How large the history was at a time, and the root of the tree of its entries, signed. Whoever keeps one can tell later
/// that nothing before it was changed, removed or put in.
#[derive(SimpleObject)]
pub struct HistoryCheckpoint {
    /// How many entries it covers; also the cursor for `after`.
    size: Sequence,
    /// The root of their Merkle tree (RFC 6962), in base64.
    root_hash: String,
    /// When it was signed.
    created_at: DateTime,
    /// Names the key that signed it.
    key_id: String,
    /// The signed text, to be kept as it is (C2SP signed note).
    note: String,
}

impl From<StoredCheckpoint> for HistoryCheckpoint {
    fn from(stored: StoredCheckpoint) -> Self {
        let root = checkpoint::read(&stored.note).map(|checkpoint| BASE64.encode(checkpoint.root));
        Self {
            size: Sequence(tree::integer(stored.size)),
            // What cannot be read was changed in the file; whoever verifies the note sees that.
            root_hash: root.unwrap_or_default(),
            created_at: stored.created_at.into(),
            key_id: checkpoint::key_id(&stored.note).unwrap_or_default(),
            note: stored.note,
        }
    }
}

/// The proof that an entry is in the history.
#[derive(SimpleObject)]
pub struct HistoryProof {
    /// The entry's canonical bytes, in base64: what is hashed.
    entry: String,
    /// Which leaf of the tree it is, from 0.
    leaf_index: Sequence,
    /// How many leaves the tree has: the checkpoint's size.
    tree_size: Sequence,
    /// What to hash the leaf with on the way to the root, lowest first, each in base64 (RFC 6962).
    path: Vec<String>,
    /// The signed checkpoint (C2SP signed note).
    checkpoint: String,
    /// Names the key that signed it.
    key_id: String,
}

impl From<Proof> for HistoryProof {
    fn from(proof: Proof) -> Self {
        Self {
            entry: BASE64.encode(&proof.entry),
            leaf_index: Sequence(tree::integer(proof.leaf)),
            tree_size: Sequence(tree::integer(proof.size)),
            path: proof.path.iter().map(|hash| BASE64.encode(hash)).collect(),
            key_id: checkpoint::key_id(&proof.note).unwrap_or_default(),
            checkpoint: proof.note,
        }
    }
}

/// Why a receipt proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ReceiptProblem {
    /// It is no receipt, or not a whole one.
    Malformed,
    /// What people read in it is not what was signed for.
    Disagrees,
    /// The proof does not lead from the record to the signed root.
    NotIncluded,
    /// Another key has signed it.
    UnknownKey,
    /// The signature does not hold.
    BadSignature,
}

impl ReceiptProblem {
    const fn of(error: &ReceiptError) -> Self {
        match error {
            ReceiptError::Malformed(_) | ReceiptError::Note(NoteError::Malformed) => Self::Malformed,
            ReceiptError::Disagrees => Self::Disagrees,
            ReceiptError::NotIncluded => Self::NotIncluded,
            ReceiptError::Note(NoteError::UnknownKey) => Self::UnknownKey,
            ReceiptError::Note(NoteError::BadSignature) => Self::BadSignature,
        }
    }
}

/// What the verification of a receipt came to. What is proven stands in it only when the receipt holds.
#[derive(Default, SimpleObject)]
pub struct ReceiptVerification {
    /// True when the receipt proves what `entry` says.
    holds: bool,
    /// Why it proves nothing.
    problem: Option<ReceiptProblem>,
    /// The same in a sentence.
    explanation: Option<String>,
    /// The record that is proven.
    entry: Option<History>,
    /// Its number in the history.
    sequence: Option<Sequence>,
    /// When it was recorded.
    recorded_at: Option<DateTime>,
    /// How many entries the history had when it was signed for.
    tree_size: Option<Sequence>,
    /// When that was.
    signed_at: Option<DateTime>,
    /// The public key that has signed it.
    public_key: Option<String>,
}

impl ReceiptVerification {
    /// Maps what came of it.
    pub fn of(verified: Result<(Verified, VerifierKey), ReceiptError>) -> Result<Self, ApiError> {
        let (verified, key) = match verified {
            Ok(verified) => verified,
            Err(error) => {
                return Ok(Self {
                    problem: Some(ReceiptProblem::of(&error)),
                    explanation: Some(error.to_string()),
                    ..Self::default()
                });
            }
        };
        Ok(Self {
            holds: true,
            sequence: Some(Sequence(verified.sequence)),
            recorded_at: Some(Timestamp::from_micros(verified.entry.recorded_at).into()),
            entry: Some(verified.entry.try_into()?),
            tree_size: Some(Sequence(tree::integer(verified.checkpoint.size))),
            signed_at: Some(verified.checkpoint.time.into()),
            public_key: Some(key.to_string()),
            ..Self::default()
        })
    }
}

/// The proof that a larger history begins with a smaller one (RFC 6962).
#[derive(SimpleObject)]
pub struct HistoryConsistency {
    /// How many entries the smaller one has.
    from_size: Sequence,
    /// How many entries the larger one has.
    to_size: Sequence,
    /// The proof, lowest first, each hash in base64. Empty when both are the same.
    path: Vec<String>,
}

impl From<Consistency> for HistoryConsistency {
    fn from(consistency: Consistency) -> Self {
        Self {
            from_size: Sequence(consistency.from),
            to_size: Sequence(consistency.to),
            path: consistency.path.iter().map(|hash| BASE64.encode(hash)).collect(),
        }
    }
}

/// How long a bucket of a summary is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum HistorySummaryBy {
    /// A day.
    Day,
    /// A month of the calendar.
    Month,
}

impl From<HistorySummaryBy> for By {
    fn from(by: HistorySummaryBy) -> Self {
        match by {
            HistorySummaryBy::Day => Self::Day,
            HistorySummaryBy::Month => Self::Month,
        }
    }
}

/// What came in and went out in a day or month, for a chart.
#[derive(SimpleObject)]
pub struct HistorySummary {
    /// Its first day, such as `2026-11-25`.
    date: String,
    /// When it begins.
    starts_at: DateTime,
    /// What came in.
    came_in: Decimal,
    /// What went out.
    went_out: Decimal,
    /// In which currency.
    currency: String,
    /// How many records that were.
    records: i64,
}

impl From<Bucket> for HistorySummary {
    fn from(bucket: Bucket) -> Self {
        Self {
            date: bucket.date,
            starts_at: bucket.starts_at.into(),
            currency: bucket.came_in.currency().code().to_owned(),
            came_in: bucket.came_in.into(),
            went_out: bucket.went_out.into(),
            records: bucket.entries,
        }
    }
}
