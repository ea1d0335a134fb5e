//! A payment that waits for the desk.

use serde::{Deserialize, Serialize};

use money::Money;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewState {
    /// Nobody has decided yet, or a second person has to.
    Open,
    /// Somebody let it go on.
    Approved,
    /// Somebody refused it.
    Rejected,
    /// Nobody decided in time; the policy did.
    Expired,
    /// The payment failed for another reason.
    Withdrawn,
}

impl ReviewState {
    const ALL: [Self; 5] = [
        Self::Open,
        Self::Approved,
        Self::Rejected,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A decision about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReviewDecisionKind {
    /// The payment goes on.
    Approve,
    /// The payment is refused.
    Reject,
}

impl ReviewDecisionKind {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "APPROVE",
            Self::Reject => "REJECT",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Approve, Self::Reject]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    /// The state of a case that somebody ended by this.
    pub const fn ends_as(self) -> ReviewState {
        match self {
            Self::Approve => ReviewState::Approved,
            Self::Reject => ReviewState::Rejected,
        }
    }
}

/// What a decision does to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was made before, or another one to the same end was: nothing changes.
    Stands,
    /// It is noted, and a second person has to approve as well.
    NeedsSecond,
    /// It ends the case.
    Ends,
    /// The case has ended otherwise.
    TooLate,
}

/// What becomes of a case when somebody decides. `approved_by` are those who approved it before, and above
/// `four_eyes_above` (if there is such an amount) one approval is not enough. One rejection always is.
pub fn judge(
    state: ReviewState,
    decision: ReviewDecisionKind,
    by: &str,
    approved_by: &[String],
    amount: Money,
    four_eyes_above: Option<Money>,
) -> Verdict {
    if state == decision.ends_as() {
        return Verdict::Stands;
    }
    if state != ReviewState::Open {
        return Verdict::TooLate;
    }
    if decision == ReviewDecisionKind::Reject {
        return Verdict::Ends;
    }
    // An amount that cannot be compared is no reason to look less closely.
    let needs_two =
        four_eyes_above.is_some_and(|limit| limit.currency() != amount.currency() || amount.minor() > limit.minor());
    let others = approved_by.iter().any(|other| other != by);
    if !needs_two || others {
        Verdict::Ends
    } else if approved_by.iter().any(|other| other == by) {
        Verdict::Stands
    } else {
        Verdict::NeedsSecond
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;

    use super::*;

    #[test]
    fn two_people_approve_what_is_large_and_one_rejects() {
        use ReviewDecisionKind::{Approve, Reject};
        #[track_caller]
        fn check(state: ReviewState, decision: ReviewDecisionKind, before: &[&str], amount: i64, expect: Verdict) {
            let before: Vec<String> = before.iter().map(|by| (*by).to_owned()).collect();
            let money = |minor| Money::new(minor, Currency::Idr).unwrap();
            let found = judge(state, decision, "ann", &before, money(amount), Some(money(100)));
            assert_eq!(found, expect, "{state:?} {decision:?} {before:?} {amount}");
        }
        check(ReviewState::Open, Approve, &[], 100, Verdict::Ends);
        check(ReviewState::Open, Approve, &[], 101, Verdict::NeedsSecond);
        check(ReviewState::Open, Approve, &["ann"], 101, Verdict::Stands);
        check(ReviewState::Open, Approve, &["bob"], 101, Verdict::Ends);
        check(ReviewState::Open, Reject, &[], 101, Verdict::Ends);
        check(ReviewState::Open, Reject, &["ann"], 101, Verdict::Ends);
        // The limit may have been lowered or raised since.
        check(ReviewState::Open, Approve, &["ann"], 1, Verdict::Ends);
        check(ReviewState::Approved, Approve, &["bob"], 101, Verdict::Stands);
        check(ReviewState::Approved, Reject, &["bob"], 1, Verdict::TooLate);
        check(ReviewState::Rejected, Approve, &[], 1, Verdict::TooLate);
        for ended in [ReviewState::Expired, ReviewState::Withdrawn] {
            check(ended, Approve, &[], 1, Verdict::TooLate);
            check(ended, Reject, &[], 1, Verdict::TooLate);
        }
    }
}
