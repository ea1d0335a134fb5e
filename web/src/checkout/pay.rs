//! `POST /checkout/{session}/pay`.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use money::Money;
use serde_json::json;

use super::till::{self, Till};
use super::{Told, back_with, is_id, load, told_of, without_session};
use crate::api::{Failure, SessionState, documents};
use crate::fields::Fields;
use crate::format::IDR;
use crate::pages::form::Mistake;
use crate::pages::{attempt, confirm, problem};
use crate::text::checkout;
use crate::visit::{Visit, see_other};

pub(crate) async fn pay(visit: Visit, Path(session_id): Path<String>, fields: Fields) -> Response {
    let session = match load(&visit, &session_id).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    if visit.session().is_none() {
        return without_session(&visit, &session_id);
    }
    // Paid in another tab, expired, cancelled: the bill's page says so.
    if session.state != SessionState::Open {
        return see_other(&format!("/checkout/{session_id}"));
    }
    // The amount that stood on the form, which its mark vouches for: the provider refuses any other.
    let (wallet_id, seen) = (fields.get("wallet"), fields.get("amount"));
    let key = attempt::key(&visit, &fields, &attempt::of_bill(&session_id, seen), &[wallet_id]);
    let (Some(key), Ok(amount)) = (key, money::parse_decimal(seen, IDR)) else {
        return problem::stale(&visit);
    };
    let mistakes = match mistakes(&visit, amount, &fields).await {
        Ok(mistakes) => mistakes,
        Err(failure) => return not_confirmed(&visit, &session_id, &failure),
    };
    if !mistakes.is_empty() {
        let till = Till {
            told: (amount != session.amount()).then_some(Told::AmountChanged),
            mistakes,
            wallet_id: wallet_id.to_owned(),
            confirm_with: fields.get("with").to_owned(),
            status: Some(StatusCode::UNPROCESSABLE_ENTITY),
            ..Till::default()
        };
        return till::page(&visit, &session, till).await;
    }
    let input = json!({
        "sessionId": session_id, "walletId": wallet_id, "amount": amount.to_string(), "idempotencyKey": key,
    });
    match visit
        .ask(&documents::PAY_PAYMENT_SESSION, json!({ "input": input }))
        .await
    {
        // Whatever came of it: the bill's page tells, and reloading that pays nothing.
        Ok(payment) => see_other(&format!("/checkout/{session_id}?payment={}", payment.transaction_id)),
        Err(failure) if failure.is_unknown() => back_with(&session_id, Told::Unknown),
        Err(failure) => match told_of(&failure) {
            Some(told) => back_with(&session_id, told),
            None => problem::of_failure(&visit, &failure),
        },
    }
}

/// What keeps this payment from being sent: no wallet, or not the right PIN or password.
async fn mistakes(visit: &Visit, amount: Money, fields: &Fields) -> Result<Vec<Mistake>, Failure> {
    if !is_id(fields.get("wallet"), "wal_") {
        return Ok(vec![Mistake::at("wallet", visit, checkout::NEED_WALLET)]);
    }
    confirm::mistakes(visit, amount, fields).await
}

fn not_confirmed(visit: &Visit, session_id: &str, failure: &Failure) -> Response {
    match told_of(failure) {
        Some(told) => back_with(session_id, told),
        None => problem::down(visit),
    }
}
