//! `/console/users`: accounts, their roles, and who may sign in.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::actions::of_object;
use super::frame::{Staff, not_had, status_of};
use super::kit::{
    Ask, Field, ROWS, badge, cell, code, facts, good, instant, page_of, pager, reason_field, refused, segment, table,
    to,
};
use super::menu::role_name;
use super::types::{Done, User};
use super::{api, payments, wallets};
use crate::api::Operation;
use crate::fields::Fields;
use crate::format::sortable;
use crate::visit::see_other;

const PATH: &str = "/console/users";
const ROLES: [&str; 5] = ["Nasabah", "Merchant", "Support", "FraudAnalyst", "Admin"];
const RECENT: u32 = 10;

pub(crate) async fn list(staff: Staff) -> Response {
    let params = staff.params();
    let is_disabled = match params.get("state") {
        "disabled" => Some(true),
        "active" => Some(false),
        _ => None,
    };
    let variables = json!({
        "first": ROWS + 1, "after": params.filled("after"), "query": params.filled("query"),
        "role": params.one_of("role", &ROLES), "isDisabled": is_disabled,
    });
    let found = staff.ask(&api::USERS, variables).await;
    let roles: Vec<(&str, &str)> = [("", "All")]
        .into_iter()
        .chain(ROLES.iter().map(|role| (*role, role_name(role))))
        .collect();
    let main = html! {
        h1 { "Users" }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("query", "Name, e-mail or username", params.get("query")).input())
                (Field::new("role", "Role", params.get("role")).select(&roles))
                (Field::new("state", "State", params.get("state")).select(&[("", "All"), ("active", "Active"), ("disabled", "Disabled")]))
                div.actions { button.second type="submit" { "Show" } @if params.any(&["query", "role", "state"]) { a href=(PATH) { "Clear" } } }
            }
        }
        section.card {
            @match &found {
                Ok(found) => {
                    @let (shown, next) = page_of(found, |row| &row.user_id);
                    @let rows: Vec<Markup> = shown.iter().map(row).collect();
                    @if rows.is_empty() { p.empty { "Nobody fits these filters." } }
                    @else { (table("Users", &["Name", "E-mail", "Role", "State", "Second factor", "Since (WIB)", "Id"], &rows)) }
                    (pager(&params, PATH, next.as_deref()))
                },
                Err(failure) => (not_had("The list", failure)),
            }
        }
    };
    staff.respond("Users", PATH, main)
}

fn row(user: &User) -> Markup {
    let href = format!("{PATH}/{}", segment(&user.user_id));
    html! {
        (cell("Name", html! { a href=(href) { (user.fullname) } }))
        (cell("E-mail", html! { (user.email) }))
        (cell("Role", html! { (role_name(&user.role)) }))
        (cell("State", badge(&user.status)))
        (cell("Second factor", html! { @if user.totp_enabled { "Yes" } @else { "No" } }))
        (cell("Since", html! { span.when { (sortable(user.created_at)) } }))
        (cell("Id", code(&user.user_id)))
    }
}

pub(crate) async fn show(staff: Staff, Path(id): Path<String>) -> Response {
    let done = match staff.params().get("done") {
        "role" => Some(good(
            "The role is changed. It shows in their tokens from the next refresh on.",
        )),
        "disable" => Some(good("The account is disabled, and its sessions are ended.")),
        "enable" => Some(good("The account may sign in again.")),
        "unlock" => Some(good("Failed sign-ins are forgotten.")),
        "totp" => Some(good("The second factor is reset, and the sessions are ended.")),
        _ => None,
    };
    page(&staff, &id, done, StatusCode::OK).await
}

async fn page(staff: &Staff, id: &str, message: Option<Markup>, status: StatusCode) -> Response {
    let about = json!({ "userId": id, "first": RECENT });
    let (found, wallets, payments, actions) = tokio::join!(
        staff.ask(&api::USER, json!({ "userId": id })),
        staff.ask(&api::WALLETS, &about),
        staff.ask(&api::TRANSACTIONS, &about),
        staff.ask(&api::AUTH_ACTIONS, json!({ "object": id, "first": RECENT })),
    );
    let user = match found {
        Ok(Some(user)) => user,
        Ok(None) => return staff.nothing("User", PATH),
        Err(failure) => return staff.problem("User", PATH, &failure),
    };
    let main = html! {
        div.heading { h1 { (user.fullname) } (badge(&user.status)) }
        @if let Some(message) = message { (message) }
        section.card { h2 { "Account" } (about_them(&user)) }
        @if staff.is_admin() { section.card { h2 { "Change" } (changes(staff, &user)) } }
        section.card {
            h2 { "Wallets" }
            @match &wallets {
                Ok(found) => (wallets::rows(found, "They have none.")),
                Err(failure) => (not_had("Wallets", failure)),
            }
        }
        (payments::last(&payments, "userId", id))
        (of_object(&actions))
    };
    staff.respond_with(&user.fullname, PATH, main, status)
}

fn about_them(user: &User) -> Markup {
    facts(&[
        ("Id", code(&user.user_id)),
        ("E-mail", html! { (user.email) }),
        ("Username", html! { (user.username) }),
        ("Role", html! { (role_name(&user.role)) }),
        (
            "Second factor",
            html! { @if user.totp_enabled { "Set up" } @else { "None" } },
        ),
        ("Time zone", html! { (user.time_zone.as_deref().unwrap_or("–")) }),
        ("Registered", html! { (instant(user.created_at)) }),
        (
            "Fraud checks",
            to(
                &super::kit::link("/console/fraud/logs", &[("userId", &user.user_id)]),
                "Of this user",
            ),
        ),
    ])
}

fn changes(staff: &Staff, user: &User) -> Markup {
    let visit = &staff.visit;
    let at = |what: &str| format!("{PATH}/{}/{what}", segment(&user.user_id));
    let ask = |summary, what: &str, button, is_dangerous, text| Ask {
        summary,
        action: at(what),
        button,
        is_dangerous,
        text,
    };
    let roles: Vec<(&str, &str)> = ROLES.iter().map(|role| (*role, role_name(role))).collect();
    html! {
        div.asks {
            (ask("Change the role", "role", "Change the role", false, "What they may do changes with their next token, within 15 minutes.").render(visit, html! {
                (Field::new("role", "Role", &user.role).select(&roles))
                (reason_field("role-reason"))
            }))
            @if user.status == "DISABLED" {
                (ask("Enable the account", "enable", "Enable", false, "They may sign in again.").render(visit, reason_field("enable-reason")))
            } @else {
                (ask("Disable the account", "disable", "Disable", true, "Their sessions end, and they cannot sign in until the account is enabled again. Their money stays where it is.").render(visit, reason_field("disable-reason")))
            }
            (ask("Unlock", "unlock", "Unlock", false, "Failed sign-ins, wrong PINs and wrong codes are forgotten, so that they need not wait.").render(visit, reason_field("unlock-reason")))
            @if user.totp_enabled && user.user_id != staff.user_id {
                (ask("Reset the second factor", "totp", "Reset", true, "For somebody who has lost phone and recovery codes. Be sure who is asking: afterwards the password alone signs in. Their sessions end.").render(visit, reason_field("totp-reason")))
            }
        }
    }
}

pub(crate) async fn set_role(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = json!({ "userId": id, "role": fields.get("role"), "reason": fields.get("reason") });
    change(&staff, &id, "role", &api::SET_ROLE, &fields, variables).await
}

pub(crate) async fn disable(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = with_reason(&id, &fields);
    change(&staff, &id, "disable", &api::DISABLE_USER, &fields, variables).await
}

pub(crate) async fn enable(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = with_reason(&id, &fields);
    change(&staff, &id, "enable", &api::ENABLE_USER, &fields, variables).await
}

pub(crate) async fn unlock(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = with_reason(&id, &fields);
    change(&staff, &id, "unlock", &api::UNLOCK_USER, &fields, variables).await
}

pub(crate) async fn reset_totp(staff: Staff, Path(id): Path<String>, fields: Fields) -> Response {
    let variables = with_reason(&id, &fields);
    change(&staff, &id, "totp", &api::RESET_TOTP, &fields, variables).await
}

fn with_reason(id: &str, fields: &Fields) -> Value {
    json!({ "userId": id, "reason": fields.get("reason") })
}

async fn change(
    staff: &Staff,
    id: &str,
    done: &str,
    what: &Operation<Done>,
    fields: &Fields,
    variables: Value,
) -> Response {
    if fields.filled("reason").is_none() {
        return page(
            staff,
            id,
            Some(super::kit::no_reason()),
            StatusCode::UNPROCESSABLE_ENTITY,
        )
        .await;
    }
    match staff.ask(what, variables).await {
        Ok(_) => see_other(&format!("{PATH}/{}?done={done}", segment(id))),
        Err(failure) => {
            let message = refused("Nothing was changed", &failure);
            page(staff, id, Some(message), status_of(&failure)).await
        }
    }
}
