//! `/console/parked`: messages that were given up after many attempts, and sending one again.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::api;
use super::frame::{Staff, not_had, status_of};
use super::kit::{
    Ask, Field, ROWS, cell, code, good, no_reason, number, number_cell, page_of, pager, reason_field, refused, segment,
    table,
};
use super::types::ParkedMessage;
use crate::fields::Fields;
use crate::format::sortable;
use crate::visit::see_other;

const PATH: &str = "/console/parked";

pub(crate) async fn list(staff: Staff) -> Response {
    let done = staff
        .params()
        .filled("done")
        .map(|_| good("The message waits to be sent again."));
    page(&staff, done, StatusCode::OK).await
}

async fn page(staff: &Staff, message: Option<Markup>, status: StatusCode) -> Response {
    let params = staff.params();
    let variables = json!({ "lane": params.filled("lane"), "first": ROWS + 1, "after": params.filled("after") });
    let found = staff.ask(&api::PARKED, variables).await;
    let main = html! {
        h1 { "Parked messages" }
        p.aside { "What could not be delivered however often it was tried. Nothing is dropped: it waits here until somebody sends it again." }
        @if let Some(message) = message { (message) }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("lane", "Lane", params.get("lane")).input())
                div.actions { button.second type="submit" { "Show" } @if params.any(&["lane"]) { a href=(PATH) { "Clear" } } }
            }
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |row| &row.message_id);
                    @let rows: Vec<Markup> = shown.iter().map(|one| row(staff, one)).collect();
                    @if rows.is_empty() { p.empty { "Nothing is parked." } }
                    @else { (table("Parked messages", &["Since (WIB)", "Lane", "About", "Attempts", "Last error", ""], &rows)) }
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond_with("Parked messages", PATH, main, status)
}

fn row(staff: &Staff, one: &ParkedMessage) -> Markup {
    let reason_id = format!("reason-{}", one.message_id);
    let ask = Ask {
        summary: "Send again",
        action: format!("{PATH}/{}/requeue", segment(&one.message_id)),
        button: "Send again",
        is_dangerous: false,
        text: "It is tried from the beginning, and those behind it after it.",
    };
    html! {
        (cell("Since", html! { span.when { (sortable(one.created_at)) } }))
        (cell("Lane", code(&one.lane)))
        (cell("About", code(&one.ordering_key)))
        (number_cell("Attempts", &number(one.attempts)))
        (cell("Last error", html! { (one.last_error.as_deref().unwrap_or("–")) }))
        td.wide { @if staff.is_admin() { (ask.render(&staff.visit, reason_field(&reason_id))) } }
    }
}

pub(crate) async fn requeue(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let Some(reason) = fields.filled("reason") else {
        return page(&staff, Some(no_reason()), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    match staff
        .ask(&api::REQUEUE, json!({ "messageId": id, "reason": reason }))
        .await
    {
        Ok(_) => see_other(&format!("{PATH}?done=1")),
        Err(failure) => {
            let message = refused("It was not sent again", &failure);
            page(&staff, Some(message), status_of(&failure)).await
        }
    }
}
