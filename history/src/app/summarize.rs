//! What came in and went out, by day or month: for charts.

use jiff::ToSpan as _;
use jiff::civil::Date;
use money::{Currency, Money};
use service::{ApiError, Timestamp};

use super::App;
use crate::domain::Direction;
use crate::store::summary::{self, DayFilter, DaySum};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The day as people in Jakarta have it, and as statements have it.
const OFFSET_MINUTES_DEFAULT: i32 = 7 * 60;
/// From one end of the world to the other.
const OFFSET_MINUTES_MAX: i32 = 14 * 60;
/// Buckets in one answer, and ten years of months.
const DAYS_MAX: i64 = 366;
const MONTHS_MAX: i64 = 120;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A day.
    Day,
    /// A month of the calendar.
    Month,
}

/// What to sum up.
#[derive(Clone, Debug)]
pub struct Summarize {
    /// Whose.
    pub user_id: String,
    /// What happened at this time or later.
    pub from: Timestamp,
    /// What happened before this time.
    pub to: Timestamp,
    /// In buckets of this length.
    pub by: By,
    /// Where days begin: minutes east of Greenwich.
    pub offset_minutes: Option<i32>,
}

/// One bar of the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its first day, `2026-11-25`.
    pub date: String,
    /// When it begins.
    pub starts_at: Timestamp,
    /// What came in.
    pub came_in: Money,
    /// What went out.
    pub went_out: Money,
    /// How many entries that were.
    pub entries: i64,
}

impl App {
    /// Sums of what succeeded, a bucket for each day or month of the range, also where nothing happened.
    pub async fn summarize(&self, asked: Summarize) -> Result<Vec<Bucket>, ApiError> {
        let minutes = asked.offset_minutes.unwrap_or(OFFSET_MINUTES_DEFAULT);
        if minutes.abs() > OFFSET_MINUTES_MAX {
            return Err(ApiError::bad_input(format!(
                "`utcOffsetMinutes` must be between -{OFFSET_MINUTES_MAX} and {OFFSET_MINUTES_MAX}"
            )));
        }
        let offset = i64::from(minutes) * MINUTE;
        let mut buckets = empty_buckets(&asked, offset)?;
        let filter = DayFilter {
            user_id: asked.user_id,
            from: asked.from,
            to: asked.to,
            offset,
            currency: Currency::Idr,
        };
        let days = self
            .database
            .read(move |snapshot| summary::days(snapshot, &filter))
            .await?;
        for day in days {
            add(&mut buckets, day, offset)?;
        }
        Ok(buckets)
    }
}

fn empty_buckets(asked: &Summarize, offset: i64) -> Result<Vec<Bucket>, ApiError> {
    if asked.from >= asked.to {
        return Err(ApiError::bad_input("`from` must be before `to`"));
    }
    let (max, unit) = match asked.by {
        By::Day => (DAYS_MAX, "days"),
        By::Month => (MONTHS_MAX, "months"),
    };
    let too_long = || ApiError::bad_input(format!("at most {max} {unit} in one answer"));
    let last = date_of(asked.to.micros().saturating_sub(1), offset).ok_or_else(too_long)?;
    let mut date = date_of(asked.from.micros(), offset).ok_or_else(too_long)?;
    if asked.by == By::Month {
        date = date.first_of_month();
    }
    let mut buckets = Vec::new();
    while date <= last {
        if buckets.len() as i64 == max {
            return Err(too_long());
        }
        buckets.push(Bucket {
            date: date.to_string(),
            starts_at: Timestamp::from_micros(day_of(date).ok_or_else(too_long)? * DAY - offset),
            came_in: Money::zero(Currency::Idr),
            went_out: Money::zero(Currency::Idr),
            entries: 0,
        });
        let step = if asked.by == By::Month { 1.month() } else { 1.day() };
        date = date.checked_add(step).map_err(|_| too_long())?;
    }
    Ok(buckets)
}

/// Adds a day to the bucket it falls in: the last one that begins no later.
fn add(buckets: &mut [Bucket], day: DaySum, offset: i64) -> Result<(), ApiError> {
    let begins = Timestamp::from_micros(day.day * DAY - offset);
    let at = buckets.partition_point(|bucket| bucket.starts_at <= begins);
    let Some(bucket) = at.checked_sub(1).and_then(|at| buckets.get_mut(at)) else {
        return Ok(());
    };
    let sum = Money::new(day.amount, Currency::Idr)?;
    match Direction::parse(&day.direction) {
        Some(Direction::In) => bucket.came_in = bucket.came_in.checked_add(sum)?,
        _ => bucket.went_out = bucket.went_out.checked_add(sum)?,
    }
    bucket.entries += day.entries;
    Ok(())
}

fn date_of(micros: i64, offset: i64) -> Option<Date> {
    let days = micros.checked_add(offset)?.div_euclid(DAY);
    EPOCH.checked_add(i32::try_from(days).ok()?.days()).ok()
}

fn day_of(date: Date) -> Option<i64> {
    let days = EPOCH.until(date).ok()?.get_days();
    Some(i64::from(days))
}

const EPOCH: Date = Date::constant(1970, 1, 1);
