//! The table `transactions`.

use ids::TransactionId;
use money::{Currency, Money};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{Outcome, Transaction, TransactionStatus, TransactionType};

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

/// Adds a transaction.
pub fn insert(tx: &mut Tx<'_>, transaction: &Transaction) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO transactions (transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, amount_minor, currency, kind,
             status, va_number, description, failure_code, failure_reason, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &[
            &transaction.transaction_id,
            &transaction.user_id,
            &transaction.wallet_id,
            &transaction.target_wallet_id,
            &transaction.merchant_id,
            &transaction.amount.minor(),
            &transaction.amount.currency(),
            &transaction.kind.as_str(),
            &transaction.status.as_str(),
            &transaction.va_number,
            &transaction.description,
            &transaction.failure_code,
            &transaction.failure_reason,
            &transaction.created_at,
            &transaction.updated_at,
        ],
    )?;
    Ok(())
}

/// Writes how a pending transaction ended. `false` when it had ended before.
pub fn finish(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (status, code, reason) = match outcome {
        Outcome::Succeeded => (TransactionStatus::Success, None, None),
        Outcome::Failed(failure) => (
            TransactionStatus::Failed,
            Some(failure.code.as_str()),
            Some(failure.reason.as_str()),
        ),
    };
    let changed = tx.execute(
        "UPDATE transactions SET status = $2, failure_code = $3, failure_reason = $4, updated_at = $5
         WHERE transaction_id = $1 AND status = 'PENDING'",
        &[&transaction_id, &status.as_str(), &code, &reason, &now],
    )?;
    Ok(changed == 1)
}

/// A transaction by its id, for the saga; clients go through [`find_of_user`].
pub fn find(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<Transaction>, StoreError> {
    snapshot.query_opt(
        "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, amount_minor, currency, kind,
             status, va_number, description, failure_code, failure_reason, created_at, updated_at
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
        "SELECT transaction_id, user_id, wallet_id, target_wallet_id, merchant_id, amount_minor, currency, kind,
             status, va_number, description, failure_code, failure_reason, created_at, updated_at
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

fn transaction(row: &Row<'_>) -> Result<Transaction, StoreError> {
    let currency: Currency = row.get(6)?;
    Ok(Transaction {
        transaction_id: row.get(0)?,
        user_id: row.get(1)?,
        wallet_id: row.get(2)?,
        target_wallet_id: row.get(3)?,
        merchant_id: row.get(4)?,
        amount: Money::new(row.get(5)?, currency).map_err(|_| corrupt(5, "no amount"))?,
        kind: TransactionType::parse(&row.get::<String>(7)?).ok_or_else(|| corrupt(7, "no transaction type"))?,
        status: TransactionStatus::parse(&row.get::<String>(8)?).ok_or_else(|| corrupt(8, "no transaction status"))?,
        va_number: row.get(9)?,
        description: row.get(10)?,
        failure_code: row.get(11)?,
        failure_reason: row.get(12)?,
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
    })
}
