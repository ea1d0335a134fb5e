//! The `webhooks` table: which events have been dealt with.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::error::Error;

/// An event that has been dealt with.
pub(crate) struct Handled<'a> {
    pub(crate) id: &'a str,
    pub(crate) event_type: &'a str,
    pub(crate) va_number: &'a str,
}

pub(crate) fn is_handled(db: &Connection, id: &str) -> Result<bool, Error> {
    Ok(db
        .prepare_cached("SELECT 1 FROM webhooks WHERE id = ?1")?
        .exists([id])?)
}

pub(crate) fn insert(db: &Connection, handled: &Handled<'_>, now: Timestamp) -> Result<(), Error> {
    db.prepare_cached("INSERT INTO webhooks (id, event_type, va_number, received_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            handled.id,
            handled.event_type,
            handled.va_number,
            now.as_microsecond()
        ])?;
    Ok(())
}

/// Forgets events received before `before`.
pub(crate) fn forget(db: &Connection, before: Timestamp) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM webhooks WHERE received_at < ?1")?
        .execute([before.as_microsecond()])?;
    Ok(())
}
