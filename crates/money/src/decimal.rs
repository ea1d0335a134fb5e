//! Exact decimal text: reading it, writing it, and the currency-less number the API takes.

use std::fmt;
use std::str::FromStr;

use crate::{Currency, MAX_MINOR, Money, MoneyError};

/// Bounds the work on hostile input; no honest amount is nearly as long.
const MAX_TEXT_LEN: usize = 64;
/// Far beyond what any accepted amount can need, small enough for plain integer arithmetic.
const MAX_EXPONENT_DIGITS: usize = 4;
/// The decimals a [`Decimal`] can have.
const MAX_SCALE: i64 = 15;

/// An exact decimal number of at most 15 digits without a currency, as an API client writes it. The field that takes
/// it knows the currency and asks for [`Decimal::to_money`] or [`Decimal::to_positive_money`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    // The value is coefficient / 10^scale, within ±MAX_MINOR, and with no zero at the end of its decimals: equal
    // numbers are equal values.
    coefficient: i64,
    scale: u32,
}

impl Decimal {
    /// The amount in `currency`.
    ///
    /// # Errors
    /// `TooManyDecimals` for a fraction of a minor unit, `Overflow` when it is out of range.
    pub fn to_money(self, currency: Currency) -> Result<Money, MoneyError> {
        let allowed = currency.exponent();
        let missing = allowed
            .checked_sub(self.scale)
            .ok_or(MoneyError::TooManyDecimals { currency, allowed })?;
        let minor = self
            .coefficient
            .checked_mul(10_i64.pow(missing))
            .ok_or(MoneyError::Overflow)?;
        Money::new(minor, currency)
    }

    /// The amount in `currency`, where money is going to move.
    ///
    /// # Errors
    /// As [`Decimal::to_money`], and `NotPositive` for zero and less.
    pub fn to_positive_money(self, currency: Currency) -> Result<Money, MoneyError> {
        let money = self.to_money(currency)?;
        if money.is_positive() {
            Ok(money)
        } else {
            Err(MoneyError::NotPositive)
        }
    }

    /// The coefficient when the number is whole.
    pub(crate) const fn whole(self) -> Option<i64> {
        if self.scale == 0 { Some(self.coefficient) } else { None }
    }

    fn normalised(mut coefficient: i64, mut scale: u32) -> Self {
        while scale > 0 && coefficient % 10 == 0 {
            coefficient /= 10;
            scale -= 1;
        }
        Self { coefficient, scale }
    }
}

/// Reads an amount: `-?digits(.digits)?` with an optional exponent, because JSON writers may print `5e5`.
///
/// # Errors
/// `Malformed`, `TooManyDigits`, `TooManyDecimals`, `Overflow`.
pub fn parse_decimal(text: &str, currency: Currency) -> Result<Money, MoneyError> {
    text.parse::<Decimal>()?.to_money(currency)
}

impl FromStr for Decimal {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let parts = Parts::split(text)?;
        let mut coefficient: i64 = 0;
        // Zeros count only once a later digit proves them significant.
        let mut pending_zeros: u32 = 0;
        for digit in parts.whole.bytes().chain(parts.fraction.bytes()) {
            if digit == b'0' {
                pending_zeros += 1;
                continue;
            }
            for shift in std::iter::repeat_n(0, pending_zeros as usize).chain([i64::from(digit - b'0')]) {
                if coefficient > MAX_MINOR / 10 {
                    return Err(MoneyError::TooManyDigits);
                }
                coefficient = coefficient * 10 + shift;
            }
            pending_zeros = 0;
        }
        if coefficient == 0 {
            return Ok(Self {
                coefficient: 0,
                scale: 0,
            });
        }
        // The text is at most MAX_TEXT_LEN long and the exponent at most 9999: no overflow here.
        let scale = parts.fraction.len() as i64 - i64::from(pending_zeros) - parts.exponent;
        let sign = if parts.negative { -1 } else { 1 };
        if scale > MAX_SCALE {
            return Err(MoneyError::TooManyDigits);
        }
        if let Ok(scale) = u32::try_from(scale) {
            return Ok(Self::normalised(sign * coefficient, scale));
        }
        for _ in scale..0 {
            if coefficient > MAX_MINOR / 10 {
                return Err(MoneyError::Overflow);
            }
            coefficient *= 10;
        }
        Ok(Self {
            coefficient: sign * coefficient,
            scale: 0,
        })
    }
}

/// A number's text, cut into its parts: every one of them is digits only.
struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, MoneyError> {
        if text.len() > MAX_TEXT_LEN {
            return Err(MoneyError::TooManyDigits);
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, digits(fraction)?),
            None => (unsigned, ""),
        };
        Ok(Self {
            negative,
            whole: digits(whole)?,
            fraction,
            exponent,
        })
    }
}

fn parse_exponent(text: &str) -> Result<i64, MoneyError> {
    let (sign, unsigned) = match text.as_bytes().first() {
        Some(b'-') => (-1, &text[1..]),
        // Here alone a plus is fine: JSON allows `5e+5`, and some writers print it.
        Some(b'+') => (1, &text[1..]),
        _ => (1, text),
    };
    let significant = digits(unsigned)?.trim_start_matches('0');
    if significant.len() > MAX_EXPONENT_DIGITS {
        return Err(if sign < 0 {
            MoneyError::TooManyDigits
        } else {
            MoneyError::Overflow
        });
    }
    Ok(significant
        .bytes()
        .fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
        * sign)
}

fn digits(text: &str) -> Result<&str, MoneyError> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text)
    } else {
        Err(MoneyError::Malformed)
    }
}

impl From<Money> for Decimal {
    fn from(money: Money) -> Self {
        Self::normalised(money.minor(), money.currency().exponent())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient.unsigned_abs();
        let unit = 10_u64.pow(self.scale);
        let whole = digits / unit;
        let text = if self.scale == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{:0width$}", digits % unit, width = self.scale as usize)
        };
        f.pad_integral(self.coefficient >= 0, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IDR: Currency = Currency::Idr;
    const DECIMALS: MoneyError = MoneyError::TooManyDecimals {
        currency: IDR,
        allowed: 2,
    };

    #[track_caller]
    fn check(text: &str, expect: Result<i64, MoneyError>) {
        assert_eq!(parse_decimal(text, IDR).map(Money::minor), expect, "{text:?}");
    }

    #[test]
    fn exact_amounts_are_read() {
        check("0", Ok(0));
        check("-0", Ok(0));
        check("0.00", Ok(0));
        check("0e9999", Ok(0));
        check("20000", Ok(2_000_000));
        check("20000.5", Ok(2_000_050));
        check("20000.05", Ok(2_000_005));
        check("-20000.05", Ok(-2_000_005));
        check("0.01", Ok(1));
        check("007", Ok(700));
        check("1.500", Ok(150));
        check("1.00000000000000000000", Ok(100));
        check("500000.0", Ok(50_000_000));
        check("5e5", Ok(50_000_000));
        check("5E+5", Ok(50_000_000));
        check("1.5E3", Ok(150_000));
        check("150e-2", Ok(150));
        check("100e-4", Ok(1));
        check("1e0000000002", Ok(10_000));
        check("9999999999999.99", Ok(MAX_MINOR));
        check("-9999999999999.99", Ok(-MAX_MINOR));
        check("1e12", Ok(100_000_000_000_000));
    }

    #[test]
    fn anything_else_is_refused_with_its_reason() {
        for text in [
            "", " ", "-", ".", ".5", "5.", "+5", "--5", " 5", "5 ", "1 000", "1,5", "1_000", "0x10", "NaN", "inf",
            "-inf", "Infinity", "e5", "5e", "5e+", "5e--1", "5e1.5", "1.2.3", "1e2e3", "٣", "5\0", "5\n",
        ] {
            check(text, Err(MoneyError::Malformed));
        }
        check("0.001", Err(DECIMALS));
        check("1e-3", Err(DECIMALS));
        check("0.000000000000001", Err(DECIMALS));
        check("1234567890123456", Err(MoneyError::TooManyDigits));
        check("9999999999999.999", Err(MoneyError::TooManyDigits));
        check("0.0000000000000001", Err(MoneyError::TooManyDigits));
        check("1e-9999", Err(MoneyError::TooManyDigits));
        check("1e-99999999999999999999", Err(MoneyError::TooManyDigits));
        check(&"1".repeat(1_000_000), Err(MoneyError::TooManyDigits));
        check("10000000000000", Err(MoneyError::Overflow));
        check("1e13", Err(MoneyError::Overflow));
        check("1e15", Err(MoneyError::Overflow));
        check("1e9999", Err(MoneyError::Overflow));
        check("1e99999999999999999999", Err(MoneyError::Overflow));
    }

    #[test]
    fn moving_money_takes_more_than_nothing() {
        for (text, expect) in [
            ("0.01", Ok(1)),
            ("0", Err(MoneyError::NotPositive)),
            ("-1", Err(MoneyError::NotPositive)),
            ("0.001", Err(DECIMALS)),
        ] {
            let amount: Decimal = text.parse().unwrap();
            assert_eq!(amount.to_positive_money(IDR).map(Money::minor), expect, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_reads_back(minor in -MAX_MINOR..=MAX_MINOR) {
            let money = Money::new(minor, IDR).unwrap();
            prop_assert_eq!(parse_decimal(&money.to_string(), IDR), Ok(money));
        }

        #[test]
        fn spelling_makes_no_difference(minor in -MAX_MINOR..=MAX_MINOR, zeros in 0_usize..20, shift in -6_i64..6) {
            let expect = Money::new(minor, IDR);
            let sign = if minor < 0 { "-" } else { "" };
            let digits = minor.unsigned_abs();
            let plain = format!("{sign}{}.{:02}{}", digits / 100, digits % 100, "0".repeat(zeros));
            prop_assert_eq!(parse_decimal(&plain, IDR), expect);
            let unit = 10_u64.pow(6);
            let shifted = format!("{sign}{}.{:06}e{}", digits / unit, digits % unit, 4);
            prop_assert_eq!(parse_decimal(&shifted, IDR), expect);
            let scaled = format!("{sign}{digits}{}e{}", "0".repeat(6), -8);
            prop_assert_eq!(parse_decimal(&scaled, IDR), expect);
            // Moving the point by the exponent and back by zeros is the same number or one that is refused.
            let moved = format!("{sign}{digits}e{}", shift - 2);
            if let Ok(money) = parse_decimal(&moved, IDR) {
                let back = i128::from(money.minor()) * 10_i128.pow(6);
                prop_assert_eq!(back, i128::from(minor) * 10_i128.pow((6 + shift) as u32));
            }
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse_decimal(&text, IDR);
        }

        #[test]
        fn no_text_that_looks_like_a_number_panics(text in "[-+]?[0-9]{0,40}\\.?[0-9]{0,40}([eE][-+]?[0-9]{0,25})?") {
            if let Ok(number) = text.parse::<Decimal>() {
                prop_assert_eq!(number.to_string().parse::<Decimal>(), Ok(number));
            }
        }
    }
}
