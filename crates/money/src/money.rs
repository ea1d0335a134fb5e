//! The amount type.

use std::fmt;

use crate::{Currency, Decimal, MoneyError};

/// The largest amount in minor units: 15 digits, so that the double a JSON reader makes of it is exact.
pub const MAX_MINOR: i64 = 999_999_999_999_999;

/// An amount in minor units of one currency, never outside ±[`MAX_MINOR`]. There are no arithmetic operators on
/// purpose: every sum is checked, for range and for currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount of `minor` units.
    ///
    /// # Errors
    /// `Overflow` beyond ±[`MAX_MINOR`].
    pub const fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        if minor < -MAX_MINOR || minor > MAX_MINOR {
            return Err(MoneyError::Overflow);
        }
        Ok(Self { minor, currency })
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// Its currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum.
    ///
    /// # Errors
    /// `CurrencyMismatch`, `Overflow`.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        // Two values within ±MAX_MINOR cannot leave i64; `new` checks the narrower range.
        Self::new(self.minor + other.minor, self.currency)
    }

    /// The difference.
    ///
    /// # Errors
    /// `CurrencyMismatch`, `Overflow`.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::new(self.minor - other.minor, self.currency)
    }

    /// The amount with its sign turned.
    ///
    /// # Errors
    /// None today, as the range is symmetric; callers stay right should that change.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        Self::new(-self.minor, self.currency)
    }

    /// Greater than zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Exactly zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Less than zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

/// The decimal text as it stands on the wire: no trailing zeros, no currency (`20000`, `0.5`).
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Decimal::from(*self), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDR: Currency = Currency::Idr;

    fn idr(minor: i64) -> Money {
        Money::new(minor, IDR).unwrap()
    }

    #[test]
    fn range_is_fifteen_digits_either_way() {
        for (minor, fits) in [
            (0, true),
            (MAX_MINOR, true),
            (-MAX_MINOR, true),
            (MAX_MINOR + 1, false),
            (-MAX_MINOR - 1, false),
        ] {
            assert_eq!(Money::new(minor, IDR).is_ok(), fits, "{minor}");
        }
        assert_eq!(Money::new(i64::MIN, IDR), Err(MoneyError::Overflow));
        assert_eq!(Money::new(i64::MAX, IDR), Err(MoneyError::Overflow));
    }

    #[test]
    fn arithmetic_is_checked() {
        assert_eq!(idr(150).checked_add(idr(50)), Ok(idr(200)));
        assert_eq!(idr(150).checked_sub(idr(200)), Ok(idr(-50)));
        assert_eq!(idr(150).checked_neg(), Ok(idr(-150)));
        assert_eq!(idr(MAX_MINOR).checked_add(idr(1)), Err(MoneyError::Overflow));
        assert_eq!(idr(-MAX_MINOR).checked_sub(idr(1)), Err(MoneyError::Overflow));
        assert_eq!(idr(-MAX_MINOR).checked_neg(), Ok(idr(MAX_MINOR)));
        assert_eq!(idr(MAX_MINOR).checked_sub(idr(-MAX_MINOR)), Err(MoneyError::Overflow));
    }

    #[test]
    fn signs_are_told_apart() {
        for (minor, signs) in [
            (5, (true, false, false)),
            (0, (false, true, false)),
            (-5, (false, false, true)),
        ] {
            let money = idr(minor);
            assert_eq!(
                (money.is_positive(), money.is_zero(), money.is_negative()),
                signs,
                "{minor}"
            );
        }
        assert!(Money::zero(IDR).is_zero());
    }

    #[test]
    fn text_has_no_trailing_zeros() {
        for (minor, text) in [
            (2_000_000, "20000"),
            (2_000_050, "20000.5"),
            (2_000_005, "20000.05"),
            (50, "0.5"),
            (1, "0.01"),
            (-1, "-0.01"),
            (-2_000_050, "-20000.5"),
            (0, "0"),
            (100, "1"),
            (1_000, "10"),
            (MAX_MINOR, "9999999999999.99"),
            (-MAX_MINOR, "-9999999999999.99"),
        ] {
            assert_eq!(idr(minor).to_string(), text);
        }
    }
}
