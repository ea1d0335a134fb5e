//! The receiver of the provider's signed events (Standard Webhooks).

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use standardwebhooks::{HEADER_WEBHOOK_ID, Webhook};

use crate::app::SharedApp;
use crate::app::receive_payment::{Outcome, receive_payment};
use crate::app::receive_refund::receive_refund;
use crate::http::event::{self, Event};
use crate::http::refusal;

const ID_BYTES_MAX: usize = 200;

/// Why an event is answered with anything but 200.
pub(super) struct Refusal(pub(super) StatusCode, pub(super) &'static str, pub(super) String);

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
    let outcome = match event::parse(webhook_id, body)? {
        Event::Paid(payment) => receive_payment(app, payment).await,
        Event::Refunded(refund) => receive_refund(app, refund).await,
        Event::NotForUs => return Ok(json!({ "received": true, "ignored": true })),
    };
    let outcome = outcome.map_err(|error| {
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
        return Err(event::malformed("webhook-id: 1 to 200 bytes".to_owned()));
    }
    Ok(id.to_owned())
}
