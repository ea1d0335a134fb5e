//! `/app/transfer`: to whom and how much, then the name and a second look, then the money.

use axum::extract::Query;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{sign_in_first, wallet_select};
use crate::api::{Code, Failure, Payment, Wallet, documents};
use crate::fields::Fields;
use crate::format::{IDR, read_amount, rupiah};
use crate::pages::confirm::{self, Means};
use crate::pages::form::{Input, Mistake, hidden, summary, token};
use crate::pages::layout::{Kind, Page};
use crate::pages::notice::{Tone, outcome};
use crate::pages::unknown::{SameOrder, order_over, outcome_unknown};
use crate::pages::{problem, words};
use crate::receipts::show as receipt;
use crate::session::{Purpose, random_text};
use crate::text::{Text, app, checkout, common, failures, receipts};
use crate::visit::{Visit, see_other};

const KIND: Kind = Kind::App("/app/transfer");
const NOTE_CHARS_MAX: usize = 200;
/// What was looked at longer ago is looked at again.
const GOOD_FOR_SECONDS: i64 = 15 * 60;
/// An order whose outcome is not known can be sent again for so long.
const AGAIN_FOR_SECONDS: i64 = 24 * 60 * 60;
const CONFIRM: &str = "/app/transfer/confirm";

/// What the second page shows, sealed: what is confirmed is what was seen.
#[derive(Serialize, Deserialize)]
struct Order {
    user_id: String,
    from_wallet: String,
    to_wallet: String,
    amount: String,
    note: String,
    recipient_name: String,
    recipient_username: String,
    /// Known where the amount has to be confirmed.
    has_pin: Option<bool>,
    key: String,
    ends: i64,
    /// It was confirmed and sent before, and nobody knows what came of it.
    sent: bool,
}

impl Order {
    fn amount(&self) -> Option<Money> {
        money::parse_decimal(&self.amount, IDR).ok()
    }
}

pub(crate) async fn page(visit: Visit) -> Response {
    form_page(&visit, &Fields::default(), &[]).await
}

/// The second page cannot be asked for by its address.
pub(crate) async fn restart() -> Response {
    see_other("/app/transfer")
}

pub(crate) async fn check(visit: Visit, fields: Fields) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    match looked_up(&visit, &fields).await {
        Ok(order) => confirm_page(&visit, &order, "", &[]),
        Err(Looked::Mistake(field, text)) => form_page(&visit, &fields, &[Mistake::at(field, &visit, text)]).await,
        Err(Looked::Failure(failure)) if failure.is(Code::RateLimited) => {
            let mistake = Mistake {
                field: "login",
                message: words::of_failure(&visit, &failure),
            };
            form_page(&visit, &fields, &[mistake]).await
        }
        Err(Looked::Failure(failure)) => problem::of_failure(&visit, &failure),
    }
}

enum Looked {
    Mistake(&'static str, Text),
    Failure(Failure),
}

async fn looked_up(visit: &Visit, fields: &Fields) -> Result<Order, Looked> {
    let amount = read_amount(fields.get("amount")).ok_or(Looked::Mistake("amount", failures::BAD_AMOUNT))?;
    let login = fields
        .filled("login")
        .ok_or(Looked::Mistake("login", failures::NEEDED))?;
    let note = fields.get("note");
    if note.chars().count() > NOTE_CHARS_MAX {
        return Err(Looked::Mistake("note", failures::BAD_NOTE));
    }
    let recipient = match visit.ask(&documents::RECIPIENT, json!({ "login": login })).await {
        Ok(recipient) => recipient,
        Err(failure) if matches!(failure.code(), Some(Code::NotFound | Code::BadInput)) => None,
        Err(failure) => return Err(Looked::Failure(failure)),
    };
    let recipient = recipient.ok_or(Looked::Mistake("login", failures::NO_RECIPIENT))?;
    let variables = json!({ "userId": recipient.user_id });
    let receiving = visit.ask(&documents::RECEIVING_WALLET, variables).await;
    let receiving = receiving
        .map_err(Looked::Failure)?
        .ok_or(Looked::Mistake("login", failures::RECIPIENT_WITHOUT_WALLET))?;
    let from_wallet = fields.get("wallet");
    if receiving.wallet_id == from_wallet {
        return Err(Looked::Mistake("wallet", failures::SAME_WALLET));
    }
    let has_pin = if confirm::is_needed(visit, amount) {
        let profile = visit.ask(&documents::MY_PROFILE, ()).await;
        Some(profile.map_err(Looked::Failure)?.has_pin)
    } else {
        None
    };
    Ok(Order {
        user_id: visit
            .session()
            .map(|session| session.user_id.clone())
            .unwrap_or_default(),
        from_wallet: from_wallet.to_owned(),
        to_wallet: receiving.wallet_id,
        amount: amount.to_string(),
        note: note.to_owned(),
        recipient_name: recipient.fullname,
        recipient_username: recipient.username,
        has_pin,
        key: format!("web-{}", random_text()),
        ends: visit.web().config.clock.now().seconds() + GOOD_FOR_SECONDS,
        sent: false,
    })
}

pub(crate) async fn send(visit: Visit, fields: Fields) -> Response {
    let order: Option<Order> = visit.web().vault.open(Purpose::Transfer, fields.get("order"));
    let Some(session) = visit.session() else {
        return match order {
            // Nobody is led to a fresh form who may have sent money already.
            Some(order) if order.sent => order_over(&visit),
            _ => sign_in_first(&visit),
        };
    };
    let order = order.filter(|order| order.user_id == session.user_id);
    let Some((order, amount)) = order.and_then(|order| order.amount().map(|amount| (order, amount))) else {
        return problem::stale(&visit);
    };
    if visit.web().config.clock.now().seconds() >= order.ends {
        return order_over(&visit);
    }
    if order.sent {
        return carry_out(&visit, order, &fields).await;
    }
    if let Some(asked) = fields.filled("ask") {
        return confirm_page(&visit, &order, asked, &[]);
    }
    let mistakes = match confirm::mistakes(&visit, amount, &fields).await {
        Ok(mistakes) => mistakes,
        Err(failure) if failure.is(Code::Unauthenticated) => return sign_in_first(&visit),
        Err(failure) => vec![Mistake {
            field: "",
            message: words::of_failure(&visit, &failure),
        }],
    };
    if mistakes.is_empty() {
        return carry_out(&visit, order, &fields).await;
    }
    confirm_page(&visit, &order, fields.get("with"), &mistakes)
}

/// Sends an order. One that was sent before may have been carried out: whatever a second answer says, it is not refused.
async fn carry_out(visit: &Visit, order: Order, fields: &Fields) -> Response {
    let note = Some(order.note.as_str()).filter(|note| !note.is_empty());
    let input = json!({
        "walletId": order.from_wallet, "targetWalletId": order.to_wallet, "amount": order.amount,
        "type": "TRANSFER", "description": note, "idempotencyKey": order.key,
    });
    let failure = match visit
        .ask(&documents::CREATE_TRANSACTION, json!({ "input": input }))
        .await
    {
        Ok(payment) => return see_other(&format!("/app/done?payment={}", payment.transaction_id)),
        Err(failure) => failure,
    };
    match failure.code() {
        Some(Code::BadInput | Code::NotFound | Code::Forbidden) if !order.sent => {
            let mistake = Mistake::at("wallet", visit, failures::WALLET_GONE_TEXT);
            form_page(visit, fields, &[mistake]).await
        }
        Some(Code::Unauthenticated | Code::RateLimited) if !order.sent => problem::of_failure(visit, &failure),
        _ => not_known(visit, order),
    }
}

fn not_known(visit: &Visit, mut order: Order) -> Response {
    if !order.sent {
        order.sent = true;
        order.ends = visit.web().config.clock.now().seconds() + AGAIN_FOR_SECONDS;
    }
    match visit.web().vault.seal(Purpose::Transfer, &order) {
        Some(sealed) => {
            let same = SameOrder {
                kind: Kind::Plain,
                action: CONFIRM,
                fields: &[("order", &sealed)],
            };
            outcome_unknown(visit, &same)
        }
        None => order_over(visit),
    }
}

async fn form_page(visit: &Visit, fields: &Fields, mistakes: &[Mistake]) -> Response {
    if visit.session().is_none() {
        return sign_in_first(visit);
    }
    let wallets = match visit.ask(&documents::MY_WALLETS, ()).await {
        Ok(wallets) => wallets,
        Err(failure) => return problem::of_failure(visit, &failure),
    };
    let title = visit.say(app::TRANSFER);
    let main = html! {
        section.card.narrow {
            h1 { (title) }
            p { (visit.say(app::TRANSFER_TEXT)) }
            @if wallets.is_empty() {
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
    let login = Input {
        value: fields.get("login"),
        length_max: 254,
        ..Input::text("login", visit.say(app::TO_WHOM))
    };
    let amount = Input {
        value: fields.get("amount"),
        ..Input::amount(visit.say(common::AMOUNT), visit.say(app::AMOUNT_HINT))
    };
    let note = Input {
        value: fields.get("note"),
        required: false,
        ..Input::text("note", visit.say(common::NOTE))
    };
    html! {
        (summary(visit, mistakes))
        form method="post" action="/app/transfer" {
            (token(visit))
            (login.render(visit, mistakes))
            (amount.render(visit, mistakes))
            (wallet_select(visit, visit.say(app::FROM_WALLET), wallets, fields.get("wallet"), mistakes))
            (note.render(visit, mistakes))
            button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.say(app::CHECK)) }
        }
    }
}

fn confirm_page(visit: &Visit, order: &Order, asked: &str, mistakes: &[Mistake]) -> Response {
    let Some(sealed) = visit.web().vault.seal(Purpose::Transfer, order) else {
        return problem::down(visit);
    };
    let amount = order.amount().map(rupiah).unwrap_or_default();
    let title = visit.say(app::CONFIRM_TITLE);
    let means = order
        .has_pin
        .map(|has_pin| (has_pin, Means::of(has_pin, asked, mistakes)));
    let main = html! {
        section.card.narrow {
            h1 { (title) }
            p { (visit.say(app::CONFIRM_TEXT)) }
            (summary(visit, mistakes))
            p.person { strong { (order.recipient_name) } " " span.hint { "@" (order.recipient_username) } }
            dl.facts {
                div { dt { (visit.say(common::AMOUNT)) } dd.number { (amount) } }
                @if !order.note.is_empty() { div { dt { (visit.say(common::NOTE)) } dd { (order.note) } } }
            }
            form method="post" action=(CONFIRM) data-once {
                (token(visit))
                (hidden("order", &sealed))
                @if let Some((_, means)) = means { (confirm::fieldset(visit, means, mistakes)) }
                button type="submit" data-busy=(visit.say(common::WORKING)) { (visit.fill(app::SEND, &[&amount])) }
            }
            @if let Some((name, text)) = means.and_then(|(has_pin, means)| means.other(has_pin)) {
                form method="post" action=(CONFIRM) {
                    (token(visit))
                    (hidden("order", &sealed))
                    (hidden("ask", name))
                    button.link type="submit" { (visit.say(text)) }
                }
            }
            p.aside { a href="/app/transfer" { (visit.say(app::CHANGE)) } }
        }
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    Page::new(title, KIND, main).respond_with(visit, status)
}

#[derive(Deserialize)]
pub(crate) struct Done {
    payment: Option<String>,
}

/// `/app/done`: what came of a transfer or a top-up.
pub(crate) async fn done(visit: Visit, Query(done): Query<Done>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let variables = json!({ "transactionId": done.payment.unwrap_or_default() });
    match visit.ask(&documents::TRANSACTION, variables).await {
        Ok(Some(payment)) => done_page(&visit, &payment),
        Ok(None) => problem::not_found(&visit),
        Err(failure) if failure.is(Code::BadInput) => problem::not_found(&visit),
        Err(failure) => problem::of_failure(&visit, &failure),
    }
}

fn done_page(visit: &Visit, payment: &Payment) -> Response {
    let amount = rupiah(payment.amount());
    let (tone, title, text) = if payment.is_pending() {
        (
            Tone::Waiting,
            app::PENDING_TITLE,
            visit.say(app::PENDING_TEXT).to_owned(),
        )
    } else if payment.is_in_review() {
        (
            Tone::Waiting,
            app::REVIEW_TITLE,
            visit.fill(app::REVIEW_TEXT, &[&amount]),
        )
    } else if payment.is_failed() {
        let (title, text) = words::failure(payment.failure_code.as_deref().unwrap_or(""));
        (Tone::Bad, title, visit.say(text).to_owned())
    } else if payment.kind == "DEPOSIT" {
        (Tone::Good, app::TOPPED_UP_TITLE, visit.fill(app::PUT_IN, &[&amount]))
    } else {
        (Tone::Good, app::DONE_TITLE, amount.clone())
    };
    let title = visit.say(title);
    let main = html! {
        section.card.narrow {
            (outcome(tone, title, &text))
            dl.facts {
                div { dt { (visit.say(common::AMOUNT)) } dd.number { (amount) } }
                @if let Some(note) = &payment.description { div { dt { (visit.say(common::NOTE)) } dd { (note) } } }
                div { dt { (visit.say(common::TIME)) } dd { (words::instant(visit, payment.created_at)) } }
                div { dt { (visit.say(common::REFERENCE)) } dd.code { (payment.transaction_id) } }
            }
            div.actions {
                a.button href="/app" { (visit.say(common::TO_WALLET_APP)) }
                @if let Some(path) = receipt::path(&payment.transaction_id).filter(|_| !payment.is_pending()) {
                    a.button.second href=(path) { (visit.say(receipts::SEE_RECEIPT)) }
                }
                a.quiet href="/app/history" { (visit.say(checkout::SEE_HISTORY)) }
            }
        }
    };
    let mut page = Page::new(title, Kind::App("/app"), main);
    page.refresh_seconds = match (payment.is_pending(), payment.is_in_review()) {
        (true, _) => Some(4),
        (_, true) => Some(30),
        (false, false) => None,
    };
    page.respond(visit)
}
