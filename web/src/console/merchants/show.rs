//! `/console/merchants/{merchant}`: one merchant. Each part of the page is asked for by itself: one that cannot be had
//! leaves the others standing.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::types::{ApiKey, Balance, Endpoint, FeePlan, Keys, Merchant, NewKey};
use super::{PATH, documents};
use crate::api::Failure;
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{
    Ask, Field, badge, cell, code, facts, good, instant, link, number_cell, reason_field, segment, table, to, user,
};
use crate::pages::form::{hidden, token};

/// What stands above a page: a message, or the new key that is shown this once.
#[derive(Default)]
pub(super) struct Above {
    pub(super) message: Option<Markup>,
    pub(super) new_key: Option<NewKey>,
}

pub(crate) async fn show(staff: Staff, Path(merchant_id): Path<String>) -> Response {
    let message = match staff.params().get("done") {
        "revoked" => Some(good("The key is refused from now on.")),
        "fee" => Some(good("The fee plan is set.")),
        "status" => Some(good("The merchant’s status is changed.")),
        _ => None,
    };
    let above = Above { message, new_key: None };
    page(&staff, &merchant_id, above, StatusCode::OK).await
}

pub(super) async fn page(staff: &Staff, merchant_id: &str, above: Above, status: StatusCode) -> Response {
    let variables = json!({ "merchantId": merchant_id });
    let (merchant, balance, keys, endpoints) = tokio::join!(
        staff.ask(&documents::MERCHANT, &variables),
        staff.ask(&documents::BALANCE, &variables),
        staff.ask(&documents::KEYS, &variables),
        staff.ask(&documents::ENDPOINTS, &variables),
    );
    let merchant = match merchant {
        Ok(merchant) => merchant,
        Err(failure) => return staff.problem("Merchant", PATH, &failure),
    };
    let main = html! {
        p.back { a href=(PATH) { "Merchants" } }
        @if let Some(message) = above.message { (message) }
        @if let Some(key) = &above.new_key { (secret(key)) }
        (head(&merchant, &balance))
        div.columns {
            div.stack {
                section.card { h2 { "API keys" } (key_list(staff, &merchant, &keys)) }
                section.card { h2 { "Webhook endpoints" } (endpoint_list(&merchant, &endpoints)) }
            }
            div.stack {
                section.card { h2 { "Fee plan" } (fees(staff, &merchant)) }
                @if staff.is_admin() { section.card { h2 { "Status" } (status_form(staff, &merchant)) } }
            }
        }
    };
    staff.respond_with(&merchant.row.name, PATH, main, status)
}

fn secret(key: &NewKey) -> Markup {
    html! {
        section.card.new-key role="status" {
            h2 { "New key: " (key.key.name) }
            p { "This is the only time it is shown. Hand it over by a way that nobody else reads." }
            pre tabindex="0" aria-label="The new key" { (key.secret) }
        }
    }
}

fn head(merchant: &Merchant, balance: &Result<Balance, Failure>) -> Markup {
    let row = &merchant.row;
    let id = row.merchant_id.as_str();
    let money = match balance {
        Ok(Balance {
            balance: Some(all),
            available_balance: Some(available),
        }) => html! {
            (all.text()) @if all.money() != available.money() { ", " (available.text()) " of it available" }
        },
        _ => html! { span.hint { "cannot be shown at the moment" } },
    };
    html! {
        section.card {
            p.eyebrow { "Merchant " (code(id)) }
            h1 { (row.name) " " (badge(&row.status)) }
            (facts(&[
                ("Money", money),
                ("Settlement wallet", to(&format!("/console/wallets/{}", segment(&merchant.wallet_id)), &merchant.wallet_id)),
                ("Owner", html! { @if let Some(owner) = &row.owner_user_id { (user(owner)) } @else { "the configuration" } }),
                ("VA prefix", html! { @if let Some(prefix) = &row.va_prefix { (code(prefix)) } @else { "none" } }),
                ("Order endpoint", html! { @if let Some(url) = &merchant.order_url { (code(url)) } @else { "none" } }),
                ("Told by", html! { (crate::console::kit::words(&merchant.notification)) }),
                ("Buyers come back to", html! { @if merchant.return_origins.is_empty() { "nowhere" } @else { (code(&merchant.return_origins.join(" "))) } }),
                ("Since", html! { (instant(row.created_at.0)) }),
                ("Payments", html! { a href=(link("/console/payments", &[("merchantId", id)])) { "Show" } }),
                ("Changes by staff", html! { a href=(link("/console/actions", &[("object", id)])) { "Show" } }),
            ]))
        }
    }
}

fn key_list(staff: &Staff, merchant: &Merchant, keys: &Result<Keys, Failure>) -> Markup {
    let id = merchant.row.merchant_id.as_str();
    html! {
        @match keys {
            Err(failure) => (not_had("The list of keys", failure)),
            Ok(keys) => {
                @let rows: Vec<Markup> = keys.api_keys.iter().map(|key| key_row(staff, id, key)).collect();
                @if rows.is_empty() { p.empty { "There is none." } }
                @else { (table("API keys", &["Name", "Ends with", "Made", "Last used", ""], &rows)) }
                @if staff.is_admin() {
                    (Ask {
                        summary: "Make a key", action: format!("{PATH}/{}/keys", segment(id)), button: "Make the key", is_dangerous: false,
                        text: "Whoever has it acts as this merchant. It is shown once.",
                    }.render(&staff.visit, html! {
                        (Field::new("name", "Name", "").id("key-name").required().max(60).input())
                        (reason_field("key-reason"))
                    }))
                }
            },
        }
    }
}

fn key_row(staff: &Staff, merchant_id: &str, key: &ApiKey) -> Markup {
    let path = format!("{PATH}/{}/keys/{}/revoke", segment(merchant_id), segment(&key.key_id));
    html! {
        (cell("Name", html! { (key.name) }))
        (cell("Ends with", html! { span.code { "…" (key.hint) } }))
        (cell("Made", html! { (instant(key.created_at.0)) }))
        (cell("Last used", html! { @if let Some(used) = key.last_used_at { (instant(used.0)) } @else { "never" } }))
        (cell("", html! {
            @if let Some(revoked) = key.revoked_at { span.hint { "Revoked " (instant(revoked.0)) } }
            @else if staff.is_admin() {
                (Ask { summary: "Revoke", action: path, button: "Revoke the key", is_dangerous: true, text: "Whatever uses it stops working at once. It cannot be undone." }
                    .render(&staff.visit, reason_field(&format!("reason-{}", key.key_id))))
            }
        }))
    }
}

fn endpoint_list(merchant: &Merchant, endpoints: &Result<Vec<Endpoint>, Failure>) -> Markup {
    html! {
        @match endpoints {
            Err(failure) => (not_had("The list of endpoints", failure)),
            Ok(endpoints) => {
                @if endpoints.is_empty() { p.empty { "There is none." } }
                ul.log {
                    @for endpoint in endpoints {
                        li {
                            p {
                                a href={ (PATH) "/" (segment(&merchant.row.merchant_id)) "/endpoints/" (segment(&endpoint.endpoint_id)) } { (endpoint.url) }
                                " " (badge(if endpoint.enabled { "ACTIVE" } else { "OFF" }))
                            }
                            p.hint { @if endpoint.events.is_empty() { "All events" } @else { (endpoint.events.join(", ")) } }
                            @if let Some(since) = endpoint.failing_since { p.mistake { "Takes nothing since " (instant(since.0)) } }
                        }
                    }
                }
            },
        }
    }
}

fn fees(staff: &Staff, merchant: &Merchant) -> Markup {
    let rows: Vec<Markup> = merchant.fee_plans.iter().map(fee_row).collect();
    let path = format!("{PATH}/{}/fee", segment(&merchant.row.merchant_id));
    html! {
        @if rows.is_empty() { p.empty { "It pays nothing." } }
        @else { (table("Fee plans", &["From", "Percent", "Fixed"], &rows)) }
        @if staff.is_admin() {
            (Ask { summary: "Set a plan", action: path, button: "Set the plan", is_dangerous: false, text: "It counts for payments from that day on." }
                .render(&staff.visit, html! {
                    div.pair {
                        (Field::new("percent", "Percent of the amount", "").max(8).required().input())
                        (Field::new("fixed", "Fixed, in rupiah", "").max(24).required().input())
                    }
                    (Field::new("from", "From (empty: at once)", "").kind("date").input())
                    (reason_field("fee-reason"))
                }))
        }
    }
}

fn fee_row(plan: &FeePlan) -> Markup {
    html! {
        (cell("From", html! { (instant(plan.valid_from.0)) }))
        (number_cell("Percent", &format!("{} %", plan.percent)))
        (number_cell("Fixed", &plan.fixed.text()))
    }
}

fn status_form(staff: &Staff, merchant: &Merchant) -> Markup {
    let is_active = merchant.row.status == "ACTIVE";
    let (status, summary, text) = if is_active {
        (
            "SUSPENDED",
            "Stop this merchant",
            "Its keys are refused and its bills cannot be paid, until it is started again.",
        )
    } else {
        ("ACTIVE", "Start this merchant", "It takes payments again.")
    };
    let path = format!("{PATH}/{}/status", segment(&merchant.row.merchant_id));
    let ask = Ask {
        summary,
        action: path,
        button: summary,
        is_dangerous: is_active,
        text,
    };
    ask.render(
        &staff.visit,
        html! { (hidden("status", status)) (reason_field("status-reason")) },
    )
}

/// The form of one event's resend button.
pub(super) fn resend_form(staff: &Staff, path: &str, event_id: &str) -> Markup {
    html! {
        form method="post" action=(path) {
            (token(&staff.visit))
            (hidden("event", event_id))
            button.link type="submit" aria-label={ "Resend event " (event_id) } { "Resend" }
        }
    }
}
