//! `/console/fraud/lists`: whom no rule may stop, and whom nothing lets through.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::documents;
use super::types::ListEntry;
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, Field, ROWS, badge, cell, day_after, good, instant, merchant, page_of, pager, reason_field, refused, segment,
    table, user, words,
};
use crate::fields::Fields;
use crate::pages::form::token;
use crate::pages::notice::{Tone, notice};
use crate::visit::see_other;

const PATH: &str = "/console/fraud/lists";
const LISTS: [&str; 2] = ["ALLOW", "DENY"];
const KINDS: [&str; 4] = ["USER", "MERCHANT", "ADDRESS", "EMAIL_DOMAIN"];
const KIND_OPTIONS: [(&str, &str); 4] = [
    ("USER", "User id"),
    ("MERCHANT", "Merchant id"),
    ("ADDRESS", "IP address"),
    ("EMAIL_DOMAIN", "E-mail domain"),
];

pub(crate) async fn list(staff: Staff) -> Response {
    let done = match staff.params().get("done") {
        "added" => Some(good("The entry stands on the list.")),
        "removed" => Some(good("The entry is removed.")),
        _ => None,
    };
    page(&staff, done, &Fields::default(), StatusCode::OK).await
}

async fn page(staff: &Staff, message: Option<Markup>, draft: &Fields, status: StatusCode) -> Response {
    let params = staff.params();
    let list = params.one_of("list", &LISTS);
    let kind = params.one_of("kind", &KINDS);
    let variables = json!({ "list": list, "kind": kind, "first": ROWS + 1, "after": params.filled("after") });
    let found = staff.ask(&documents::LIST_ENTRIES, variables).await;
    let kinds: Vec<(&str, &str)> = [("", "All")].into_iter().chain(KIND_OPTIONS).collect();
    let main = html! {
        h1 { "Allow and deny lists" }
        p.aside { "A payment of whoever is denied is refused. Of whoever is allowed, no rule holds or refuses one. Deny wins." }
        @if let Some(message) = message { (message) }
        @if staff.may_decide() { (add_form(staff, draft)) }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("list", "List", params.get("list")).id("filter-list").select(&[("", "Both"), ("ALLOW", "Allow"), ("DENY", "Deny")]))
                (Field::new("kind", "Kind", params.get("kind")).id("filter-kind").select(&kinds))
                div.actions { button.second type="submit" { "Show" } }
            }
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |entry| &entry.entry_id);
                    @let rows: Vec<Markup> = shown.iter().map(|entry| row(staff, entry)).collect();
                    @if rows.is_empty() { p.empty { "Nothing stands there." } }
                    @else { (table("Entries", &["List", "Kind", "Value", "Why", "Until", ""], &rows)) }
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond_with("Allow and deny lists", PATH, main, status)
}

fn add_form(staff: &Staff, draft: &Fields) -> Markup {
    html! {
        section.card {
            h2 { "Put on a list" }
            form.filter method="post" action={ (PATH) "/add" } {
                (token(&staff.visit))
                (Field::new("list", "List", draft.get("list")).select(&[("DENY", "Deny"), ("ALLOW", "Allow")]))
                (Field::new("kind", "Kind", draft.get("kind")).select(&KIND_OPTIONS))
                (Field::new("value", "Value", draft.get("value")).required().max(253).input())
                (Field::new("until", "Last day, if any", draft.get("until")).kind("date").input())
                (Field::new("reason", "Reason", draft.get("reason")).required().max(500).input())
                div.actions { button type="submit" { "Add" } }
            }
        }
    }
}

fn row(staff: &Staff, entry: &ListEntry) -> Markup {
    html! {
        (cell("List", badge(&entry.list)))
        (cell("Kind", html! { (words(&entry.kind)) }))
        (cell("Value", match entry.kind.as_str() {
            "USER" => user(&entry.value),
            "MERCHANT" => merchant(&entry.value),
            _ => html! { span.code { (entry.value) } },
        }))
        (cell("Why", html! { (entry.reason) span.meaning { "by " (user(&entry.author)) ", " (instant(entry.created_at.0)) } }))
        (cell("Until", html! { @if let Some(until) = entry.expires_at { (instant(until.0)) } @else { "for ever" } }))
        (cell("", html! {
            @if staff.may_decide() {
                (Ask {
                    summary: "Remove", action: format!("{PATH}/{}/remove", segment(&entry.entry_id)), button: "Remove the entry",
                    is_dangerous: true, text: "From the next check on the list does not know it any more.",
                }.render(&staff.visit, reason_field(&format!("reason-{}", entry.entry_id))))
            }
        }))
    }
}

pub(crate) async fn add(staff: Staff, fields: Fields) -> Response {
    let bad = StatusCode::UNPROCESSABLE_ENTITY;
    let what = "The entry was not added";
    let until = match fields.filled("until") {
        None => None,
        Some(day) => match day_after(day) {
            None => {
                let message = notice(Tone::Bad, what, "The last day is not a day of the calendar.");
                return page(&staff, Some(message), &fields, bad).await;
            }
            until => until,
        },
    };
    let input = json!({
        "list": fields.get("list"), "kind": fields.get("kind"), "value": fields.get("value"),
        "reason": fields.get("reason"), "expiresAt": until.map(|instant| instant.to_string()),
    });
    match staff.ask(&documents::ADD_LIST_ENTRY, json!({ "input": input })).await {
        Ok(_) => see_other("/console/fraud/lists?done=added"),
        Err(failure) => page(&staff, Some(refused(what, &failure)), &fields, bad).await,
    }
}

pub(crate) async fn remove(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = json!({ "entryId": id, "reason": fields.get("reason") });
    match staff.ask(&documents::REMOVE_LIST_ENTRY, variables).await {
        Ok(_) => see_other("/console/fraud/lists?done=removed"),
        Err(failure) => {
            let message = refused("The entry was not removed", &failure);
            page(
                &staff,
                Some(message),
                &Fields::default(),
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await
        }
    }
}
