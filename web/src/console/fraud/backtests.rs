//! `/console/fraud/backtests`: which decisions of the past other rules would have made otherwise.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::documents;
use super::types::{Backtest, Example, Transition, WholeBacktest};
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, ROWS, badge, cell, code, facts, good, instant, log, names, number, number_cell, page_of, pager, refused,
    segment, table, user,
};
use crate::visit::see_other;

const PATH: &str = "/console/fraud/backtests";
const REFRESH_SECONDS: u8 = 2;

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let variables = json!({ "first": ROWS + 1, "after": params.filled("after") });
    let found = staff.ask(&documents::BACKTESTS, variables).await;
    let main = html! {
        h1 { "Back-tests" }
        p.aside { "They are started where a rule is written." }
        section.card {
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |test| &test.backtest_id);
                    @let rows: Vec<Markup> = shown.iter().map(row).collect();
                    @if rows.is_empty() { p.empty { "Nothing was tried out yet." } }
                    @else { (table("Back-tests", &["Started", "State", "Checks", "Changed", "Amount", "By"], &rows)) }
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Back-tests", PATH, main)
}

fn row(test: &Backtest) -> Markup {
    html! {
        (cell("Started", html! { a href={ (PATH) "/" (segment(&test.backtest_id)) } { (instant(test.created_at.0)) } }))
        (cell("State", badge(&test.state)))
        (number_cell("Checks", &number(test.checked)))
        (number_cell("Changed", &number(test.changed)))
        (number_cell("Amount", &test.changed_amount.text()))
        (cell("By", user(&test.started_by)))
    }
}

pub(crate) async fn show(staff: Staff, Path(id): Path<String>) -> Response {
    page(&staff, &id, None, StatusCode::OK).await
}

async fn page(staff: &Staff, id: &str, message: Option<Markup>, status: StatusCode) -> Response {
    let found = match staff.ask(&documents::BACKTEST, json!({ "backtestId": id })).await {
        Ok(found) => found,
        Err(failure) => return staff.problem("Back-test", PATH, &failure),
    };
    let test = &found.backtest;
    let is_running = test.state == "RUNNING";
    let main = html! {
        p.back { a href=(PATH) { "Back-tests" } }
        @if let Some(message) = message { (message) }
        div.live data-live=[is_running.then_some(REFRESH_SECONDS)] {
        section.card {
            p.eyebrow { "Back-test " (code(&test.backtest_id)) }
            h1 { span.amount { (number(test.changed)) } " decisions would have been others " (badge(&test.state)) }
            label for="progress" { (number(test.checked)) " of " (number(test.total)) " checks" }
            progress #progress value=(test.checked) max=(test.total.max(1)) {}
            (facts(&[
                ("Amount of those decisions", html! { (test.changed_amount.text()) }),
                ("Started", html! { (instant(test.created_at.0)) }),
                ("By", user(&test.started_by)),
            ]))
            @if let Some(problem) = &test.problem { p.mistake { (problem) } }
            @if is_running {
                p.hint { "This page looks for news by itself." }
                @if staff.may_decide() { (cancel_form(staff, id)) }
            }
        }
        section.card { h2 { "Before and after" } (transitions(&found)) }
        section.card { h2 { "Examples" } (examples(&found.examples)) }
        }
    };
    let refresh = is_running.then_some(REFRESH_SECONDS);
    staff.respond_refreshing("Back-test", PATH, main, status, refresh)
}

fn transitions(found: &WholeBacktest) -> Markup {
    let rows: Vec<Markup> = found.transitions.iter().map(transition_row).collect();
    html! {
        @if rows.is_empty() { p.empty { "No decision would have been another." } }
        @else { (table("Decisions that would have been others", &["Was", "Would have been", "Checks", "Amount"], &rows)) }
    }
}

fn transition_row(transition: &Transition) -> Markup {
    html! {
        (cell("Was", badge(&transition.from)))
        (cell("Would have been", badge(&transition.to)))
        (number_cell("Checks", &number(transition.count)))
        (number_cell("Amount", &transition.amount.text()))
    }
}

fn examples(examples: &[Example]) -> Markup {
    let rows: Vec<Markup> = examples.iter().map(example_row).collect();
    let heads = ["Check", "Amount", "Was", "Would have been", "Rules that would fire"];
    html! {
        @if rows.is_empty() { p.empty { "There are none." } }
        @else { (table("Examples", &heads, &rows)) }
    }
}

fn example_row(example: &Example) -> Markup {
    html! {
        (cell("Check", log(&example.log_id)))
        (number_cell("Amount", &example.amount.text()))
        (cell("Was", html! { (badge(&example.before)) " " (example.score_before) }))
        (cell("Would have been", html! { (badge(&example.after)) " " (example.score_after) }))
        (cell("Rules that would fire", names(&example.fired)))
    }
}

fn cancel_form(staff: &Staff, id: &str) -> Markup {
    let ask = Ask {
        summary: "Stop this back-test",
        action: format!("{PATH}/{}/cancel", segment(id)),
        button: "Stop it",
        is_dangerous: true,
        text: "What it found so far stays.",
    };
    ask.render(&staff.visit, html! {})
}

pub(crate) async fn cancel(staff: Staff, Path(id): Path<String>) -> Response {
    match staff
        .ask(&documents::CANCEL_BACKTEST, json!({ "backtestId": id }))
        .await
    {
        Ok(test) if test.state == "CANCELLED" => see_other(&format!("{PATH}/{}", segment(&id))),
        Ok(_) => page(&staff, &id, Some(good("It had ended already.")), StatusCode::OK).await,
        Err(failure) => {
            let message = refused("The back-test was not stopped", &failure);
            page(&staff, &id, Some(message), StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
