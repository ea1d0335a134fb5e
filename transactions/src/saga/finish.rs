//! The last step: how it ended and whom to tell, in one commit.

use ids::{EventId, TransactionId};
use outbox::NewMessage;
use outbox::history::{self, Direction, HistoryEntry};
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::runner::Runner;
use crate::clients::merchant::{NOTIFY_LANE, NotifyPayload};
use crate::domain::{
    Merchants, NewEvent, Outcome, SagaFacts, SessionState, Transaction, TransactionStatus, TransactionType,
};
use crate::store::events::{self, WEBHOOK_LANE};
use crate::store::{bill_claims, sagas, sessions, transactions};

impl Runner {
    /// Writes how a transaction ended, and queues what follows from it. Only the first to come writes; whoever comes
    /// later reads what the first wrote.
    pub(super) async fn finish(
        &self,
        transaction_id: TransactionId,
        facts: &SagaFacts,
        outcome: Outcome,
    ) -> Result<Transaction, ApiError> {
        let (facts, merchants, now) = (facts.clone(), self.merchants.clone(), self.clock.now());
        let finished = self
            .database
            .write(move |tx| finish_in(tx, transaction_id, &facts, &outcome, &merchants, now))
            .await?
            .ok_or_else(|| ApiError::not_found("transaction"))?;
        for lane in [history::LANE, NOTIFY_LANE, WEBHOOK_LANE] {
            self.outbox.nudge(lane);
        }
        if let Some(session_id) = finished.session_id {
            self.session_changed(session_id);
        }
        metrics::counter!("sawit_transactions_total", "type" => finished.kind.as_str(), "status" => finished.status.as_str()).increment(1);
        Ok(finished)
    }
}

fn finish_in(
    tx: &mut Tx<'_>,
    transaction_id: TransactionId,
    facts: &SagaFacts,
    outcome: &Outcome,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<Option<Transaction>, StoreError> {
    let first = transactions::finish(tx, transaction_id, outcome, now)?;
    sagas::delete(tx, transaction_id)?;
    let Some(transaction) = transactions::find(tx, transaction_id)? else {
        return Ok(None);
    };
    if !first {
        // The steps and the fence make sure of this; if they ever did not, somebody must look at the ledger.
        // (What was authorized may have been captured or let go by now.)
        if (transaction.status == TransactionStatus::Failed) != matches!(outcome, Outcome::Failed(_)) {
            tracing::error!(transaction = %transaction_id, status = transaction.status.as_str(), "a transaction ended twice, and not the same way");
        }
        return Ok(Some(transaction));
    }
    if let (Some(merchant_id), Some(va_number)) = (transaction.merchant_id, &transaction.va_number) {
        match outcome {
            Outcome::Succeeded => bill_claims::mark_paid(tx, merchant_id, va_number, transaction_id)?,
            // The bill stays claimed until the merchant captures or lets go.
            Outcome::Authorized => {}
            Outcome::Failed(_) => bill_claims::release(tx, merchant_id, va_number, transaction_id)?,
        }
    }
    let session_state = match outcome {
        Outcome::Succeeded => Some(SessionState::Paid),
        Outcome::Authorized => Some(SessionState::Authorized),
        Outcome::Failed(_) => None,
    };
    if let (Some(session_id), Some(state)) = (transaction.session_id, session_state) {
        sessions::set_state(tx, session_id, state, Some(transaction_id), now)?;
    }
    tell(tx, &transaction, facts.target_user_id.as_deref(), merchants, now)?;
    Ok(Some(transaction))
}

/// Tells of a finished transaction: the histories of those concerned, and the merchant.
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
    let (event_type, event_id) = match transaction.status {
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
