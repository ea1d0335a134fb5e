//! The last step of an operation: how it ended, what that makes of the payment, and whom to tell, in one commit.

use ids::EventId;
use money::{Decimal, Money};
use outbox::history::{self, Direction, HistoryEntry};
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::super::finish::{history_entry, history_key, notify};
use super::super::runner::Runner;
use crate::clients::fraud::{About, FRAUD_LANE, FraudEvent, outcome_message};
use crate::clients::merchant::NOTIFY_LANE;
use crate::domain::{
    Merchants, NewEvent, Operation, OperationId, OperationKind, OperationOutcome, OperationState, SessionState,
    Transaction, TransactionStatus,
};
use crate::store::events::{self, WEBHOOK_LANE};
use crate::store::transactions::Change;
use crate::store::{bill_claims, payment_operations, sessions, transactions};

impl Runner {
    /// Writes how an operation ended, and queues what follows from it. Only the first to come writes; whoever comes later
    /// reads what the first wrote.
    pub(super) async fn finish_operation(
        &self,
        operation_id: OperationId,
        outcome: OperationOutcome,
    ) -> Result<Operation, ApiError> {
        let (merchants, now) = (self.merchants.clone(), self.clock.now());
        let (finished, payment) = self
            .database
            .write(move |tx| finish_in(tx, operation_id, &outcome, &merchants, now))
            .await?
            .ok_or_else(|| ApiError::not_found("operation"))?;
        if let Some(payment) = payment {
            self.payment_changed(&payment);
        }
        metrics::counter!("sawit_payment_operations_total", "kind" => operation_id.kind().as_str(), "state" => finished.state.as_str()).increment(1);
        Ok(finished)
    }

    /// Wakes the lanes that tell of a payment, and whoever waits for it to change.
    pub(super) fn payment_changed(&self, payment: &Transaction) {
        for lane in [history::LANE, NOTIFY_LANE, WEBHOOK_LANE, FRAUD_LANE] {
            self.outbox.nudge(lane);
        }
        if let Some(session_id) = payment.session_id {
            self.session_changed(session_id);
        }
    }
}

fn finish_in(
    tx: &mut Tx<'_>,
    operation_id: OperationId,
    outcome: &OperationOutcome,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<Option<(Operation, Option<Transaction>)>, StoreError> {
    let first = payment_operations::finish(tx, operation_id, outcome, now)?;
    let Some(operation) = payment_operations::find(tx, operation_id)? else {
        return Ok(None);
    };
    if !first {
        // The ledger's answers exclude each other; if they ever did not, somebody must look.
        if operation.state != outcome.state() {
            tracing::error!(operation = %operation_id, state = operation.state.as_str(), "an operation ended twice, and not the same way");
        }
        return Ok(Some((operation, None)));
    }
    let before = match operation.state {
        OperationState::Succeeded => transactions::find(tx, operation.transaction_id)?,
        OperationState::Pending | OperationState::Failed => None,
    };
    let payment = before
        .map(|before| apply(tx, &operation, &before, merchants, now))
        .transpose()?;
    Ok(Some((operation, payment)))
}

/// What a successful operation makes of its payment.
fn apply(
    tx: &mut Tx<'_>,
    operation: &Operation,
    before: &Transaction,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<Transaction, StoreError> {
    let minor = operation.amount.minor();
    let change = match operation.operation_id.kind() {
        OperationKind::Capture => Change {
            captured_minor: minor,
            fee_minor: operation.fee_minor,
            is_over: operation.is_final || before.captured_minor + minor == before.amount.minor(),
            ..Change::default()
        },
        OperationKind::Refund => Change {
            refunded_minor: minor,
            ..Change::default()
        },
        OperationKind::Void => Change {
            is_over: true,
            ..Change::default()
        },
    };
    let payment = end_authorization(tx, before, &change, TransactionStatus::Voided, now)?;
    if operation.operation_id.kind() != OperationKind::Void {
        outbox::enqueue(tx, &history::message(&entry_of(operation, &payment, now)), now)?;
    }
    if operation.operation_id.kind() == OperationKind::Refund {
        let about = About {
            operation_id: Some(operation.operation_id.as_str()),
            target_user_id: None,
        };
        outbox::enqueue(
            tx,
            &outcome_message(&payment, FraudEvent::Refunded, minor, about, now)?,
            now,
        )?;
    }
    let (event_type, id_name) = match operation.operation_id.kind() {
        OperationKind::Capture => ("payment.captured", "captureId"),
        OperationKind::Refund => ("payment.refunded", "refundId"),
        OperationKind::Void => ("payment.voided", "voidId"),
    };
    if let Some(event) = NewEvent::of_payment(event_type, EventId::generate(), &payment) {
        let event = event
            .with(id_name, operation.operation_id.as_str())
            .with("operationAmount", serde_json::json!(Decimal::from(operation.amount)));
        let event = match &operation.reason {
            Some(reason) => event.with("reason", reason.as_str()),
            None => event,
        };
        events::record(tx, &event, now)?;
    }
    tell_if_complete(tx, before, &payment, merchants, now)?;
    Ok(payment)
}

/// When nothing more can be captured of what was, the payment is complete, and its merchant is told as of any other. It is
/// the last that is told of the authorization.
pub(super) fn tell_if_complete(
    tx: &mut Tx<'_>,
    before: &Transaction,
    payment: &Transaction,
    merchants: &Merchants,
    now: Timestamp,
) -> Result<(), StoreError> {
    if before.status == payment.status || payment.status != TransactionStatus::Success {
        return Ok(());
    }
    let told = outcome_message(
        payment,
        FraudEvent::Succeeded,
        payment.captured_minor,
        About::default(),
        now,
    )?;
    outbox::enqueue(tx, &told, now)?;
    let event_id = payment.transaction_id.retag::<ids::Event>();
    if let Some(event) = NewEvent::of_payment("payment.succeeded", event_id, payment) {
        events::record(tx, &event, now)?;
    }
    notify(tx, payment, merchants, now)
}

/// Writes a change of a payment, and what follows from it for the session; when its authorization is over, for the bill
/// and for the payer's history (how much was let go) as well. `ending` is how a payment ends of which nothing was captured.
pub(super) fn end_authorization(
    tx: &mut Tx<'_>,
    before: &Transaction,
    change: &Change,
    ending: TransactionStatus,
    now: Timestamp,
) -> Result<Transaction, StoreError> {
    let nothing_captured = before.captured_minor + change.captured_minor == 0;
    let status = match (change.is_over, nothing_captured) {
        (false, _) => before.status,
        (true, true) => ending,
        (true, false) => TransactionStatus::Success,
    };
    let payment = transactions::change(tx, before, change, status, now)?;
    if let Some(session_id) = payment.session_id {
        let state = match status {
            _ if !change.is_over => None,
            TransactionStatus::Success => Some(SessionState::Paid),
            TransactionStatus::Expired => Some(SessionState::Expired),
            _ => Some(SessionState::Cancelled),
        };
        match state {
            Some(state) => sessions::set_state(tx, session_id, state, None, now)?,
            None => sessions::touch(tx, session_id, now)?,
        }
    }
    if !change.is_over {
        return Ok(payment);
    }
    if let (Some(merchant_id), Some(va_number)) = (payment.merchant_id, &payment.va_number) {
        let transaction_id = payment.transaction_id;
        if status == TransactionStatus::Success {
            bill_claims::mark_paid(tx, merchant_id, va_number, transaction_id)?;
        } else {
            bill_claims::release(tx, merchant_id, va_number, transaction_id)?;
        }
    }
    let let_go_minor = payment.amount.minor() - payment.captured_minor;
    if let_go_minor > 0 {
        let entry = let_go_entry(&payment, let_go_minor, ending, now);
        outbox::enqueue(tx, &history::message(&entry), now)?;
    }
    Ok(payment)
}

/// How a capture or refund looks to the payer.
fn entry_of(operation: &Operation, payment: &Transaction, now: Timestamp) -> HistoryEntry {
    let kind = operation.operation_id.kind();
    HistoryEntry {
        entry_key: format!("{}:SUCCESS:{}", operation.operation_id, payment.user_id),
        amount_minor: operation.amount.minor(),
        kind: kind.as_str().to_owned(),
        status: TransactionStatus::Success.as_str().to_owned(),
        direction: if kind == OperationKind::Refund {
            Direction::In
        } else {
            Direction::Out
        },
        occurred_at: now.micros(),
        ..history_entry(payment)
    }
}

/// How it looks to the payer that held money is theirs again: with what was captured it makes up what was authorized.
fn let_go_entry(payment: &Transaction, minor: i64, ending: TransactionStatus, now: Timestamp) -> HistoryEntry {
    HistoryEntry {
        entry_key: history_key(payment.transaction_id, ending, &payment.user_id),
        amount_minor: minor,
        status: ending.as_str().to_owned(),
        direction: Direction::In,
        occurred_at: now.micros(),
        ..history_entry(payment)
    }
}

/// How much of an authorization is let go when it ends.
pub(super) fn let_go(payment: &Transaction) -> Decimal {
    let minor = payment.amount.minor() - payment.captured_minor;
    // Captured is between zero and the amount.
    Money::new(minor, payment.amount.currency()).map_or_else(|_| payment.amount.into(), Decimal::from)
}
