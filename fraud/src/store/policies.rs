//! Policies.
use crate::domain::ReviewDecisionKind;
use money::Money;
use store::{Snapshot, StoreError};

/// The policy.
pub struct Policy {
    /// Above.
    pub four_eyes_above: Option<Money>,
    /// At expiry.
    pub review_expiry_decision: ReviewDecisionKind,
}

/// The current one.
pub fn current(_: &Snapshot<'_>) -> Result<Policy, StoreError> {
    Ok(Policy {
        four_eyes_above: None,
        review_expiry_decision: ReviewDecisionKind::Reject,
    })
}
