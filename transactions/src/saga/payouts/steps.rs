//! The steps of a payout, each harmless when repeated.
//!
//! Parameters: the payout's row. Steps, in their order:
//!
//! 1. take: one transfer merchant's wallet → bank clearing, whose id comes from the payout's. Undone by 3.
//! 2. hand over: the bank is given the payout under its id. Not undone: the bank's word ends it.
//! 3. bring back (only if the bank does not take it): one transfer bank clearing → merchant's wallet, whose id stands in
//!    the row since the beginning. Not undone: once posted, the payout has failed.
//!
//! IN_TRANSIT is committed between 1 and 2. So the row says for certain that the money has left before any bank knows of
//! the payout, and the bank's report can be believed even if it overtakes the answer to 2.
//!
//! A payout whose money may have left is never failed by guess: the ledger's refusal is stored under the transfer's id and
//! final, and what is given up is fenced first.

use ids::TransferId;
use peer::PeerError;
use store::{StoreError, Tx};

use super::runner::{ASK_BANK_AGAIN_AFTER, BANK_PATIENCE, PayoutRunner};
use crate::clients::bank::{BankTransfer, RailError, Submitted};
use crate::clients::wallet::{LedgerAnswer, TransferOrder};
use crate::domain::{Failure, FailureCode, Movement, Payout, PayoutState};
use crate::saga::plan::Action;
use crate::store::{events, payouts};

/// Why a payout rests until it is taken up again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Rest {
    #[error(transparent)]
    Peer(#[from] PeerError),
    #[error(transparent)]
    Bank(#[from] RailError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("it broke when it was taken up")]
    Broke,
    #[error("no bank is connected")]
    NoBank,
    #[error("the ledger refuses to take the money back: {0}")]
    ReturnRefused(String),
    #[error("the payout's merchant does not exist any more")]
    NoMerchant,
}

impl PayoutRunner {
    /// Runs all steps from where the payout stands. `Err` means that it must be taken up again later.
    pub(super) async fn run_steps(&self, mut payout: Payout, action: Action) -> Result<Payout, Rest> {
        if payout.state == PayoutState::Pending {
            let answer = match action {
                Action::GiveUp => self.fence(&payout).await?,
                Action::Resume | Action::Leave => self.take_money(&payout).await?,
            };
            payout = match answer {
                LedgerAnswer::Posted => self.set_state(&payout, PayoutState::InTransit, None).await?,
                LedgerAnswer::Refused(failure) => self.set_state(&payout, PayoutState::Failed, Some(failure)).await?,
            };
        }
        if payout.state == PayoutState::InTransit {
            payout = self.hand_over(&payout).await?;
        }
        if payout.state == PayoutState::Returning {
            payout = self.bring_back(&payout).await?;
        }
        Ok(payout)
    }

    async fn take_money(&self, payout: &Payout) -> Result<LedgerAnswer, Rest> {
        let merchant = self.merchants.get(payout.merchant_id).ok_or(Rest::NoMerchant)?;
        self.wallet.open_merchant_wallet(&merchant).await?;
        let order = TransferOrder {
            transfer_id: payout.transfer_id(),
            kind: "PAYOUT",
            on_behalf_of: Some(merchant.merchant_id.to_string()),
            hold_id: None,
            movement: Movement::between(merchant.wallet_id(), bank_clearing(payout), payout.amount),
        };
        Ok(self.wallet.post(order).await?)
    }

    /// An earlier run may have sent the transfer. After this, whether the money has left is certain.
    async fn fence(&self, payout: &Payout) -> Result<LedgerAnswer, Rest> {
        Ok(match self.wallet.fence(payout.transfer_id()).await? {
            LedgerAnswer::Posted => LedgerAnswer::Posted,
            LedgerAnswer::Refused(_) => LedgerAnswer::Refused(Failure::new(
                FailureCode::TimedOut,
                "the payout could not be begun in time; no money was moved",
            )),
        })
    }

    async fn hand_over(&self, payout: &Payout) -> Result<Payout, Rest> {
        let bank = self.bank.as_ref().ok_or(Rest::NoBank)?;
        let transfer = BankTransfer::from(payout);
        let answer = tokio::time::timeout(BANK_PATIENCE, bank.submit(&transfer)).await;
        let answer = answer.unwrap_or_else(|_| Err(RailError::Unknown("it took too long".to_owned())));
        match answer {
            Ok(submitted) => self.note_submitted(payout, submitted).await,
            Err(RailError::Refused(reason)) => {
                let failure = Failure::new(FailureCode::PayoutRejected, reason);
                self.set_state(payout, PayoutState::Returning, Some(failure)).await
            }
            Err(unknown @ RailError::Unknown(_)) => Err(unknown.into()),
        }
    }

    async fn note_submitted(&self, payout: &Payout, submitted: Submitted) -> Result<Payout, Rest> {
        let (payout_id, ask_again_at) = (payout.payout_id, self.clock.now().after(ASK_BANK_AGAIN_AFTER));
        let noted = self.database.write(move |tx| {
            // The report may have come before the answer: then its word counts, and this is old.
            if payouts::wait_for_bank(tx, payout_id, ask_again_at)?
                && let Some(reference) = &submitted.reference
            {
                payouts::set_bank_reference(tx, payout_id, reference)?;
            }
            payouts::find(tx, payout_id)
        });
        Ok(noted.await?.unwrap_or_else(|| payout.clone()))
    }

    async fn bring_back(&self, payout: &Payout) -> Result<Payout, Rest> {
        let (transfer_id, wallet_id) = (payout.return_transfer_id, payout.merchant_id.retag::<ids::Wallet>());
        let order = TransferOrder {
            transfer_id,
            kind: "PAYOUT_RETURN",
            on_behalf_of: None,
            hold_id: None,
            movement: Movement::between(bank_clearing(payout), wallet_id, payout.amount),
        };
        match self.wallet.post(order).await? {
            LedgerAnswer::Posted => self.set_state(payout, PayoutState::Failed, None).await,
            LedgerAnswer::Refused(failure) => {
                // A wallet that is frozen now may be open tomorrow, but a refusal is for ever: the next try needs another id.
                let (payout_id, fresh) = (payout.payout_id, TransferId::generate());
                self.database
                    .write(move |tx| payouts::renew_return(tx, payout_id, transfer_id, fresh))
                    .await?;
                tracing::error!(payout = %payout_id, code = failure.code.as_str(), "the money of a payout cannot go back into its wallet");
                Err(Rest::ReturnRefused(failure.reason))
            }
        }
    }

    /// Writes the next state, with what follows from it, and answers with the payout as it is then.
    async fn set_state(&self, payout: &Payout, to: PayoutState, failure: Option<Failure>) -> Result<Payout, Rest> {
        let (payout_id, from, now) = (payout.payout_id, payout.state, self.clock.now());
        let written = self
            .database
            .write(move |tx| set_state_in(tx, payout_id, (from, to), failure.as_ref(), now))
            .await?;
        self.outbox.nudge(events::WEBHOOK_LANE);
        Ok(written.unwrap_or_else(|| payout.clone()))
    }
}

/// The change of a state and, at the end, what the merchant is told, in one commit. Only the first to come writes.
pub(super) fn set_state_in(
    tx: &mut Tx<'_>,
    payout_id: ids::PayoutId,
    (from, to): (PayoutState, PayoutState),
    failure: Option<&Failure>,
    now: service::Timestamp,
) -> Result<Option<Payout>, StoreError> {
    let is_first = payouts::set_state(tx, payout_id, from, to, failure, now)?;
    let payout = payouts::find(tx, payout_id)?;
    if let Some(payout) = payout.as_ref().filter(|payout| is_first && payout.state.is_final()) {
        events::record(tx, &payout.event(), now)?;
        metrics::counter!("sawit_payouts_total", "state" => payout.state.as_str()).increment(1);
    }
    Ok(payout)
}

fn bank_clearing(payout: &Payout) -> String {
    format!("bank_clearing:{}", payout.amount.currency().code())
}
