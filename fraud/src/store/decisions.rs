//! Who decided what about a case.

use ids::ReviewCaseId;
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use super::logs::unreadable;
use crate::domain::ReviewDecisionKind;

/// A decision.
#[derive(Clone, Debug)]
pub struct DecisionRow {
    /// Which.
    pub decision: ReviewDecisionKind,
    /// The user who made it.
    pub by: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
}

/// Notes a decision.
pub fn insert(tx: &mut Tx<'_>, case_id: ReviewCaseId, decision: &DecisionRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO review_decisions (case_id, decided_by, decision, note, decided_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            &case_id,
            &decision.by,
            &decision.decision.as_str(),
            &decision.note,
            &decision.at,
        ],
    )?;
    Ok(())
}

/// The decisions about a case, in their order.
pub fn of_case(snapshot: &Snapshot<'_>, case_id: ReviewCaseId) -> Result<Vec<DecisionRow>, StoreError> {
    snapshot.query(
        "SELECT decision, decided_by, note, decided_at FROM review_decisions WHERE case_id = $1
         ORDER BY decided_at, decided_by",
        &[&case_id],
        |row| {
            let decision: String = row.get(0)?;
            Ok(DecisionRow {
                decision: ReviewDecisionKind::parse(&decision).ok_or_else(|| unreadable(0, &decision))?,
                by: row.get(1)?,
                note: row.get(2)?,
                at: row.get(3)?,
            })
        },
    )
}
