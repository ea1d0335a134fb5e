//! Events: what merchants are told.

use ids::{EventId, MerchantId};
use money::Decimal;
use serde_json::{Value, json};

use super::session::PaymentSession;
use super::transaction::Transaction;

/// An event that is about to be committed.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id: `webhook-id`, the same for every attempt, so that a receiver knows a repetition.
    pub event_id: EventId,
    /// Whom it is for.
    pub merchant_id: MerchantId,
    /// What it is about: a session, a bill, a payout. Events of one subject are numbered and delivered in their order.
    pub subject: String,
    /// Such as `payment.succeeded`.
    pub event_type: &'static str,
    /// What is told.
    pub data: Value,
}

impl NewEvent {
    /// What became of a payment. `None` for what concerns no merchant.
    pub fn of_payment(event_type: &'static str, event_id: EventId, transaction: &Transaction) -> Option<Self> {
        let merchant_id = transaction.merchant_id?;
        Some(Self {
            event_id,
            merchant_id,
            subject: payment_subject(transaction),
            event_type,
            data: payment_data(transaction),
        })
    }

    /// What became of a session that no payment has to do with.
    pub fn of_session(event_type: &'static str, session: &PaymentSession) -> Self {
        Self {
            event_id: EventId::generate(),
            merchant_id: session.merchant_id,
            subject: session.session_id.to_string(),
            event_type,
            data: json!({
                "transactionId": null,
                "sessionId": session.session_id.as_str(),
                "orderId": session.order_id,
                "vaNumber": session.va_number.as_str(),
                "status": session.state.as_str(),
                "amount": Decimal::from(session.amount),
                "capturedAmount": 0,
                "refundedAmount": 0,
                "currency": session.amount.currency().code(),
                "paidAt": null,
            }),
        }
    }

    /// The same with more to tell.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.data[name] = value.into();
        self
    }
}

/// A payment of a session is told of under the session's id, any other under its bill's number.
pub fn payment_subject(transaction: &Transaction) -> String {
    match (&transaction.session_id, &transaction.va_number) {
        (Some(session_id), _) => session_id.to_string(),
        (None, Some(va_number)) => va_number.to_ascii_uppercase(),
        (None, None) => transaction.transaction_id.to_string(),
    }
}

fn payment_data(transaction: &Transaction) -> Value {
    json!({
        "transactionId": transaction.transaction_id.as_str(),
        "sessionId": transaction.session_id.map(|session_id| session_id.to_string()),
        "orderId": transaction.order_id,
        "vaNumber": transaction.va_number,
        "status": transaction.status.as_str(),
        "amount": Decimal::from(transaction.amount),
        "capturedAmount": Decimal::from(transaction.captured()),
        "refundedAmount": Decimal::from(transaction.refunded()),
        "currency": transaction.amount.currency().code(),
        "paidAt": transaction.paid_at.map(|paid_at| paid_at.to_string()),
    })
}
