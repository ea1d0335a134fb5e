//! The table `transactions`.

use ids::{MerchantId, TransactionId};
use money::{Currency, Money};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{CaptureMode, Outcome, Transaction, TransactionStatus, TransactionType};

/// More refusals than this are not told apart.
const FAILURES_COUNTED_MAX: i64 = 1_000;

/// What a user's list is narrowed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Those older than this one.
    pub before: Option<TransactionId>,
    /// Of this type.
    pub kind: Option<TransactionType>,
    /// In this status.
    pub status: Option<TransactionStatus>,
}

/// What an operation (or the end of its authorization) changes about a payment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// How much more was captured, in minor units.
    pub captured_minor: i64,
    /// What that cost, in minor units.
    pub fee_minor: i64,
    /// How much more was refunded, in minor units.
    pub refunded_minor: i64,
    /// Whether nothing can be captured any more.
    pub is_over: bool,
}

/// Adds a transaction.
pub fn insert(tx: &mut Tx<'_>, transaction: &Transaction) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO transactions (transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
             currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description,
             failure_code, failure_reason, paid_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        &[
            &transaction.transaction_id,
            &transaction.user_id,
            &transaction.wallet_id,
            &transaction.target_wallet_id,
            &transaction.merchant_id,
            &transaction.session_id,
            &transaction.order_id,
            &transaction.amount.minor(),
            &transaction.amount.currency(),
            &transaction.kind.as_str(),
            &transaction.status.as_str(),
            &transaction.capture_mode.as_str(),
            &transaction.fee_minor,
            &transaction.captured_minor,
            &transaction.refunded_minor,
            &transaction.hold_expires_at,
            &transaction.va_number,
            &transaction.description,
            &transaction.failure_code,
            &transaction.failure_reason,
            &transaction.paid_at,
            &transaction.created_at,
            &transaction.updated_at,
        ],
    )?;
    Ok(())
}

/// How a saga ended.
#[derive(Clone, Debug)]
pub struct Ending<'a> {
    /// The status that the transaction had until now.
    pub from: TransactionStatus,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// Until when its money is held, if that is another time than it was begun with.
    pub hold_expires_at: Option<Timestamp>,
    /// How the saga went, as stored.
    pub steps: Option<&'a str>,
}

/// Writes how the saga of a transaction ended. `false` when it had ended before.
pub fn finish(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    ending: &Ending<'_>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let status = ending.outcome.status();
    let (code, reason) = match ending.outcome {
        Outcome::Succeeded | Outcome::Authorized | Outcome::InReview => (None, None),
        Outcome::Failed(failure) => (Some(failure.code.as_str()), Some(failure.reason.as_str())),
    };
    let paid_at = (status == TransactionStatus::Success).then_some(now);
    let changed = tx.execute(
        "UPDATE transactions SET status = $2, failure_code = $3, failure_reason = $4, updated_at = $5, paid_at = $6,
             captured_minor = CASE WHEN $2 = 'SUCCESS' AND kind = 'PAYMENT' THEN amount_minor ELSE captured_minor END,
             hold_expires_at = COALESCE(CAST($7 AS BIGINT), hold_expires_at), steps = $8
         WHERE transaction_id = $1 AND status = $9",
        &[
            &transaction_id,
            &status.as_str(),
            &code,
            &reason,
            &now,
            &paid_at,
            &ending.hold_expires_at,
            &ending.steps,
            &ending.from.as_str(),
        ],
    )?;
    Ok(changed == 1)
}

/// How the saga of a transaction went, as stored.
pub fn steps(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> = snapshot.query_opt(
        "SELECT steps FROM transactions WHERE transaction_id = $1",
        &[&transaction_id],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
}

/// Writes what changes about a payment, and answers with it as it is then.
pub fn change(
    tx: &mut Tx<'_>,
    before: &Transaction,
    change: &Change,
    status: TransactionStatus,
    now: Timestamp,
) -> Result<Transaction, StoreError> {
    let after = Transaction {
        captured_minor: before.captured_minor + change.captured_minor,
        fee_minor: before.fee_minor + change.fee_minor,
        refunded_minor: before.refunded_minor + change.refunded_minor,
        status,
        paid_at: if change.captured_minor > 0 {
            Some(now)
        } else {
            before.paid_at
        },
        updated_at: now,
        ..before.clone()
    };
    tx.execute(
        "UPDATE transactions SET captured_minor = $2, fee_minor = $3, refunded_minor = $4, status = $5, paid_at = $6, updated_at = $7
         WHERE transaction_id = $1",
        &[
            &after.transaction_id,
            &after.captured_minor,
            &after.fee_minor,
            &after.refunded_minor,
            &after.status.as_str(),
            &after.paid_at,
            &after.updated_at,
        ],
    )?;
    Ok(after)
}

/// Authorized payments whose hold ended before then, the longest ago first, from behind `after`.
pub fn overdue(
    snapshot: &Snapshot<'_>,
    before: Timestamp,
    after: Option<(Timestamp, TransactionId)>,
    limit: i64,
) -> Result<Vec<(Timestamp, TransactionId)>, StoreError> {
    let (ended_at, transaction_id) = match &after {
        Some((ended_at, transaction_id)) => (*ended_at, transaction_id.as_str()),
        None => (Timestamp::from_micros(i64::MIN), ""),
    };
    snapshot.query(
        "SELECT hold_expires_at, transaction_id FROM transactions
         WHERE status = 'AUTHORIZED' AND hold_expires_at <= $1
           AND (hold_expires_at > $2 OR (hold_expires_at = $2 AND transaction_id > $3))
         ORDER BY hold_expires_at, transaction_id LIMIT $4",
        &[&before, &ended_at, &transaction_id, &limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// A merchant's payments, newest first.
pub fn list_of_merchant(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
    before: Option<TransactionId>,
    status: Option<TransactionStatus>,
    limit: i64,
) -> Result<Vec<Transaction>, StoreError> {
    // Each statement has an index of its own: a merchant's whole past must not be read to find a few. What is under way is
    // found by the sagas, which are few.
    if let Some(status) = status {
        let sql = match status {
            TransactionStatus::Pending => "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
                 currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number,
                 description, failure_code, failure_reason, paid_at, created_at, updated_at
             FROM transactions
             WHERE merchant_id = $1 AND merchant_id IS NOT NULL AND status = $2 AND transaction_id IN (SELECT transaction_id FROM sagas)
               AND (CAST($3 AS TEXT) IS NULL OR transaction_id < CAST($3 AS TEXT))
             ORDER BY transaction_id DESC LIMIT $4",
            _ => "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
                 currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number,
                 description, failure_code, failure_reason, paid_at, created_at, updated_at
             FROM transactions
             WHERE merchant_id = $1 AND merchant_id IS NOT NULL AND status = $2 AND status <> 'PENDING'
               AND (CAST($3 AS TEXT) IS NULL OR transaction_id < CAST($3 AS TEXT))
             ORDER BY transaction_id DESC LIMIT $4",
        };
        return snapshot.query(sql, &[&merchant_id, &status.as_str(), &before, &limit], transaction);
    }
    snapshot.query(
        "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
             currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description,
             failure_code, failure_reason, paid_at, created_at, updated_at
         FROM transactions
         WHERE merchant_id = $1 AND (CAST($2 AS TEXT) IS NULL OR transaction_id < CAST($2 AS TEXT))
         ORDER BY transaction_id DESC LIMIT $3",
        &[&merchant_id, &before, &limit],
        transaction,
    )
}

/// A transaction by its id, for the saga; clients go through [`find_of_user`].
pub fn find(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<Transaction>, StoreError> {
    snapshot.query_opt(
        "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
             currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description,
             failure_code, failure_reason, paid_at, created_at, updated_at
         FROM transactions WHERE transaction_id = $1",
        &[&transaction_id],
        transaction,
    )
}

/// A user's transaction; somebody else's is as good as none.
pub fn find_of_user(
    snapshot: &Snapshot<'_>,
    user_id: &str,
    transaction_id: TransactionId,
) -> Result<Option<Transaction>, StoreError> {
    Ok(find(snapshot, transaction_id)?.filter(|transaction| transaction.user_id == user_id))
}

/// A user's transactions, newest first, from where the list was cleared.
pub fn list_of_user(
    snapshot: &Snapshot<'_>,
    user_id: &str,
    cleared_up_to: Option<&str>,
    filter: Filter,
    limit: i64,
) -> Result<Vec<Transaction>, StoreError> {
    snapshot.query(
        "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, session_id, order_id, amount_minor,
             currency, kind, status, capture_mode, fee_minor, captured_minor, refunded_minor, hold_expires_at, va_number, description,
             failure_code, failure_reason, paid_at, created_at, updated_at
         FROM transactions
         WHERE user_id = $1 AND transaction_id > $2 AND (CAST($3 AS TEXT) IS NULL OR transaction_id < CAST($3 AS TEXT))
           AND (CAST($4 AS TEXT) IS NULL OR kind = CAST($4 AS TEXT)) AND (CAST($5 AS TEXT) IS NULL OR status = CAST($5 AS TEXT))
         ORDER BY transaction_id DESC LIMIT $6",
        &[
            &user_id,
            &cleared_up_to.unwrap_or_default(),
            &filter.before,
            &filter.kind.map(TransactionType::as_str),
            &filter.status.map(TransactionStatus::as_str),
            &limit,
        ],
        transaction,
    )
}

/// How many of a user's transactions were refused since then, up to a bound.
pub fn count_failures(snapshot: &Snapshot<'_>, user_id: &str, since: Timestamp) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM transactions WHERE user_id = $1 AND status = 'FAILED' AND updated_at > $2 LIMIT $3) AS recent",
        &[&user_id, &since, &FAILURES_COUNTED_MAX],
        |row| row.get(0),
    )
}

pub(super) fn transaction(row: &Row<'_>) -> Result<Transaction, StoreError> {
    let text = |column: usize| row.get::<String>(column);
    let currency: Currency = row.get(8)?;
    Ok(Transaction {
        transaction_id: row.get(0)?,
        user_id: row.get(1)?,
        wallet_id: row.get(2)?,
        target_wallet_id: row.get(3)?,
        merchant_id: row.get(4)?,
        session_id: row.get(5)?,
        order_id: row.get(6)?,
        amount: Money::new(row.get(7)?, currency).map_err(|_| corrupt(7, "no amount"))?,
        kind: TransactionType::parse(&text(9)?).ok_or_else(|| corrupt(9, "no transaction type"))?,
        status: TransactionStatus::parse(&text(10)?).ok_or_else(|| corrupt(10, "no transaction status"))?,
        capture_mode: CaptureMode::parse(&text(11)?).ok_or_else(|| corrupt(11, "no capture mode"))?,
        fee_minor: row.get(12)?,
        captured_minor: row.get(13)?,
        refunded_minor: row.get(14)?,
        hold_expires_at: row.get(15)?,
        va_number: row.get(16)?,
        description: row.get(17)?,
        failure_code: row.get(18)?,
        failure_reason: row.get(19)?,
        paid_at: row.get(20)?,
        created_at: row.get(21)?,
        updated_at: row.get(22)?,
    })
}
