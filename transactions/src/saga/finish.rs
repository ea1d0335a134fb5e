//! The last step: how it ended and whom to tell, in one commit.

use ids::{EventId, TransactionId};
use outbox::NewMessage;
use outbox::history::{self, Direction, HistoryEntry};
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::recovery::is_at;
use super::reviews::go_on_in;
use super::runner::Runner;
use crate::clients::fraud::{About, FRAUD_LANE, FraudEvent, outcome_message};
use crate::clients::merchant::{NOTIFY_LANE, NotifyPayload};
use crate::domain::{
    HELD_FOR, Merchants, NewEvent, Outcome, PaymentSession, SagaFacts, SessionState, StepLog, Transaction,
    TransactionStatus, TransactionType,
};
use crate::store::events::{self, WEBHOOK_LANE};
use crate::store::transactions::Ending;
use crate::store::{bill_claims, payment_minutes, reviews, sagas, sessions, transactions};

impl Runner {
    /// Writes how a transaction ended, and queues what follows from it. Only the first to come writes; whoever comes
    /// later reads what the first wrote.
    pub(super) async fn finish(
        &self,
        transaction_id: TransactionId,
        facts: &SagaFacts,
        outcome: Outcome,
        log: &StepLog,
    ) -> Result<Transaction, ApiError> {
        let (merchants, now) = (self.merchants.clone(), self.clock.now());
        let end = End {
            transaction_id,
            facts: facts.clone(),
            outcome,
            steps: log.to_json(),
            now,
        };
        let finished = self
            .database
            .write(move |tx| finish_in(tx, &end, &merchants))
            .await?
            .ok_or_else(|| ApiError::not_found("transaction"))?;
        for lane in [history::LANE, NOTIFY_LANE, WEBHOOK_LANE, FRAUD_LANE] {
            self.outbox.nudge(lane);
        }
        if let Some(session_id) = finished.session_id {
            self.session_changed(session_id);
        }
        metrics::counter!("sawit_transactions_total", "type" => finished.kind.as_str(), "status" => finished.status.as_str()).increment(1);
        Ok(finished)
    }
}

/// All that the last commit of a saga needs.
struct End {
    transaction_id: TransactionId,
    facts: SagaFacts,
    outcome: Outcome,
    steps: Option<String>,
    now: Timestamp,
}

fn finish_in(tx: &mut Tx<'_>, end: &End, merchants: &Merchants) -> Result<Option<Transaction>, StoreError> {
    let (transaction_id, now) = (end.transaction_id, end.now);
    let review = match end.outcome {
        // As the saga has noted it, which began without knowing.
        Outcome::InReview => sagas::find_facts(tx, transaction_id)?,
        _ => None,
    };
    let Some(before) = transactions::find(tx, transaction_id)? else {
        return Ok(None);
    };
    let hold_expires_at = hold_expires_at(&before, end, review.as_ref());
    let ending = Ending {
        from: is_at(&end.facts),
        outcome: &end.outcome,
        hold_expires_at,
        steps: end.steps.as_deref(),
    };
    if !transactions::finish(tx, transaction_id, &ending, now)? {
        // The steps and the fence make sure of this; if they ever did not, somebody must look at the ledger.
        // (What was authorized or in review may have gone on by now.)
        if before.status.has_failed() != matches!(end.outcome, Outcome::Failed(_)) {
            tracing::error!(transaction = %transaction_id, status = before.status.as_str(), "a transaction ended twice, and not the same way");
        }
        return Ok(Some(before));
    }
    sagas::delete(tx, transaction_id)?;
    let Some(transaction) = transactions::find(tx, transaction_id)? else {
        return Ok(None);
    };
    settle_bill(tx, &transaction, &end.outcome)?;
    settle_session(tx, &before, &transaction, now)?;
    tell(tx, &transaction, end.facts.target_user_id.as_deref(), merchants, now)?;
    if let (Some(facts), Some(hold_expires_at)) = (review, hold_expires_at) {
        reviews::open(tx, transaction_id, &facts, hold_expires_at, now)?;
        // The word may have been faster.
        go_on_in(tx, transaction_id, now)?;
    }
    expire_session(tx, &before, &transaction, now)?;
    Ok(Some(transaction))
}

/// Until when money is held from now on, where that changes.
fn hold_expires_at(before: &Transaction, end: &End, review: Option<&SagaFacts>) -> Option<Timestamp> {
    match (&end.outcome, before.status) {
        (Outcome::InReview, _) => review
            .and_then(|facts| facts.review)
            .map(|review| review.hold_expires_at()),
        // The merchant has as long as for any other payment, and never longer than the ledger holds it.
        (Outcome::Authorized, TransactionStatus::Review) => {
            let usual = end.now.after(HELD_FOR);
            Some(before.hold_expires_at.map_or(usual, |held| held.min(usual)))
        }
        _ => None,
    }
}

/// What the end means for the bill: paid, or anybody's to pay again. One whose money is held stays claimed.
fn settle_bill(tx: &mut Tx<'_>, transaction: &Transaction, outcome: &Outcome) -> Result<(), StoreError> {
    let (Some(merchant_id), Some(va_number)) = (transaction.merchant_id, &transaction.va_number) else {
        return Ok(());
    };
    match outcome {
        Outcome::Succeeded => bill_claims::mark_paid(tx, merchant_id, va_number, transaction.transaction_id),
        Outcome::Authorized | Outcome::InReview => Ok(()),
        Outcome::Failed(_) => bill_claims::release(tx, merchant_id, va_number, transaction.transaction_id),
    }
}

/// What the end means for the session. One whose payment failed is as it was; it was another only while it was in review.
fn settle_session(
    tx: &mut Tx<'_>,
    before: &Transaction,
    transaction: &Transaction,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(session_id) = transaction.session_id else {
        return Ok(());
    };
    let state = match transaction.status {
        TransactionStatus::Success => SessionState::Paid,
        TransactionStatus::Authorized => SessionState::Authorized,
        TransactionStatus::Review => SessionState::Review,
        _ if before.status == TransactionStatus::Review => return sessions::reopen(tx, session_id, now),
        _ => return Ok(()),
    };
    sessions::set_state(tx, session_id, state, Some(transaction.transaction_id), now)
}

/// A session whose time ran out while its payment was looked at ends with the refusal, behind what is told of that.
fn expire_session(
    tx: &mut Tx<'_>,
    before: &Transaction,
    transaction: &Transaction,
    now: Timestamp,
) -> Result<(), StoreError> {
    let was_refused = before.status == TransactionStatus::Review && transaction.status.has_failed();
    let Some(session_id) = transaction.session_id.filter(|_| was_refused) else {
        return Ok(());
    };
    let session = sessions::find(tx, session_id)?;
    match session.filter(|session| session.state == SessionState::Open && session.expires_at <= now) {
        Some(session) => end_session(tx, &session, now),
        None => Ok(()),
    }
}

/// Ends an open session whose time is over.
pub(crate) fn end_session(tx: &mut Tx<'_>, session: &PaymentSession, now: Timestamp) -> Result<(), StoreError> {
    sessions::set_state(tx, session.session_id, SessionState::Expired, None, now)?;
    let mut ended = session.clone();
    ended.state = SessionState::Expired;
    events::record(tx, &NewEvent::of_session("payment.expired", &ended), now)
}

/// Tells of a transaction that has ended or come to a rest: the histories of those concerned, the fraud check, and the merchant.
pub(crate) fn tell(
    tx: &mut Tx<'_>,
    transaction: &Transaction,
    target_user_id: Option<&str>,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<(), StoreError> {
    outbox::enqueue(tx, &history::message(&history_entry(transaction)), now)?;
    let succeeded = transaction.status == TransactionStatus::Success;
    if let Some(target_user_id) = target_user_id.filter(|user_id| succeeded && *user_id != transaction.user_id) {
        outbox::enqueue(tx, &history::message(&incoming_entry(transaction, target_user_id)), now)?;
    }
    payment_minutes::count(tx, transaction, now)?;
    let about = About {
        target_user_id,
        operation_id: None,
    };
    let told = outcome_message(
        transaction,
        fraud_event(transaction),
        transaction.amount.minor(),
        about,
        now,
    )?;
    outbox::enqueue(tx, &told, now)?;
    let (event_type, event_id) = match transaction.status {
        TransactionStatus::Review => ("payment.review", EventId::generate()),
        TransactionStatus::Success => ("payment.succeeded", transaction.transaction_id.retag::<ids::Event>()),
        TransactionStatus::Authorized => ("payment.authorized", EventId::generate()),
        _ => ("payment.failed", EventId::generate()),
    };
    if let Some(event) = NewEvent::of_payment(event_type, event_id, transaction) {
        let event = match &transaction.failure_code {
            Some(code) => event.with("failureCode", code.as_str()),
            None => event,
        };
        events::record(tx, &event, now)?;
    }
    notify(tx, transaction, merchants, now)
}

fn fraud_event(transaction: &Transaction) -> FraudEvent {
    match transaction.status {
        TransactionStatus::Success => FraudEvent::Succeeded,
        TransactionStatus::Authorized => FraudEvent::Authorized,
        TransactionStatus::Review => FraudEvent::InReview,
        _ => FraudEvent::Failed,
    }
}

/// Tells a merchant that wants it by GraphQL that a payment is complete.
pub(super) fn notify(
    tx: &mut Tx<'_>,
    transaction: &Transaction,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<(), StoreError> {
    let succeeded = transaction.status == TransactionStatus::Success;
    let merchant = transaction
        .merchant_id
        .and_then(|merchant_id| merchants.get(merchant_id))
        .filter(|merchant| succeeded && merchant.notification.by_graphql() && merchant.order_url.is_some());
    if let (Some(merchant), Some(va_number)) = (merchant, &transaction.va_number) {
        let payload = NotifyPayload {
            merchant_id: merchant.merchant_id.to_string(),
            va_number: va_number.clone(),
        };
        outbox::enqueue(tx, &notification(transaction, &payload)?, now)?;
    }
    Ok(())
}

fn notification(transaction: &Transaction, payload: &NotifyPayload) -> Result<NewMessage, StoreError> {
    let ordering_key = format!("{}/{}", payload.merchant_id, transaction.transaction_id);
    let payload = serde_json::to_string(payload).map_err(|_| StoreError::Column {
        column: 0,
        problem: "the notification is no JSON".to_owned(),
    })?;
    Ok(NewMessage {
        lane: NOTIFY_LANE,
        ordering_key,
        payload,
    })
}

/// The key that history knows an entry by.
pub(crate) fn history_key(transaction_id: TransactionId, status: TransactionStatus, user_id: &str) -> String {
    format!("{transaction_id}:{}:{user_id}", status.as_str())
}

pub(super) fn history_entry(transaction: &Transaction) -> HistoryEntry {
    let direction = if transaction.kind == TransactionType::Deposit {
        Direction::In
    } else {
        Direction::Out
    };
    let counterparty = match (transaction.target_wallet_id, transaction.merchant_id) {
        (Some(wallet_id), _) => Some(wallet_id.to_string()),
        (None, Some(merchant_id)) => Some(merchant_id.to_string()),
        (None, None) => None,
    };
    HistoryEntry {
        entry_key: history_key(transaction.transaction_id, transaction.status, &transaction.user_id),
        transaction_id: transaction.transaction_id.to_string(),
        user_id: transaction.user_id.clone(),
        amount_minor: transaction.amount.minor(),
        currency: transaction.amount.currency().code().to_owned(),
        kind: transaction.kind.as_str().to_owned(),
        status: transaction.status.as_str().to_owned(),
        va_number: transaction.va_number.clone(),
        direction,
        wallet_id: Some(transaction.wallet_id.to_string()),
        counterparty,
        failure_code: transaction.failure_code.clone(),
        occurred_at: transaction.updated_at.micros(),
    }
}

/// The same transfer, as the one who got the money sees it.
fn incoming_entry(transaction: &Transaction, target_user_id: &str) -> HistoryEntry {
    HistoryEntry {
        entry_key: history_key(transaction.transaction_id, transaction.status, target_user_id),
        user_id: target_user_id.to_owned(),
        direction: Direction::In,
        wallet_id: transaction.target_wallet_id.map(|wallet_id| wallet_id.to_string()),
        counterparty: Some(transaction.wallet_id.to_string()),
        ..history_entry(transaction)
    }
}
