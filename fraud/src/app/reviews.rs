//! Opens and ends cases of the desk, inside the commits of those who do.

use ids::ReviewCaseId;
use service::Timestamp;
use store::{StoreError, Tx};

use crate::clients::reviews::{self, Resolution};
use crate::domain::{Check, ReviewDecisionKind, ReviewState};
use crate::store::cases::{self, CaseRow};
use crate::store::stats::{self, Ended};
use crate::store::{log_index, logs};

/// A payment that is to be looked at.
pub(crate) struct NewCase<'a> {
    /// The check that asks for it.
    pub log_id: ids::FraudLogId,
    /// What was checked.
    pub check: &'a Check,
    /// When the policy decides, if nobody has.
    pub expires_at: Timestamp,
}

/// Opens a case in the commit of the check that asks for it. A check by hand has no payment that could wait.
pub(crate) fn open_case(tx: &mut Tx<'_>, case: &NewCase<'_>, now: Timestamp) -> Result<(), StoreError> {
    let Some(transaction_id) = &case.check.transaction_id else {
        return Ok(());
    };
    let row = CaseRow {
        case_id: ReviewCaseId::generate(),
        log_id: case.log_id,
        transaction_id: transaction_id.as_str().to_owned(),
        user_id: case.check.user_id.as_str().to_owned(),
        merchant_id: case.check.merchant_id.as_ref().map(|id| id.as_str().to_owned()),
        amount: case.check.amount,
        kind: case.check.kind.as_str().to_owned(),
        state: ReviewState::Open,
        needs_second: false,
        created_at: now,
        expires_at: case.expires_at,
        closed_at: None,
    };
    cases::insert(tx, &row)
}

/// Ends the open case of a payment that failed for another reason: there is nothing left to decide.
pub(crate) fn transaction_failed(tx: &mut Tx<'_>, transaction_id: &str, now: Timestamp) -> Result<(), StoreError> {
    match cases::find_by_transaction(tx, transaction_id)? {
        Some(case) if case.state == ReviewState::Open => end_in(tx, &case, Ended::Withdrawn, now),
        _ => Ok(()),
    }
}

/// Ends an open case, counts how, and tells transactions what became of the payment.
pub(super) fn end_in(tx: &mut Tx<'_>, case: &CaseRow, ended: Ended, now: Timestamp) -> Result<(), StoreError> {
    let (state, outcome) = match ended {
        Ended::ByPerson(decision) => (decision.ends_as(), Some(decision)),
        Ended::ByExpiry(decision) => (ReviewState::Expired, Some(decision)),
        Ended::Withdrawn => (ReviewState::Withdrawn, None),
    };
    if !cases::close(tx, case.case_id, state, outcome, now)? {
        return Ok(());
    }
    // A case refers to its log, so it is there.
    let checked = log_index::find(tx, case.log_id)?.ok_or(StoreError::NoRow)?;
    let rules = logs::rules_of(tx, case.log_id)?;
    stats::count_end(tx, checked.created_at, case.amount.minor(), &rules, ended)?;
    match outcome {
        Some(decision) => tell_transactions(tx, case, decision, now),
        None => Ok(()),
    }
}

fn tell_transactions(
    tx: &mut Tx<'_>,
    case: &CaseRow,
    decision: ReviewDecisionKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let message = reviews::message(&Resolution {
        transaction_id: case.transaction_id.clone(),
        case_id: case.case_id.to_string(),
        decision,
    });
    outbox::enqueue(tx, &message, now)
}
