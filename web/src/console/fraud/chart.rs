//! Bars of days, drawn into the page: no script and no style of its own.

use maud::{Markup, html};

use super::types::Day;
use crate::console::kit::number;

const WIDTH: i64 = 720;
const HEIGHT: i64 = 240;
const LEFT: i64 = 52;
const BOTTOM: i64 = 28;
const TOP: i64 = 10;

/// One bar for each day: safe below, suspicious, fraud on top.
pub(crate) fn stacked(days: &[Day]) -> Markup {
    let highest = days.iter().map(|day| day.checks).max().unwrap_or(0).max(1);
    let top = nice(highest);
    let step = (WIDTH - LEFT) / i64::try_from(days.len()).unwrap_or(1).max(1);
    let every = (70 / step.max(1)) + 1;
    let scaled = |count: i64| count * (HEIGHT - BOTTOM - TOP) / top;
    let total = |of: fn(&Day) -> i64| number(days.iter().map(of).sum());
    html! {
        ul.legend {
            li { span.swatch.safe {} "Safe " (total(|day| day.safe)) }
            li { span.swatch.suspicious {} "Suspicious " (total(|day| day.suspicious)) }
            li { span.swatch.fraud {} "Fraud " (total(|day| day.fraud)) }
        }
        div.scroll role="region" aria-label="Chart of checks per day" tabindex="0" {
            svg.chart viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby="checks-title checks-desc" {
                title #checks-title { "Checks per day" }
                desc #checks-desc { "From " (first(days)) " to " (last(days)) ", at most " (number(highest)) " checks in a day. The table below has the numbers." }
                @for part in 0..=4 {
                    @let y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * part / 4;
                    line.rule x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
                    @if top * part % 4 == 0 { text x=(LEFT - 8) y=(y + 4) text-anchor="end" { (number(top * part / 4)) } }
                }
                @for (place, day) in (0_i64..).zip(days) {
                    @let x = LEFT + place * step + step / 6;
                    @let width = (step * 2 / 3).clamp(2, 48);
                    @let safe = scaled(day.safe);
                    @let suspicious = scaled(day.suspicious);
                    @let fraud = scaled(day.fraud);
                    g {
                        title { (day.day) ": " (number(day.safe)) " safe, " (number(day.suspicious)) " suspicious, " (number(day.fraud)) " fraud" }
                        rect.safe x=(x) y=(HEIGHT - BOTTOM - safe) width=(width) height=(safe) {}
                        rect.suspicious x=(x) y=(HEIGHT - BOTTOM - safe - suspicious) width=(width) height=(suspicious) {}
                        rect.fraud x=(x) y=(HEIGHT - BOTTOM - safe - suspicious - fraud) width=(width) height=(fraud) {}
                    }
                    @if place % every == 0 { text x=(x + width / 2) y=(HEIGHT - 8) text-anchor="middle" { (short(&day.day)) } }
                }
            }
        }
    }
}

/// The next round number that four lines divide well.
fn nice(highest: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for factor in [4, 8, 12, 20] {
            if factor * unit >= highest {
                return factor * unit;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn first(days: &[Day]) -> &str {
    days.first().map_or("", |day| &day.day)
}

fn last(days: &[Day]) -> &str {
    days.last().map_or("", |day| &day.day)
}

/// `11-25` of `2026-11-25`.
fn short(day: &str) -> &str {
    day.get(5..).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::nice;

    #[test]
    fn the_scale_ends_at_a_round_number_above_the_highest_bar() {
        for (highest, expect) in [
            (1, 4),
            (5, 8),
            (9, 12),
            (13, 20),
            (21, 40),
            (900, 1200),
            (1_250_000, 2_000_000),
        ] {
            assert_eq!(nice(highest), expect, "{highest}");
        }
    }
}
