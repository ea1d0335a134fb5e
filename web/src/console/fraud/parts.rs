//! What several pages show of a check: the rules that fired, and the facts.

use maud::{Markup, html};
use money::Decimal;

use super::types::{FiredRule, Reading};
use crate::console::kit::{cell, number_cell, rule, table};
use crate::format::{money, rupiah};

pub(crate) fn fired(caption: &str, rules: &[FiredRule]) -> Markup {
    let rows: Vec<Markup> = rules.iter().map(fired_row).collect();
    html! {
        @if rows.is_empty() { p.empty { "No rule fired." } }
        @else { div.tight { (table(caption, &["Rule", "Version", "Score"], &rows)) } }
    }
}

fn fired_row(fired: &FiredRule) -> Markup {
    html! {
        (cell("Rule", html! { (rule(&fired.rule)) span.meaning { (fired.reason) } }))
        (number_cell("Version", &fired.version.to_string()))
        (number_cell("Score", &fired.score.to_string()))
    }
}

/// What the rules looked at, by the names that expressions have for it.
pub(crate) fn facts_table(readings: Option<&[Reading]>) -> Markup {
    let rows: Vec<Markup> = readings.unwrap_or_default().iter().map(fact_row).collect();
    html! {
        @if rows.is_empty() { p.empty { "The facts of this check cannot be read." } }
        @else { div.tight { (table("Facts of the check", &["Fact", "Value"], &rows)) } }
    }
}

fn fact_row(reading: &Reading) -> Markup {
    html! {
        (cell("Fact", html! { span.code { (reading.name) } span.meaning { (reading.description) } }))
        (number_cell("Value", &shown(reading)))
    }
}

/// A value for people: amounts as amounts, times in units of a fitting size.
fn shown(reading: &Reading) -> String {
    let Some(value) = &reading.value else {
        return "not known".to_owned();
    };
    let as_shown = match reading.unit.as_str() {
        "RUPIAH" => value.parse::<Decimal>().ok().map(|amount| rupiah(money(amount))),
        "SECONDS" => value.parse().ok().map(duration),
        _ => None,
    };
    as_shown.unwrap_or_else(|| match value.as_str() {
        "true" => "yes".to_owned(),
        "false" => "no".to_owned(),
        "" => "–".to_owned(),
        value => value.to_owned(),
    })
}

fn duration(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (size, unit) = match seconds {
        0..MINUTE => (1, "second"),
        MINUTE..HOUR => (MINUTE, "minute"),
        HOUR..DAY => (HOUR, "hour"),
        _ => (DAY, "day"),
    };
    let count = seconds / size;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_for_people() {
        #[track_caller]
        fn check(value: Option<&str>, unit: &str, expect: &str) {
            let reading = Reading {
                name: "x".to_owned(),
                value: value.map(str::to_owned),
                unit: unit.to_owned(),
                description: String::new(),
            };
            assert_eq!(shown(&reading), expect, "{value:?} {unit}");
        }
        check(Some("12000000"), "RUPIAH", "Rp 12.000.000");
        check(Some("0.5"), "RUPIAH", "Rp 0,50");
        check(Some("1e300"), "RUPIAH", "1e300");
        check(Some("4"), "SECONDS", "4 seconds");
        check(Some("60"), "SECONDS", "1 minute");
        check(Some("7199"), "SECONDS", "1 hour");
        check(Some("172800"), "SECONDS", "2 days");
        check(None, "SECONDS", "not known");
        check(Some("true"), "NONE", "yes");
        check(Some(""), "NONE", "–");
        check(Some("PAYMENT"), "NONE", "PAYMENT");
        check(Some("3"), "OF_LATER", "3");
    }
}
