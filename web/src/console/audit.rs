//! `/console/audit`: the signed checkpoints of the history, and verifying a stretch of it.

use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::api;
use super::frame::{Staff, not_had};
use super::kit::{Field, ROWS, cell, code, facts, link, number, number_cell, pager, table};
use super::types::{Checkpoint, Verification};
use crate::format::sortable;
use crate::pages::notice::{Tone, line};

const PATH: &str = "/console/audit";
const STRETCH: i64 = 10_000;

pub(crate) async fn show(staff: Staff) -> Response {
    let params = staff.params();
    let after = params.filled("after").and_then(|text| text.parse::<i64>().ok());
    let begin = params.filled("verify").and_then(|text| text.parse::<i64>().ok());
    let verify = async {
        match begin {
            Some(begin) => {
                let stretch = json!({ "afterSequence": begin.max(0), "first": STRETCH });
                Some(staff.ask(&api::VERIFY, stretch).await)
            }
            None => None,
        }
    };
    let (checkpoints, head, key, verified) = tokio::join!(
        staff.ask(&api::CHECKPOINTS, json!({ "first": ROWS + 1, "after": after })),
        staff.ask(&api::AUDIT_HEAD, json!({})),
        staff.ask(&api::PUBLIC_KEY, json!({})),
        verify,
    );
    let main = html! {
        h1 { "Audit" }
        section.card {
            h2 { "Verify" }
            p { "Every entry of the history holds the hash of the one before. Verifying reads up to " (number(STRETCH)) " entries and
                names the first that was changed." }
            form.filter method="get" action=(PATH) {
                (Field::new("verify", "After entry", params.filled("verify").unwrap_or("0")).kind("text").required().input())
                div.actions { button.second type="submit" { "Verify" } }
            }
            @match &verified {
                Some(Ok(found)) => (verdict(begin.unwrap_or(0), found)),
                Some(Err(failure)) => (not_had("The verification", failure)),
                None => {},
            }
        }
        section.card {
            h2 { "Where it ends" }
            @match &head {
                Ok(head) => (facts(&[("Entries", html! { (number(head.sequence)) }), ("Hash of the last", code(&head.hash))])),
                Err(failure) => (not_had("The end", failure)),
            }
            h3 { "Public key" }
            @match &key {
                Ok(Some(key)) => {
                    p.code { (key) }
                    p.hint { "Checkpoints and receipts are verified with it, by anybody." }
                },
                Ok(None) => p.empty { "There is none yet." },
                Err(failure) => (not_had("The key", failure)),
            }
        }
        section.card {
            h2 { "Signed checkpoints" }
            @match &checkpoints {
                Ok(found) => {
                    @let shown = found.get(..ROWS).unwrap_or(found);
                    @let next = shown.last().filter(|_| found.len() > ROWS).map(|row| row.size.to_string());
                    (rows(shown))
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("Checkpoints", failure)),
            }
        }
    };
    staff.respond("Audit", PATH, main)
}

fn verdict(begin: i64, found: &Verification) -> Markup {
    let last = found.last_sequence;
    html! {
        @if let Some(bad) = found.first_bad_sequence.filter(|_| !found.ok) {
            (line(Tone::Bad, &format!("Entry {} is not as it was written. Everything before it is good.", number(bad))))
        } @else if found.complete {
            (line(Tone::Good, &format!("Entries {} to {} are as they were written. That is the end.", number(begin + 1), number(last))))
        } @else {
            (line(Tone::Good, &format!("Entries {} to {} are as they were written.", number(begin + 1), number(last))))
            a.button.second href=(link(PATH, &[("verify", &last.to_string())])) { "Go on from there" }
        }
    }
}

fn rows(found: &[Checkpoint]) -> Markup {
    let row = |one: &Checkpoint| {
        html! {
            (cell("Signed", html! { span.when { (sortable(one.created_at)) } }))
            (number_cell("Entries", &number(one.size)))
            (cell("Root hash", code(&one.root_hash)))
            (cell("Key", code(&one.key_id)))
        }
    };
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { "None is signed yet." } }
        @else { (table("Signed checkpoints", &["Signed (WIB)", "Entries", "Root hash", "Key"], &rows)) }
    }
}
