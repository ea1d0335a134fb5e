//! Numbers drawn into a page as SVG: no script and no style of its own.

use maud::{Markup, html};

use super::kit::number;

const WIDTH: i64 = 720;
const HEIGHT: i64 = 220;
const LEFT: i64 = 44;
const BOTTOM: i64 = 28;
const TOP: i64 = 10;

/// A kind of thing that is counted, in the order in which bars are built up.
pub(crate) struct Series {
    /// Its name in the legend, and its colour in the style.
    pub(crate) name: &'static str,
    pub(crate) class: &'static str,
}

/// One bar: a count of each series.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) counts: Vec<i64>,
}

/// What a chart is called, and what those are told who do not see it.
pub(crate) struct Told<'a> {
    pub(crate) id: &'static str,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
}

/// Bars of several series on top of each other.
pub(crate) fn stacked(told: &Told<'_>, series: &[Series], bars: &[Bar]) -> Markup {
    let height_of = |bar: &Bar| bar.counts.iter().sum::<i64>();
    let top = nice(bars.iter().map(height_of).max().unwrap_or(0).max(1));
    let count = i64::try_from(bars.len()).unwrap_or(1).max(1);
    let every = (count * 60 / (WIDTH - LEFT)).max(1);
    let left_of = |place: i64| LEFT + place * (WIDTH - LEFT) / count;
    let scaled = |count: i64| count * (HEIGHT - BOTTOM - TOP) / top;
    html! {
        ul.legend {
            @for (place, one) in series.iter().enumerate() {
                li { span class={ "swatch " (one.class) } {} (one.name) " "
                    (number(bars.iter().filter_map(|bar| bar.counts.get(place)).sum())) }
            }
        }
        div.scroll role="region" aria-label=(told.title) tabindex="0" {
            svg.chart viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-labelledby={ (told.id) "-title " (told.id) "-desc" } {
                title id={ (told.id) "-title" } { (told.title) }
                desc id={ (told.id) "-desc" } { (told.description) }
                @for part in 0..=4 {
                    @let y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * part / 4;
                    line.rule x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
                    @if top * part % 4 == 0 { text x=(LEFT - 8) y=(y + 4) text-anchor="end" { (number(top * part / 4)) } }
                }
                @for (place, bar) in (0_i64..).zip(bars) {
                    @let room = left_of(place + 1) - left_of(place);
                    @let width = (room * 3 / 4).clamp(2, 40);
                    @let x = left_of(place) + (room - width) / 2;
                    g {
                        title { (bar.label) ": " (spoken(series, bar)) }
                        @for part in stack(bar, scaled) {
                            rect class=(series.get(part.series).map_or("", |one| one.class)) x=(x) y=(HEIGHT - BOTTOM - part.upper)
                                width=(width) height=(part.upper - part.lower) {}
                        }
                    }
                    @if place % every == 0 { text x=(x + width / 2) y=(HEIGHT - 8) text-anchor="middle" { (bar.label) } }
                }
            }
        }
    }
}

/// Horizontal bars with their names and numbers: readable as a list where nothing is drawn.
pub(crate) fn ranked(rows: &[(String, i64)]) -> Markup {
    let highest = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    html! {
        ul.ranked {
            @for (name, count) in rows {
                li {
                    span.name { (name) } span.number { (number(*count)) }
                    svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                        rect.track width="100" height="4" {}
                        rect.filled width=(count.saturating_mul(100) / highest) height="4" {}
                    }
                }
            }
        }
    }
}

struct Part {
    series: usize,
    lower: i64,
    upper: i64,
}

/// Where each part of a bar begins and ends. Scaled as sums, so that rounding leaves no gaps.
fn stack(bar: &Bar, scaled: impl Fn(i64) -> i64) -> Vec<Part> {
    let mut sum = 0;
    let parts = bar.counts.iter().enumerate().map(|(series, count)| {
        let lower = scaled(sum);
        sum += count;
        let upper = scaled(sum);
        Part { series, lower, upper }
    });
    parts.filter(|part| part.upper > part.lower).collect()
}

fn spoken(series: &[Series], bar: &Bar) -> String {
    let parts = series.iter().zip(&bar.counts);
    let parts: Vec<String> = parts
        .map(|(one, count)| format!("{} {}", number(*count), one.name.to_lowercase()))
        .collect();
    parts.join(", ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number_above_the_highest_bar() {
        for (highest, expect) in [(1, 4), (5, 8), (9, 12), (13, 20), (21, 40), (900, 1200)] {
            assert_eq!(nice(highest), expect, "{highest}");
        }
    }

    #[test]
    fn a_bars_parts_stand_on_each_other() {
        let bar = Bar {
            label: String::new(),
            counts: vec![1, 0, 2],
        };
        let parts = stack(&bar, |count| count * 10);
        let found: Vec<_> = parts.iter().map(|part| (part.series, part.lower, part.upper)).collect();
        assert_eq!(found, [(0, 0, 10), (2, 10, 30)]);
    }
}
