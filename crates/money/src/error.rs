//! What can be wrong with an amount.

use crate::Currency;

/// Why an amount was refused. The messages are meant for the API client that sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number at all.
    #[error("the amount is not a decimal number")]
    Malformed,
    /// More digits than a double carries exactly.
    #[error("the amount has too many digits (15 at most)")]
    TooManyDigits,
    /// A fraction of a minor unit.
    #[error("the amount has more decimals than {currency} has ({allowed})")]
    TooManyDecimals {
        /// The currency of the amount.
        currency: Currency,
        /// How many decimals it has.
        allowed: u32,
    },
    /// The amount, or the result of an addition or subtraction, is out of range.
    #[error("the amount is too large")]
    Overflow,
    /// Two amounts of different currencies met.
    #[error("the amounts are in different currencies ({left} and {right})")]
    CurrencyMismatch {
        /// The currency of the first amount.
        left: Currency,
        /// The currency of the second amount.
        right: Currency,
    },
    /// Zero or less where money has to move.
    #[error("the amount has to be greater than zero")]
    NotPositive,
    /// A currency code that is not known.
    #[error("the currency is not supported")]
    UnknownCurrency,
}
