//! Receipts, as the history gives them out and verifies them.

use money::Money;
use serde::Deserialize;
use service::Timestamp;

use super::HistoryEntry;
use super::types::{instant, maybe_instant};
use crate::format::IDR;

/// The receipt's JSON: of it what a page shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    pub(crate) entry: ReceiptEntry,
    pub(crate) tree_size: i64,
    pub(crate) key_id: String,
    checkpoint: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiptEntry {
    pub(crate) sequence: i64,
    pub(crate) transaction_id: String,
    pub(crate) user_id: String,
    amount_minor: i64,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) direction: String,
    pub(crate) va_number: Option<String>,
    pub(crate) wallet_id: Option<String>,
    pub(crate) counterparty: Option<String>,
    pub(crate) failure_code: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) occurred_at: Timestamp,
}

impl Receipt {
    /// When the checkpoint was signed: the time stands in its fourth line.
    pub(crate) fn signed_at(&self) -> Option<Timestamp> {
        let time = self.checkpoint.lines().nth(3)?.strip_prefix("time ")?;
        Timestamp::parse(time)
    }
}

impl ReceiptEntry {
    pub(crate) fn amount(&self) -> Option<Money> {
        Money::new(self.amount_minor, IDR).ok()
    }
}

/// What the history says of a receipt.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceiptVerification {
    pub(crate) holds: bool,
    pub(crate) problem: Option<String>,
    pub(crate) entry: Option<ProvenEntry>,
    pub(crate) sequence: Option<i64>,
    pub(crate) tree_size: Option<i64>,
    #[serde(deserialize_with = "maybe_instant", default)]
    pub(crate) signed_at: Option<Timestamp>,
    pub(crate) public_key: Option<String>,
}

/// A record, and whose it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProvenEntry {
    pub(crate) user_id: String,
    #[serde(flatten)]
    pub(crate) record: HistoryEntry,
}
