//! `/console/payments`: all payments, transfers and deposits, by any of their facts.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::api;
use super::frame::{Staff, not_had};
use super::kit::{
    Field, Params, ROWS, badge, cell, day_after, number_cell, page_of, pager, payment, table, user, words,
};
use super::types::Transaction;
use crate::api::Failure;
use crate::format::{day_begins, read_amount, rupiah, sortable};
use crate::pages::notice::{Tone, line};
use crate::pages::words::STATUSES;

const PATH: &str = "/console/payments";
const TYPES: [&str; 3] = ["PAYMENT", "TRANSFER", "DEPOSIT"];
const NAMES: [&str; 10] = [
    "status",
    "type",
    "userId",
    "merchantId",
    "walletId",
    "vaNumber",
    "from",
    "to",
    "minAmount",
    "maxAmount",
];

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    // An id alone is what people paste: it leads to its page.
    if let Some(id) = params.filled("id") {
        return crate::visit::see_other(&format!("{PATH}/{}", super::kit::segment(id)));
    }
    let asked = match variables(&params) {
        Ok(variables) => variables,
        Err(message) => {
            let main = html! { h1 { "Payments" } (line(Tone::Bad, message)) (filter(&params)) };
            return staff.respond_with("Payments", PATH, main, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let found = staff.ask(&api::TRANSACTIONS, asked).await;
    let main = html! {
        h1 { "Payments" }
        (filter(&params))
        section.card {
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |row| &row.transaction_id);
                    (rows(shown, if params.any(&NAMES) { "Nothing fits these filters." } else { "There are no payments yet." }))
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Payments", PATH, main)
}

fn variables(params: &Params) -> Result<Value, &'static str> {
    let day = |name, read: fn(&str) -> Option<service::Timestamp>| match params.filled(name) {
        None => Ok(None),
        Some(text) => read(text)
            .map(|day| Some(day.to_string()))
            .ok_or("A day is written like 2026-11-25."),
    };
    let amount = |name| match params.filled(name) {
        None => Ok(None),
        Some(text) => read_amount(text)
            .map(|amount| Some(money::Decimal::from(amount)))
            .ok_or("An amount is written like 50.000 or 50.000,50."),
    };
    Ok(json!({
        "first": ROWS + 1, "after": params.filled("after"),
        "status": params.one_of("status", &STATUSES), "type": params.one_of("type", &TYPES),
        "userId": params.filled("userId"), "merchantId": params.filled("merchantId"),
        "walletId": params.filled("walletId"), "vaNumber": params.filled("vaNumber"),
        "from": day("from", day_begins)?, "to": day("to", day_after)?,
        "minAmount": amount("minAmount")?, "maxAmount": amount("maxAmount")?,
    }))
}

fn filter(params: &Params) -> Markup {
    let text = |name: &'static str, label| Field::new(name, label, params.get(name));
    let choices = |codes: &[&'static str]| -> Vec<(&'static str, String)> {
        codes.iter().map(|code| (*code, words(code))).collect()
    };
    let (types, statuses) = (choices(&TYPES), choices(&STATUSES));
    let options = |codes: &'_ [(&'static str, String)]| -> Vec<(String, String)> {
        let all = [(String::new(), "All".to_owned())].into_iter();
        all.chain(codes.iter().map(|(code, text)| ((*code).to_owned(), text.clone())))
            .collect()
    };
    let select = |name, label, codes: &[(&'static str, String)]| {
        let owned = options(codes);
        let pairs: Vec<(&str, &str)> = owned
            .iter()
            .map(|(code, text)| (code.as_str(), text.as_str()))
            .collect();
        text(name, label).select(&pairs)
    };
    html! {
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("id", "Payment id", "").input())
                (select("status", "Status", &statuses))
                (select("type", "Type", &types))
                (text("userId", "User id").input())
                (text("merchantId", "Merchant id").input())
                (text("walletId", "Wallet id").input())
                (text("vaNumber", "Virtual account").input())
                (text("from", "From").kind("date").input())
                (text("to", "To and with").kind("date").input())
                (text("minAmount", "Amount from").input())
                (text("maxAmount", "Amount to").input())
                div.actions {
                    button.second type="submit" { "Show" }
                    @if params.any(&NAMES) { a href=(PATH) { "Clear" } }
                }
            }
        }
    }
}

/// A table of payments, on this page and on those of users and wallets.
pub(super) fn rows(found: &[Transaction], none: &str) -> Markup {
    let row = |one: &Transaction| {
        html! {
            (cell("Time", html! { span.when { (sortable(one.created_at)) } }))
            (cell("Payment", payment(&one.transaction_id)))
            (cell("Type", html! { (words(&one.kind)) }))
            (number_cell("Amount", &rupiah(one.amount)))
            (cell("Status", html! { (badge(&one.status)) @if let Some(code) = &one.failure_code { " " span.hint { (code) } } }))
            (cell("User", user(&one.user_id)))
            (cell("Virtual account", html! { (one.va_number.as_deref().unwrap_or("–")) }))
        }
    };
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { (none) } }
        @else { (table("Payments", &["Time (WIB)", "Payment", "Type", "Amount", "Status", "User", "Virtual account"], &rows)) }
    }
}

/// The last payments of a user or a wallet.
pub(super) fn last(found: &Result<Vec<Transaction>, Failure>, name: &str, id: &str) -> Markup {
    html! {
        section.card {
            h2 { "Last payments" }
            @match found {
                Ok(found) => {
                    (rows(found, "There are none."))
                    @if !found.is_empty() { p.aside { a href=(super::kit::link(PATH, &[(name, id)])) { "All of them" } } }
                },
                Err(failure) => (not_had("Payments", failure)),
            }
        }
    }
}
