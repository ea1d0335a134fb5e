//! Payments under review: how the money is held, how the word that came is carried out, and what happens when none comes.
//!
//! Steps behind the fraud check, in their order:
//!
//! 1. the saga notes that the payment is to be reviewed. From here on it knows that without asking again, so that money which
//!    is held for a review is never taken for money that is held for a merchant.
//! 2. ledger: a hold over the amount. Not undone: what becomes of it is decided by a person.
//! 3. the transaction is in REVIEW, and its saga is over. The word (or the end of the hold) begins it again.
//! 4. approved: the transfer that would have been posted without the review, out of the hold (of a payment that is captured
//!    later: nothing, its money is held already). What the ledger refuses is let go.
//! 5. refused, or never decided: the transfer's id is fenced and the hold let go. If the money has moved all the same, it
//!    has moved, and the payment has succeeded.

use std::time::Duration;

use ids::TransactionId;
use peer::PeerError;
use service::Timestamp;
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use super::runner::Runner;
use super::steps::{Stuck, posted};
use crate::clients::wallet::{HoldAnswer, LedgerAnswer, hold_of};
use crate::domain::{
    CaptureMode, Failure, FailureCode, MerchantStatus, Outcome, Review, ReviewDecision, SagaFacts, StepLog,
    Transaction, TransactionStatus,
};
use crate::store::{reviews, sagas, transactions};

/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The ledger ends holds by its own clock; it is given time to be first.
const GRACE: Duration = Duration::from_secs(10);
/// Ended in one commit.
const BATCH: i64 = 64;

impl Runner {
    /// Holds the money of a payment that a person must look at.
    pub(super) async fn hold_for_review(
        &self,
        transaction: &Transaction,
        review: Review,
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        let asked = self.wallet.holds.authorize(transaction, review.hold_expires_at());
        let answer = self.step(log, "hold", asked, hold_result).await?;
        Ok(match answer {
            // One that has ended by now was granted once: the review lapses.
            HoldAnswer::Held | HoldAnswer::Ended { .. } => Outcome::InReview,
            HoldAnswer::Refused(failure) => Outcome::Failed(failure),
        })
    }

    /// Has the saga remember that its payment is to be reviewed.
    pub(super) async fn note_review(&self, transaction_id: TransactionId, facts: &SagaFacts) -> Result<(), StoreError> {
        let facts = facts.clone();
        self.database
            .write(move |tx| sagas::set_facts(tx, transaction_id, &facts))
            .await
    }

    /// Carries out what was decided.
    pub(super) async fn carry_out(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        decision: ReviewDecision,
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        match (decision, transaction.capture_mode) {
            (ReviewDecision::Approve, CaptureMode::Automatic) => self.post_held(transaction, facts, log).await,
            (ReviewDecision::Approve, CaptureMode::Manual) => {
                let asked = self.wallet.holds.fence(transaction.transaction_id);
                Ok(match self.step(log, "fence", asked, hold_result).await? {
                    HoldAnswer::Held => Outcome::Authorized,
                    HoldAnswer::Ended { .. } | HoldAnswer::Refused(_) => Outcome::Failed(too_late()),
                })
            }
            (ReviewDecision::Reject, _) => {
                let reason = "the payment was looked at and refused; no money was moved";
                let failure = Failure::new(FailureCode::ReviewRejected, reason);
                self.let_review_go(transaction, failure, log).await
            }
            (ReviewDecision::Lapse, _) => self.let_review_go(transaction, too_late(), log).await,
        }
    }

    /// Gives up carrying out an approval.
    pub(super) async fn give_up_review(&self, transaction: &Transaction, log: &mut StepLog) -> Result<Outcome, Stuck> {
        self.let_review_go(transaction, too_late(), log).await
    }

    async fn post_held(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        // Held money must not reach a merchant that was stopped.
        let merchant = transaction
            .merchant_id
            .and_then(|merchant_id| self.merchants.get(merchant_id));
        if merchant.is_some_and(|merchant| merchant.status == MerchantStatus::Suspended) {
            let reason = "the merchant takes no payments now; no money was moved";
            let failure = Failure::new(FailureCode::MerchantUnavailable, reason);
            return self.let_review_go(transaction, failure, log).await;
        }
        let order = self.transfer_order(transaction, &facts.splits).await?;
        let order = crate::clients::wallet::TransferOrder {
            hold_id: Some(hold_of(transaction.transaction_id)),
            ..order
        };
        match self.step(log, "ledger", self.wallet.post(order), posted).await? {
            LedgerAnswer::Posted => Ok(Outcome::Succeeded),
            LedgerAnswer::Refused(failure) => {
                self.end_hold(transaction.transaction_id, log).await?;
                let failure = match failure.code {
                    FailureCode::PaymentNotAuthorized => too_late(),
                    _ => failure,
                };
                Ok(Outcome::Failed(failure))
            }
        }
    }

    /// Makes sure that nothing moves any more, and lets the money go.
    async fn let_review_go(
        &self,
        transaction: &Transaction,
        failure: Failure,
        log: &mut StepLog,
    ) -> Result<Outcome, Stuck> {
        if transaction.capture_mode == CaptureMode::Automatic {
            let asked = self.wallet.fence(transaction.transaction_id.retag::<ids::Transfer>());
            if self.step(log, "fence", asked, posted).await? == LedgerAnswer::Posted {
                // What is still held beside it (which cannot be, unless the fraud check forgot its first decision) is let go.
                self.wallet.holds.void(transaction.transaction_id).await?;
                return Ok(Outcome::Succeeded);
            }
        }
        self.end_hold(transaction.transaction_id, log).await?;
        Ok(Outcome::Failed(failure))
    }

    /// Lets a hold go of which nothing may have been captured.
    async fn end_hold(&self, transaction_id: TransactionId, log: &mut StepLog) -> Result<(), Stuck> {
        let asked = self.wallet.holds.void(transaction_id);
        match self.step(log, "void", asked, hold_result).await? {
            HoldAnswer::Ended { captured_minor: 0 } | HoldAnswer::Refused(_) => Ok(()),
            HoldAnswer::Held | HoldAnswer::Ended { .. } => {
                tracing::error!(transaction = %transaction_id, "the ledger has captured what was under review, and we do not know of it");
                let problem = "the hold of a review was captured".to_owned();
                Err(Stuck::Peer(PeerError::Malformed {
                    peer: "wallet",
                    problem,
                }))
            }
        }
    }

    /// Lets reviews lapse whose hold has ended, once.
    async fn lapse_once(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let due = now.before(GRACE);
        // Mostly nothing is due, and a look costs no commit.
        let found = self.database.read(move |snapshot| reviews::overdue(snapshot, due, 1));
        if found.await?.is_empty() {
            return Ok(0);
        }
        self.database
            .write(move |tx| {
                let overdue = reviews::overdue(tx, due, BATCH)?;
                for transaction_id in &overdue {
                    decide_in(tx, *transaction_id, ReviewDecision::Lapse, None, now)?;
                }
                Ok(overdue.len())
            })
            .await
    }
}

/// Lets reviews lapse until `stop`.
pub(super) async fn lapse_until(runner: Runner, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match runner.lapse_once().await {
            Ok(count) if count == BATCH as usize => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(
                error = &error as &dyn std::error::Error,
                "it cannot be seen which reviews have lapsed"
            ),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// What became of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    /// It counts, now or as soon as the money is held.
    Taken,
    /// The same was said before, or there is nothing (any more) to decide about.
    NothingToDo,
    /// Something else was said before, and counts.
    Otherwise,
}

/// Takes a word: notes it, and has the saga go on with it.
///
/// A word may come before the transaction is in REVIEW, because the fraud desk knows of it first: it is noted, and counts when
/// the money is held.
pub(crate) fn decide_in(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    decision: ReviewDecision,
    case_id: Option<&str>,
    now: Timestamp,
) -> Result<Decided, StoreError> {
    let Some(transaction) = transactions::find(tx, transaction_id)? else {
        return Ok(Decided::NothingToDo);
    };
    let review = reviews::find(tx, transaction_id)?;
    if let Some(earlier) = review.as_ref().and_then(|review| review.state.decision()) {
        let same = earlier == decision || earlier == ReviewDecision::Lapse;
        return Ok(if same { Decided::NothingToDo } else { Decided::Otherwise });
    }
    match transaction.status {
        TransactionStatus::Pending | TransactionStatus::Review => {}
        _ => return Ok(Decided::NothingToDo),
    }
    reviews::decide(tx, transaction_id, decision, case_id, now)?;
    if transaction.status == TransactionStatus::Review {
        go_on_in(tx, transaction_id, now)?;
    }
    Ok(Decided::Taken)
}

/// Begins the saga of a transaction in REVIEW again, if there is a word: recovery takes it up at its next look.
pub(super) fn go_on_in(tx: &mut Tx<'_>, transaction_id: TransactionId, now: Timestamp) -> Result<(), StoreError> {
    let Some(review) = reviews::find(tx, transaction_id)? else {
        return Ok(());
    };
    let (Some(decision), Some(mut facts)) = (review.state.decision(), review.facts) else {
        return Ok(());
    };
    if let Some(review) = &mut facts.review {
        review.decision = Some(decision);
    }
    let steps = transactions::steps(tx, transaction_id)?;
    sagas::insert(tx, transaction_id, &facts, now, Duration::ZERO)?;
    sagas::set_steps(tx, transaction_id, steps.as_deref())
}

fn too_late() -> Failure {
    Failure::new(
        FailureCode::TimedOut,
        "the payment could not be looked at in time; no money was moved",
    )
}

pub(super) fn hold_result(answer: &HoldAnswer) -> &str {
    match answer {
        HoldAnswer::Held => "HELD",
        HoldAnswer::Ended { .. } => "ENDED",
        HoldAnswer::Refused(failure) => failure.code.as_str(),
    }
}
