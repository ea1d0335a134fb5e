//! A month of the calendar, where the calendar of the wallet's owner has it.

use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use service::Timestamp;

/// The day as people in Jakarta have it.
const OFFSET_MINUTES_DEFAULT: i32 = 7 * 60;
/// From one end of the world to the other.
const OFFSET_MINUTES_MAX: i32 = 14 * 60;

/// A month and the instants between which it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    first_day: Date,
    from: Timestamp,
    to: Timestamp,
}

/// What somebody took for a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMonth {
    /// It is not written as one.
    #[error("`month` is written like 2026-11")]
    Text,
    /// Nowhere on earth do days begin then.
    #[error("`utcOffsetMinutes` must be between -{OFFSET_MINUTES_MAX} and {OFFSET_MINUTES_MAX}")]
    Offset,
}

impl Month {
    /// Reads `2026-11`. Its days begin `offset_minutes` before those of Greenwich; as in Jakarta unless told.
    pub fn parse(text: &str, offset_minutes: Option<i32>) -> Result<Self, NoMonth> {
        let minutes = offset_minutes.unwrap_or(OFFSET_MINUTES_DEFAULT);
        if !(-OFFSET_MINUTES_MAX..=OFFSET_MINUTES_MAX).contains(&minutes) {
            return Err(NoMonth::Offset);
        }
        let offset = Offset::from_seconds(minutes * 60).map_err(|_| NoMonth::Offset)?;
        let (year, month) = text.split_once('-').ok_or(NoMonth::Text)?;
        let first_day = Date::new(number(year, 4)?, number::<i8>(month, 2)?, 1).map_err(|_| NoMonth::Text)?;
        let next = first_day.checked_add(1.month()).map_err(|_| NoMonth::Text)?;
        Ok(Self {
            first_day,
            from: begin(first_day, offset)?,
            to: begin(next, offset)?,
        })
    }

    /// When it begins.
    pub const fn from(&self) -> Timestamp {
        self.from
    }

    /// When it is over: the beginning of the next one.
    pub const fn to(&self) -> Timestamp {
        self.to
    }

    /// As it was written: `2026-11`.
    pub fn as_text(&self) -> String {
        self.first_day.strftime("%Y-%m").to_string()
    }
}

fn begin(day: Date, offset: Offset) -> Result<Timestamp, NoMonth> {
    let begins = day.to_zoned(TimeZone::fixed(offset)).map_err(|_| NoMonth::Text)?;
    Ok(Timestamp::from_micros(begins.timestamp().as_microsecond()))
}

/// So many digits and nothing else.
fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Result<T, NoMonth> {
    if text.len() != digits || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NoMonth::Text);
    }
    text.parse().map_err(|_| NoMonth::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_where_its_calendar_says() {
        #[track_caller]
        fn check(text: &str, offset: Option<i32>, expect: Result<(&str, &str), NoMonth>) {
            let found = Month::parse(text, offset).map(|month| {
                assert_eq!(month.as_text(), text);
                (month.from(), month.to())
            });
            let instant = |text| Timestamp::parse(text).unwrap();
            assert_eq!(
                found,
                expect.map(|(from, to)| (instant(from), instant(to))),
                "{text} {offset:?}"
            );
        }
        check("2026-11", None, Ok(("2026-10-31T17:00:00Z", "2026-11-30T17:00:00Z")));
        check("2026-12", Some(0), Ok(("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")));
        check(
            "2028-02",
            Some(-840),
            Ok(("2028-02-01T14:00:00Z", "2028-03-01T14:00:00Z")),
        );
        check(
            "2026-02",
            Some(840),
            Ok(("2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z")),
        );
        for offset in [841, -841, i32::MAX, i32::MIN] {
            check("2026-11", Some(offset), Err(NoMonth::Offset));
        }
        for text in [
            "",
            "2026",
            "2026-",
            "2026-13",
            "2026-00",
            "2026-1",
            "2026-011",
            "26-11",
            "+026-11",
            "2026-11-01",
            "9999-12",
            "２０２６-11",
            "2026-1 ",
        ] {
            check(text, None, Err(NoMonth::Text));
        }
    }
}
