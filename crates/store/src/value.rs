//! Values on their way into a statement and out of a row, for any engine.

use std::borrow::Cow;

use ids::{Id, Kind};
use money::Currency;

/// A value bound to a `$n`.
#[derive(Debug)]
pub enum Param<'a> {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(Cow<'a, str>),
    /// BYTEA.
    Bytes(&'a [u8]),
}

/// What can be bound to a `$n`.
pub trait ToParam {
    /// The value as the engine takes it.
    fn to_param(&self) -> Param<'_>;
}

/// A value as it stands in a row.
#[derive(Debug)]
pub enum ColumnRef<'a> {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// TEXT.
    Text(&'a str),
    /// BYTEA.
    Bytes(&'a [u8]),
}

/// What can be read from a column. The error text is for our log.
pub trait FromColumn: Sized {
    /// Reads the value.
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String>;
}

fn unexpected<T>(wanted: &str, column: &ColumnRef<'_>) -> Result<T, String> {
    Err(format!("{wanted} expected, found {column:?}"))
}

impl<T: ToParam + ?Sized> ToParam for &T {
    fn to_param(&self) -> Param<'_> {
        (**self).to_param()
    }
}

impl<T: ToParam> ToParam for Option<T> {
    fn to_param(&self) -> Param<'_> {
        self.as_ref().map_or(Param::Null, ToParam::to_param)
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Null => Ok(None),
            other => T::from_column(other).map(Some),
        }
    }
}

impl ToParam for i64 {
    fn to_param(&self) -> Param<'_> {
        Param::Int(*self)
    }
}

impl FromColumn for i64 {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Int(value) => Ok(value),
            other => unexpected("an integer", &other),
        }
    }
}

impl ToParam for u32 {
    fn to_param(&self) -> Param<'_> {
        Param::Int(i64::from(*self))
    }
}

impl FromColumn for u32 {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        u32::try_from(i64::from_column(column)?).map_err(|error| error.to_string())
    }
}

impl ToParam for bool {
    fn to_param(&self) -> Param<'_> {
        Param::Int(i64::from(*self))
    }
}

impl FromColumn for bool {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match i64::from_column(column)? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(format!("0 or 1 expected, found {other}")),
        }
    }
}

impl ToParam for str {
    fn to_param(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self))
    }
}

impl ToParam for String {
    fn to_param(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self))
    }
}

impl FromColumn for String {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Text(text) => Ok(text.to_owned()),
            other => unexpected("text", &other),
        }
    }
}

impl ToParam for [u8] {
    fn to_param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl ToParam for Vec<u8> {
    fn to_param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Bytes(bytes) => Ok(bytes.to_vec()),
            other => unexpected("bytes", &other),
        }
    }
}

impl<const N: usize> ToParam for [u8; N] {
    fn to_param(&self) -> Param<'_> {
        Param::Bytes(self)
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Bytes(bytes) => bytes
                .try_into()
                .map_err(|_| format!("{N} bytes expected, found {}", bytes.len())),
            other => unexpected("bytes", &other),
        }
    }
}

impl<K: Kind> ToParam for Id<K> {
    fn to_param(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self.as_str()))
    }
}

impl<K: Kind> FromColumn for Id<K> {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Text(text) => Id::parse(text).map_err(|error| error.to_string()),
            other => unexpected("an id", &other),
        }
    }
}

impl ToParam for Currency {
    fn to_param(&self) -> Param<'_> {
        Param::Text(Cow::Borrowed(self.code()))
    }
}

impl FromColumn for Currency {
    fn from_column(column: ColumnRef<'_>) -> Result<Self, String> {
        match column {
            ColumnRef::Text(text) => text.parse().map_err(|_| format!("{text:?} is no currency")),
            other => unexpected("a currency", &other),
        }
    }
}
