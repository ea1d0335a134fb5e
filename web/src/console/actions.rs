//! `/console/actions`: what staff did, in all services, the newest first.

use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::api;
use super::frame::{Staff, not_had};
use super::kit::{Field, Params, ROWS, cell, code, link, merchant, payment, table, to, user};
use super::types::AdminAction;
use crate::api::{Failure, Operation};
use crate::format::sortable;

const PATH: &str = "/console/actions";

/// A service's own log, and the name under which the address keeps how far it was read.
struct Log {
    name: &'static str,
    cursor: &'static str,
    operation: &'static Operation<Vec<AdminAction>>,
}

const LOGS: [Log; 4] = [
    Log {
        name: "Accounts",
        cursor: "accounts",
        operation: &api::AUTH_ACTIONS,
    },
    Log {
        name: "Wallets",
        cursor: "wallets",
        operation: &api::WALLET_ACTIONS,
    },
    Log {
        name: "Payments and merchants",
        cursor: "payments",
        operation: &api::PAYMENT_ACTIONS,
    },
    Log {
        name: "Fraud",
        cursor: "fraud",
        operation: &api::FRAUD_ACTIONS,
    },
];

/// An action, and the place of its log in [`LOGS`].
type Entry = (usize, AdminAction);

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let ask = |log: &'static Log| {
        let variables = json!({
            "object": params.filled("object"), "first": ROWS + 1, "after": params.filled(log.cursor),
        });
        staff.ask(log.operation, variables)
    };
    let [accounts, wallets, payments, fraud] = &LOGS;
    let (accounts, wallets, payments, fraud) = tokio::join!(ask(accounts), ask(wallets), ask(payments), ask(fraud));
    let answers = [accounts, wallets, payments, fraud];
    let missing: Vec<Markup> = LOGS
        .iter()
        .zip(&answers)
        .filter_map(|(log, answer)| answer.as_ref().err().map(|failure| not_had(log.name, failure)))
        .collect();
    let (shown, has_more) = merged(answers.map(Result::unwrap_or_default));
    let rows: Vec<Markup> = shown.iter().map(|(place, action)| row(*place, action)).collect();
    let main = html! {
        h1 { "Staff actions" }
        @for part in missing { (part) }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("object", "Of this id or name", params.get("object")).input())
                div.actions { button.second type="submit" { "Show" } @if params.any(&["object"]) { a href=(PATH) { "Clear" } } }
            }
            @if rows.is_empty() { p.empty { "Nothing was done." } }
            @else { (table("Staff actions", &["Time (WIB)", "Who", "Did", "To", "Why", "Detail", "Log"], &rows)) }
            nav.pages aria-label="Pages of the list" {
                @if params.any(&LOGS.each_ref().map(|log| log.cursor)) { a href=(link(PATH, &[("object", params.get("object"))])) { "Back to the beginning" } }
                @if has_more { a.button.second href=(next_page(&params, &shown)) { "Next page" } }
            }
        }
    };
    staff.respond("Staff actions", PATH, main)
}

/// The newest of all logs, a page of them, and whether there are more.
fn merged(logs: [Vec<AdminAction>; 4]) -> (Vec<Entry>, bool) {
    let mut all: Vec<Entry> = logs
        .into_iter()
        .enumerate()
        .flat_map(|(place, actions)| actions.into_iter().map(move |action| (place, action)))
        .collect();
    // Stable: within a log its own order stays.
    all.sort_by_key(|(_, action)| std::cmp::Reverse(action.created_at));
    let has_more = all.len() > ROWS;
    all.truncate(ROWS);
    (all, has_more)
}

/// Each log goes on after the last of it that was shown.
fn next_page(params: &Params, shown: &[Entry]) -> String {
    let mut pairs = vec![("object", params.get("object"))];
    for (place, log) in LOGS.iter().enumerate() {
        let last = shown.iter().rev().find(|(of, _)| *of == place);
        pairs.push((
            log.cursor,
            last.map_or(params.get(log.cursor), |(_, action)| &action.action_id),
        ));
    }
    link(PATH, &pairs)
}

fn row(place: usize, action: &AdminAction) -> Markup {
    html! {
        (cells(action))
        (cell("Log", html! { (LOGS.get(place).map_or("", |log| log.name)) }))
    }
}

fn cells(action: &AdminAction) -> Markup {
    html! {
        (cell("Time", html! { span.when { (sortable(action.created_at)) } }))
        (cell("Who", user(&action.actor)))
        (cell("Did", code(&action.action)))
        (cell("To", object(&action.object)))
        (cell("Why", html! { (action.reason.as_deref().unwrap_or("–")) }))
        (cell("Detail", html! { (action.detail.as_deref().unwrap_or("–")) }))
    }
}

/// An id that has a page leads there.
fn object(id: &str) -> Markup {
    match id.split_once('_').map(|(prefix, _)| prefix) {
        Some("usr") => user(id),
        Some("wal") => to(&format!("/console/wallets/{id}"), id),
        Some("trx") => payment(id),
        Some("mrc") => merchant(id),
        _ => code(id),
    }
}

/// What was done to one thing, on its page.
pub(super) fn of_object(found: &Result<Vec<AdminAction>, Failure>) -> Markup {
    html! {
        section.card {
            h2 { "What staff did to it" }
            @match found {
                Ok(found) if found.is_empty() => p.empty { "Nothing." },
                Ok(found) => {
                    @let rows: Vec<Markup> = found.iter().map(cells).collect();
                    (table("What staff did to it", &["Time (WIB)", "Who", "Did", "To", "Why", "Detail"], &rows))
                },
                Err(failure) => (not_had("What staff did", failure)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use service::Timestamp;

    use super::*;

    fn action(id: &str, at: i64) -> AdminAction {
        AdminAction {
            action_id: id.to_owned(),
            actor: String::new(),
            action: String::new(),
            object: String::new(),
            reason: None,
            detail: None,
            created_at: Timestamp::from_micros(at),
        }
    }

    #[test]
    fn logs_are_read_on_from_where_each_was_left() {
        let many: Vec<AdminAction> = (0..26).map(|at| action(&format!("a{at}"), 1_000 - at)).collect();
        let (shown, has_more) = merged([many, vec![action("w", 999)], Vec::new(), vec![action("f", 1)]]);
        assert_eq!((shown.len(), has_more), (ROWS, true));
        let params = Params::from_query("object=x&payments=p&accounts=old");
        // 24 of accounts and one of wallets were shown; payments stay where they were, and fraud begins anew.
        assert_eq!(
            next_page(&params, &shown),
            "/console/actions?object=x&accounts=a23&wallets=w&payments=p"
        );
    }
}
