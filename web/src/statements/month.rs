//! Months, as statements are named by them.

use jiff::ToSpan as _;
use jiff::civil::Date;
use service::Timestamp;

use crate::format;
use crate::text::Lang;

/// A month of the calendar in WIB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(Date);

impl Month {
    /// Reads `2026-11`.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        let first: Date = format!("{code}-01").parse().ok().filter(|_| code.len() == 7)?;
        Some(Self(first))
    }

    /// The month in which an instant lies.
    pub(crate) fn of(instant: Timestamp) -> Option<Self> {
        format::date(instant).map(|date| Self(date.first_of_month()))
    }

    /// `2026-11`.
    pub(crate) fn code(self) -> String {
        self.0.strftime("%Y-%m").to_string()
    }

    /// `November 2026`.
    pub(crate) fn name(self, lang: Lang) -> String {
        format!("{} {}", format::month_name(self.0.month(), lang), self.0.year())
    }

    /// `1–30 November 2026`.
    pub(crate) fn period(self, lang: Lang) -> String {
        format!("1–{} {}", self.0.days_in_month(), self.name(lang))
    }

    fn before(self) -> Option<Self> {
        self.0.checked_sub(1.month()).ok().map(Self)
    }
}

/// So many months since a wallet was opened, the newest first, beginning with `newest`; and whether there are more.
pub(crate) fn since(opened_at: Timestamp, newest: Month, count: usize) -> (Vec<Month>, bool) {
    let first = Month::of(opened_at).unwrap_or(newest);
    let mut all = std::iter::successors(Some(newest), |month| month.before()).take_while(|month| *month >= first);
    let shown: Vec<Month> = all.by_ref().take(count).collect();
    let more = all.next().is_some();
    (shown, more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar_in_wib() {
        let month = Month::parse("2026-02").unwrap();
        assert_eq!(month.code(), "2026-02");
        assert_eq!(month.name(Lang::Id), "Februari 2026");
        assert_eq!(month.period(Lang::En), "1–28 February 2026");
        for code in [
            "",
            "2026",
            "2026-13",
            "2026-2",
            "26-02",
            "2026-02-01",
            "2026-02T",
            "..%2f",
        ] {
            assert_eq!(Month::parse(code), None, "{code}");
        }
        let late = Timestamp::parse("2026-11-30T17:00:00Z").unwrap();
        assert_eq!(Month::of(late), Month::parse("2026-12"));
        assert_eq!(
            Month::of(late.before(std::time::Duration::from_micros(1))),
            Month::parse("2026-11")
        );
    }

    #[test]
    fn a_wallet_has_months_since_it_was_opened() {
        #[track_caller]
        fn check(opened: &str, newest: &str, count: usize, expect: (&[&str], bool)) {
            let newest = Month::parse(newest).unwrap();
            let (months, more) = since(Timestamp::parse(opened).unwrap(), newest, count);
            let months: Vec<String> = months.into_iter().map(Month::code).collect();
            assert_eq!(
                (months.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), more),
                expect
            );
        }
        check("2026-11-20T00:00:00Z", "2026-11", 12, (&["2026-11"], false));
        check("2026-11-30T17:00:00Z", "2026-12", 12, (&["2026-12"], false));
        check(
            "2025-12-31T16:59:59Z",
            "2026-02",
            12,
            (&["2026-02", "2026-01", "2025-12"], false),
        );
        check("2025-12-31T16:59:59Z", "2026-02", 2, (&["2026-02", "2026-01"], true));
        check("2026-12-01T00:00:00Z", "2026-02", 2, (&[], false));
    }
}
