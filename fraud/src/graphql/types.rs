//! The types of the public API.

use async_graphql::{Enum, SimpleObject};
use money::Decimal;
use service::DateTime;

use crate::app::Logged;
use crate::domain::Outcome;
use crate::store::logs::LogRow;

/// The outcome of a check.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Outcome")]
pub enum FraudStatus {
    /// Nothing unusual: the payment goes on.
    Safe,
    /// Unusual: the payment goes on and is logged for review.
    Suspicious,
    /// The payment is refused.
    Fraud,
}

/// What a check came to.
#[derive(SimpleObject)]
#[graphql(rename_fields = "snake_case")]
pub struct FraudCheck {
    /// True when the payment is to be refused.
    is_fraud: bool,
    /// The outcome.
    status: FraudStatus,
    /// Why, with the numbers.
    reason: String,
}

impl From<Logged> for FraudCheck {
    fn from(logged: Logged) -> Self {
        Self {
            is_fraud: logged.decision.outcome == Outcome::Fraud,
            status: logged.decision.outcome.into(),
            reason: logged.decision.reason(),
        }
    }
}

/// One logged check.
#[derive(SimpleObject)]
pub struct FraudLog {
    /// The log's id, also the cursor for `after`.
    log_id: String,
    /// Whose payment was checked.
    user_id: String,
    /// The transaction that was checked; absent for a check asked for by hand.
    transaction_id: Option<String>,
    /// The amount that was checked, in IDR.
    amount: Decimal,
    /// The outcome.
    status: FraudStatus,
    /// Why, with the numbers.
    reason: String,
    /// The risk from 0 to 100; only FRAUD reaches 100.
    score: u32,
    /// The names of the rules that fired, most important first.
    rules: Vec<String>,
    /// When the check was made.
    created_at: DateTime,
}

impl From<LogRow> for FraudLog {
    fn from(row: LogRow) -> Self {
        Self {
            log_id: row.log_id.to_string(),
            user_id: row.user_id,
            transaction_id: row.transaction_id,
            amount: row.amount.into(),
            status: row.decision.outcome.into(),
            reason: row.decision.reason(),
            score: row.decision.score,
            rules: row.decision.rules(),
            created_at: row.created_at.into(),
        }
    }
}
