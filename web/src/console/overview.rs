//! `/console`: how payments go at this moment.

use axum::response::Response;
use maud::{Markup, html};
use serde_json::json;

use super::api;
use super::chart::{Bar, Series, Told, ranked, stacked};
use super::frame::{Staff, not_had};
use super::kit::{self, cell, link, number, number_cell, table};
use super::types::{PaymentsMinute, PaymentsOverview, QueueDepth, TrialBalance};
use crate::api::Failure;
use crate::format::{rupiah, sortable};

const PATH: &str = "/console";
const MINUTES: u32 = 60;
const REFRESH_SECONDS: u8 = 10;

pub(crate) async fn show(staff: Staff) -> Response {
    let (overview, balance) = tokio::join!(
        staff.ask(&api::OVERVIEW, json!({ "minutes": MINUTES })),
        staff.ask(&api::TRIAL_BALANCE, json!({})),
    );
    let main = html! {
        h1 { "Overview" }
        // The script asks for this page again and takes this part from it.
        div.live #live data-live=(REFRESH_SECONDS) {
            @match &overview {
                Ok(overview) => (payments(overview, &balance)),
                Err(failure) => {
                    (not_had("Payments", failure))
                    ul.tiles { (books(&balance)) }
                },
            }
            p.aside {
                "The last hour, at " (sortable(staff.visit.web().config.clock.now())) " WIB. "
            }
        }
    };
    // No refresh without the script: it would keep somebody signed in who has left.
    staff.respond("Overview", PATH, main)
}

fn payments(overview: &PaymentsOverview, balance: &Result<TrialBalance, Failure>) -> Markup {
    html! {
        ul.tiles {
            (tile("Finished", &number(overview.total), "payments, transfers and deposits", "/console/payments"))
            (tile("Success rate", &percent(overview.success_rate), &format!("{} succeeded", number(overview.succeeded)), "/console/payments?status=SUCCESS"))
            (tile("Volume", &rupiah(overview.volume), "of what succeeded", "/console/payments?status=SUCCESS"))
            (tile("In review", &number(overview.in_review), "wait for the desk", "/console/reviews?state=OPEN"))
            (tile("Under way", &number(overview.pending), "not finished yet", "/console/payments?status=PENDING"))
            (books(balance))
        }
        section.card { h2 { "Payments per minute" } (minutes(&overview.minutes)) }
        div.pair {
            section.card {
                h2 { "Refusals by cause" }
                @if overview.refusals.is_empty() { p.empty { "Nothing was refused." } }
                @else { (ranked(&overview.refusals.iter().map(|cause| (cause.failure_code.clone(), cause.count)).collect::<Vec<_>>())) }
            }
            section.card { h2 { "Queues" } (queues(&overview.queues)) }
        }
    }
}

fn tile(name: &str, value: &str, text: &str, href: &str) -> Markup {
    html! {
        li.tile { a href=(href) { span.name { (name) } span.value { (value) } span.hint { (text) } } }
    }
}

fn books(balance: &Result<TrialBalance, Failure>) -> Markup {
    match balance {
        Ok(balance) if balance.balanced => tile("Books", "Balanced", "every posting adds up", "/console/ledger"),
        Ok(_) => html! {
            li.tile.bad { a href="/console/ledger" { span.name { "Books" } span.value { "Not balanced" } span.hint { "see the ledger" } } }
        },
        Err(_) => tile("Books", "Not known", "the ledger does not answer", "/console/ledger"),
    }
}

fn percent(rate: Option<f64>) -> String {
    rate.map_or_else(|| "–".to_owned(), |rate| format!("{:.1} %", rate * 100.0))
}

fn minutes(minutes: &[PaymentsMinute]) -> Markup {
    let series = [
        Series {
            name: "Succeeded",
            class: "safe",
        },
        Series {
            name: "In review",
            class: "suspicious",
        },
        Series {
            name: "Failed",
            class: "fraud",
        },
        Series {
            name: "Other",
            class: "other",
        },
    ];
    let bars: Vec<Bar> = minutes.iter().map(bar).collect();
    let busiest = minutes.iter().map(|minute| minute.total).max().unwrap_or(0);
    let description = format!(
        "One bar for each of the last {} minutes; at most {} in a minute.",
        bars.len(),
        number(busiest)
    );
    let told = Told {
        id: "minutes",
        title: "Payments per minute",
        description: &description,
    };
    stacked(&told, &series, &bars)
}

fn bar(minute: &PaymentsMinute) -> Bar {
    let known = minute.succeeded + minute.review + minute.failed;
    let label = sortable(minute.at).get(11..16).unwrap_or_default().to_owned();
    let other = (minute.total - known).max(0);
    Bar {
        label,
        counts: vec![minute.succeeded, minute.review, minute.failed, other],
    }
}

fn queues(queues: &[QueueDepth]) -> Markup {
    let row = |queue: &QueueDepth| {
        let oldest = queue.oldest_seconds.map_or_else(|| "–".to_owned(), seconds);
        html! {
            (cell("Lane", kit::code(&queue.lane)))
            (number_cell("Waiting", &number(queue.waiting)))
            (cell("Parked", html! {
                @if queue.parked == 0 { "0" }
                @else { a href=(link("/console/parked", &[("lane", &queue.lane)])) { (number(queue.parked)) } }
            }))
            (number_cell("Oldest", &oldest))
        }
    };
    let rows: Vec<Markup> = queues.iter().map(row).collect();
    html! {
        @if rows.is_empty() { p.empty { "Nothing waits." } }
        @else { (table("Queues", &["Lane", "Waiting", "Parked", "Oldest"], &rows)) }
    }
}

fn seconds(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}
