//! `GET /checkout/{session}`: the bill as it stands.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde::Deserialize;

use super::till::{self, Till};
use super::{Told, is_id, load, outcome};
use crate::api::{CheckoutSession, Payment, SessionState, documents};
use crate::pages::problem;
use crate::visit::{Visit, see_other};

#[derive(Deserialize)]
pub(crate) struct Before {
    /// The payment that was begun here.
    payment: Option<String>,
    told: Option<String>,
    /// How to confirm, where there are two ways.
    with: Option<String>,
}

pub(crate) async fn show(visit: Visit, Path(session_id): Path<String>, Query(before): Query<Before>) -> Response {
    let session = match load(&visit, &session_id).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let payment = match before.payment {
        Some(id) => payment(&visit, &session, &id).await,
        None => None,
    };
    match (session.state, &payment) {
        (SessionState::Open, Some(payment)) if payment.is_pending() => outcome::pending(&visit, &session, payment),
        (SessionState::Review, Some(payment)) if payment.is_in_review() => {
            outcome::in_review(&visit, &session, payment)
        }
        (SessionState::Open, _) if visit.session_is_unknown() => problem::down(&visit),
        (SessionState::Open, _) => {
            let told = before.told.as_deref().and_then(Told::from_code);
            let told = if visit.session_ended() {
                Some(Told::SignInAgain)
            } else {
                told
            };
            let till = Till {
                told,
                failed: payment.filter(Payment::is_failed),
                confirm_with: before.with.unwrap_or_default(),
                ..Till::default()
            };
            till::page(&visit, &session, till).await
        }
        (_, payment) => outcome::ended(&visit, &session, payment.as_ref()),
    }
}

/// `GET` where only a form is taken: to the bill.
pub(crate) async fn back(Path(session_id): Path<String>) -> Response {
    see_other(&if is_id(&session_id, "cks_") {
        format!("/checkout/{session_id}")
    } else {
        "/app".to_owned()
    })
}

/// The buyer's own payment of this bill; anybody else's is not shown.
pub(super) async fn payment(visit: &Visit, session: &CheckoutSession, id: &str) -> Option<Payment> {
    if visit.session().is_none() || !is_id(id, "trx_") {
        return None;
    }
    let variables = serde_json::json!({ "transactionId": id });
    let payment = visit.ask(&documents::TRANSACTION, variables).await.ok().flatten()?;
    (payment.session_id.as_deref() == Some(session.session_id.as_str())).then_some(payment)
}
