//! How amounts look in GraphQL and JSON.

use std::fmt;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Number;

use crate::{Currency, Decimal, Money, MoneyError};

impl Decimal {
    /// The JSON number with exactly these digits.
    ///
    /// A fraction goes through a double here, but no arithmetic is done with it: a double names every decimal of up to 15
    /// significant digits without ambiguity, so the shortest text that reads back as that double, which is what
    /// gets printed, is the very text put in. A test holds that for the whole range.
    fn to_number(self) -> Number {
        match self.whole() {
            Some(whole) => Number::from(whole),
            None => self
                .to_string()
                .parse()
                .expect("the text of a decimal is a JSON number"),
        }
    }
}

/// An exact decimal amount, in the currency of the field that has it (IDR: at most two decimals, at most 15
/// significant digits). Input may be a number or a string, such as `20000`, `20000.50` or `"20000.50"`; output is a
/// number with exactly the digits of the amount.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed: Result<Self, MoneyError> = match &value {
            // The printed number, not its double, is what is read: see `to_number`.
            Value::Number(number) => number.to_string().parse(),
            Value::String(text) => text.parse(),
            _ => return Err(InputValueError::expected_type(value)),
        };
        parsed.map_err(InputValueError::custom)
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(_) | Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::Number(self.to_number())
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_number().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => number.to_string().parse().map_err(de::Error::custom),
            serde_json::Value::String(text) => text.parse().map_err(de::Error::custom),
            _ => Err(de::Error::custom("an amount is a number or a string")),
        }
    }
}

/// Minor units as they pass between services, where both sides know the currency: a plain JSON integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MinorUnits(pub i64);

impl MinorUnits {
    /// The amount in `currency`.
    ///
    /// # Errors
    /// `Overflow` when it is out of range.
    pub const fn to_money(self, currency: Currency) -> Result<Money, MoneyError> {
        Money::new(self.0, currency)
    }
}

impl From<Money> for MinorUnits {
    fn from(money: Money) -> Self {
        Self(money.minor())
    }
}

impl fmt::Display for MinorUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An amount in minor units of its currency (IDR: sen), a 64-bit integer.
#[Scalar(name = "MinorUnits")]
impl ScalarType for MinorUnits {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .map(Self)
                .ok_or_else(|| InputValueError::custom("minor units are a 64-bit integer")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(number) if number.is_i64())
    }

    fn to_value(&self) -> Value {
        Value::Number(Number::from(self.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::MAX_MINOR;

    const IDR: Currency = Currency::Idr;

    fn idr(minor: i64) -> Money {
        Money::new(minor, IDR).unwrap()
    }

    /// Out through JSON, in as any client would read it, and back.
    #[track_caller]
    fn check_wire(money: Money) {
        let sent = serde_json::to_string(&Decimal::from(money)).unwrap();
        assert_eq!(sent, money.to_string());
        // A client's JSON reader makes a double of it and prints that the shortest way.
        let double: f64 = serde_json::from_str(&sent).unwrap();
        assert_eq!(
            double,
            sent.parse::<f64>().unwrap(),
            "{sent} is read as the nearest double"
        );
        for echoed in [
            serde_json::to_string(&double).unwrap(),
            format!("{double}"),
            format!("{double:e}"),
        ] {
            assert_eq!(
                echoed.parse::<Decimal>().unwrap().to_money(IDR),
                Ok(money),
                "{sent} came back as {echoed}"
            );
        }
        let number: Number = serde_json::from_str(&sent).unwrap();
        assert_eq!(
            <Decimal as ScalarType>::parse(Value::Number(number))
                .unwrap()
                .to_money(IDR),
            Ok(money)
        );
        assert_eq!(serde_json::from_str::<Decimal>(&sent).unwrap().to_money(IDR), Ok(money));
    }

    #[test]
    fn the_edges_cross_the_wire_unchanged() {
        for minor in [0, 1, 10, 99, 100, 101, 2_000_000, 2_000_050, MAX_MINOR - 1, MAX_MINOR] {
            check_wire(idr(minor));
            check_wire(idr(-minor));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn every_amount_crosses_the_wire_unchanged(minor in -MAX_MINOR..=MAX_MINOR) {
            check_wire(idr(minor));
        }

        #[test]
        fn small_amounts_cross_the_wire_unchanged(minor in -100_000_000_i64..100_000_000) {
            check_wire(idr(minor));
        }
    }

    #[track_caller]
    fn check_input(json: &str, expect: Option<i64>) {
        let value = Value::from_json(serde_json::from_str(json).unwrap()).unwrap();
        let parsed = <Decimal as ScalarType>::parse(value)
            .ok()
            .and_then(|amount| amount.to_money(IDR).ok());
        assert_eq!(parsed.map(Money::minor), expect, "{json}");
    }

    #[test]
    fn input_takes_numbers_and_strings() {
        check_input("20000", Some(2_000_000));
        check_input("20000.50", Some(2_000_050));
        check_input("\"20000.50\"", Some(2_000_050));
        check_input("5e5", Some(50_000_000));
        check_input("1e300", None);
        check_input("18446744073709551615", None);
        check_input("0.001", None);
        check_input("123456789012345.67", None);
        check_input("\"NaN\"", None);
        check_input("\"\"", None);
        check_input("true", None);
        check_input("null", None);
        check_input("[1]", None);
        check_input("{}", None);
    }

    #[test]
    fn minor_units_are_integers_only() {
        for (json, expect) in [
            ("5", Some(5)),
            ("-5", Some(-5)),
            ("5.0", None),
            ("\"5\"", None),
            ("1e3", None),
        ] {
            let value = Value::from_json(serde_json::from_str(json).unwrap()).unwrap();
            assert_eq!(
                <MinorUnits as ScalarType>::parse(value).ok().map(|units| units.0),
                expect,
                "{json}"
            );
            assert_eq!(
                serde_json::from_str::<MinorUnits>(json).ok().map(|units| units.0),
                expect,
                "{json}"
            );
        }
        assert_eq!(serde_json::to_string(&MinorUnits::from(idr(150))).unwrap(), "150");
        assert_eq!(MinorUnits(150).to_money(IDR), Ok(idr(150)));
        assert_eq!(MinorUnits(i64::MAX).to_money(IDR), Err(MoneyError::Overflow));
    }
}
