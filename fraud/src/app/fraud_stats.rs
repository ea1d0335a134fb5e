//! What was checked and what came of it, per day and per rule.

use std::collections::BTreeMap;

use service::{ApiError, Timestamp};
use store::StoreError;

use super::App;
use crate::store::stats::{self, Counts, QUARTER_MICROS, RuleCounts, quarter};

const DAY_MICROS: i64 = 24 * 4 * QUARTER_MICROS;
/// A year, and what a leap year and an offset add.
const DAYS_MAX: i64 = 370;
/// No time zone is further from UTC.
const OFFSET_MINUTES_MAX: i32 = 14 * 60;

/// Counts of some days.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// By the day as `2026-11-19`, in order; days without a check are there, too.
    pub days: Vec<(String, Counts)>,
    /// By the rule's name.
    pub rules: Vec<(String, RuleCounts)>,
}

impl App {
    /// The counts from a time to before another, in whole quarters of an hour. A day begins where local time is
    /// `offset_minutes` ahead of UTC.
    pub async fn stats(&self, from: Timestamp, to: Timestamp, offset_minutes: Option<i32>) -> Result<Stats, ApiError> {
        let offset_minutes = offset_minutes.unwrap_or(0);
        if offset_minutes.abs() > OFFSET_MINUTES_MAX || offset_minutes % 15 != 0 {
            let problem = "`utcOffsetMinutes` must be a multiple of 15 between -840 and 840";
            return Err(ApiError::bad_input(problem).with("field", "utcOffsetMinutes"));
        }
        let offset = i64::from(offset_minutes) * 60 * 1_000_000;
        if from >= to {
            return Err(ApiError::bad_input("`from` must be before `to`").with("field", "from"));
        }
        if to.micros().saturating_sub(from.micros()) > DAYS_MAX * DAY_MICROS {
            return Err(ApiError::bad_input(format!("at most {DAYS_MAX} days at once")).with("field", "from"));
        }
        let first = quarter(from);
        // Up to the end of the quarter that `to` is in, unless it is at its beginning.
        let end = quarter(Timestamp::from_micros(to.micros().saturating_add(QUARTER_MICROS - 1)));
        let (counted, rules) = self
            .database
            .read(move |snapshot| -> Result<_, StoreError> {
                Ok((
                    stats::per_day(snapshot, first, end, offset)?,
                    stats::per_rule(snapshot, first, end)?,
                ))
            })
            .await
            .map_err(ApiError::from)?;
        let local_day = |quarter: i64| {
            quarter
                .saturating_mul(QUARTER_MICROS)
                .saturating_add(offset)
                .div_euclid(DAY_MICROS)
        };
        Ok(Stats {
            days: every_day(local_day(first), local_day(end - 1), &counted),
            rules,
        })
    }
}

fn every_day(first: i64, last: i64, counted: &BTreeMap<i64, Counts>) -> Vec<(String, Counts)> {
    (first..=last)
        .map(|day| {
            let midnight = Timestamp::from_micros(day.saturating_mul(DAY_MICROS)).to_string();
            let date = midnight.split('T').next().unwrap_or_default().to_owned();
            (date, counted.get(&day).copied().unwrap_or_default())
        })
        .collect()
}
