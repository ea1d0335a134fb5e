//! `/console/wallets`: wallets, what was posted to them, and freezing one.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::actions::of_object;
use super::frame::{Staff, not_had, status_of};
use super::kit::{
    Ask, Field, ROWS, badge, cell, code, facts, good, instant, no_reason, number_cell, page_of, pager, reason_field,
    refused, segment, table, to, user, words,
};
use super::types::{Done, Posting, Wallet};
use super::{api, payments, statements};
use crate::api::Operation;
use crate::fields::Fields;
use crate::format::{rupiah, sortable};
use crate::visit::see_other;

pub(super) const PATH: &str = "/console/wallets";
const STATUSES: [&str; 3] = ["ACTIVE", "FROZEN", "CLOSED"];
const RECENT: u32 = 10;

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let variables = json!({
        "first": ROWS + 1, "after": params.filled("after"), "userId": params.filled("userId"),
        "status": params.one_of("status", &STATUSES), "query": params.filled("query"),
    });
    let found = staff.ask(&api::WALLETS, variables).await;
    let main = html! {
        h1 { "Wallets" }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("query", "Wallet id or name", params.get("query")).input())
                (Field::new("userId", "User id", params.get("userId")).input())
                (Field::new("status", "Status", params.get("status")).select(&[("", "All"), ("ACTIVE", "Active"), ("FROZEN", "Frozen"), ("CLOSED", "Closed")]))
                div.actions { button.second type="submit" { "Show" } @if params.any(&["query", "userId", "status"]) { a href=(PATH) { "Clear" } } }
            }
        }
        section.card {
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |row| &row.wallet_id);
                    (rows(shown, "No wallet fits these filters."))
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Wallets", PATH, main)
}

/// A table of wallets, on this page and on that of a user.
pub(super) fn rows(found: &[Wallet], none: &str) -> Markup {
    let row = |wallet: &Wallet| {
        html! {
            (cell("Wallet", to(&format!("{PATH}/{}", segment(&wallet.wallet_id)), &wallet.wallet_id)))
            (cell("Name", html! { (wallet.wallet_name) }))
            (number_cell("Balance", &rupiah(wallet.balance)))
            (number_cell("Available", &rupiah(wallet.available_balance)))
            (cell("Status", badge(&wallet.status)))
            (cell("User", user(&wallet.user_id)))
            (cell("Opened", html! { span.when { (sortable(wallet.created_at)) } }))
        }
    };
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { (none) } }
        @else { (table("Wallets", &["Wallet", "Name", "Balance", "Available", "Status", "User", "Opened (WIB)"], &rows)) }
    }
}

pub(crate) async fn show(staff: Staff, Path(id): Path<String>) -> Response {
    let done = match staff.params().get("done") {
        "freeze" => Some(good("The wallet is frozen: no money leaves it.")),
        "unfreeze" => Some(good("The wallet is active again.")),
        _ => None,
    };
    page(&staff, &id, done, StatusCode::OK).await
}

async fn page(staff: &Staff, id: &str, message: Option<Markup>, status: StatusCode) -> Response {
    let params = staff.params();
    let postings = json!({ "walletId": id, "first": ROWS + 1, "after": params.filled("after") });
    let (found, postings, payments, actions) = tokio::join!(
        staff.ask(&api::WALLET, json!({ "walletId": id })),
        staff.ask(&api::POSTINGS, postings),
        staff.ask(&api::TRANSACTIONS, json!({ "walletId": id, "first": RECENT })),
        staff.ask(&api::WALLET_ACTIONS, json!({ "object": id, "first": RECENT })),
    );
    let wallet = match found {
        Ok(wallet) => wallet,
        Err(failure) => return staff.problem("Wallet", PATH, &failure),
    };
    let here = format!("{PATH}/{}", segment(id));
    let main = html! {
        div.heading { h1 { (wallet.wallet_name) } (badge(&wallet.status)) }
        @if let Some(message) = message { (message) }
        section.card {
            h2 { "Wallet" }
            (facts(&[
                ("Id", code(&wallet.wallet_id)),
                ("User", user(&wallet.user_id)),
                ("Balance", html! { (rupiah(wallet.balance)) }),
                ("Available", html! { (rupiah(wallet.available_balance)) }),
                ("Opened", html! { (instant(wallet.created_at)) }),
            ]))
            @if staff.is_admin() { (freezing(staff, &wallet)) }
        }
        section.card {
            h2 { "Postings" }
            @match &postings {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |row| &row.posting_id);
                    (posting_rows(shown))
                    (pager(&params, &here, next.as_deref()))
                },
                Err(failure) => (not_had("Postings", failure)),
            }
        }
        (statements::section(&wallet, staff.visit.web().config.clock.now()))
        (payments::last(&payments, "walletId", id))
        (of_object(&actions))
    };
    staff.respond_with(&format!("Wallet {id}"), PATH, main, status)
}

fn freezing(staff: &Staff, wallet: &Wallet) -> Markup {
    let at = |what: &str| format!("{PATH}/{}/{what}", segment(&wallet.wallet_id));
    let ask = match wallet.status.as_str() {
        "ACTIVE" => Ask {
            summary: "Freeze this wallet",
            action: at("freeze"),
            button: "Freeze",
            is_dangerous: true,
            text: "Its owner cannot pay or transfer from it until it is unfrozen. The money in it stays.",
        },
        "FROZEN" => Ask {
            summary: "Unfreeze this wallet",
            action: at("unfreeze"),
            button: "Unfreeze",
            is_dangerous: false,
            text: "Its owner can pay and transfer from it again.",
        },
        _ => return html! {},
    };
    ask.render(&staff.visit, reason_field("freeze-reason"))
}

fn posting_rows(found: &[Posting]) -> Markup {
    let row = |one: &Posting| {
        html! {
            (cell("Time", html! { span.when { (sortable(one.created_at)) } }))
            (cell("Kind", html! { (words(&one.kind)) }))
            (number_cell("Amount", &rupiah(one.amount)))
            (number_cell("Balance after", &one.balance_after.map_or_else(|| "–".to_owned(), rupiah)))
            (cell("Other side", code(one.counterparty.as_deref().unwrap_or("–"))))
            (cell("Transfer", code(&one.transfer_id)))
        }
    };
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { "Nothing was posted yet." } }
        @else { (table("Postings", &["Time (WIB)", "Kind", "Amount", "Balance after", "Other side", "Transfer"], &rows)) }
    }
}

pub(crate) async fn freeze(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    change(&staff, &id, "freeze", &api::FREEZE, &fields).await
}

pub(crate) async fn unfreeze(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    change(&staff, &id, "unfreeze", &api::UNFREEZE, &fields).await
}

async fn change(staff: &Staff, id: &str, done: &str, what: &Operation<Done>, fields: &Fields) -> Response {
    let Some(reason) = fields.filled("reason") else {
        return page(staff, id, Some(no_reason()), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match staff.ask(what, json!({ "walletId": id, "reason": reason })).await {
        Ok(_) => see_other(&format!("{PATH}/{}?done={done}", segment(id))),
        Err(failure) => {
            let message = refused("Nothing was changed", &failure);
            page(staff, id, Some(message), status_of(&failure)).await
        }
    }
}
