//! The types of the public API.

use async_graphql::{InputObject, SimpleObject};
use money::{Currency, Decimal, Money};
use service::{ApiError, DateTime, ErrorCode, Timestamp};

use super::scalars::Sequence;
use crate::app::{AddHistory, Verdict};
use crate::domain::Entry;
use crate::domain::chain::Head;

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
