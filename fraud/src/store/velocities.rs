//! Each user's recent past.

use service::Reference;
use store::{StoreError, Tx};

use crate::domain::Velocity;

/// The user's counters; empty ones for somebody new.
pub fn find(tx: &Tx<'_>, user_id: &Reference) -> Result<Velocity, StoreError> {
    let stored: Option<Vec<u8>> = tx.query_opt(
        "SELECT counters FROM velocities WHERE user_id = $1",
        &[&user_id.as_str()],
        |row| row.get(0),
    )?;
    let Some(bytes) = stored else {
        return Ok(Velocity::default());
    };
    Ok(Velocity::decode(&bytes).unwrap_or_else(|| {
        // Counting anew serves everybody better than refusing this user's payments, and those checked along with it.
        tracing::error!(%user_id, "the stored velocity cannot be read; it starts anew");
        Velocity::default()
    }))
}

/// Keeps the counters.
pub fn save(tx: &mut Tx<'_>, user_id: &Reference, velocity: &Velocity) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO velocities (user_id, counters) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET counters = excluded.counters",
        &[&user_id.as_str(), &velocity.encode()],
    )?;
    Ok(())
}
