//! Payments that wait for a person's word.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use service::Timestamp;

/// How much longer money is held than a review may take: whatever delays the word, it must not find the money gone.
pub const HELD_BEYOND_REVIEW: Duration = Duration::from_secs(7 * 24 * 3_600);

/// What becomes of a payment under review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewDecision {
    /// It goes on as if it had never been stopped.
    Approve,
    /// It fails, and the money is its payer's again.
    Reject,
    /// Nobody said anything while the money was held: it fails as well.
    Lapse,
}

impl ReviewDecision {
    /// Reads the word of the fraud desk, which cannot let a review lapse.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "APPROVE" => Some(Self::Approve),
            "REJECT" => Some(Self::Reject),
            _ => None,
        }
    }

    /// The state of a review that it has ended.
    pub const fn state(self) -> ReviewState {
        match self {
            Self::Approve => ReviewState::Approved,
            Self::Reject => ReviewState::Rejected,
            Self::Lapse => ReviewState::Lapsed,
        }
    }
}

/// Where a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReviewState {
    /// Nobody has decided.
    Open,
    /// The payment may go on.
    Approved,
    /// It may not.
    Rejected,
    /// Nobody decided in time.
    Lapsed,
}

impl ReviewState {
    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
            Self::Lapsed => "LAPSED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Approved, Self::Rejected, Self::Lapsed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// The decision that ended it.
    pub const fn decision(self) -> Option<ReviewDecision> {
        match self {
            Self::Open => None,
            Self::Approved => Some(ReviewDecision::Approve),
            Self::Rejected => Some(ReviewDecision::Reject),
            Self::Lapsed => Some(ReviewDecision::Lapse),
        }
    }
}

/// That a saga's payment is to be reviewed, as the saga remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Until when its money is held, in microseconds since the epoch. Never changes: the ledger is asked with it again.
    pub hold_expires_at: i64,
    /// What was decided, once it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<ReviewDecision>,
}

impl Review {
    /// A review that ends at this time, if nobody decides before.
    pub fn until(review_expires_at: Timestamp) -> Self {
        Self {
            hold_expires_at: review_expires_at.after(HELD_BEYOND_REVIEW).micros(),
            decision: None,
        }
    }

    /// Until when the money is held.
    pub const fn hold_expires_at(self) -> Timestamp {
        Timestamp::from_micros(self.hold_expires_at)
    }
}
