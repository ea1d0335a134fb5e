//! The table `sagas`.

use std::time::Duration;

use ids::TransactionId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use super::unfinished::{Rest, Unfinished};
use crate::domain::SagaFacts;

/// A saga that is not finished.
#[derive(Clone, Debug)]
pub struct SagaRow {
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// What it was given at its start.
    pub facts: SagaFacts,
    /// When it is taken up.
    pub rest: Rest,
}

/// Adds a saga. Whoever runs it has `lease` to finish before it is taken up by somebody else.
pub fn insert(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    facts: &SagaFacts,
    now: Timestamp,
    lease: Duration,
) -> Result<(), StoreError> {
    let facts = serde_json::to_string(facts).map_err(|_| corrupt(1, "the facts are no JSON"))?;
    tx.execute(
        "INSERT INTO sagas (transaction_id, facts, attempts, next_attempt_at, created_at) VALUES ($1, $2, 0, $3, $4)",
        &[&transaction_id, &facts, &now.after(lease), &now],
    )?;
    Ok(())
}

/// Removes a finished saga.
pub fn delete(tx: &mut Tx<'_>, transaction_id: TransactionId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sagas WHERE transaction_id = $1", &[&transaction_id])?;
    Ok(())
}

/// How many sagas are not finished, and when the oldest of them began.
pub fn count(snapshot: &Snapshot<'_>) -> Result<(i64, Option<Timestamp>), StoreError> {
    snapshot.query_one("SELECT COUNT(*), MIN(created_at) FROM sagas", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

impl Unfinished for SagaRow {
    type Id = TransactionId;
    const WHAT: &'static str = "transaction";

    fn id(&self) -> TransactionId {
        self.transaction_id
    }

    fn rest(&self) -> Rest {
        self.rest
    }

    fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<Result<Self, StoreError>>, StoreError> {
        snapshot.query(
            "SELECT transaction_id, facts, attempts, next_attempt_at, created_at FROM sagas
             WHERE next_attempt_at <= $1 ORDER BY next_attempt_at LIMIT $2",
            &[&now, &limit],
            |row| Ok(saga(row)),
        )
    }

    fn postpone(
        tx: &mut Tx<'_>,
        transaction_id: TransactionId,
        next_attempt_at: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE sagas SET attempts = attempts + 1, next_attempt_at = $2, last_error = $3 WHERE transaction_id = $1",
            &[&transaction_id, &next_attempt_at, &error],
        )?;
        Ok(())
    }

    fn make_all_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError> {
        tx.execute(
            "UPDATE sagas SET next_attempt_at = $1 WHERE next_attempt_at > $1",
            &[&now],
        )
    }
}

fn saga(row: &Row<'_>) -> Result<SagaRow, StoreError> {
    Ok(SagaRow {
        transaction_id: row.get(0)?,
        facts: serde_json::from_str(&row.get::<String>(1)?).map_err(|_| corrupt(1, "no facts"))?,
        rest: Rest {
            attempts: row.get(2)?,
            next_attempt_at: row.get(3)?,
            created_at: row.get(4)?,
        },
    })
}
