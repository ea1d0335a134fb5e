//! `/console/fraud/rules`: the rules, each with its versions, and whether they count.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::documents;
use super::types::Rule;
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, badge, cell, facts, good, instant, link, number, number_cell, reason_field, refused, rule, segment, table,
    user, words,
};
use crate::fields::Fields;
use crate::pages::form::hidden;
use crate::visit::see_other;

pub(super) const PATH: &str = "/console/fraud/rules";
const STATES: [&str; 3] = ["ACTIVE", "SHADOW", "OFF"];

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let state = params.one_of("state", &STATES);
    let found = staff.ask(&documents::FRAUD_RULES, json!({ "state": state })).await;
    let main = html! {
        div.title-row {
            h1 { "Rules" }
            @if staff.may_decide() { a.button href={ (PATH) "/new" } { "New rule" } }
        }
        section.card {
            nav.tabs aria-label="State" {
                @for chosen in [None].into_iter().chain(STATES.map(Some)) {
                    a href=(params.with(PATH, "state", chosen.unwrap_or_default())) aria-current=[(chosen == state).then_some("page")]
                        { (chosen.map_or("All".to_owned(), words)) }
                }
            }
            @match &found {
                Ok(found) => (rows(found)),
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Rules", PATH, main)
}

fn rows(found: &[Rule]) -> Markup {
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { "No rule is in this state." } }
        @else { (table("Rules", &["Rule", "What it looks for", "State", "When it fires", "Score", "Version"], &rows)) }
    }
}

fn row(found: &Rule) -> Markup {
    html! {
        (cell("Rule", rule(&found.name)))
        (cell("What it looks for", html! { (found.description) (trouble(found)) }))
        (cell("State", badge(&found.state)))
        (cell("When it fires", html! { (effect(&found.action)) }))
        (number_cell("Score", &found.score.to_string()))
        (number_cell("Version", &found.version.to_string()))
    }
}

/// What keeps a rule from being asked, or from answering.
fn trouble(found: &Rule) -> Markup {
    html! {
        @if let Some(problem) = &found.problem {
            p.mistake {
                @if found.state == "OFF" { "This version of Sawit cannot read it: " (problem) "." }
                @else { "Counts as off, because this version of Sawit cannot read it: " (problem) ". Change it, or switch it off." }
            }
        } @else if found.could_not_say > 0 {
            p.mistake {
                "Could not say of " (number(found.could_not_say))
                (if found.could_not_say == 1 { " check" } else { " checks" }) " lately whether it fires, and did not. Does it divide by zero?"
            }
        }
    }
}

pub(super) fn effect(action: &str) -> &'static str {
    match action {
        "REVIEW" => "At least to the desk",
        "BLOCK" => "Refuses",
        _ => "Adds its score",
    }
}

pub(crate) async fn show(staff: Staff, Path(name): Path<String>) -> Response {
    let done = match staff.params().get("done") {
        "created" => Some(good("The rule is saved.")),
        "changed" => Some(good("The change is saved as a new version.")),
        "state" => Some(good("The rule’s state is changed.")),
        _ => None,
    };
    page(&staff, &name, done, StatusCode::OK).await
}

async fn page(staff: &Staff, name: &str, message: Option<Markup>, status: StatusCode) -> Response {
    let mut versions = match staff.ask(&documents::RULE_VERSIONS, json!({ "name": name })).await {
        Ok(versions) => versions,
        Err(failure) => return staff.problem("Rule", PATH, &failure),
    };
    versions.sort_by_key(|rule| std::cmp::Reverse(rule.version));
    let Some(newest) = versions.first() else {
        return staff.nothing("Rule", PATH);
    };
    let main = html! {
        p.back { a href=(PATH) { "Rules" } }
        @if let Some(message) = message { (message) }
        section.card {
            p.eyebrow { "Rule, version " (newest.version) }
            h1 { (newest.name) " " (badge(&newest.state)) }
            p { (newest.description) }
            (trouble(newest))
            pre.expression tabindex="0" { code { (newest.expression) } }
            (facts(&[
                ("When it fires", html! { (effect(&newest.action)) }),
                ("Score", html! { (newest.score) }),
                ("Checks in which it fired", html! { a href=(link("/console/fraud/logs", &[("rule", &newest.name)])) { "Show" } }),
            ]))
            @if staff.may_decide() { (changes(staff, newest)) }
        }
        section.card { h2 { "Versions" } (history(&versions)) }
    };
    staff.respond_with(&newest.name, PATH, main, status)
}

fn changes(staff: &Staff, newest: &Rule) -> Markup {
    let path = format!("{PATH}/{}", segment(&newest.name));
    html! {
        div.changes {
            a.button href={ (path) "/change" } { "Change or back-test" }
            @for (state, summary, text) in [
                ("ACTIVE", "Activate", "From the next check on the rule decides about payments."),
                ("SHADOW", "Shadow", "The rule is scored and logged, and never acted on."),
                ("OFF", "Switch off", "The rule is not looked at any more."),
            ] {
                @if state != newest.state {
                    (Ask { summary, action: format!("{path}/state"), button: summary, is_dangerous: state == "OFF", text }
                        .render(&staff.visit, html! {
                            (hidden("state", state))
                            (hidden("version", &newest.version.to_string()))
                            (reason_field(&format!("reason-{state}")))
                        }))
                }
            }
        }
    }
}

fn history(versions: &[Rule]) -> Markup {
    html! {
        ul.log {
            @for version in versions {
                li {
                    p { strong { "Version " (version.version) } " " (badge(&version.state)) " " span.hint { (instant(version.created_at.0)) } }
                    p { (version.reason) }
                    pre.expression tabindex="0" aria-label={ "Expression of version " (version.version) } { code { (version.expression) } }
                    p.hint { "Score " (version.score) ", " (effect(&version.action)) ". By " (user(&version.author)) }
                }
            }
        }
    }
}

pub(crate) async fn set_state(staff: Staff, Path(name): Path<String>, fields: Fields) -> Response {
    let variables = json!({
        "name": name, "state": fields.get("state"), "reason": fields.get("reason"),
        "expectedVersion": fields.get("version").parse::<i32>().unwrap_or(0),
    });
    match staff.ask(&documents::SET_RULE_STATE, variables).await {
        Ok(_) => see_other(&link(&format!("{PATH}/{}", segment(&name)), &[("done", "state")])),
        Err(failure) => {
            let message = refused("The state was not changed", &failure);
            page(&staff, &name, Some(message), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
