//! Holds: transfers that wait. Authorized, then captured (in parts), voided or expired.

use ids::HoldId;
use service::Timestamp;

use super::account::AccountId;
use super::refusal::Refusal;

/// Where a hold stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    /// Money is held.
    Pending,
    /// All (or all that was wanted) of it was captured.
    Captured,
    /// Given up before anything was captured.
    Voided,
    /// Nobody captured it in time.
    Expired,
    /// It was never granted.
    Refused(Refusal),
}

impl HoldState {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Captured => "CAPTURED",
            Self::Voided => "VOIDED",
            Self::Expired => "EXPIRED",
            Self::Refused(_) => "REFUSED",
        }
    }

    /// Reads a stored name with its refusal.
    pub fn parse(text: &str, refusal: Option<&str>) -> Option<Self> {
        match text {
            "PENDING" => Some(Self::Pending),
            "CAPTURED" => Some(Self::Captured),
            "VOIDED" => Some(Self::Voided),
            "EXPIRED" => Some(Self::Expired),
            "REFUSED" => refusal.and_then(Refusal::parse).map(Self::Refused),
            _ => None,
        }
    }
}

/// A hold as it stands.
#[derive(Clone, Debug)]
pub struct Hold {
    /// Its id.
    pub hold_id: HoldId,
    /// The wallet whose money is held.
    pub account_id: AccountId,
    /// How much was authorized, in minor units.
    pub amount_minor: i64,
    /// How much of that was captured, in minor units.
    pub captured_minor: i64,
    /// Where it stands.
    pub state: HoldState,
    /// From then on it cannot be captured.
    pub expires_at: Timestamp,
}

/// What stands under a hold's id.
#[derive(Clone, Debug)]
pub enum HoldAnswer {
    /// It was asked for, and granted or refused.
    Known(Hold),
    /// Nobody ever asked for it, and whoever does from now on is refused with [`Refusal::Cancelled`].
    Fenced {
        /// Its id.
        hold_id: HoldId,
        /// Since when.
        fenced_at: Timestamp,
    },
}

impl Hold {
    /// What can still be captured, in minor units.
    pub const fn remaining_minor(&self) -> i64 {
        match self.state {
            HoldState::Pending => self.amount_minor - self.captured_minor,
            _ => 0,
        }
    }

    /// Whether it can be captured now.
    pub fn check_pending(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.state == HoldState::Pending && now < self.expires_at {
            Ok(())
        } else {
            Err(Refusal::HoldNotPending)
        }
    }

    /// How it ends when what remains is let go: voided only if nothing was ever captured.
    pub const fn released(&self, otherwise: HoldState) -> HoldState {
        if self.captured_minor > 0 {
            HoldState::Captured
        } else {
            otherwise
        }
    }
}
