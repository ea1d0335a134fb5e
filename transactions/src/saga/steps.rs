//! The steps of a saga, each harmless when repeated.
//!
//! Parameters: the transaction and the facts it was begun with. Steps, in their order:
//!
//! 1. bill (payments): read-only at the merchant. Nothing to undo.
//! 2. fraud (payments and transfers): logged under the transaction's id. Not undone: that it was checked stays true. Its third
//!    answer beside yes and no is that a person must look first: then the steps of `reviews` follow.
//! 3. ledger: one transfer whose id comes from the transaction's. Not undone: once posted, the saga succeeds. Of a payment
//!    that is captured later it is a hold, whose id comes from the transaction's as well. Not undone: once granted, the
//!    payment is authorized, and captured, voided or expires.
//!
//! A refusal by 1 or 2 in the saga's *first* run ends it at once, because no transfer was sent. In a later run an earlier
//! one may have sent the transfer (or the hold), so the refusal counts only after its id was fenced in the ledger.

use std::fmt;
use std::future::Future;
use std::time::Instant;

use peer::PeerError;
use store::StoreError;

use super::reviews::hold_result;
use super::runner::{LEASE, Runner};
use crate::clients::fraud::Verdict;
use crate::clients::merchant::BillAnswer;
use crate::clients::wallet::{HoldAnswer, LedgerAnswer, TransferOrder};
use crate::domain::{
    Asked, CaptureMode, Failure, FailureCode, Movement, Outcome, Part, Review, SagaFacts, StepLog, Transaction,
    TransactionType, VaNumber,
};

/// Whether an earlier run may have sent the transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// No: nobody ran these steps before.
    First,
    /// Yes.
    Later,
}

/// Why a saga must be taken up again later.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stuck {
    /// Somebody does not answer.
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// What it must remember could not be written.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
}

/// What the checks before the ledger say.
enum Clearance {
    Passes,
    Review(Review),
    Refused(Failure),
}

impl Runner {
    /// Runs all steps. `Err` means that the saga must be taken up again later.
    pub(super) async fn run_steps(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        run: Run,
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        if let Some(review) = facts.review {
            return match review.decision {
                Some(decision) => self.carry_out(transaction, facts, decision, log).await,
                None => self.hold_for_review(transaction, review, log).await,
            };
        }
        let refused = match self.check_bill_and_fraud(transaction, facts, log).await? {
            Clearance::Passes if transaction.capture_mode == CaptureMode::Manual => {
                return self.hold_in_ledger(transaction, log).await;
            }
            Clearance::Passes => return self.post_to_ledger(transaction, &facts.splits, log).await,
            Clearance::Review(review) => {
                let facts = SagaFacts {
                    review: Some(review),
                    ..facts.clone()
                };
                self.note_review(transaction.transaction_id, &facts).await?;
                return self.hold_for_review(transaction, review, log).await;
            }
            Clearance::Refused(failure) => failure,
        };
        // After the lease it is not certain any more that nobody else has run it.
        let alone = self.clock.now() < transaction.created_at.after(LEASE);
        match run {
            Run::First if alone => Ok(Outcome::Failed(refused)),
            Run::First | Run::Later => self.fail_unless_posted(transaction, facts, refused, log).await,
        }
    }

    /// Takes a step, and notes how it went.
    pub(super) async fn step<T, E: fmt::Display>(
        &self,
        log: &mut StepLog,
        name: &str,
        work: impl Future<Output = Result<T, E>>,
        result: fn(&T) -> &str,
    ) -> Result<T, E> {
        let (at, began) = (self.clock.now(), Instant::now());
        let done = work.await;
        let took = began.elapsed();
        match &done {
            Ok(done) => log.note(name, at, took, result(done)),
            Err(error) => log.note(name, at, took, &error.to_string()),
        }
        done
    }

    /// Ends a saga with a failure, unless an earlier run has moved (or holds) the money: then it has succeeded.
    pub(super) async fn fail_unless_posted(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        failure: Failure,
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        let is_held = facts.review.is_some() || transaction.capture_mode == CaptureMode::Manual;
        if is_held {
            let asked = self.wallet.holds.fence(transaction.transaction_id);
            return Ok(match self.step(log, "fence", asked, hold_result).await? {
                HoldAnswer::Held | HoldAnswer::Ended { .. } if facts.review.is_some() => Outcome::InReview,
                HoldAnswer::Held | HoldAnswer::Ended { .. } => Outcome::Authorized,
                HoldAnswer::Refused(_) => Outcome::Failed(failure),
            });
        }
        let transfer_id = transaction.transaction_id.retag::<ids::Transfer>();
        match self.step(log, "fence", self.wallet.fence(transfer_id), posted).await? {
            LedgerAnswer::Posted => Ok(Outcome::Succeeded),
            LedgerAnswer::Refused(_) => Ok(Outcome::Failed(failure)),
        }
    }

    async fn check_bill_and_fraud(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        log: &mut StepLog,
    ) -> Result<Clearance, PeerError> {
        if transaction.kind == TransactionType::Payment && facts.asked != Asked::Nobody {
            let asked = async { Ok::<_, PeerError>(self.check_bill(transaction, facts.asked).await) };
            let result = |checked: &Result<(), Failure>| {
                checked
                    .as_ref()
                    .map_or_else(|refused| refused.code.as_str(), |()| "STANDS")
            };
            if let Err(refused) = self.step(log, "bill", asked, result).await? {
                return Ok(Clearance::Refused(refused));
            }
        }
        // What comes from the bank was checked by the bank; what leaves a wallet is checked here.
        if transaction.kind == TransactionType::Deposit {
            return Ok(Clearance::Passes);
        }
        let asked = self.fraud.check(transaction, facts);
        Ok(match self.step(log, "fraud", asked, Verdict::as_str).await? {
            Verdict::Passes => Clearance::Passes,
            Verdict::Review { expires_at } => Clearance::Review(Review::until(expires_at)),
            Verdict::Refused => {
                // Which rule it was stands in the fraud log; told to the user, it would teach how to stay below it.
                let reason = "the payment was refused by the fraud check; no money was moved";
                Clearance::Refused(Failure::new(FailureCode::FraudBlocked, reason))
            }
        })
    }

    /// Asks the merchant for the bill. For an invoice of our own, whose amount and end were checked when the saga began,
    /// the merchant can only take it back (or have another total by now): it may know nothing of it, or be away.
    async fn check_bill(&self, transaction: &Transaction, asked: Asked) -> Result<(), Failure> {
        let gone = || Failure::new(FailureCode::MerchantUnavailable, "the merchant does not exist any more");
        let va_number = transaction
            .va_number
            .as_deref()
            .and_then(|text| VaNumber::parse(text).ok())
            .ok_or_else(gone)?;
        let merchant_id = transaction.merchant_id.ok_or_else(gone)?;
        let merchant = self.merchants.get(merchant_id).ok_or_else(gone)?;
        let Some(order_url) = &merchant.order_url else {
            return match asked {
                Asked::Merchant => Err(Failure::new(
                    FailureCode::BillNotFound,
                    "the merchant knows no bill with this number",
                )),
                Asked::MerchantWhoMayNotKnow | Asked::Nobody => Ok(()),
            };
        };
        match self.bills.get(order_url, va_number).await {
            BillAnswer::Known(bill) => bill.check(transaction.amount),
            BillAnswer::Unknown | BillAnswer::NoAnswer(_) if asked == Asked::MerchantWhoMayNotKnow => Ok(()),
            BillAnswer::Unknown => Err(Failure::new(
                FailureCode::BillNotFound,
                "the merchant knows no bill with this number",
            )),
            BillAnswer::NoAnswer(reason) => {
                tracing::info!(transaction = %transaction.transaction_id, reason, "the merchant gave no usable answer");
                Err(Failure::new(
                    FailureCode::MerchantUnavailable,
                    "the merchant does not answer now; no money was moved",
                ))
            }
        }
    }

    async fn post_to_ledger(
        &self,
        transaction: &Transaction,
        splits: &[Part],
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        let order = self.transfer_order(transaction, splits).await?;
        Ok(match self.step(log, "ledger", self.wallet.post(order), posted).await? {
            LedgerAnswer::Posted => Outcome::Succeeded,
            LedgerAnswer::Refused(failure) => Outcome::Failed(failure),
        })
    }

    /// The transfer of a transaction. Whose wallets it pays are open afterwards.
    pub(super) async fn transfer_order(
        &self,
        transaction: &Transaction,
        splits: &[Part],
    ) -> Result<TransferOrder, PeerError> {
        let (amount, wallet_id) = (transaction.amount, transaction.wallet_id);
        let bank = format!("bank_clearing:{}", amount.currency().code());
        let movement = match (transaction.kind, transaction.target_wallet_id, transaction.merchant_id) {
            (TransactionType::Deposit, ..) => Movement::between(bank, wallet_id, amount),
            (TransactionType::Transfer, Some(target), _) => Movement::between(wallet_id, target, amount),
            (TransactionType::Payment, _, Some(merchant_id)) => {
                let whole = Part {
                    wallet_id: merchant_id.retag::<ids::Wallet>(),
                    amount_minor: amount.minor(),
                };
                let parts = if splits.is_empty() { &[whole] } else { splits };
                self.open_wallets_of(parts).await?;
                Movement::payment(wallet_id, amount, parts, transaction.fee_minor)
            }
            (TransactionType::Transfer | TransactionType::Payment, ..) => {
                let problem = "the transaction does not say whom it pays".to_owned();
                return Err(PeerError::Malformed {
                    peer: "transactions",
                    problem,
                });
            }
        };
        Ok(TransferOrder {
            transfer_id: transaction.transaction_id.retag::<ids::Transfer>(),
            kind: transaction.kind.as_str(),
            on_behalf_of: (transaction.kind != TransactionType::Deposit).then(|| transaction.user_id.clone()),
            hold_id: None,
            movement,
        })
    }

    async fn hold_in_ledger(&self, transaction: &Transaction, log: &mut StepLog) -> Result<Outcome, Stuck> {
        let expires_at = transaction.hold_expires_at.ok_or_else(|| PeerError::Malformed {
            peer: "transactions",
            problem: "the payment does not say until when its money is held".to_owned(),
        })?;
        let asked = self.wallet.holds.authorize(transaction, expires_at);
        Ok(match self.step(log, "hold", asked, hold_result).await? {
            // One that has ended by now was granted once: what becomes of the payment is seen when it expires.
            HoldAnswer::Held | HoldAnswer::Ended { .. } => Outcome::Authorized,
            HoldAnswer::Refused(failure) => Outcome::Failed(failure),
        })
    }

    /// Opens the settlement wallets among those that are paid. Users' wallets are there, or the ledger refuses.
    pub(super) async fn open_wallets_of(&self, parts: &[Part]) -> Result<(), PeerError> {
        for part in parts {
            if let Some(merchant) = self.merchants.get(part.wallet_id.retag::<ids::Merchant>()) {
                self.wallet.open_merchant_wallet(&merchant).await?;
            }
        }
        Ok(())
    }
}

pub(super) fn posted(answer: &LedgerAnswer) -> &str {
    match answer {
        LedgerAnswer::Posted => "POSTED",
        LedgerAnswer::Refused(failure) => failure.code.as_str(),
    }
}
