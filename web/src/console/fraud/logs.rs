//! `/console/fraud/logs`: every check that was made, and what it was decided by.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::types::{FraudLog, LogCount, Replay, WholeLog};
use super::{documents, parts};
use crate::api::Failure;
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, Field, Params, ROWS, badge, cell, code, day_after, facts, good, instant, link, merchant, names, number,
    number_cell, page_of, pager, payment, reason_field, refused, segment, table, to, user, words,
};
use crate::fields::Fields;
use crate::format::{day_begins, read_amount};
use crate::visit::see_other;

pub(super) const PATH: &str = "/console/fraud/logs";
const STATUSES: [&str; 3] = ["SAFE", "SUSPICIOUS", "FRAUD"];
const SORTS: [&str; 4] = ["NEWEST", "OLDEST", "HIGHEST_SCORE", "LARGEST_AMOUNT"];
const FILTERS: [&str; 10] = [
    "status",
    "user",
    "rule",
    "from",
    "to",
    "score_from",
    "score_to",
    "amount_from",
    "amount_to",
    "sort",
];

/// What cannot be understood of a filter, by field.
type Mistakes = Vec<(&'static str, &'static str)>;

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let (variables, mistakes) = variables(&params);
    let (found, count) = if mistakes.is_empty() {
        let mut page = variables.clone();
        page["first"] = json!(ROWS + 1);
        page["after"] = json!(params.filled("after"));
        page["sort"] = json!(params.one_of("sort", &SORTS));
        let (found, count) = tokio::join!(
            staff.ask(&documents::FRAUD_LOGS, page),
            staff.ask(&documents::FRAUD_LOG_COUNT, variables)
        );
        (Some(found), count.ok())
    } else {
        (None, None)
    };
    let main = html! {
        h1 { "Fraud logs" }
        @if params.get("done") == "hidden" { (good("The log is hidden. Who hid it and why is kept.")) }
        section.card { (filter(&params, &mistakes)) }
        section.card {
            @match &found {
                None => p.empty { "Nothing was searched for: correct what is marked." },
                Some(Ok(found)) => (rows(&params, found, count.as_ref())),
                Some(Err(failure)) => (not_had("The list", failure)),
            }
        }
    };
    let status = if mistakes.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    staff.respond_with("Fraud logs", PATH, main, status)
}

fn variables(params: &Params) -> (Value, Mistakes) {
    let mut mistakes = Mistakes::new();
    let score = |name, mistakes: &mut Mistakes| {
        let score = params.filled(name)?.parse::<u8>().ok().filter(|score| *score <= 100);
        if score.is_none() {
            mistakes.push((name, "A whole number from 0 to 100."));
        }
        score
    };
    let (min_score, max_score) = (score("score_from", &mut mistakes), score("score_to", &mut mistakes));
    let amount = |name, mistakes: &mut Mistakes| {
        let amount = read_amount(params.filled(name)?);
        if amount.is_none() {
            mistakes.push((name, "An amount in rupiah, such as 59.000."));
        }
        amount.map(money::Decimal::from)
    };
    let (min_amount, max_amount) = (amount("amount_from", &mut mistakes), amount("amount_to", &mut mistakes));
    let from = day_begins(params.get("from"));
    let to = day_after(params.get("to"));
    for (name, is_bad) in [
        ("from", params.filled("from").is_some() && from.is_none()),
        ("to", params.filled("to").is_some() && to.is_none()),
    ] {
        if is_bad {
            mistakes.push((name, "A day of the calendar, such as 2026-11-25."));
        }
    }
    let variables = json!({
        "status": params.one_of("status", &STATUSES), "userId": params.filled("user"), "rule": params.filled("rule"),
        "from": from.map(|instant| instant.to_string()), "to": to.map(|instant| instant.to_string()),
        "minScore": min_score, "maxScore": max_score, "minAmount": min_amount, "maxAmount": max_amount,
    });
    (variables, mistakes)
}

fn filter(params: &Params, mistakes: &Mistakes) -> Markup {
    let field = |name: &'static str, label| {
        let mistake = mistakes.iter().find(|(field, _)| *field == name).map(|(_, text)| *text);
        Field {
            mistake,
            ..Field::new(name, label, params.get(name))
        }
    };
    let statuses = [
        ("", "All"),
        ("SAFE", "Safe"),
        ("SUSPICIOUS", "Suspicious"),
        ("FRAUD", "Fraud"),
    ];
    let sorts = [
        ("", "Newest first"),
        ("OLDEST", "Oldest first"),
        ("HIGHEST_SCORE", "Highest score first"),
        ("LARGEST_AMOUNT", "Largest amount first"),
    ];
    html! {
        form.filter method="get" action=(PATH) {
            (field("status", "Outcome").select(&statuses))
            (field("rule", "Rule that fired").max(64).input())
            (field("user", "User id").max(64).input())
            (field("from", "From").kind("date").input())
            (field("to", "To").kind("date").input())
            (field("score_from", "Score from").kind("number").max(100).input())
            (field("score_to", "Score to").kind("number").max(100).input())
            (field("amount_from", "Amount from").max(24).input())
            (field("amount_to", "Amount to").max(24).input())
            (field("sort", "Order").select(&sorts))
            div.actions {
                button.second type="submit" { "Search" }
                @if params.any(&FILTERS) { a.quiet href=(PATH) { "Clear" } }
            }
        }
    }
}

fn rows(params: &Params, found: &[FraudLog], count: Option<&LogCount>) -> Markup {
    let (shown, next) = page_of(found, |log| &log.log_id);
    let heads = ["When", "Amount", "Kind", "User", "Outcome", "Score", "Rules"];
    let rows: Vec<Markup> = shown.iter().map(row).collect();
    html! {
        @if let Some(count) = count {
            p.total { (number(count.total)) @if !count.is_exact { " or more" } @if count.total == 1 { " check" } @else { " checks" } }
        }
        @if shown.is_empty() { p.empty { "No check is like that." } }
        @else { (table("Fraud logs", &heads, &rows)) }
        (pager(params, PATH, next.as_deref()))
    }
}

fn row(log: &FraudLog) -> Markup {
    html! {
        (cell("When", html! { a href={ (PATH) "/" (segment(&log.log_id)) } { (instant(log.created_at.0)) } }))
        (number_cell("Amount", &log.amount.text()))
        (cell("Kind", html! { (words(&log.kind)) }))
        (cell("User", user(&log.user_id)))
        (cell("Outcome", html! { (badge(&log.status)) @if log.action == "REVIEW" { " " (badge("REVIEW")) } }))
        (number_cell("Score", &log.score.to_string()))
        (cell("Rules", names(&log.rules)))
    }
}

/// One log; `?replay=1` decides it once more.
pub(crate) async fn show(staff: Staff, Path(log_id): Path<String>) -> Response {
    page(&staff, &log_id, None, StatusCode::OK).await
}

async fn page(staff: &Staff, log_id: &str, message: Option<Markup>, status: StatusCode) -> Response {
    let variables = json!({ "logId": log_id });
    let is_replay = staff.params().filled("replay").is_some();
    let replay = async {
        if is_replay {
            Some(staff.ask(&documents::REPLAY, variables.clone()).await)
        } else {
            None
        }
    };
    let (log, replay) = tokio::join!(staff.ask(&documents::FRAUD_LOG, variables.clone()), replay);
    let log = match log {
        Ok(log) => log,
        Err(failure) => return staff.problem("Fraud log", PATH, &failure),
    };
    let main = html! {
        p.back { a href=(PATH) { "Fraud logs" } }
        @if let Some(message) = message { (message) }
        (head(&log))
        div.columns.wide-left {
            div.stack {
                section.card { h2 { "Rules that fired" } (parts::fired("Rules that fired", &log.fired)) @if log.fired.is_empty() { p.hint { (log.reason) } } }
                @if !log.shadow_fired.is_empty() {
                    section.card {
                        h2 { "Shadow rules that fired" }
                        p.hint { "They are tried out: they had no part in the decision." }
                        (parts::fired("Shadow rules that fired", &log.shadow_fired))
                    }
                }
                section.card { h2 { "Facts" } (parts::facts_table(log.readings.as_deref())) }
            }
            div.stack {
                section.card #replay { h2 { "Replay" } (replayed(&log, replay.as_ref())) }
                @if staff.is_admin() { section.card { h2 { "Hide" } (hide_form(staff, log_id)) } }
            }
        }
    };
    staff.respond_with("Fraud log", PATH, main, status)
}

fn head(log: &WholeLog) -> Markup {
    let WholeLog {
        log, policy_version, ..
    } = log;
    let mut pairs = vec![
        ("When", html! { (instant(log.created_at.0)) }),
        ("User", user(&log.user_id)),
        ("Score", html! { (log.score) " of 100" }),
        ("Done with the payment", badge(&log.action)),
        (
            "Policy",
            html! { a href="/console/fraud/policy" { "version " (policy_version) } },
        ),
    ];
    if let Some(id) = &log.transaction_id {
        pairs.insert(2, ("Payment", payment(id)));
    }
    if let Some(id) = &log.merchant_id {
        pairs.insert(2, ("Merchant", merchant(id)));
    }
    if let Some(id) = &log.case_id {
        pairs.push(("Review case", to(&format!("/console/reviews/{}", segment(id)), id)));
    }
    html! {
        section.card {
            p.eyebrow { (words(&log.kind)) " " (code(&log.log_id)) }
            h1 { span.amount { (log.amount.text()) } " " (badge(&log.status)) }
            (facts(&pairs))
        }
    }
}

fn replayed(log: &WholeLog, replay: Option<&Result<Replay, Failure>>) -> Markup {
    let path = format!("{PATH}/{}", segment(&log.log.log_id));
    html! {
        p { "Decides once more from the kept facts, with the versions of the rules and of the policy of that moment." }
        @match replay {
            None => {},
            Some(Err(failure)) => (not_had("The replay", failure)),
            Some(Ok(replay)) => {
                @if replay.is_identical { (good("Identical: the same score, outcome and rules.")) }
                @else { (refused_replay(replay)) }
                (facts(&[
                    ("Score", html! { (replay.score) }),
                    ("Outcome", badge(&replay.status)),
                    ("Done with the payment", badge(&replay.action)),
                ]))
                (parts::fired("Rules that fired in the replay", &replay.fired))
            },
        }
        a.button.second href={ (path) "?replay=1#replay" } { @if replay.is_some() { "Replay again" } @else { "Replay" } }
    }
}

fn refused_replay(replay: &Replay) -> Markup {
    let text = replay.difference.as_deref().unwrap_or("It is not known where.");
    crate::pages::notice::notice(crate::pages::notice::Tone::Bad, "The replay differs", text)
}

fn hide_form(staff: &Staff, log_id: &str) -> Markup {
    let ask = Ask {
        summary: "Hide this log",
        action: format!("{PATH}/{}/hide", segment(log_id)),
        button: "Hide the log",
        is_dangerous: true,
        text: "It is not listed any more. The log itself is kept, and so is who hid it and why.",
    };
    ask.render(&staff.visit, reason_field("hide-reason"))
}

pub(crate) async fn hide(staff: Staff, Path(log_id): Path<String>, fields: Fields) -> Response {
    let variables = json!({ "logId": log_id, "reason": fields.filled("reason") });
    match staff.ask(&documents::HIDE_LOG, variables).await {
        Ok(_) => see_other(&link(PATH, &[("done", "hidden")])),
        Err(failure) => {
            let message = refused("The log was not hidden", &failure);
            page(&staff, &log_id, Some(message), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
