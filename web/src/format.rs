//! How amounts and instants are written for people.

use jiff::tz::{Offset, TimeZone};
use money::{Currency, Decimal, Money};
use service::Timestamp;

use crate::text::Lang;

/// Western Indonesian Time has no summer time.
const WIB_HOURS: i8 = 7;
/// The amounts' only currency.
pub(crate) const IDR: Currency = Currency::Idr;

const MONTHS: [(&str, &str); 12] = [
    ("Jan", "Jan"),
    ("Feb", "Feb"),
    ("Mar", "Mar"),
    ("Apr", "Apr"),
    ("Mei", "May"),
    ("Jun", "Jun"),
    ("Jul", "Jul"),
    ("Agu", "Aug"),
    ("Sep", "Sep"),
    ("Okt", "Oct"),
    ("Nov", "Nov"),
    ("Des", "Dec"),
];

const MONTH_NAMES: [(&str, &str); 12] = [
    ("Januari", "January"),
    ("Februari", "February"),
    ("Maret", "March"),
    ("April", "April"),
    ("Mei", "May"),
    ("Juni", "June"),
    ("Juli", "July"),
    ("Agustus", "August"),
    ("September", "September"),
    ("Oktober", "October"),
    ("November", "November"),
    ("Desember", "December"),
];

/// `Rp 59.000`, `Rp 59.000,50`: Indonesian in both languages, as on every price tag there.
pub(crate) fn rupiah(amount: Money) -> String {
    let digits = amount.minor().unsigned_abs();
    let sign = if amount.is_negative() { "−" } else { "" };
    let whole = grouped(digits / 100);
    match digits % 100 {
        0 => format!("{sign}Rp {whole}"),
        cents => format!("{sign}Rp {whole},{cents:02}"),
    }
}

/// An amount of the API in rupiah. One that is out of range cannot come from there.
pub(crate) fn money(amount: Decimal) -> Money {
    amount.to_money(IDR).unwrap_or(Money::zero(IDR))
}

/// Reads an amount as people type it: `59000`, `59.000`, `Rp 59.000,50`, `59,000.50`.
pub(crate) fn read_amount(text: &str) -> Option<Money> {
    let text = text.trim();
    let marks = ["Rp.", "Rp", "rp", "IDR"];
    let text = marks
        .iter()
        .find_map(|mark| text.strip_prefix(mark))
        .unwrap_or(text)
        .trim();
    if text.is_empty() || text.len() > 24 || !text.bytes().all(|byte| byte.is_ascii_digit() || b".,".contains(&byte)) {
        return None;
    }
    // Decimals have one or two digits behind the last mark; a group has three.
    let (whole, decimals) = match text.rfind(['.', ',']) {
        Some(mark) if (1..=2).contains(&(text.len() - mark - 1)) => (&text[..mark], &text[mark + 1..]),
        _ => (text, ""),
    };
    let mut groups = whole.split(['.', ',']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let marks: std::collections::BTreeSet<char> = whole.chars().filter(|char| !char.is_ascii_digit()).collect();
    let is_grouped = rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    if first.is_empty() || !is_grouped || marks.len() > 1 {
        return None;
    }
    let plain = format!("{first}{}.{decimals:0<2}", rest.concat());
    money::parse_decimal(&plain, IDR)
        .ok()
        .filter(|amount| amount.is_positive())
}

/// `25 Nov 2026, 20.15 WIB`.
pub(crate) fn instant(instant: Timestamp, lang: Lang) -> String {
    let Some(local) = wib(instant) else {
        return instant.to_string();
    };
    let (hour, minute) = (local.hour(), local.minute());
    match lang {
        Lang::Id => format!("{}, {hour:02}.{minute:02} WIB", day_of(&local, lang)),
        Lang::En => format!("{}, {hour:02}:{minute:02} WIB", day_of(&local, lang)),
    }
}

/// `25 Nov 2026 20.15`, in WIB: for a column whose head says so.
pub(crate) fn short_instant(instant: Timestamp, lang: Lang) -> String {
    let Some(local) = wib(instant) else {
        return instant.to_string();
    };
    let mark = match lang {
        Lang::Id => '.',
        Lang::En => ':',
    };
    format!(
        "{} {:02}{mark}{:02}",
        day_of(&local, lang),
        local.hour(),
        local.minute()
    )
}

/// The day of an instant in WIB.
pub(crate) fn date(instant: Timestamp) -> Option<jiff::civil::Date> {
    wib(instant).map(|local| local.date())
}

/// The full name of a month, 1 to 12.
pub(crate) fn month_name(month: i8, lang: Lang) -> &'static str {
    in_lang(&MONTH_NAMES, month, lang)
}

/// `2026-11-25 20:15:00`, in WIB: for spreadsheets.
pub(crate) fn sortable(instant: Timestamp) -> String {
    wib(instant).map_or_else(
        || instant.to_string(),
        |local| local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// The instant at which a day of the calendar (`2026-11-25`) begins in WIB.
pub(crate) fn day_begins(text: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = text.parse().ok().filter(|_| text.len() == 10)?;
    let begins = day.to_zoned(zone()).ok()?.timestamp();
    Some(Timestamp::from_micros(begins.as_microsecond()))
}

fn day_of(local: &jiff::Zoned, lang: Lang) -> String {
    let month = in_lang(&MONTHS, local.month(), lang);
    format!("{} {month} {}", local.day(), local.year())
}

fn in_lang(names: &[(&'static str, &'static str); 12], month: i8, lang: Lang) -> &'static str {
    let names = usize::try_from(month - 1).ok().and_then(|month| names.get(month));
    names.map_or("", |(id, en)| match lang {
        Lang::Id => id,
        Lang::En => en,
    })
}

fn wib(instant: Timestamp) -> Option<jiff::Zoned> {
    let instant = jiff::Timestamp::from_microsecond(instant.micros()).ok()?;
    Some(instant.to_zoned(zone()))
}

fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(WIB_HOURS))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_like_price_tags() {
        #[track_caller]
        fn check(minor: i64, expect: &str) {
            assert_eq!(rupiah(Money::new(minor, IDR).unwrap()), expect);
        }
        check(0, "Rp 0");
        check(100, "Rp 1");
        check(99_900, "Rp 999");
        check(5_900_000, "Rp 59.000");
        check(5_900_050, "Rp 59.000,50");
        check(123_456_789_001_205, "Rp 1.234.567.890.012,05");
        check(-5_900_000, "−Rp 59.000");
    }

    #[test]
    fn amounts_are_read_as_people_type_them_and_never_guessed() {
        #[track_caller]
        fn check(text: &str, expect: Option<i64>) {
            assert_eq!(read_amount(text).map(Money::minor), expect, "{text}");
        }
        for text in [
            "59000",
            "59.000",
            "59,000",
            "Rp 59.000",
            "Rp59.000",
            "Rp. 59.000",
            "59000.00",
            "59.000,00",
            "59,000.0",
        ] {
            check(text, Some(5_900_000));
        }
        check("1.234.567,5", Some(123_456_750));
        check("0,01", Some(1));
        for text in [
            "",
            "0",
            "-5",
            "5e3",
            "5.9000",
            "1.23.456",
            "1,234.567",
            ".5",
            "12345.678",
            "5 000",
            "abc",
            "9999999999999999999",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn instants_are_told_in_western_indonesian_time() {
        let late = Timestamp::parse("2026-05-24T18:05:00Z").unwrap();
        assert_eq!(instant(late, Lang::Id), "25 Mei 2026, 01.05 WIB");
        assert_eq!(instant(late, Lang::En), "25 May 2026, 01:05 WIB");
        assert_eq!(sortable(late), "2026-05-25 01:05:00");
        assert_eq!(
            day_begins("2026-05-25").unwrap(),
            Timestamp::parse("2026-05-24T17:00:00Z").unwrap()
        );
        for text in ["", "2026-5-25", "25-05-2026", "2026-02-30", "2026-05-25T00:00"] {
            assert!(day_begins(text).is_none(), "{text}");
        }
    }
}
