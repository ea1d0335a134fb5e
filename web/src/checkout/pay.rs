//! `POST /checkout/{session}/pay`.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::till::{self, Till, needs_confirmation};
use super::{Told, back_with, is_id, load, told_of, without_session};
use crate::api::{CheckoutSession, Code, Failure, SessionState, documents};
use crate::fields::Fields;
use crate::pages::form::Mistake;
use crate::pages::{attempt, problem, words};
use crate::text::{checkout, failures};
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
    let wallet_id = fields.get("wallet");
    let Some(key) = attempt::key(&visit, &fields, &["pay", &session_id], &[wallet_id]) else {
        return problem::stale(&visit);
    };
    let mistakes = mistakes(&visit, &session, &fields).await;
    let mistakes = match mistakes {
        Ok(mistakes) => mistakes,
        Err(failure) => return not_confirmed(&visit, &session_id, &failure),
    };
    if !mistakes.is_empty() {
        let till = Till {
            mistakes,
            wallet_id: wallet_id.to_owned(),
            status: Some(StatusCode::UNPROCESSABLE_ENTITY),
            ..Till::default()
        };
        return till::page(&visit, &session, till).await;
    }
    let input = json!({ "sessionId": session_id, "walletId": wallet_id, "idempotencyKey": key });
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
async fn mistakes(visit: &Visit, session: &CheckoutSession, fields: &Fields) -> Result<Vec<Mistake>, Failure> {
    if !is_id(fields.get("wallet"), "wal_") {
        return Ok(vec![Mistake::at("wallet", visit, checkout::NEED_WALLET)]);
    }
    if !needs_confirmation(visit, session.amount()) {
        return Ok(Vec::new());
    }
    let (field, value) = match (fields.get("pin"), fields.raw("password")) {
        ("", "") => return Ok(vec![Mistake::at("password", visit, checkout::NEED_CONFIRM)]),
        (_, password) if !password.is_empty() => ("password", password),
        (pin, _) => ("pin", pin),
    };
    match visit.ask(&documents::CONFIRM_IDENTITY, json!({ field: value })).await {
        Ok(true) => Ok(Vec::new()),
        Ok(false) => Ok(vec![wrong(visit, field)]),
        Err(failure) => match failure.code() {
            Some(Code::BadInput) => Ok(vec![wrong(visit, field)]),
            Some(Code::Conflict) => Ok(vec![Mistake::at("password", visit, failures::NO_PIN)]),
            Some(Code::RateLimited) => Ok(vec![Mistake {
                field,
                message: words::of_failure(visit, &failure),
            }]),
            _ => Err(failure),
        },
    }
}

fn wrong(visit: &Visit, field: &'static str) -> Mistake {
    let text = if field == "pin" {
        failures::WRONG_PIN
    } else {
        failures::WRONG_PASSWORD
    };
    Mistake::at(field, visit, text)
}

fn not_confirmed(visit: &Visit, session_id: &str, failure: &Failure) -> Response {
    match told_of(failure) {
        Some(told) => back_with(session_id, told),
        None => problem::down(visit),
    }
}
