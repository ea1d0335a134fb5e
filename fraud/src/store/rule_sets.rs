//! The thresholds decisions were made with.

use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use crate::domain::Limits;

/// The version of these limits; a new one when they have not been used before.
pub fn remember(tx: &mut Tx<'_>, limits: &Limits, now: Timestamp) -> Result<i64, StoreError> {
    let text = super::logs::to_json(limits)?;
    tx.execute(
        "INSERT INTO rule_sets (limits, first_used_at) VALUES ($1, $2) ON CONFLICT (limits) DO NOTHING",
        &[&text, &now],
    )?;
    tx.query_one("SELECT version FROM rule_sets WHERE limits = $1", &[&text], |row| {
        row.get(0)
    })
}

/// The limits of a version.
pub fn find(snapshot: &Snapshot<'_>, version: i64) -> Result<Limits, StoreError> {
    let text: String = snapshot.query_one("SELECT limits FROM rule_sets WHERE version = $1", &[&version], |row| {
        row.get(0)
    })?;
    serde_json::from_str(&text).map_err(|error| super::logs::unreadable(0, &error))
}
