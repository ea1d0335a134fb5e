//! What became of transactions: the other half of what the rules know.

use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::App;
use super::reviews::transaction_failed;
use crate::store::merchant_pasts::MerchantPasts;
use crate::store::{outcomes, velocities};

/// What happened to a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeEvent {
    /// It succeeded.
    Succeeded,
    /// It failed.
    Failed,
    /// Its money is held for the merchant.
    Authorized,
    /// Money went back to the payer.
    Refunded,
    /// It waits for the desk.
    InReview,
}

impl OutcomeEvent {
    /// Reads the name of the contract.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "SUCCEEDED" => Self::Succeeded,
            "FAILED" => Self::Failed,
            "AUTHORIZED" => Self::Authorized,
            "REFUNDED" => Self::Refunded,
            "IN_REVIEW" => Self::InReview,
            _ => return None,
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Authorized => "AUTHORIZED",
            Self::Refunded => "REFUNDED",
            Self::InReview => "IN_REVIEW",
        }
    }
}

/// One such event.
#[derive(Clone, Debug)]
pub struct TransactionOutcome {
    /// The transaction.
    pub transaction_id: String,
    /// The refund, if it is about one: there may be several.
    pub operation_id: Option<String>,
    /// What happened.
    pub event: OutcomeEvent,
    /// Whether the money came from the bank.
    pub is_deposit: bool,
    /// Who paid, or whose deposit it is.
    pub user_id: String,
    /// Who got it, if it is somebody else's wallet.
    pub target_user_id: Option<String>,
    /// Who got it, if it is a merchant.
    pub merchant_id: Option<String>,
    /// How much, in minor units.
    pub amount_minor: i64,
    /// When it happened.
    pub occurred_at: Timestamp,
}

impl App {
    /// Notes what happened, in one commit and in this order; what was noted before changes nothing.
    pub async fn record_outcomes(&self, outcomes: Vec<TransactionOutcome>) -> Result<(), ApiError> {
        if outcomes.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.database
            .write(move |tx| -> Result<(), StoreError> {
                outcomes::prune(tx, now)?;
                let mut merchants = MerchantPasts::default();
                for outcome in &outcomes {
                    note(tx, &mut merchants, outcome, now)?;
                }
                merchants.save(tx)
            })
            .await
            .map_err(ApiError::from)
    }
}

fn note(
    tx: &mut Tx<'_>,
    merchants: &mut MerchantPasts,
    outcome: &TransactionOutcome,
    now: Timestamp,
) -> Result<(), StoreError> {
    let source_id = outcome.operation_id.as_ref().unwrap_or(&outcome.transaction_id);
    if !outcomes::insert(tx, source_id, outcome.event.as_str(), now)? {
        return Ok(());
    }
    let (at, minor) = (outcome.occurred_at, outcome.amount_minor);
    match outcome.event {
        OutcomeEvent::Failed => {
            let (velocity, mut past) = velocities::find(tx, &outcome.user_id)?;
            past.failed(at);
            velocities::save(tx, &outcome.user_id, &velocity, &past)?;
            transaction_failed(tx, &outcome.transaction_id, now)?;
        }
        OutcomeEvent::Succeeded | OutcomeEvent::Authorized => {
            let receiver = match (outcome.is_deposit, &outcome.target_user_id) {
                (true, _) => Some(&outcome.user_id),
                // Between one's own wallets nothing comes in.
                (false, target) => target.as_ref().filter(|target| **target != outcome.user_id),
            };
            if let Some(receiver) = receiver {
                let (velocity, mut past) = velocities::find(tx, receiver)?;
                past.received(at, minor);
                velocities::save(tx, receiver, &velocity, &past)?;
            }
            // What was authorized is counted when it is authorized, and not again when it is captured.
            if let Some(merchant_id) = &outcome.merchant_id {
                merchants.change(tx, merchant_id)?.paid(at, minor);
            }
        }
        OutcomeEvent::Refunded => {
            if let Some(merchant_id) = &outcome.merchant_id {
                merchants.change(tx, merchant_id)?.refunded(at, minor);
            }
        }
        OutcomeEvent::InReview => {}
    }
    Ok(())
}
