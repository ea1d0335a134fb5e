//! What the provider's events say. Those that a shop has no use for are taken in and left alone: the provider may learn
//! to tell more, and a receiver that refused it would be sent it again for days.

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::app::receive_payment::Payment;
use crate::app::receive_refund::Refund;
use crate::domain::payment::whole_rupiah;
use crate::http::webhook::Refusal;

const ID_BYTES_MAX: usize = 200;

/// An event, read.
pub(super) enum Event {
    Paid(Payment),
    Refunded(Refund),
    NotForUs,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "type")]
    event_type: String,
    timestamp: String,
    #[serde(default)]
    data: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentData {
    transaction_id: String,
    va_number: String,
    status: String,
    amount: Value,
    currency: String,
    paid_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RefundData {
    transaction_id: String,
    va_number: String,
    refunded_amount: Value,
    currency: String,
}

/// Reads a body whose signature was right.
pub(super) fn parse(webhook_id: String, body: &[u8]) -> Result<Event, Refusal> {
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| malformed(format!("not an event: {error}")))?;
    match envelope.event_type.as_str() {
        "payment.succeeded" => parse_payment(webhook_id, envelope).map(Event::Paid),
        "payment.refunded" => Ok(parse_refund(webhook_id, envelope).map_or(Event::NotForUs, Event::Refunded)),
        _ => Ok(Event::NotForUs),
    }
}

pub(super) fn malformed(message: String) -> Refusal {
    Refusal(StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED", message)
}

fn parse_payment(webhook_id: String, envelope: Envelope) -> Result<Payment, Refusal> {
    let data: PaymentData =
        serde_json::from_value(envelope.data).map_err(|error| malformed(format!("not a payment: {error}")))?;
    if data.status != "SUCCESS" {
        return Err(malformed(
            "data.status: a payment that succeeded says SUCCESS".to_owned(),
        ));
    }
    if data.currency != "IDR" {
        return Err(malformed("data.currency: only IDR is sold in".to_owned()));
    }
    if data.transaction_id.is_empty() || data.transaction_id.len() > ID_BYTES_MAX {
        return Err(malformed("data.transactionId: 1 to 200 bytes".to_owned()));
    }
    let paid_at = data.paid_at.unwrap_or(envelope.timestamp);
    let paid_at: Timestamp = paid_at
        .parse()
        .map_err(|_| malformed("data.paidAt or timestamp: an RFC 3339 time".to_owned()))?;
    Ok(Payment {
        webhook_id,
        event_type: envelope.event_type,
        transaction_id: data.transaction_id,
        va_number: data.va_number,
        amount: whole_rupiah(&data.amount),
        paid_at,
    })
}

/// A refund that names no bill in rupiah cannot be about an order of ours.
fn parse_refund(webhook_id: String, envelope: Envelope) -> Option<Refund> {
    let data: RefundData = serde_json::from_value(envelope.data).ok()?;
    (data.currency == "IDR").then(|| Refund {
        webhook_id,
        event_type: envelope.event_type,
        transaction_id: data.transaction_id,
        va_number: data.va_number,
        refunded: whole_rupiah(&data.refunded_amount),
    })
}
