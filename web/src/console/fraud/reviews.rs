//! `/console/reviews`: payments whose money is held until somebody decides.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::types::{Case, FraudLog, WholeCase};
use super::{documents, parts};
use crate::api::{Failure, Operation};
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, Field, Params, ROWS, badge, cell, code, facts, good, instant, link, log, merchant, names, number_cell,
    page_of, pager, payment, refused, segment, table, user, words,
};
use crate::fields::Fields;
use crate::visit::see_other;

const PATH: &str = "/console/reviews";
const STATES: [&str; 5] = ["OPEN", "APPROVED", "REJECTED", "EXPIRED", "WITHDRAWN"];

/// The list: what is open, the oldest first, unless something else is asked for.
pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let is_all = params.get("state") == "ALL";
    let state = params.one_of("state", &STATES).or((!is_all).then_some("OPEN"));
    let variables = json!({
        "state": state, "userId": params.filled("user"), "first": ROWS + 1, "after": params.filled("after"),
    });
    let found = staff.ask(&documents::REVIEW_CASES, variables).await;
    let main = html! {
        h1 { "Review desk" }
        p.aside { "Payments that a rule sent here. The money is held in the payer’s wallet until somebody decides." }
        section.card {
            (state_tabs(&params, state))
            form.filter method="get" action=(PATH) {
                input type="hidden" name="state" value=(state.unwrap_or("ALL"));
                (Field::new("user", "Payer’s user id", params.get("user")).max(64).input())
                div.actions {
                    button.second type="submit" { "Search" }
                    @if params.any(&["user"]) { a.quiet href=(params.with(PATH, "user", "")) { "Clear" } }
                }
            }
            @match &found {
                Ok(found) => (rows(&params, found, state)),
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Review desk", PATH, main)
}

fn state_tabs(params: &Params, chosen: Option<&str>) -> Markup {
    html! {
        nav.tabs aria-label="State" {
            @for state in STATES.into_iter().map(Some).chain([None]) {
                a href=(params.with(PATH, "state", state.unwrap_or("ALL"))) aria-current=[(state == chosen).then_some("page")]
                    { (state.map_or("All".to_owned(), words)) }
            }
        }
    }
}

fn rows(params: &Params, found: &[Case], state: Option<&str>) -> Markup {
    let (shown, next) = page_of(found, |case| &case.case_id);
    let heads = ["Opened", "Amount", "Kind", "Payer", "State", "Ends"];
    let rows: Vec<Markup> = shown.iter().map(row).collect();
    html! {
        @if shown.is_empty() {
            p.empty {
                @if state == Some("OPEN") { "Nothing waits for a decision." } @else { "No case is like that." }
            }
        } @else { (table("Review cases", &heads, &rows)) }
        (pager(params, PATH, next.as_deref()))
    }
}

fn row(case: &Case) -> Markup {
    let ends = case.closed_at.unwrap_or(case.expires_at);
    html! {
        (cell("Opened", html! { a href={ (PATH) "/" (segment(&case.case_id)) } { (instant(case.created_at.0)) } }))
        (number_cell("Amount", &case.amount.text()))
        (cell("Kind", html! { (words(&case.kind)) }))
        (cell("Payer", user(&case.user_id)))
        (cell("State", html! {
            (badge(&case.state))
            @if case.needs_second { " " span.badge.waiting { "Second person needed" } }
        }))
        (cell(if case.closed_at.is_some() { "Ended" } else { "Ends" }, html! { (instant(ends.0)) }))
    }
}

/// One case.
pub(crate) async fn show(staff: Staff, Path(case_id): Path<String>) -> Response {
    let done = match staff.params().get("done") {
        "approved" => Some(good("Approved. The payment goes on.")),
        "first" => Some(good(
            "Your approval is recorded. A second person must approve before the payment goes on.",
        )),
        "rejected" => Some(good("Rejected. The money is let go.")),
        _ => None,
    };
    page(&staff, &case_id, done, "", StatusCode::OK).await
}

async fn page(staff: &Staff, case_id: &str, message: Option<Markup>, note: &str, status: StatusCode) -> Response {
    let (case, policy) = tokio::join!(
        staff.ask(&documents::REVIEW_CASE, json!({ "caseId": case_id })),
        staff.ask(&documents::POLICY, json!({})),
    );
    let case = match case {
        Ok(case) => case,
        Err(failure) => return staff.problem("Review case", PATH, &failure),
    };
    let threshold = policy.ok().and_then(|policy| policy.four_eyes_above);
    let needs_two = threshold.is_some_and(|above| case.case.amount.money().minor() > above.money().minor());
    let main = html! {
        p.back { a href=(PATH) { "Review desk" } }
        @if let Some(message) = message { (message) }
        (head(&case))
        div.columns.wide-left {
            div.stack {
                section.card { h2 { "Why it is here" } (parts::fired("Rules that fired", &case.log.fired)) @if case.log.fired.is_empty() { p.hint { (case.log.reason) } } }
                @if !case.log.shadow_fired.is_empty() {
                    section.card {
                        h2 { "Shadow rules that fired" }
                        p.hint { "They are tried out: they had no part in the decision." }
                        (parts::fired("Shadow rules that fired", &case.log.shadow_fired))
                    }
                }
            }
            div.stack {
                (decide(staff, &case.case, needs_two, note))
                (decisions(&case.case))
                @if staff.may_decide() { (snooze(staff, &case)) }
            }
        }
        section.card { h2 { "The payer’s checks before this one" } (recent(&case.recent)) }
        section.card { h2 { "Facts of the check" } (parts::facts_table(case.log.readings.as_deref())) }
    };
    staff.respond_with("Review case", PATH, main, status)
}

fn head(case: &WholeCase) -> Markup {
    let WholeCase { case, log: check, .. } = case;
    let mut pairs = vec![
        ("Payer", user(&case.user_id)),
        ("Payment", payment(&case.transaction_id)),
        ("Check", log(&check.log.log_id)),
        (
            "Score",
            html! { (check.log.score) " of 100 " (badge(&check.log.status)) },
        ),
        ("Opened", html! { (instant(case.created_at.0)) }),
    ];
    if let Some(id) = &case.merchant_id {
        pairs.insert(1, ("Merchant", merchant(id)));
    }
    pairs.push(match case.closed_at {
        Some(closed) => ("Ended", html! { (instant(closed.0)) }),
        None => ("Ends by itself", html! { (instant(case.expires_at.0)) }),
    });
    html! {
        section.card {
            p.eyebrow { (words(&case.kind)) " " (code(&case.case_id)) }
            h1 { span.amount { (case.amount.text()) } " " (badge(&case.state)) }
            (facts(&pairs))
        }
    }
}

/// The form, or why there is none.
fn decide(staff: &Staff, case: &Case, needs_two: bool, note: &str) -> Markup {
    let path = format!("{PATH}/{}", segment(&case.case_id));
    let approved_by_me = case
        .decisions
        .iter()
        .any(|made| made.decision == "APPROVE" && made.by == staff.user_id);
    html! {
        section.card.decide {
            h2 { "Decision" }
            @if case.state != "OPEN" {
                p { "This case is closed: " (badge(&case.state)) }
            } @else if !staff.may_decide() {
                p { "It waits for the fraud desk. Your role can look, and changes nothing." }
            } @else if case.user_id == staff.user_id {
                p { "This is a payment of your own. Somebody else has to decide." }
            } @else {
                @if case.needs_second {
                    p.second-person {
                        strong { "A second person must approve." }
                        @if approved_by_me { " You approved it already; your word alone is not enough for this amount." }
                        @else { " One approval is recorded; yours lets the payment go on." }
                    }
                } @else if needs_two {
                    p.second-person { strong { "Two people must approve." } " The amount is above the limit for one person. Rejecting needs only one." }
                }
                form method="post" action={ (path) "/approve" } {
                    (crate::pages::form::token(&staff.visit))
                    (Field::new("note", "Note", note).hint("Why you decide so. Recorded with your name.").required().max(500).area(3, ""))
                    div.both {
                        @if !approved_by_me { button type="submit" { "Approve" } }
                        button.danger type="submit" formaction={ (path) "/reject" } { "Reject" }
                    }
                }
            }
        }
    }
}

fn decisions(case: &Case) -> Markup {
    html! {
        @if !case.decisions.is_empty() {
            section.card {
                h2 { "Decisions so far" }
                ul.log {
                    @for made in &case.decisions {
                        li { p { (badge(&made.decision)) " " span.hint { (instant(made.at.0)) } } p { (made.note) } p.hint { "by " (user(&made.by)) } }
                    }
                }
            }
        }
    }
}

/// Puts one of the rules that fired to sleep for this payer.
fn snooze(staff: &Staff, case: &WholeCase) -> Markup {
    let options: Vec<(&str, &str)> = case
        .log
        .fired
        .iter()
        .map(|fired| (fired.rule.as_str(), fired.rule.as_str()))
        .collect();
    html! {
        @if !options.is_empty() {
            section.card {
                h2 { "A rule that is wrong about this payer" }
                (Ask {
                    summary: "Snooze a rule", action: "/console/fraud/snoozes".to_owned(), button: "Snooze", is_dangerous: false,
                    text: "The rule does not count for this payer until then: at most 30 days.",
                }.render(&staff.visit, html! {
                    (crate::pages::form::hidden("user", &case.case.user_id))
                    (Field::new("rule", "Rule", "").id("snooze-rule").select(&options))
                    (Field::new("days", "Days", "7").id("snooze-days").kind("number").max(30).required().input())
                    (crate::console::kit::reason_field("snooze-reason"))
                }))
            }
        }
    }
}

fn recent(checks: &[FraudLog]) -> Markup {
    let heads = ["When", "Amount", "Kind", "Outcome", "Score", "Rules"];
    let rows: Vec<Markup> = checks.iter().map(recent_row).collect();
    html! {
        @if rows.is_empty() { p.empty { "It is the payer’s first." } }
        @else { (table("The payer’s checks before", &heads, &rows)) }
    }
}

fn recent_row(check: &FraudLog) -> Markup {
    html! {
        (cell("When", html! { a href={ "/console/fraud/logs/" (segment(&check.log_id)) } { (instant(check.created_at.0)) } }))
        (number_cell("Amount", &check.amount.text()))
        (cell("Kind", html! { (words(&check.kind)) }))
        (cell("Outcome", badge(&check.status)))
        (number_cell("Score", &check.score.to_string()))
        (cell("Rules", names(&check.rules)))
    }
}

pub(crate) async fn approve(staff: Staff, Path(case_id): Path<String>, fields: Fields) -> Response {
    decided(&staff, &case_id, &fields, &documents::APPROVE_REVIEW, "approved").await
}

pub(crate) async fn reject(staff: Staff, Path(case_id): Path<String>, fields: Fields) -> Response {
    decided(&staff, &case_id, &fields, &documents::REJECT_REVIEW, "rejected").await
}

async fn decided(
    staff: &Staff,
    case_id: &str,
    fields: &Fields,
    operation: &Operation<Case>,
    word: &'static str,
) -> Response {
    let note = fields.get("note");
    let answer: Result<Case, Failure> = staff.ask(operation, json!({ "caseId": case_id, "note": note })).await;
    match answer {
        Ok(case) => {
            let word = if case.state == "OPEN" { "first" } else { word };
            see_other(&link(&format!("{PATH}/{}", segment(case_id)), &[("done", word)]))
        }
        Err(failure) => {
            let message = refused("The decision was not taken", &failure);
            page(staff, case_id, Some(message), note, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
