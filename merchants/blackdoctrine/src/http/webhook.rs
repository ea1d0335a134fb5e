//! The receiver of the provider's signed events (Standard Webhooks).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};

use crate::app::SharedApp;
use crate::app::receive_payment::{Outcome, Payment, receive_payment};
use crate::domain::payment::whole_rupiah;
use crate::http::refusal;

const PAYMENT_SUCCEEDED: &str = "payment.succeeded";
const ID_BYTES_MAX: usize = 200;

#[derive(Deserialize)]
struct Event {
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

/// Why an event is answered with anything but 200.
struct Refusal(StatusCode, &'static str, String);

pub(super) async fn receive(State(app): State<SharedApp>, headers: HeaderMap, body: Bytes) -> Response {
    match handle(&app, &headers, &body).await {
        Ok(answer) => Json(answer).into_response(),
        Err(Refusal(status, code, message)) => {
            tracing::warn!(%status, code, message, "a webhook was refused");
            refusal(status, code, &message)
        }
    }
}

async fn handle(app: &SharedApp, headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let webhook_id = verify(app.webhooks.as_ref(), headers, body)?;
    let event: Event = serde_json::from_slice(body).map_err(|error| {
        Refusal(
            StatusCode::UNPROCESSABLE_ENTITY,
            "MALFORMED",
            format!("not an event: {error}"),
        )
    })?;
    if event.event_type != PAYMENT_SUCCEEDED {
        return Ok(json!({ "received": true, "ignored": true }));
    }
    let payment = parse_payment(webhook_id, event)?;
    let outcome = receive_payment(app, payment).await.map_err(|error| {
        tracing::error!(error = ?error, "a webhook could not be dealt with");
        Refusal(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "something went wrong, try again".to_owned(),
        )
    })?;
    let unprocessable = |code, message: String| Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, code, message));
    match outcome {
        Outcome::Accepted => Ok(json!({ "received": true, "duplicate": false })),
        Outcome::Duplicate => Ok(json!({ "received": true, "duplicate": true })),
        Outcome::UnknownBill => unprocessable("UNKNOWN_BILL", "no order has this virtual-account number".to_owned()),
        Outcome::Mismatch(mismatch) => unprocessable("MISMATCH", mismatch.to_string()),
    }
}

/// Checks signature and age over the bytes as they came; gives the event's id.
fn verify(secret: Option<&Webhook>, headers: &HeaderMap, body: &[u8]) -> Result<String, Refusal> {
    let secret = secret.ok_or_else(|| {
        Refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "NO_SECRET",
            "no webhook secret is configured here".to_owned(),
        )
    })?;
    secret
        .verify(body, headers)
        .map_err(|error| Refusal(StatusCode::UNAUTHORIZED, "BAD_SIGNATURE", error.to_string()))?;
    let id = headers
        .get(HEADER_WEBHOOK_ID)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        return Err(Refusal(
            StatusCode::UNPROCESSABLE_ENTITY,
            "MALFORMED",
            "webhook-id: 1 to 200 bytes".to_owned(),
        ));
    }
    Ok(id.to_owned())
}

fn parse_payment(webhook_id: String, event: Event) -> Result<Payment, Refusal> {
    let malformed = |message: String| Refusal(StatusCode::UNPROCESSABLE_ENTITY, "MALFORMED", message);
    let data: PaymentData =
        serde_json::from_value(event.data).map_err(|error| malformed(format!("not a payment: {error}")))?;
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
    let paid_at = data.paid_at.unwrap_or(event.timestamp);
    let paid_at: Timestamp = paid_at
        .parse()
        .map_err(|_| malformed("data.paidAt or timestamp: an RFC 3339 time".to_owned()))?;
    Ok(Payment {
        webhook_id,
        event_type: event.event_type,
        transaction_id: data.transaction_id,
        va_number: data.va_number,
        amount: whole_rupiah(&data.amount),
        paid_at,
    })
}
