//! `/app/topup`: play money in the sandbox, and what to do otherwise.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::{sign_in_first, wallet_select};
use crate::api::{Code, Wallet, documents};
use crate::fields::Fields;
use crate::format::read_amount;
use crate::pages::form::{Input, Mistake, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::unknown::{SameOrder, outcome_unknown};
use crate::pages::{attempt, problem};
use crate::text::{app, common, failures};
use crate::visit::{Visit, see_other};

const KIND: Kind = Kind::App("/app/topup");

pub(crate) async fn page(visit: Visit) -> Response {
    render(&visit, &Fields::default(), &[]).await
}

pub(crate) async fn top_up(visit: Visit, fields: Fields) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let (wallet_id, amount_text) = (fields.get("wallet"), fields.get("amount"));
    let Some(key) = attempt::key(&visit, &fields, &["top-up"], &[wallet_id, amount_text]) else {
        return problem::stale(&visit);
    };
    let Some(amount) = read_amount(amount_text) else {
        let mistakes = [Mistake::at("amount", &visit, failures::BAD_AMOUNT)];
        return render(&visit, &fields, &mistakes).await;
    };
    let input = json!({
        "walletId": wallet_id, "amount": amount.to_string(), "type": "DEPOSIT", "idempotencyKey": key,
    });
    match visit
        .ask(&documents::CREATE_TRANSACTION, json!({ "input": input }))
        .await
    {
        Ok(deposit) => see_other(&format!("/app/done?payment={}", deposit.transaction_id)),
        Err(failure) if failure.is_unknown() || failure.is(Code::Conflict) => {
            let same = SameOrder {
                kind: Kind::Plain,
                action: "/app/topup",
                fields: &attempt::again(&fields, wallet_id, amount_text),
            };
            outcome_unknown(&visit, &same)
        }
        Err(failure) => problem::of_failure(&visit, &failure),
    }
}

async fn render(visit: &Visit, fields: &Fields, mistakes: &[Mistake]) -> Response {
    if visit.session().is_none() {
        return sign_in_first(visit);
    }
    let wallets = match visit.ask(&documents::MY_WALLETS, ()).await {
        Ok(wallets) => wallets,
        Err(failure) => return problem::of_failure(visit, &failure),
    };
    let title = visit.say(app::TOPUP);
    let main = html! {
        section.card.narrow {
            h1 { (title) }
            @if !visit.web().config.sandbox { p { (visit.say(app::TOPUP_LIVE)) } }
            @else if wallets.is_empty() {
                p { (visit.say(app::NO_WALLETS)) }
                a.button href="/app#open" { (visit.say(app::NEW_WALLET)) }
            } @else { (form(visit, &wallets, fields, mistakes)) }
        }
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Page::new(title, KIND, main).respond_with(visit, status)
}

fn form(visit: &Visit, wallets: &[Wallet], fields: &Fields, mistakes: &[Mistake]) -> Markup {
    let amount = Input {
        value: fields.get("amount"),
        ..Input::amount(visit.say(common::AMOUNT), visit.say(app::AMOUNT_HINT))
    };
    html! {
        p { (visit.say(app::TOPUP_TEXT)) }
        (summary(visit, mistakes))
        form method="post" action="/app/topup" data-once {
            (token(visit))
            (attempt::field(visit, &["top-up"]))
            (wallet_select(visit, visit.say(app::TOPUP_TO), wallets, fields.get("wallet"), mistakes))
            (amount.render(visit, mistakes))
            button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::TOPUP)) }
        }
    }
}
