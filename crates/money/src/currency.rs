//! The currencies the product knows.

use std::fmt;
use std::str::FromStr;

use crate::MoneyError;

macro_rules! currencies {
    ($($(#[doc = $doc:literal])+ $variant:ident, $code:literal, $exponent:literal;)+) => {
        /// A currency, by its ISO 4217 code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Currency {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Currency {
            /// Every currency there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The ISO 4217 code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// How many decimals an amount has: a minor unit is 10^-exponent.
            #[must_use]
            pub const fn exponent(self) -> u32 {
                match self {
                    $(Self::$variant => $exponent,)+
                }
            }
        }
    };
}

currencies! {
    /// Indonesian rupiah, with the two decimals (sen) that ISO 4217 gives it.
    Idr, "IDR", 2;
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::ALL
            .iter()
            .copied()
            .find(|currency| currency.code() == code)
            .ok_or(MoneyError::UnknownCurrency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_no_other_is_known() {
        for &currency in Currency::ALL {
            assert_eq!(currency.to_string().parse(), Ok(currency));
            // `Decimal` keeps up to 15 decimals.
            assert!(currency.exponent() <= 15);
        }
        for code in ["", "idr", "USD", "IDR "] {
            assert_eq!(code.parse::<Currency>(), Err(MoneyError::UnknownCurrency), "{code:?}");
        }
    }
}
