//! The bank that payouts go out by: what a rail must promise, and the one of the sandbox.

mod simulated;

use std::sync::Arc;

use async_trait::async_trait;
use ids::PayoutId;
use money::Money;

use crate::domain::{BankAccount, Payout};

pub use simulated::{Reported, SimulatedBank};

/// What the bank is asked to do.
#[derive(Clone, Debug)]
pub struct BankTransfer {
    /// Which payout it is: the bank's idempotency key.
    pub payout_id: PayoutId,
    /// How much.
    pub amount: Money,
    /// Where to.
    pub account: BankAccount,
    /// A note for the statement.
    pub description: Option<String>,
}

impl From<&Payout> for BankTransfer {
    fn from(payout: &Payout) -> Self {
        Self {
            payout_id: payout.payout_id,
            amount: payout.amount,
            account: payout.account.clone(),
            description: payout.description.clone(),
        }
    }
}

/// The bank has it, and will say what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// The bank's name for it, if it has one already.
    pub reference: Option<String>,
}

/// Why a bank has not said that it has a transfer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RailError {
    /// Nobody knows whether it has: it is asked again.
    #[error("the bank gave no answer: {0}")]
    Unknown(String),
    /// It has not, and under this payout's id it never will: its word is final, and the money goes back.
    #[error("the bank refuses: {0}")]
    Refused(String),
}

/// A way to a bank.
///
/// `submit` is idempotent by the payout's id: however often it is called, the bank moves the money once. Asked again about
/// a transfer whose end it has told before, the rail sees to it that it is told again. The end comes later, through
/// `PayoutRunner::report`, which the mutation `reportPayout` calls as well.
#[async_trait]
pub trait BankRail: Send + Sync {
    /// Gives the bank a transfer.
    async fn submit(&self, transfer: &BankTransfer) -> Result<Submitted, RailError>;
}

/// The bank that is connected, if one is.
pub type Bank = Option<Arc<dyn BankRail>>;
