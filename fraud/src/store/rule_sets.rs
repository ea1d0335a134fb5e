//! The thresholds decisions were made with.

use service::Timestamp;
use store::{StoreError, Tx};

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
