//! `/console/payments/{transaction}`: one payment, and how it went, step by step.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::api;
use super::frame::{Staff, not_had};
use super::fraud::parts::facts_table;
use super::fraud::types::{FiredRule, WholeLog};
use super::kit::{
    badge, cell, code, facts, instant, log, merchant, number, number_cell, rule, segment, table, to, user, words,
};
use super::types::{MerchantPayment, PaymentOperation, Record, TimelineEntry, Transaction};
use crate::api::Failure;
use crate::format::{rupiah, sortable};

const LIST: &str = "/console/payments";

pub(crate) async fn show(staff: Staff, Path(id): Path<String>) -> Response {
    let about = json!({ "transactionId": id });
    let (found, timeline, fraud, history, operations) = tokio::join!(
        staff.ask(&api::TRANSACTION, &about),
        staff.ask(&api::TIMELINE, &about),
        staff.ask(&api::FRAUD_LOG_OF, &about),
        staff.ask(&api::HISTORY_OF, &about),
        staff.ask(&api::PAYMENT, &about),
    );
    let one = match found {
        Ok(one) => one,
        Err(failure) => return staff.problem("Payment", LIST, &failure),
    };
    let main = html! {
        div.heading { h1 { (words(&one.kind)) " of " (rupiah(one.amount)) } (badge(&one.status)) }
        section.card { h2 { "Payment" } (about_it(&one)) }
        section.card {
            h2 { "Timeline" }
            @match &timeline {
                Ok(timeline) => (steps(timeline)),
                Err(failure) => (not_had("The timeline", failure)),
            }
        }
        section.card {
            h2 { "Fraud check" }
            @match &fraud {
                Ok(Some(found)) => (check(found)),
                Ok(None) => p.empty { "It was not checked: deposits are not, nor is what failed before." },
                Err(failure) => (not_had("The check", failure)),
            }
        }
        section.card {
            h2 { "History records" }
            @match &history {
                Ok(found) => (records(found)),
                Err(failure) => (not_had("History", failure)),
            }
        }
        @if one.merchant_id.is_some() { (moved_after(&operations)) }
    };
    staff.respond(&format!("Payment {id}"), LIST, main)
}

fn about_it(one: &Transaction) -> Markup {
    let wallet = |id: &str| to(&format!("/console/wallets/{}", segment(id)), id);
    let mut pairs = vec![
        ("Payment", code(&one.transaction_id)),
        ("User", user(&one.user_id)),
        ("Wallet", wallet(&one.wallet_id)),
    ];
    let mut add = |name, value: Option<Markup>| pairs.extend(value.map(|value| (name, value)));
    add("To wallet", one.target_wallet_id.as_deref().map(wallet));
    add("Merchant", one.merchant_id.as_deref().map(merchant));
    add("Session", one.session_id.as_deref().map(code));
    add("Virtual account", one.va_number.as_deref().map(code));
    add("Description", one.description.as_ref().map(|text| html! { (text) }));
    let moved = |amount: money::Money| amount.is_positive().then(|| html! { (rupiah(amount)) });
    add("Captured", moved(one.captured_amount));
    add("Refunded", moved(one.refunded_amount));
    add("Why it failed", one.failure_code.as_deref().map(code));
    add("In words", one.failure_reason.as_ref().map(|text| html! { (text) }));
    add("Begun", Some(html! { (instant(one.created_at)) }));
    add("Last change", Some(html! { (instant(one.updated_at)) }));
    facts(&pairs)
}

fn steps(timeline: &[TimelineEntry]) -> Markup {
    html! {
        @if timeline.is_empty() { p.empty { "Nothing is kept of its steps." } }
        ol.timeline {
            @for entry in timeline {
                li class=(tone(&entry.status)) {
                    span {
                        strong { (words(&entry.title)) } " " (badge(&entry.status)) " "
                        span.hint { (words(&entry.kind)) @if let Some(attempt) = entry.attempt { ", attempt " (attempt) } }
                    }
                    span.hint.number {
                        (sortable(entry.at))
                        @if let Some(micros) = entry.duration_micros { " · " (duration(micros)) }
                    }
                    @if let Some(detail) = entry.detail.as_deref().filter(|detail| !detail.is_empty()) { span.detail { (detail) } }
                }
            }
        }
    }
}

fn tone(status: &str) -> &'static str {
    match status {
        "ALLOW" | "POSTED" | "DONE" | "OK" | "SUCCESS" | "SUCCEEDED" | "DELIVERED" | "APPROVED" | "PAID" => "good",
        "BLOCK" | "FAILED" | "REFUSED" | "REJECTED" | "FRAUD" | "TIMED_OUT" | "NOT_REACHED" | "BROKEN_OFF" => "bad",
        "PENDING" | "REVIEW" | "OPEN" | "WAITING" | "RETRY" | "AUTHORIZED" => "waiting",
        _ => "quiet",
    }
}

fn duration(micros: i64) -> String {
    match micros {
        ..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!("{}.{} s", micros / 1_000_000, micros % 1_000_000 / 100_000),
    }
}

fn check(found: &WholeLog) -> Markup {
    let about = &found.log;
    let mut pairs = vec![
        ("Check", log(&about.log_id)),
        ("Outcome", html! { (badge(&about.status)) " " (badge(&about.action)) }),
        ("Score", html! { (number(about.score)) }),
        ("Reason", html! { (found.reason) }),
    ];
    if let Some(case) = &about.case_id {
        pairs.push(("Review", to(&format!("/console/reviews/{}", segment(case)), case)));
    }
    html! {
        (facts(&pairs))
        h3 { "Rules that fired" }
        (fired(&found.fired, "None."))
        @if !found.shadow_fired.is_empty() { h3 { "In shadow, without effect" } (fired(&found.shadow_fired, "")) }
        details.ask { summary { "Facts" } (facts_table(found.readings.as_deref())) }
    }
}

fn fired(rules: &[FiredRule], none: &str) -> Markup {
    html! {
        @if rules.is_empty() { p.empty { (none) } }
        ul.rules {
            @for one in rules {
                li { (rule(&one.rule)) " " span.hint { "version " (one.version) ", score " (one.score) } " " (one.reason) }
            }
        }
    }
}

fn records(found: &[Record]) -> Markup {
    let row = |one: &Record| {
        let wallet = one.wallet_id.as_deref();
        html! {
            (cell("Time", html! { span.when { (sortable(one.created_at)) } }))
            (cell("User", user(&one.user_id)))
            (cell("Wallet", html! { @if let Some(id) = wallet { (to(&format!("/console/wallets/{}", segment(id)), id)) } @else { "–" } }))
            (cell("Type", html! { (words(&one.kind)) }))
            (cell("Direction", html! { (words(&one.direction)) }))
            (number_cell("Amount", &rupiah(one.amount)))
            (cell("Status", badge(&one.status)))
        }
    };
    let rows: Vec<Markup> = found.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { "Nothing is recorded yet." } }
        @else { (table("History records", &["Time (WIB)", "User", "Wallet", "Type", "Direction", "Amount", "Status"], &rows)) }
    }
}

fn moved_after(found: &Result<Option<MerchantPayment>, Failure>) -> Markup {
    let row = |one: &PaymentOperation| {
        html! {
            (cell("Time", html! { span.when { (sortable(one.created_at)) } }))
            (cell("Operation", code(&one.operation_id)))
            (cell("Kind", html! { (words(&one.kind)) }))
            (number_cell("Amount", &rupiah(one.amount)))
            (number_cell("Fee", &rupiah(one.fee)))
            (cell("State", html! { (badge(&one.state)) @if let Some(code) = &one.failure_code { " " span.hint { (code) } } }))
            (cell("Reason", html! { (one.reason.as_deref().unwrap_or("–")) }))
        }
    };
    html! {
        section.card {
            h2 { "Captures and refunds" }
            @match found {
                Ok(Some(payment)) if !payment.operations.is_empty() => {
                    @let rows: Vec<Markup> = payment.operations.iter().map(row).collect();
                    (table("Captures and refunds", &["Time (WIB)", "Operation", "Kind", "Amount", "Fee", "State", "Reason"], &rows))
                },
                Ok(_) => p.empty { "There are none." },
                Err(failure) => (not_had("Captures and refunds", failure)),
            }
        }
    }
}
