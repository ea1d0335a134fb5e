//! `/console/ledger`: whether the books balance, and every account in them.

use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::api;
use super::frame::{Staff, not_had};
use super::kit::{ROWS, cell, code, instant, number, number_cell, page_of, pager, table, words};
use super::types::{LedgerAccount, TrialBalance};
use crate::format::rupiah;
use crate::pages::notice::{Tone, line};

const PATH: &str = "/console/ledger";

pub(crate) async fn show(staff: Staff) -> Response {
    let params = staff.params();
    let (balance, accounts) = tokio::join!(
        staff.ask(&api::TRIAL_BALANCE, json!({})),
        staff.ask(
            &api::ACCOUNTS,
            json!({ "first": ROWS + 1, "after": params.filled("after") })
        ),
    );
    let main = html! {
        h1 { "Ledger" }
        section.card {
            h2 { "Trial balance" }
            @match &balance {
                Ok(balance) => (trial(balance)),
                Err(failure) => (not_had("The trial balance", failure)),
            }
        }
        section.card {
            h2 { "Accounts" }
            @match &accounts {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |row| &row.account);
                    (account_rows(shown))
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("Accounts", failure)),
            }
        }
    };
    staff.respond("Ledger", PATH, main)
}

fn trial(balance: &TrialBalance) -> Markup {
    let rows: Vec<Markup> = balance
        .currencies
        .iter()
        .map(|one| {
            html! {
                (cell("Currency", html! { (one.currency) }))
                (number_cell("Sum of all postings", &rupiah(one.sum)))
                (number_cell("Accounts", &number(one.accounts)))
                (number_cell("Balances that differ", &number(one.mismatches)))
            }
        })
        .collect();
    html! {
        @if balance.balanced { (line(Tone::Good, "The books balance: all postings add up to nothing, and every balance is the sum of its postings.")) }
        @else { (line(Tone::Bad, &format!("The books do not balance: {} transfers are not balanced.", number(balance.unbalanced_transfers)))) }
        p.hint { "Counted " (instant(balance.counted_at)) "." }
        (table("Trial balance", &["Currency", "Sum of all postings", "Accounts", "Balances that differ"], &rows))
    }
}

fn account_rows(found: &[LedgerAccount]) -> Markup {
    let row = |one: &LedgerAccount| {
        html! {
            (cell("Account", html! {
                @if one.account.starts_with("wal_") { (super::kit::to(&format!("/console/wallets/{}", one.account), &one.account)) }
                @else { (code(&one.account)) }
            }))
            (cell("Kind", html! { span.badge.quiet { (words(&one.kind)) } }))
            (number_cell("Balance", &rupiah(one.balance)))
            (number_cell("Postings", &number(one.postings)))
        }
    };
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { "There are no accounts yet." } }
        @else { (table("Accounts", &["Account", "Kind", "Balance", "Postings"], &rows)) }
    }
}
