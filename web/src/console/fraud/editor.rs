//! Writing a rule: the expression is checked as it will be on saving, and can be tried on past traffic first.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::documents;
use super::rules::PATH;
use super::types::{ExpressionCheck, Fact};
use crate::api::Failure;
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{Field, day_after, day_of, days_before, good, link, refused, segment};
use crate::fields::Fields;
use crate::format::day_begins;
use crate::pages::form::{hidden, token};
use crate::visit::see_other;

const EXPRESSION_MAX: u16 = 4_000;
/// So much of an expression is shown around what is wrong in it.
const SHOWN_BEFORE: usize = 48;
const SHOWN_AFTER: usize = 32;
const TRIED_DAYS: i64 = 6;

/// What stands in the form.
#[derive(Default)]
struct Draft {
    /// Nothing for a rule that is not there yet.
    version: Option<i64>,
    name: String,
    description: String,
    expression: String,
    score: String,
    action: String,
    state: String,
    reason: String,
    from: String,
    to: String,
    is_alone: bool,
}

impl Draft {
    fn of(fields: &Fields) -> Self {
        Self {
            version: fields.filled("version").and_then(|version| version.parse().ok()),
            name: fields.get("name").to_owned(),
            description: fields.get("description").to_owned(),
            // On one line, a column says where.
            expression: fields
                .get("expression")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
            score: fields.get("score").to_owned(),
            action: fields.get("action").to_owned(),
            state: fields.get("state").to_owned(),
            reason: fields.get("reason").to_owned(),
            from: fields.get("from").to_owned(),
            to: fields.get("to").to_owned(),
            is_alone: fields.filled("alone").is_some(),
        }
    }

    fn path(&self) -> String {
        match self.version {
            None => format!("{PATH}/new"),
            Some(_) => format!("{PATH}/{}/change", segment(&self.name)),
        }
    }

    fn score(&self) -> i32 {
        self.score.parse().unwrap_or(-1)
    }
}

pub(crate) async fn new(staff: Staff) -> Response {
    let draft = Draft {
        score: "30".to_owned(),
        action: "SCORE".to_owned(),
        state: "SHADOW".to_owned(),
        ..Draft::default()
    };
    page(&staff, draft, None, None, StatusCode::OK).await
}

pub(crate) async fn change(staff: Staff, Path(name): Path<String>) -> Response {
    let versions = match staff.ask(&documents::RULE_VERSIONS, json!({ "name": name })).await {
        Ok(versions) => versions,
        Err(failure) => return staff.problem("Rule", PATH, &failure),
    };
    let Some(rule) = versions.into_iter().max_by_key(|rule| rule.version) else {
        return staff.nothing("Rule", PATH);
    };
    let draft = Draft {
        version: Some(rule.version),
        name: rule.name,
        description: rule.description,
        expression: rule.expression,
        score: rule.score.to_string(),
        action: rule.action,
        state: rule.state,
        ..Draft::default()
    };
    page(&staff, draft, None, None, StatusCode::OK).await
}

/// All buttons of the form come here; which one it was stands in `do`.
pub(crate) async fn send(staff: Staff, fields: Fields) -> Response {
    let draft = Draft::of(&fields);
    let asked = fields.get("do");
    let bad = StatusCode::UNPROCESSABLE_ENTITY;
    let variables = json!({ "expression": draft.expression });
    let check = match staff.ask(&documents::CHECK_EXPRESSION, variables).await {
        Ok(check) => check,
        Err(failure) => {
            let message = refused("The expression could not be checked", &failure);
            return page(&staff, draft, Some(message), None, bad).await;
        }
    };
    if asked == "check" || !check.is_valid {
        let status = if check.is_valid { StatusCode::OK } else { bad };
        return page(&staff, draft, None, Some(&check), status).await;
    }
    let done = match asked {
        "backtest" => backtest(&staff, &draft).await,
        _ => save(&staff, &draft).await,
    };
    match done {
        Ok(path) => see_other(&path),
        Err(message) => page(&staff, draft, Some(message), Some(&check), bad).await,
    }
}

async fn save(staff: &Staff, draft: &Draft) -> Result<String, Markup> {
    let mut input = json!({
        "name": draft.name, "description": draft.description, "expression": draft.expression,
        "score": draft.score(), "action": draft.action, "reason": draft.reason,
    });
    let (answer, word) = match draft.version {
        None => {
            input["state"] = json!(draft.state);
            (
                staff.ask(&documents::CREATE_RULE, json!({ "input": input })).await,
                "created",
            )
        }
        Some(version) => {
            input["expectedVersion"] = json!(version);
            (
                staff.ask(&documents::CHANGE_RULE, json!({ "input": input })).await,
                "changed",
            )
        }
    };
    match answer {
        Ok(rule) => Ok(link(&format!("{PATH}/{}", segment(&rule.name)), &[("done", word)])),
        Err(failure) => Err(refused("The rule was not saved", &failure)),
    }
}

async fn backtest(staff: &Staff, draft: &Draft) -> Result<String, Markup> {
    let what = "The back-test was not started";
    let period = day_begins(&draft.from)
        .zip(day_after(&draft.to))
        .filter(|(from, to)| from < to);
    let Some((from, to)) = period else {
        let text = "Name the first and the last day of the traffic to try the rule on.";
        return Err(crate::pages::notice::notice(
            crate::pages::notice::Tone::Bad,
            what,
            text,
        ));
    };
    let name = if draft.name.is_empty() { "draft" } else { &draft.name };
    let rule = json!({
        "name": name, "expression": draft.expression, "score": draft.score(), "action": draft.action,
    });
    let input: Value = json!({
        "rules": [rule], "onTopOfActive": !draft.is_alone, "from": from.to_string(), "to": to.to_string(),
    });
    match staff.ask(&documents::START_BACKTEST, json!({ "input": input })).await {
        Ok(started) => Ok(format!("/console/fraud/backtests/{}", segment(&started.backtest_id))),
        Err(failure) => Err(refused(what, &failure)),
    }
}

async fn page(
    staff: &Staff,
    mut draft: Draft,
    message: Option<Markup>,
    check: Option<&ExpressionCheck>,
    status: StatusCode,
) -> Response {
    let now = staff.visit.web().config.clock.now();
    if draft.from.is_empty() {
        draft.from = day_of(days_before(now, TRIED_DAYS));
        draft.to = day_of(now);
    }
    let known = staff.ask(&documents::FRAUD_FACTS, json!({})).await;
    let title = if draft.version.is_some() {
        "Change a rule"
    } else {
        "New rule"
    };
    let main = html! {
        p.back { a href=(PATH) { "Rules" } }
        h1 { (title) @if draft.version.is_some() { " " span.code { (draft.name) } } }
        @if !staff.may_decide() { p { "Your role can read rules, and not write them." } }
        @else {
            @if let Some(message) = message { (message) }
            div.columns.wide-left {
                (form(staff, &draft, check))
                (reference(&known))
            }
        }
    };
    staff.respond_with(title, PATH, main, status)
}

fn form(staff: &Staff, draft: &Draft, check: Option<&ExpressionCheck>) -> Markup {
    let is_bad = check.is_some_and(|check| !check.is_valid);
    let actions = [
        ("SCORE", "Adds its score"),
        ("REVIEW", "At least to the desk"),
        ("BLOCK", "Refuses"),
    ];
    let states = [
        ("SHADOW", "Shadow: scored, never acted on"),
        ("ACTIVE", "Active"),
        ("OFF", "Off"),
    ];
    let expression = Field {
        mistake: is_bad.then_some("This expression cannot be used; see below."),
        ..Field::new("expression", "Expression", &draft.expression)
    };
    html! {
        form.card.editor method="post" action=(draft.path()) {
            (token(&staff.visit))
            @if let Some(version) = draft.version {
                (hidden("version", &version.to_string()))
                (hidden("name", &draft.name))
            } @else {
                (Field::new("name", "Name", &draft.name).hint("Lower-case letters, digits and _. It stays.").required().max(64).input())
            }
            (Field::new("description", "What it looks for", &draft.description).required().max(500).input())
            (expression.hint("CEL: true when the rule fires.").required().max(EXPRESSION_MAX).area(5, "code"))
            @if let Some(check) = check { (checked(&draft.expression, check)) }
            div.actions-row { button.second type="submit" name="do" value="check" formnovalidate { "Check the expression" } }
            div.pair {
                (Field::new("score", "Score", &draft.score).kind("number").max(100).required().input())
                (Field::new("action", "When it fires", &draft.action).select(&actions))
            }
            @if draft.version.is_none() { (Field::new("state", "Begins as", &draft.state).select(&states)) }
            fieldset.boxed {
                legend { "Try it on past traffic" }
                p.hint { "Shows which decisions would have been others. Nothing is changed." }
                div.pair {
                    (Field::new("from", "From", &draft.from).kind("date").input())
                    (Field::new("to", "To", &draft.to).kind("date").input())
                }
                label.choose { input type="checkbox" name="alone" value="1" checked[draft.is_alone]; " Without the active rules" }
                div.actions-row { button.second type="submit" name="do" value="backtest" formnovalidate { "Back-test" } }
            }
            (Field::new("reason", "Reason", &draft.reason).hint("Recorded with your name.").required().max(500).area(2, ""))
            button type="submit" name="do" value="save" { @if draft.version.is_some() { "Save as a new version" } @else { "Save the rule" } }
        }
    }
}

/// The verdict under the expression, with a mark below the column that is wrong.
fn checked(expression: &str, check: &ExpressionCheck) -> Markup {
    let problem = check.problem.as_deref().unwrap_or("It cannot be used.");
    html! {
        @if check.is_valid { (good("The expression is good.")) }
        @else {
            div.marked role="alert" tabindex="-1" data-focus {
                p.mistake { @if let Some(column) = check.column { "Column " (column) ": " } (problem) }
                @if let Some(column) = check.column {
                    @let (line, mark) = marked(expression, column);
                    pre tabindex="0" aria-label="The expression with a mark below what is wrong" { (line) "\n" strong { (mark) } }
                }
            }
        }
    }
}

/// The expression around a column, counted from 1, and a line with a mark below it.
fn marked(expression: &str, column: usize) -> (String, String) {
    let chars: Vec<char> = expression.chars().collect();
    let place = column.saturating_sub(1).min(chars.len());
    let begins = place.saturating_sub(SHOWN_BEFORE);
    let ends = (place + SHOWN_AFTER).min(chars.len());
    let before = if begins > 0 { "… " } else { "" };
    let after = if ends < chars.len() { " …" } else { "" };
    let shown: String = chars.get(begins..ends).unwrap_or_default().iter().collect();
    let indent = before.chars().count() + place - begins;
    (format!("{before}{shown}{after}"), format!("{}^", " ".repeat(indent)))
}

fn reference(known: &Result<Vec<Fact>, Failure>) -> Markup {
    html! {
        section.card.reference {
            h2 { "Facts" }
            p.hint { "What an expression can ask about. Amounts are in rupiah." }
            @match known {
                Err(failure) => (not_had("The reference", failure)),
                Ok(known) => div.scroll.tall role="region" aria-label="Reference of the facts" tabindex="0" {
                    dl.facts-list {
                        @for fact in known { div { dt { span.code { (fact.name) } " " span.hint { (fact.kind) } } dd { (fact.description) } } }
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn the_mark_stands_below_the_column() {
        #[track_caller]
        fn check(expression: &str, column: usize, under: &str) {
            let (line, mark) = marked(expression, column);
            let place = mark.chars().count() - 1;
            let found: String = line.chars().skip(place).take(under.chars().count()).collect();
            assert_eq!(found, under, "{line}\n{mark}");
            assert!(line.chars().count() <= 90, "{line}");
        }
        check("amount > 5", 1, "amount");
        check("amount > nonsense", 10, "nonsense");
        check("é + amonut", 5, "amonut");
        check("amount >", 9, "");
        check("amount >", 400, "");
        let long = format!(
            "{} && amonut > 5 && {}",
            "amount > 1 && ".repeat(20),
            "true && ".repeat(20)
        );
        let column = long.find("amonut").unwrap() + 1;
        check(&long, column, "amonut");
    }
}
