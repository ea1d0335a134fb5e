//! What a buyer without enough money can do without leaving the bill.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::till::{self, Till};
use super::{Told, back_with, load, told_of, without_session};
use crate::api::{CheckoutSession, Code, Wallet, documents};
use crate::fields::Fields;
use crate::format::{read_amount, rupiah};
use crate::pages::form::{Input, Mistake, hidden, token};
use crate::pages::layout::Kind;
use crate::pages::notice::{Tone, notice};
use crate::pages::unknown::{SameOrder, outcome_unknown};
use crate::pages::{attempt, problem};
use crate::text::{app, checkout, common, failures};
use crate::visit::{Visit, see_other};

/// For whoever has no wallet.
pub(super) fn first(visit: &Visit, session: &CheckoutSession) -> Markup {
    html! {
        (notice(Tone::Quiet, visit.say(checkout::NO_WALLET_TITLE), visit.say(checkout::NO_WALLET_TEXT)))
        form method="post" action={ "/checkout/" (session.session_id) "/wallet" } data-once {
            (token(visit))
            button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(checkout::OPEN_WALLET)) }
        }
    }
}

/// For whoever has wallets, and none of them has enough. Right after a refusal the reason stands above already.
pub(super) fn too_little(visit: &Visit, session: &CheckoutSession, wallets: &[Wallet], was_refused: bool) -> Markup {
    let fullest = wallets
        .iter()
        .filter(|wallet| wallet.is_active())
        .max_by_key(|wallet| wallet.available().minor());
    let (title, text) = match fullest {
        Some(_) => (checkout::TOO_LITTLE_TITLE, checkout::TOO_LITTLE_TEXT),
        None => (checkout::ALL_FROZEN_TITLE, checkout::ALL_FROZEN_TEXT),
    };
    html! {
        @if !was_refused { (notice(Tone::Waiting, visit.say(title), visit.say(text))) }
        @match fullest {
            Some(wallet) if visit.web().config.sandbox => (top_up_form(visit, session, wallet)),
            Some(_) => p.hint { (visit.say(checkout::TOO_LITTLE_LIVE)) },
            None => {}
        }
    }
}

fn top_up_form(visit: &Visit, session: &CheckoutSession, wallet: &Wallet) -> Markup {
    let missing = session
        .amount()
        .checked_sub(wallet.available())
        .map(rupiah)
        .unwrap_or_default();
    let amount = Input {
        value: missing.trim_start_matches("Rp "),
        ..Input::amount(visit.say(common::AMOUNT), visit.say(app::AMOUNT_HINT))
    };
    html! {
        form.boxed method="post" action={ "/checkout/" (session.session_id) "/topup" } data-once {
            h3 { (visit.say(checkout::TOPUP_TITLE)) }
            p.hint { (visit.say(checkout::TOPUP_TEXT)) }
            (token(visit))
            (attempt::field(visit, &["top-up", &session.session_id]))
            (hidden("wallet", &wallet.wallet_id))
            (amount.render(visit, &[]))
            button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(checkout::TOPUP_BUTTON)) }
        }
    }
}

pub(crate) async fn create(visit: Visit, Path(session_id): Path<String>) -> Response {
    if visit.session().is_none() {
        return without_session(&visit, &session_id);
    }
    // Sent twice, it opens one.
    let created = match visit.ask(&documents::MY_WALLETS, ()).await {
        Ok(wallets) if wallets.is_empty() => {
            let variables = json!({ "walletName": visit.say(checkout::FIRST_WALLET) });
            visit.ask(&documents::CREATE_WALLET, variables).await.map(drop)
        }
        other => other.map(drop),
    };
    match created {
        Ok(()) => see_other(&format!("/checkout/{session_id}")),
        Err(failure) => problem::of_failure(&visit, &failure),
    }
}

pub(crate) async fn top_up(visit: Visit, Path(session_id): Path<String>, fields: Fields) -> Response {
    if visit.session().is_none() {
        return without_session(&visit, &session_id);
    }
    let (wallet_id, amount_text) = (fields.get("wallet"), fields.get("amount"));
    let purpose = ["top-up", session_id.as_str()];
    let Some(key) = attempt::key(&visit, &fields, &purpose, &[wallet_id, amount_text]) else {
        return problem::stale(&visit);
    };
    let Some(amount) = read_amount(amount_text) else {
        return bad_amount(&visit, &session_id).await;
    };
    let input = json!({
        "walletId": wallet_id, "amount": amount.to_string(), "type": "DEPOSIT", "idempotencyKey": key,
    });
    match visit
        .ask(&documents::CREATE_TRANSACTION, json!({ "input": input }))
        .await
    {
        Ok(deposit) if deposit.is_failed() => back_with(&session_id, Told::TopUpFailed),
        Ok(_) => back_with(&session_id, Told::ToppedUp),
        Err(failure) if failure.is_unknown() || failure.is(Code::Conflict) => {
            let same = SameOrder {
                kind: Kind::Checkout,
                action: &format!("/checkout/{session_id}/topup"),
                fields: &attempt::again(&fields, wallet_id, amount_text),
            };
            outcome_unknown(&visit, &same)
        }
        Err(failure) => match told_of(&failure) {
            Some(told) => back_with(&session_id, told),
            None => problem::of_failure(&visit, &failure),
        },
    }
}

async fn bad_amount(visit: &Visit, session_id: &str) -> Response {
    let session = match load(visit, session_id).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let till = Till {
        mistakes: vec![Mistake::at("amount", visit, failures::BAD_AMOUNT)],
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
        ..Till::default()
    };
    till::page(visit, &session, till).await
}
