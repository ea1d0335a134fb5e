//! Payments that wait, or waited, for the desk.

use ids::{FraudLogId, ReviewCaseId};
use money::{Currency, Money};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::logs::unreadable;
use crate::domain::{ReviewDecisionKind, ReviewState};

/// A case.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// Its id.
    pub case_id: ReviewCaseId,
    /// The check that asked for it.
    pub log_id: FraudLogId,
    /// The payment.
    pub transaction_id: String,
    /// Whose money.
    pub user_id: String,
    /// Who is to be paid, if it is a merchant.
    pub merchant_id: Option<String>,
    /// How much.
    pub amount: Money,
    /// What for.
    pub kind: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Whether somebody has approved it and another one has to.
    pub needs_second: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When the policy decides.
    pub expires_at: Timestamp,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
}

/// Which cases a list shows.
#[derive(Clone, Debug, Default)]
pub struct CaseFilter {
    /// In this state.
    pub state: Option<ReviewState>,
    /// Of this user.
    pub user_id: Option<String>,
    /// Behind this one.
    pub after: Option<ReviewCaseId>,
}

macro_rules! select {
    ($($rest:literal),+) => {
        concat!(
            "SELECT case_id, log_id, transaction_id, user_id, merchant_id, amount, currency, kind, state, needs_second,
                    created_at, expires_at, closed_at
             FROM review_cases ",
            $($rest),+
        )
    };
}

/// Opens a case.
pub fn insert(tx: &mut Tx<'_>, case: &CaseRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO review_cases (case_id, log_id, transaction_id, user_id, merchant_id, amount, currency, kind, state,
                                   created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'OPEN', $9, $10)",
        &[
            &case.case_id,
            &case.log_id,
            &case.transaction_id,
            &case.user_id,
            &case.merchant_id,
            &case.amount.minor(),
            &case.amount.currency(),
            &case.kind,
            &case.created_at,
            &case.expires_at,
        ],
    )?;
    Ok(())
}

/// Notes that a second person has to approve.
pub fn set_needs_second(tx: &mut Tx<'_>, case_id: ReviewCaseId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE review_cases SET needs_second = 1 WHERE case_id = $1 AND state = 'OPEN'",
        &[&case_id],
    )?;
    Ok(())
}

/// Ends a case that is open, and says whether it was.
pub fn close(
    tx: &mut Tx<'_>,
    case_id: ReviewCaseId,
    state: ReviewState,
    outcome: Option<ReviewDecisionKind>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE review_cases SET state = $2, outcome = $3, needs_second = 0, closed_at = $4
         WHERE case_id = $1 AND state = 'OPEN'",
        &[
            &case_id,
            &state.as_str(),
            &outcome.map(ReviewDecisionKind::as_str),
            &now,
        ],
    )?;
    Ok(changed > 0)
}

/// The case with this id.
pub fn find(snapshot: &Snapshot<'_>, case_id: ReviewCaseId) -> Result<Option<CaseRow>, StoreError> {
    snapshot.query_opt(select!("WHERE case_id = $1"), &[&case_id], read_row)
}

/// The case of a payment.
pub fn find_by_transaction(snapshot: &Snapshot<'_>, transaction_id: &str) -> Result<Option<CaseRow>, StoreError> {
    snapshot.query_opt(select!("WHERE transaction_id = $1"), &[&transaction_id], read_row)
}

/// The case that a check asked for.
pub fn of_log(snapshot: &Snapshot<'_>, log_id: FraudLogId) -> Result<Option<ReviewCaseId>, StoreError> {
    snapshot.query_opt(
        "SELECT case_id FROM review_cases WHERE log_id = $1",
        &[&log_id],
        |row| row.get(0),
    )
}

/// Open cases whose time is over.
pub fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<CaseRow>, StoreError> {
    snapshot.query(
        select!("WHERE state = 'OPEN' AND expires_at <= $1 ORDER BY expires_at LIMIT $2"),
        &[&now, &limit],
        read_row,
    )
}

/// One page: those that wait oldest first, because they are to be decided in that order; otherwise newest first.
pub fn list(snapshot: &Snapshot<'_>, filter: &CaseFilter, limit: i64) -> Result<Vec<CaseRow>, StoreError> {
    let state = filter.state.map(ReviewState::as_str);
    let user_id = filter.user_id.as_deref();
    if filter.state == Some(ReviewState::Open) {
        // Before and behind every id there is.
        let after = filter.after.map_or(String::new(), String::from);
        return match user_id {
            Some(user_id) => snapshot.query(
                select!("WHERE user_id = $1 AND state = 'OPEN' AND case_id > $2 ORDER BY case_id LIMIT $3"),
                &[&user_id, &after, &limit],
                read_row,
            ),
            None => snapshot.query(
                select!("WHERE state = 'OPEN' AND case_id > $1 ORDER BY case_id LIMIT $2"),
                &[&after, &limit],
                read_row,
            ),
        };
    }
    let after = filter.after.map_or("~".to_owned(), String::from);
    match (user_id, state) {
        (Some(user_id), state) => snapshot.query(
            select!(
                "WHERE user_id = $1 AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND case_id < $3
                 ORDER BY case_id DESC LIMIT $4"
            ),
            &[&user_id, &state, &after, &limit],
            read_row,
        ),
        (None, Some(state)) => snapshot.query(
            select!("WHERE state = $1 AND case_id < $2 ORDER BY case_id DESC LIMIT $3"),
            &[&state, &after, &limit],
            read_row,
        ),
        (None, None) => snapshot.query(
            select!("WHERE case_id < $1 ORDER BY case_id DESC LIMIT $2"),
            &[&after, &limit],
            read_row,
        ),
    }
}

fn read_row(row: &Row<'_>) -> Result<CaseRow, StoreError> {
    let currency: Currency = row.get(6)?;
    let state: String = row.get(8)?;
    Ok(CaseRow {
        case_id: row.get(0)?,
        log_id: row.get(1)?,
        transaction_id: row.get(2)?,
        user_id: row.get(3)?,
        merchant_id: row.get(4)?,
        amount: Money::new(row.get(5)?, currency).map_err(|error| unreadable(5, &error))?,
        kind: row.get(7)?,
        state: ReviewState::parse(&state).ok_or_else(|| unreadable(8, &state))?,
        needs_second: row.get(9)?,
        created_at: row.get(10)?,
        expires_at: row.get(11)?,
        closed_at: row.get(12)?,
    })
}
