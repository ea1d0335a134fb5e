//! `/app/receipt/{transaction}`: the receipt of one's own transaction, to be printed; with `.json` behind it, as a file.

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::{HeaderValue, header};
use maud::{Markup, html};
use serde_json::json;

use super::facts::{Facts, Names, list, not_paid};
use crate::api::{Code, Failure, Payment, Receipt, Wallet, documents};
use crate::app::sign_in_first;
use crate::pages::layout::{Kind, LOGO, Page};
use crate::pages::notice::{Tone, outcome};
use crate::pages::problem;
use crate::pages::qr::qr;
use crate::text::{checkout, common, receipts};
use crate::visit::Visit;

const KIND: Kind = Kind::App("/app/history");
/// Ids of our own and of others that can stand in an address.
const ID_BYTES_MAX: usize = 64;
/// A payment that is not in the history yet is looked for again after so many seconds.
const REFRESH_SECONDS: u8 = 4;

/// The address of a transaction's receipt. `None` for an id that somebody made up who knows no addresses.
pub(crate) fn path(transaction_id: &str) -> Option<String> {
    is_id(transaction_id).then(|| format!("/app/receipt/{transaction_id}"))
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

pub(crate) async fn show(visit: Visit, Path(asked): Path<String>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let (id, is_file) = asked
        .strip_suffix(".json")
        .map_or((asked.as_str(), false), |id| (id, true));
    if !is_id(id) {
        return problem::not_found(&visit);
    }
    if is_file {
        download(&visit, id).await
    } else {
        page(&visit, id).await
    }
}

async fn download(visit: &Visit, id: &str) -> Response {
    let json = match visit.ask(&documents::RECEIPT, json!({ "transactionId": id })).await {
        Ok(json) => json,
        Err(failure) => return problem::of_failure(visit, &failure),
    };
    if own_facts(visit, &json).is_none() {
        return problem::not_found(visit);
    }
    let mut response = Response::new(Body::from(json));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"sawit-receipt-{id}.json\""));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

async fn page(visit: &Visit, id: &str) -> Response {
    let about = json!({ "transactionId": id });
    let (receipt, code, payment, wallets) = tokio::join!(
        visit.ask(&documents::RECEIPT, &about),
        visit.ask(&documents::RECEIPT_CODE, &about),
        visit.ask(&documents::TRANSACTION, &about),
        visit.ask(&documents::MY_WALLETS, ()),
    );
    // Names are for comfort: the receipt is whole without them.
    let payment = payment.ok().flatten();
    let receipt = match receipt {
        Ok(receipt) => receipt,
        Err(failure) if failure.is(Code::NotFound) && payment.is_some() => return not_yet(visit, id),
        Err(failure) => return problem::of_failure(visit, &failure),
    };
    let Some(facts) = own_facts(visit, &receipt) else {
        return problem::not_found(visit);
    };
    match code {
        Ok(code) => {
            let names = names(visit, &facts, payment, &wallets.unwrap_or_default()).await;
            render(visit, &facts, names, code.as_deref())
        }
        Err(failure) => problem::of_failure(visit, &failure),
    }
}

/// Staff are given everybody's; a page of the app is about the one who is signed in.
fn own_facts(visit: &Visit, json: &str) -> Option<Facts> {
    let receipt: Receipt = serde_json::from_str(json)
        .inspect_err(|error| tracing::error!(%error, "a receipt has another shape"))
        .ok()?;
    let facts = Facts::of_receipt(receipt)?;
    let session = visit.session()?;
    (facts.user_id == session.user_id).then_some(facts)
}

async fn names(visit: &Visit, facts: &Facts, payment: Option<Payment>, wallets: &[Wallet]) -> Names {
    let wallet = wallets
        .iter()
        .find(|wallet| Some(&wallet.wallet_id) == facts.wallet_id.as_ref());
    let session_id = payment.as_ref().and_then(|payment| payment.session_id.as_deref());
    let bill = match session_id {
        Some(id) if facts.kind == "PAYMENT" => {
            let bill: Result<_, Failure> = visit
                .ask(&documents::CHECKOUT_SESSION, json!({ "sessionId": id }))
                .await;
            bill.ok().flatten()
        }
        _ => None,
    };
    Names {
        holder: visit.session().map(|session| session.fullname.clone()),
        wallet: wallet.map(|wallet| wallet.wallet_name.clone()),
        counterparty: bill.as_ref().map(|bill| bill.merchant_name.clone()),
        order: bill.as_ref().and_then(|bill| bill.order_id.clone()),
        description: payment
            .and_then(|payment| payment.description)
            .or_else(|| bill.and_then(|bill| bill.description)),
    }
}

fn render(visit: &Visit, facts: &Facts, names: Names, code: Option<&str>) -> Response {
    let id = facts.transaction_id.as_str();
    let title = visit.say(receipts::TITLE);
    let main = html! {
        article.card.paper {
            div.letterhead { span.brand { (LOGO) (visit.say(common::BRAND)) } span.hint.code { (id) } }
            @if !facts.is_done() { (not_paid(visit, facts.status(visit))) }
            div {
                h1 { (title) }
                p.amount.void[!facts.is_done()] { (facts.amount()) }
            }
            div.sheet {
                (list(visit, &facts.rows(visit, names)))
                (code_box(visit, id, code))
            }
            p.hint { (visit.say(receipts::PROVES)) }
            p.hint { (visit.say(receipts::PRIVACY)) }
        }
        div.actions.tools {
            button type="button" data-print hidden { (visit.say(receipts::PRINT)) }
            a.button.second href={ "/app/receipt/" (id) ".json" } download { (visit.say(receipts::DOWNLOAD)) }
            a.quiet href="/app/history" { (visit.say(checkout::SEE_HISTORY)) }
        }
    };
    Page::new(title, KIND, main).respond(visit)
}

fn code_box(visit: &Visit, id: &str, code: Option<&str>) -> Markup {
    let page = visit.web().config.public_url.join("verify");
    let page = page.map_or_else(|_| "/verify".to_owned(), |url| url.to_string());
    let link = format!("{page}#{}", code.unwrap_or(id));
    let drawn = qr(&link, visit.say(receipts::QR_LABEL));
    html! {
        div.scan {
            @match (drawn, code) {
                (Some(drawn), Some(_)) => {
                    (drawn)
                    p.hint { (visit.fill(receipts::SCAN, &[&page])) }
                    p.tools { a href=(link) data-code { (visit.say(receipts::OPEN_CODE)) } }
                }
                // There is no way to lead astray in it: the page says that this proves nothing by itself.
                (drawn, _) => {
                    @if let Some(drawn) = drawn { (drawn) }
                    p { strong { (visit.say(receipts::TOO_LONG)) } }
                    p.hint { (visit.fill(receipts::TOO_LONG_TEXT, &[&page])) }
                }
            }
        }
    }
}

/// A payment of this very moment, which the history hears of in a moment, or when it is there again.
fn not_yet(visit: &Visit, id: &str) -> Response {
    let title = visit.say(receipts::NOT_YET);
    let main = html! {
        section.card.narrow {
            (outcome(Tone::Waiting, title, visit.say(receipts::NOT_YET_TEXT)))
            p.code { (id) }
            div.actions {
                a.button href={ "/app/receipt/" (id) } { (visit.say(common::REFRESH)) }
                a.quiet href="/app/history" { (visit.say(checkout::SEE_HISTORY)) }
            }
        }
    };
    let mut page = Page::new(title, KIND, main);
    page.refresh_seconds = Some(REFRESH_SECONDS);
    page.respond(visit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_become_addresses() {
        #[track_caller]
        fn check(id: &str, expect: Option<&str>) {
            assert_eq!(path(id).as_deref(), expect);
        }
        check(
            "trx_01M7YA8DWM618HY59GXD4SY2PR",
            Some("/app/receipt/trx_01M7YA8DWM618HY59GXD4SY2PR"),
        );
        check("INV-7", Some("/app/receipt/INV-7"));
        for id in ["", "a/b", "a b", "..", "x?y", "ü", &"a".repeat(65)] {
            check(id, None);
        }
    }
}
