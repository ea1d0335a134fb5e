//! How a saga ends, and what it must remember to get there.

use ids::WalletId;
use money::Money;
use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money has moved.
    Succeeded,
    /// It has not, and will not.
    Failed(Failure),
}

/// What a saga was given at its start and cannot look up later. Stored as JSON beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaFacts {
    /// When the user's account was opened, in microseconds since the epoch, as the token said.
    pub account_created_at: Option<i64>,
    /// The user's refused transactions in the hour before.
    pub recent_failures: i64,
    /// The owner of the receiving wallet, for a transfer.
    pub target_user_id: Option<String>,
    /// The bill is our own invoice and was checked when the saga began.
    pub bill_is_known: bool,
}

/// What a ledger transfer moves: from one account to another.
#[derive(Clone, Debug)]
pub struct Movement {
    /// Debited.
    pub from: String,
    /// Credited.
    pub to: String,
    /// How much.
    pub amount: Money,
}

impl Movement {
    /// From a wallet to a wallet.
    pub fn between(from: WalletId, to: WalletId, amount: Money) -> Self {
        Self {
            from: from.to_string(),
            to: to.to_string(),
            amount,
        }
    }
}
