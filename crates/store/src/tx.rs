//! What a closure works with: statements, parameters, rows.

use std::ops::Deref;

use crate::error::StoreError;
use crate::sqlite::Session;
use crate::value::{ColumnRef, FromColumn, ToParam};

/// A consistent view of what is committed (and, inside a [`Tx`], of what it did itself).
pub struct Snapshot<'a> {
    session: &'a Session,
}

/// A write transaction. Everything of [`Snapshot`], and [`Tx::execute`].
pub struct Tx<'a> {
    snapshot: Snapshot<'a>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self { session }
    }

    /// All rows of a query, each mapped by `map`.
    pub fn query<T>(
        &self,
        sql: &'static str,
        params: &[&dyn ToParam],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        self.session.for_each_row(sql, params, |row| {
            found.push(map(row)?);
            Ok(true)
        })?;
        Ok(found)
    }

    /// The first row of a query, if there is one.
    pub fn query_opt<T>(
        &self,
        sql: &'static str,
        params: &[&dyn ToParam],
        map: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut found = None;
        self.session.for_each_row(sql, params, |row| {
            found = Some(map(row)?);
            Ok(false)
        })?;
        Ok(found)
    }

    /// The first row of a query that always has one; [`StoreError::NoRow`] otherwise.
    pub fn query_one<T>(
        &self,
        sql: &'static str,
        params: &[&dyn ToParam],
        map: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.query_opt(sql, params, map)?.ok_or(StoreError::NoRow)
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self {
            snapshot: Snapshot::new(session),
        }
    }

    /// Runs a statement and tells how many rows it changed.
    pub fn execute(&mut self, sql: &'static str, params: &[&dyn ToParam]) -> Result<u64, StoreError> {
        // The engine gives up the whole transaction for some failures (a full disk). What a closure that overlooked
        // the failure writes after that would be committed on the spot, outside of any transaction.
        if self.snapshot.session.connection().is_autocommit() {
            return Err(StoreError::DiskFull);
        }
        self.snapshot.session.execute(sql, params)
    }
}

impl<'a> Deref for Tx<'a> {
    type Target = Snapshot<'a>;

    fn deref(&self) -> &Self::Target {
        &self.snapshot
    }
}

/// One row of an answer.
pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(row: &'a rusqlite::Row<'a>) -> Self {
        Self { row }
    }

    /// The value of a column, counted from 0.
    pub fn get<T: FromColumn>(&self, column: usize) -> Result<T, StoreError> {
        use rusqlite::types::ValueRef;
        let value = match self.row.get_ref(column)? {
            ValueRef::Null => ColumnRef::Null,
            ValueRef::Integer(value) => ColumnRef::Int(value),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => ColumnRef::Text(text),
                Err(error) => {
                    return Err(StoreError::Column {
                        column,
                        problem: error.to_string(),
                    });
                }
            },
            ValueRef::Blob(bytes) => ColumnRef::Bytes(bytes),
            ValueRef::Real(_) => {
                return Err(StoreError::Column {
                    column,
                    problem: "no table here holds floating point".into(),
                });
            }
        };
        T::from_column(value).map_err(|problem| StoreError::Column { column, problem })
    }
}
