//! The table `reviews`.

use ids::TransactionId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::corrupt;
use crate::domain::{ReviewDecision, ReviewState, SagaFacts};

/// A review as it stands.
#[derive(Clone, Debug)]
pub struct ReviewRow {
    /// The transaction.
    pub transaction_id: TransactionId,
    /// Where it stands.
    pub state: ReviewState,
    /// What the saga goes on with; none while the money is not held yet.
    pub facts: Option<SagaFacts>,
    /// The case at the fraud desk, once it has said its word.
    pub case_id: Option<String>,
    /// Until when the money is held.
    pub hold_expires_at: Option<Timestamp>,
    /// Since when the money is held.
    pub opened_at: Option<Timestamp>,
    /// When the word came.
    pub decided_at: Option<Timestamp>,
}

/// Notes that a transaction's money is held until somebody has looked. A word that came before stays.
pub fn open(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    facts: &SagaFacts,
    hold_expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let facts = serde_json::to_string(facts).map_err(|_| corrupt(2, "the facts are no JSON"))?;
    tx.execute(
        "INSERT INTO reviews (transaction_id, state, facts, hold_expires_at, opened_at) VALUES ($1, 'OPEN', $2, $3, $4)
         ON CONFLICT (transaction_id) DO UPDATE SET facts = excluded.facts, hold_expires_at = excluded.hold_expires_at,
             opened_at = excluded.opened_at",
        &[&transaction_id, &facts, &hold_expires_at, &now],
    )?;
    Ok(())
}

/// Notes a decision. What was decided before stays.
pub fn decide(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    decision: ReviewDecision,
    case_id: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reviews (transaction_id, state, case_id, decided_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (transaction_id) DO UPDATE SET state = excluded.state, case_id = excluded.case_id, decided_at = excluded.decided_at
         WHERE reviews.state = 'OPEN'",
        &[&transaction_id, &decision.state().as_str(), &case_id, &now],
    )?;
    Ok(())
}

/// The review of a transaction.
pub fn find(snapshot: &Snapshot<'_>, transaction_id: TransactionId) -> Result<Option<ReviewRow>, StoreError> {
    snapshot.query_opt(
        "SELECT transaction_id, state, facts, case_id, hold_expires_at, opened_at, decided_at FROM reviews WHERE transaction_id = $1",
        &[&transaction_id],
        review,
    )
}

/// Open reviews whose hold ended before then, the longest ago first.
pub fn overdue(snapshot: &Snapshot<'_>, before: Timestamp, limit: i64) -> Result<Vec<TransactionId>, StoreError> {
    snapshot.query(
        "SELECT transaction_id FROM reviews WHERE state = 'OPEN' AND hold_expires_at <= $1 ORDER BY hold_expires_at LIMIT $2",
        &[&before, &limit],
        |row| row.get(0),
    )
}

/// How many transactions wait for a word.
pub fn count_open(snapshot: &Snapshot<'_>) -> Result<i64, StoreError> {
    snapshot.query_one("SELECT COUNT(*) FROM reviews WHERE state = 'OPEN'", &[], |row| {
        row.get(0)
    })
}

fn review(row: &Row<'_>) -> Result<ReviewRow, StoreError> {
    let state: String = row.get(1)?;
    let facts: Option<String> = row.get(2)?;
    Ok(ReviewRow {
        transaction_id: row.get(0)?,
        state: ReviewState::parse(&state).ok_or_else(|| corrupt(1, "no state of a review"))?,
        facts: facts
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt(2, "no facts")))
            .transpose()?,
        case_id: row.get(3)?,
        hold_expires_at: row.get(4)?,
        opened_at: row.get(5)?,
        decided_at: row.get(6)?,
    })
}
