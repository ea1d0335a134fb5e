//! Money: an exact number of minor units of one currency, and how amounts cross the wire. No floating point
//! arithmetic and no I/O anywhere in this crate; a value that exists is in range.

mod currency;
mod decimal;
mod error;
mod money;
mod scalars;

pub use currency::Currency;
pub use decimal::{Decimal, parse_decimal};
pub use error::MoneyError;
pub use money::{MAX_MINOR, Money};
pub use scalars::MinorUnits;
