//! The table `sagas`.

use std::time::Duration;

use ids::TransactionId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use super::unfinished::{Rest, Unfinished};
use crate::domain::{ReviewDecision, SagaFacts, Step};

/// A saga that is not finished.
#[derive(Clone, Debug)]
pub struct SagaRow {
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// What it was given at its start.
    pub facts: SagaFacts,
    /// How it went so far.
    pub steps: Vec<Step>,
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

/// Changes what a saga must remember.
pub fn set_facts(tx: &mut Tx<'_>, transaction_id: TransactionId, facts: &SagaFacts) -> Result<(), StoreError> {
    let facts = serde_json::to_string(facts).map_err(|_| corrupt(1, "the facts are no JSON"))?;
    tx.execute(
        "UPDATE sagas SET facts = $2 WHERE transaction_id = $1",
        &[&transaction_id, &facts],
    )?;
    Ok(())
}

/// Keeps how a saga went so far.
pub fn set_steps(tx: &mut Tx<'_>, transaction_id: TransactionId, steps: Option<&str>) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sagas SET steps = $2 WHERE transaction_id = $1",
        &[&transaction_id, &steps],
    )?;
    Ok(())
}

/// What the saga of a transaction remembers, if it is not finished.
pub fn find_facts(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<SagaFacts>, StoreError> {
    snapshot.query_opt(
        "SELECT facts FROM sagas WHERE transaction_id = $1",
        &[&transaction_id],
        |row| serde_json::from_str(&row.get::<String>(0)?).map_err(|_| corrupt(0, "no facts")),
    )
}

/// How the saga of a transaction went so far, if it is not finished.
pub fn find_steps(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> = snapshot.query_opt(
        "SELECT steps FROM sagas WHERE transaction_id = $1",
        &[&transaction_id],
        |row| row.get(0),
    )?;
    Ok(found.flatten())
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

    /// What was approved is tried as long as the money is held. What was refused is done when the ledger answers, so it is never
    /// given up.
    fn given_up_at(&self) -> Option<Timestamp> {
        let review = self.facts.review?;
        match review.decision? {
            ReviewDecision::Approve => Some(review.hold_expires_at()),
            ReviewDecision::Reject | ReviewDecision::Lapse => Some(Timestamp::from_micros(i64::MAX)),
        }
    }

    fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<Result<Self, StoreError>>, StoreError> {
        snapshot.query(
            "SELECT transaction_id, facts, attempts, next_attempt_at, created_at, steps FROM sagas
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
    let steps: Option<String> = row.get(5)?;
    Ok(SagaRow {
        // They are for people: what cannot be read of them must not stop a payment.
        steps: steps
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        transaction_id: row.get(0)?,
        facts: serde_json::from_str(&row.get::<String>(1)?).map_err(|_| corrupt(1, "no facts"))?,
        rest: Rest {
            attempts: row.get(2)?,
            next_attempt_at: row.get(3)?,
            created_at: row.get(4)?,
        },
    })
}
