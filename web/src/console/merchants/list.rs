//! `/console/merchants`: all of them, the newest first.

use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::types::MerchantRow;
use super::{PATH, documents};
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{ROWS, badge, cell, instant, page_of, pager, segment, table, user};

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let variables = json!({ "first": ROWS + 1, "after": params.filled("after") });
    let found = staff.ask(&documents::MERCHANTS, variables).await;
    let main = html! {
        h1 { "Merchants" }
        section.card {
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |merchant| &merchant.merchant_id);
                    @let rows: Vec<Markup> = shown.iter().map(row).collect();
                    @if rows.is_empty() { p.empty { "There is no merchant yet." } }
                    @else { (table("Merchants", &["Name", "Status", "VA prefix", "Owner", "Since"], &rows)) }
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Merchants", PATH, main)
}

fn row(merchant: &MerchantRow) -> Markup {
    html! {
        (cell("Name", html! { a href={ (PATH) "/" (segment(&merchant.merchant_id)) } { (merchant.name) } }))
        (cell("Status", badge(&merchant.status)))
        (cell("VA prefix", html! { @if let Some(prefix) = &merchant.va_prefix { span.code { (prefix) } } @else { "—" } }))
        (cell("Owner", html! { @if let Some(owner) = &merchant.owner_user_id { (user(owner)) } @else { "of the configuration" } }))
        (cell("Since", html! { (instant(merchant.created_at.0)) }))
    }
}
