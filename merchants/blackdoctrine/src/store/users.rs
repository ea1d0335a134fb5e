//! The `users` table.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::domain::account::User;
use crate::error::Error;

const COLUMNS: &str = "id, nama, email, role, is_active, password_hash";

/// What is stored of a new user.
pub(crate) struct NewUser {
    pub(crate) nama: String,
    pub(crate) email: String,
    pub(crate) password_hash: String,
}

pub(crate) fn insert(db: &Connection, user: &NewUser, now: Timestamp) -> Result<User, Error> {
    db.prepare_cached(&format!(
        "INSERT INTO users (nama, email, password_hash, role, is_active, created_at)
         VALUES (?1, ?2, ?3, 'customer', 1, ?4) RETURNING {COLUMNS}"
    ))?
    .query_row(
        params![user.nama, user.email, user.password_hash, now.as_microsecond()],
        read,
    )
    .map_err(|error| {
        if super::is_unique_violation(&error) {
            Error::EmailTaken
        } else {
            error.into()
        }
    })
}

pub(crate) fn find(db: &Connection, id: i64) -> Result<Option<User>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The user with the hash of their password, for the login alone.
pub(crate) fn find_with_hash(db: &Connection, email: &str) -> Result<Option<(User, String)>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE email = ?1"))?;
    Ok(statement
        .query_row([email], |row| Ok((read(row)?, row.get(5)?)))
        .optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        nama: row.get(1)?,
        email: row.get(2)?,
        role: row.get(3)?,
        is_active: row.get(4)?,
    })
}
