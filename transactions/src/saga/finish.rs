//! The last step: how it ended and whom to tell, in one commit.

use ids::TransactionId;
use outbox::NewMessage;
use outbox::history::{self, Direction, HistoryEntry};
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::runner::Runner;
use crate::clients::merchant::{NOTIFY_LANE, NotifyPayload, WEBHOOK_LANE};
use crate::domain::{Merchants, Outcome, SagaFacts, Transaction, TransactionStatus, TransactionType, WebhookEvent};
use crate::store::{bill_claims, sagas, transactions};

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
        if (transaction.status == TransactionStatus::Success) != (*outcome == Outcome::Succeeded) {
            tracing::error!(transaction = %transaction_id, status = transaction.status.as_str(), "a transaction ended twice, and not the same way");
        }
        return Ok(Some(transaction));
    }
    if let (Some(merchant_id), Some(va_number)) = (transaction.merchant_id, &transaction.va_number) {
        match outcome {
            Outcome::Succeeded => bill_claims::mark_paid(tx, merchant_id, va_number, transaction_id)?,
            Outcome::Failed(_) => bill_claims::release(tx, merchant_id, va_number, transaction_id)?,
        }
    }
    for message in messages(&transaction, facts.target_user_id.as_deref(), merchants) {
        outbox::enqueue(tx, &message, now)?;
    }
    Ok(Some(transaction))
}

/// Whom to tell of a finished transaction: the histories of those concerned, and a paid merchant.
pub(crate) fn messages(
    transaction: &Transaction,
    target_user_id: Option<&str>,
    merchants: &Merchants,
) -> Vec<NewMessage> {
    let mut messages = vec![history::message(&history_entry(transaction))];
    if transaction.status != TransactionStatus::Success {
        return messages;
    }
    if let Some(target_user_id) = target_user_id.filter(|user_id| *user_id != transaction.user_id) {
        messages.push(history::message(&incoming_entry(transaction, target_user_id)));
    }
    let merchant = transaction
        .merchant_id
        .and_then(|merchant_id| merchants.get(merchant_id));
    if let (Some(merchant), Some(va_number)) = (merchant, &transaction.va_number) {
        let payload = NotifyPayload {
            merchant_id: merchant.merchant_id.to_string(),
            va_number: va_number.clone(),
        };
        messages.extend(message(NOTIFY_LANE, transaction, &payload));
        if merchant.webhook.is_some()
            && let Some(event) = WebhookEvent::payment_succeeded(transaction, transaction.updated_at)
        {
            messages.extend(message(WEBHOOK_LANE, transaction, &event));
        }
    }
    messages
}

fn message(lane: &'static str, transaction: &Transaction, payload: &impl serde::Serialize) -> Option<NewMessage> {
    let payload = serde_json::to_string(payload).ok()?;
    Some(NewMessage {
        lane,
        ordering_key: transaction.transaction_id.to_string(),
        payload,
    })
}

/// The key that history knows an entry by.
pub(crate) fn history_key(transaction_id: TransactionId, status: TransactionStatus, user_id: &str) -> String {
    format!("{transaction_id}:{}:{user_id}", status.as_str())
}

fn history_entry(transaction: &Transaction) -> HistoryEntry {
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
