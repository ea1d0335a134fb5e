//! `/console/fraud/statistics`: what came of the checks, by day and by rule.

use axum::response::Response;
use http::StatusCode;
use maud::{Markup, html};
use serde_json::json;

use super::documents;
use super::types::{Day, RuleStats, Stats};
use crate::console::chart::{Bar, Series, Told, stacked};
use crate::console::frame::{Staff, not_had};
use crate::console::kit::{Field, cell, day_after, day_of, days_before, number, number_cell, rule, table};
use crate::format::day_begins;

const PATH: &str = "/console/fraud/statistics";
const DAYS_USUAL: i64 = 13;
/// Days begin in Western Indonesian Time.
const OFFSET_MINUTES: i32 = 7 * 60;

pub(crate) async fn show(staff: Staff) -> Response {
    let params = staff.params();
    let now = staff.visit.web().config.clock.now();
    let or = |name, usual: String| params.filled(name).map_or(usual, str::to_owned);
    let from = or("from", day_of(days_before(now, DAYS_USUAL)));
    let to = or("to", day_of(now));
    let period = day_begins(&from).zip(day_after(&to)).filter(|(from, to)| from < to);
    let found = match period {
        None => None,
        Some((from, to)) => {
            let variables =
                json!({ "from": from.to_string(), "to": to.to_string(), "utcOffsetMinutes": OFFSET_MINUTES });
            Some(staff.ask(&documents::FRAUD_STATS, variables).await)
        }
    };
    let mistake = period
        .is_none()
        .then_some("A day of the calendar, not before the first one.");
    let main = html! {
        h1 { "Fraud statistics" }
        section.card {
            form.filter method="get" action=(PATH) {
                (Field::new("from", "From", &from).kind("date").input())
                (Field { mistake, ..Field::new("to", "To", &to).kind("date") }.input())
                div.actions { button.second type="submit" { "Show" } }
            }
        }
        @match &found {
            None => {},
            Some(Ok(stats)) => (shown(stats)),
            Some(Err(failure)) => section.card { (not_had("The statistics", failure)) },
        }
    };
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    staff.respond_with("Fraud statistics", PATH, main, status)
}

fn shown(stats: &Stats) -> Markup {
    let days: Vec<Markup> = stats.days.iter().rev().map(day_row).collect();
    let rules: Vec<Markup> = stats.rules.iter().map(rule_row).collect();
    let heads = [
        "Day",
        "Checks",
        "Safe",
        "Suspicious",
        "Fraud",
        "To the desk",
        "Approved",
        "Rejected",
        "Amount",
        "Refused",
    ];
    html! {
        section.card {
            h2 { "Checks per day" }
            @if stats.days.is_empty() { p.empty { "Nothing was checked in these days." } }
            @else { (chart(&stats.days)) }
        }
        section.card {
            h2 { "By rule" }
            p.hint { "Precision: of the cases that were decided and in which the rule fired, the part that was rejected." }
            @if rules.is_empty() { p.empty { "No rule fired in these days." } }
            @else { (table("By rule", &["Rule", "Fired", "Approved", "Rejected", "Open", "Precision"], &rules)) }
        }
        @if !days.is_empty() { section.card { h2 { "By day" } (table("By day", &heads, &days)) } }
    }
}

/// The bars: safe below, fraud on top.
fn chart(days: &[Day]) -> Markup {
    let series = [("Safe", "safe"), ("Suspicious", "suspicious"), ("Fraud", "fraud")]
        .map(|(name, class)| Series { name, class });
    let bars: Vec<Bar> = days
        .iter()
        .map(|day| Bar {
            // The year is known from the period.
            label: day.day.get(5..).unwrap_or(&day.day).to_owned(),
            counts: vec![day.safe, day.suspicious, day.fraud],
        })
        .collect();
    let highest = days.iter().map(|day| day.checks).max().unwrap_or(0);
    let description = format!(
        "At most {} checks in a day. The table below has the numbers.",
        number(highest)
    );
    let told = Told {
        id: "checks",
        title: "Checks per day",
        description: &description,
    };
    stacked(&told, &series, &bars)
}

fn day_row(day: &Day) -> Markup {
    html! {
        (cell("Day", html! { (day.day) }))
        (number_cell("Checks", &number(day.checks)))
        (number_cell("Safe", &number(day.safe)))
        (number_cell("Suspicious", &number(day.suspicious)))
        (number_cell("Fraud", &number(day.fraud)))
        (number_cell("To the desk", &number(day.reviewed)))
        (number_cell("Approved", &number(day.approved)))
        (number_cell("Rejected", &number(day.rejected)))
        (number_cell("Amount", &day.amount.text()))
        (number_cell("Refused", &day.refused_amount.text()))
    }
}

fn rule_row(stats: &RuleStats) -> Markup {
    let precision = stats
        .precision
        .map_or("—".to_owned(), |part| format!("{:.0} %", part * 100.0));
    html! {
        (cell("Rule", rule(&stats.rule)))
        (number_cell("Fired", &number(stats.fired)))
        (number_cell("Approved", &number(stats.approved)))
        (number_cell("Rejected", &number(stats.rejected)))
        (number_cell("Open", &number(stats.open)))
        (number_cell("Precision", &precision))
    }
}
