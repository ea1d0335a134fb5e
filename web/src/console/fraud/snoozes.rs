//! `/console/fraud/snoozes`: rules that do not count for a user, for a while.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;
use service::Timestamp;

use super::documents;
use super::types::{Rule, Snooze};
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, Field, ROWS, cell, good, instant, link, page_of, pager, reason_field, refused, rule, segment, table, user,
};
use crate::fields::Fields;
use crate::pages::form::token;
use crate::visit::see_other;

const PATH: &str = "/console/fraud/snoozes";
const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let done = match params.get("done") {
        "added" => Some(good("The rule does not count for this user until then.")),
        "ended" => Some(good("The rule counts again.")),
        _ => None,
    };
    let user = params.get("user").to_owned();
    page(&staff, done, &Fields::default(), &user, StatusCode::OK).await
}

async fn page(staff: &Staff, message: Option<Markup>, draft: &Fields, of: &str, status: StatusCode) -> Response {
    let params = staff.params();
    let user_id = Some(of).filter(|id| !id.is_empty());
    let variables = json!({ "userId": user_id, "first": ROWS + 1, "after": params.filled("after") });
    let (found, rules) = tokio::join!(
        staff.ask(&documents::SNOOZES, variables),
        staff.ask(&documents::FRAUD_RULES, json!({ "state": "ACTIVE" })),
    );
    let rules = rules.unwrap_or_default();
    let main = html! {
        h1 { "Snoozed rules" }
        p.aside { "A rule that is wrong about somebody is put to sleep for them, for at most 30 days." }
        @if let Some(message) = message { (message) }
        @if staff.may_decide() && !rules.is_empty() { (add_form(staff, draft, of, &rules)) }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("user", "User id", of).id("filter-user").max(64).input())
                div.actions { button.second type="submit" { "Show" } }
            }
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |snooze| &snooze.snooze_id);
                    @let rows: Vec<Markup> = shown.iter().map(|snooze| row(staff, snooze)).collect();
                    @if rows.is_empty() { p.empty { "No rule sleeps." } }
                    @else { (table("Snoozed rules", &["Rule", "For", "Until", "Why", ""], &rows)) }
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond_with("Snoozed rules", PATH, main, status)
}

fn add_form(staff: &Staff, draft: &Fields, of: &str, rules: &[Rule]) -> Markup {
    let options: Vec<(&str, &str)> = rules
        .iter()
        .map(|rule| (rule.name.as_str(), rule.name.as_str()))
        .collect();
    html! {
        section.card {
            h2 { "Snooze a rule" }
            form.filter method="post" action=(PATH) {
                (token(&staff.visit))
                (Field::new("rule", "Rule", draft.get("rule")).select(&options))
                (Field::new("user", "User id", draft.filled("user").unwrap_or(of)).required().max(64).input())
                (Field::new("days", "Days", draft.filled("days").unwrap_or("7")).kind("number").max(30).required().input())
                (Field::new("reason", "Reason", draft.get("reason")).required().max(500).input())
                div.actions { button type="submit" { "Snooze" } }
            }
        }
    }
}

fn row(staff: &Staff, snooze: &Snooze) -> Markup {
    html! {
        (cell("Rule", rule(&snooze.rule)))
        (cell("For", user(&snooze.user_id)))
        (cell("Until", html! { (instant(snooze.until.0)) }))
        (cell("Why", html! { (snooze.reason) span.meaning { "by " (user(&snooze.author)) ", " (instant(snooze.created_at.0)) } }))
        (cell("", html! {
            @if staff.may_decide() {
                (Ask {
                    summary: "End", action: format!("{PATH}/{}/end", segment(&snooze.snooze_id)), button: "Let the rule count again",
                    is_dangerous: false, text: "From the next check on the rule counts for this user.",
                }.render(&staff.visit, reason_field(&format!("reason-{}", snooze.snooze_id))))
            }
        }))
    }
}

pub(crate) async fn add(staff: Staff, fields: Fields) -> Response {
    let days: i64 = fields.get("days").parse().unwrap_or(0);
    let now = staff.visit.web().config.clock.now();
    let until = Timestamp::from_micros(now.micros().saturating_add(days.saturating_mul(DAY_MICROS)));
    let user_id = fields.get("user");
    let variables = json!({
        "rule": fields.get("rule"), "userId": user_id, "until": until.to_string(), "reason": fields.get("reason"),
    });
    match staff.ask(&documents::SNOOZE_RULE, variables).await {
        Ok(_) => see_other(&link(PATH, &[("user", user_id), ("done", "added")])),
        Err(failure) => {
            let message = refused("The rule was not snoozed", &failure);
            page(
                &staff,
                Some(message),
                &fields,
                user_id,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
    }
}

pub(crate) async fn end(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = json!({ "snoozeId": id, "reason": fields.get("reason") });
    match staff.ask(&documents::END_SNOOZE, variables).await {
        Ok(_) => see_other(&link(PATH, &[("done", "ended")])),
        Err(failure) => {
            let message = refused("The snooze was not ended", &failure);
            page(
                &staff,
                Some(message),
                &Fields::default(),
                "",
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
    }
}
