//! Integers wider than GraphQL's own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use service::Timestamp;

/// An instant between services.
#[derive(Clone, Copy, Debug)]
pub struct Micros(pub Timestamp);

/// An instant as microseconds since 1970-01-01T00:00:00Z, a 64-bit integer.
#[Scalar(name = "Micros")]
impl ScalarType for Micros {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .map(|micros| Self(Timestamp::from_micros(micros)))
                .ok_or_else(|| InputValueError::custom("microseconds are a 64-bit integer")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(number) if number.is_i64())
    }

    fn to_value(&self) -> Value {
        Value::from(self.0.micros())
    }
}

/// A place in the audit trail.
#[derive(Clone, Copy, Debug)]
pub struct Sequence(pub i64);

/// The number of an entry of the audit trail, counted from 1 without a gap: a 64-bit integer.
#[Scalar(name = "Sequence")]
impl ScalarType for Sequence {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::Number(number) => number
                .as_i64()
                .map(Self)
                .ok_or_else(|| InputValueError::custom("a sequence is a 64-bit integer")),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::Number(number) if number.is_i64())
    }

    fn to_value(&self) -> Value {
        Value::from(self.0)
    }
}
