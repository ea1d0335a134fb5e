//! The tables `payment_operations` and `operation_shares`.

use std::collections::HashMap;
use std::time::Duration;

use ids::{MerchantId, TransactionId};
use money::{Currency, Money};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use super::unfinished::{Rest, Unfinished};
use crate::domain::{
    OPERATIONS_MAX, Operation, OperationId, OperationKind, OperationOutcome, OperationState, Part, Taken, TakenPart,
};

/// An operation that is not finished.
#[derive(Clone, Debug)]
pub struct PendingOperation {
    /// Which.
    pub operation_id: OperationId,
    /// When it is taken up.
    pub rest: Rest,
}

/// Adds an operation with its parts. Whoever runs it has `lease` to finish before it is taken up by somebody else.
pub fn insert(tx: &mut Tx<'_>, operation: &Operation, lease: Duration) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO payment_operations (operation_id, transaction_id, merchant_id, kind, state, amount_minor, fee_minor, currency,
             is_final, reason, attempts, next_attempt_at, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $12)",
        &[
            &operation.operation_id.as_str(),
            &operation.transaction_id,
            &operation.merchant_id,
            &operation.operation_id.kind().as_str(),
            &operation.state.as_str(),
            &operation.amount.minor(),
            &operation.fee_minor,
            &operation.amount.currency(),
            &operation.is_final,
            &operation.reason,
            &operation.created_at.after(lease),
            &operation.created_at,
        ],
    )?;
    for (position, part) in (0_i64..).zip(&operation.parts) {
        tx.execute(
            "INSERT INTO operation_shares (operation_id, position, wallet_id, amount_minor) VALUES ($1, $2, $3, $4)",
            &[
                &operation.operation_id.as_str(),
                &position,
                &part.wallet_id,
                &part.amount_minor,
            ],
        )?;
    }
    Ok(())
}

/// Writes how a pending operation ended. `false` when it had ended before.
pub fn finish(
    tx: &mut Tx<'_>,
    operation_id: OperationId,
    outcome: &OperationOutcome,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (code, reason) = match outcome {
        OperationOutcome::Succeeded => (None, None),
        OperationOutcome::Failed(failure) => (Some(failure.code.as_str()), Some(failure.reason.as_str())),
    };
    let changed = tx.execute(
        "UPDATE payment_operations SET state = $2, failure_code = $3, failure_reason = $4, updated_at = $5
         WHERE operation_id = $1 AND state = 'PENDING'",
        &[&operation_id.as_str(), &outcome.state().as_str(), &code, &reason, &now],
    )?;
    Ok(changed == 1)
}

/// An operation by its id.
pub fn find(snapshot: &Snapshot<'_>, operation_id: OperationId) -> Result<Option<Operation>, StoreError> {
    let found = snapshot.query_opt(
        "SELECT operation_id, transaction_id, merchant_id, state, amount_minor, fee_minor, currency, is_final, reason,
             failure_code, failure_reason, created_at, updated_at
         FROM payment_operations WHERE operation_id = $1",
        &[&operation_id.as_str()],
        operation,
    )?;
    let Some(operation) = found else { return Ok(None) };
    let parts = snapshot.query(
        "SELECT wallet_id, amount_minor FROM operation_shares WHERE operation_id = $1 ORDER BY position",
        &[&operation_id.as_str()],
        |row| part(row, 0),
    )?;
    Ok(Some(Operation { parts, ..operation }))
}

/// The newest operations of a payment, the oldest of them first.
pub fn list_of_payment(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Vec<Operation>, StoreError> {
    let mut found = snapshot.query(
        "SELECT operation_id, transaction_id, merchant_id, state, amount_minor, fee_minor, currency, is_final, reason,
             failure_code, failure_reason, created_at, updated_at
         FROM payment_operations WHERE transaction_id = $1 ORDER BY created_at DESC, operation_id DESC LIMIT $2",
        &[&transaction_id, &OPERATIONS_MAX],
        operation,
    )?;
    found.reverse();
    let mut parts: HashMap<String, Vec<Part>> = HashMap::new();
    let all = snapshot.query(
        "SELECT s.operation_id, s.wallet_id, s.amount_minor
         FROM (SELECT operation_id FROM payment_operations WHERE transaction_id = $1
               ORDER BY created_at DESC, operation_id DESC LIMIT $2) AS o
         JOIN operation_shares s ON s.operation_id = o.operation_id ORDER BY s.operation_id, s.position",
        &[&transaction_id, &OPERATIONS_MAX],
        |row| Ok((row.get::<String>(0)?, part(row, 1)?)),
    )?;
    for (operation_id, part) in all {
        parts.entry(operation_id).or_default().push(part);
    }
    for operation in &mut found {
        operation.parts = parts.remove(operation.operation_id.as_str()).unwrap_or_default();
    }
    Ok(found)
}

/// What operations on a payment take, or may take: by kind, and whether that is decided.
pub fn taken(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Vec<Taken>, StoreError> {
    snapshot.query(
        "SELECT kind, state, COUNT(*), CAST(SUM(amount_minor) AS BIGINT), CAST(SUM(fee_minor) AS BIGINT), MAX(is_final)
         FROM payment_operations WHERE transaction_id = $1 AND state <> 'FAILED' GROUP BY kind, state",
        &[&transaction_id],
        |row| {
            Ok(Taken {
                kind: kind(row, 0)?,
                is_pending: state(row, 1)? == OperationState::Pending,
                count: row.get(2)?,
                amount_minor: row.get(3)?,
                fee_minor: row.get(4)?,
                is_final: row.get(5)?,
            })
        },
    )
}

/// The same by wallet.
pub fn taken_parts(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Vec<TakenPart>, StoreError> {
    snapshot.query(
        "SELECT o.kind, o.state, s.wallet_id, CAST(SUM(s.amount_minor) AS BIGINT)
         FROM payment_operations o JOIN operation_shares s ON s.operation_id = o.operation_id
         WHERE o.transaction_id = $1 AND o.state <> 'FAILED' GROUP BY o.kind, o.state, s.wallet_id",
        &[&transaction_id],
        |row| {
            Ok(TakenPart {
                kind: kind(row, 0)?,
                is_pending: state(row, 1)? == OperationState::Pending,
                part: part(row, 2)?,
            })
        },
    )
}

/// Whether a capture or a void of a payment is under way.
pub fn is_hold_in_use(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<bool, StoreError> {
    let found = snapshot.query_opt(
        "SELECT 1 FROM payment_operations
         WHERE transaction_id = $1 AND state = 'PENDING' AND kind IN ('CAPTURE', 'VOID') LIMIT 1",
        &[&transaction_id],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// How many operations are not finished, and when the oldest of them began.
pub fn count_pending(snapshot: &Snapshot<'_>) -> Result<(i64, Option<Timestamp>), StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*), MIN(created_at) FROM payment_operations WHERE state = 'PENDING'",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

impl Unfinished for PendingOperation {
    type Id = OperationId;
    const WHAT: &'static str = "operation";

    fn id(&self) -> OperationId {
        self.operation_id
    }

    fn rest(&self) -> Rest {
        self.rest
    }

    fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<Result<Self, StoreError>>, StoreError> {
        snapshot.query(
            "SELECT operation_id, attempts, next_attempt_at, created_at FROM payment_operations
             WHERE state = 'PENDING' AND next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2",
            &[&now, &limit],
            |row| {
                let read = || {
                    Ok(Self {
                        operation_id: id(row, 0)?,
                        rest: Rest {
                            attempts: row.get(1)?,
                            next_attempt_at: row.get(2)?,
                            created_at: row.get(3)?,
                        },
                    })
                };
                Ok(read())
            },
        )
    }

    fn postpone(
        tx: &mut Tx<'_>,
        operation_id: OperationId,
        next_attempt_at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE payment_operations SET attempts = attempts + 1, next_attempt_at = $2, last_error = $3
             WHERE operation_id = $1 AND state = 'PENDING'",
            &[&operation_id.as_str(), &next_attempt_at, &error],
        )?;
        Ok(())
    }

    fn make_all_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
        tx.execute(
            "UPDATE payment_operations SET next_attempt_at = $1 WHERE state = 'PENDING' AND next_attempt_at > $1",
            &[&now],
        )
    }
}

fn part(row: &Row<'_>, column: usize) -> Result<Part, StoreError> {
    Ok(Part {
        wallet_id: row.get(column)?,
        amount_minor: row.get(column + 1)?,
    })
}

fn operation(row: &Row<'_>) -> Result<Operation, StoreError> {
    let currency: Currency = row.get(6)?;
    Ok(Operation {
        operation_id: id(row, 0)?,
        transaction_id: row.get(1)?,
        merchant_id: row.get::<MerchantId>(2)?,
        state: state(row, 3)?,
        amount: Money::new(row.get(4)?, currency).map_err(|_| corrupt(4, "no amount"))?,
        fee_minor: row.get(5)?,
        is_final: row.get(7)?,
        reason: row.get(8)?,
        failure_code: row.get(9)?,
        failure_reason: row.get(10)?,
        parts: Vec::new(),
        created_at: row.get(11)?,
        updated_at: row.get(12)?,
    })
}

fn id(row: &Row<'_>, column: usize) -> Result<OperationId, StoreError> {
    parse(row, column, OperationId::parse, "no operation's id")
}

fn kind(row: &Row<'_>, column: usize) -> Result<OperationKind, StoreError> {
    parse(row, column, OperationKind::parse, "no kind of operation")
}

fn state(row: &Row<'_>, column: usize) -> Result<OperationState, StoreError> {
    parse(row, column, OperationState::parse, "no operation's state")
}

fn parse<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>, problem: &str) -> Result<T, StoreError> {
    parse(&row.get::<String>(column)?).ok_or_else(|| corrupt(column, problem))
}
