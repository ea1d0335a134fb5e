//! Each user's past.

use serde::de::DeserializeOwned;
use store::{StoreError, Tx};

use super::logs::to_json;
use crate::domain::{Past, Velocity};

/// The user's counters and their longer past; empty ones for somebody new.
pub fn find(tx: &Tx<'_>, user_id: &str) -> Result<(Velocity, Past), StoreError> {
    let stored: Option<(Vec<u8>, Option<String>)> = tx.query_opt(
        "SELECT counters, past FROM velocities WHERE user_id = $1",
        &[&user_id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let Some((counters, past)) = stored else {
        return Ok(<(Velocity, Past)>::default());
    };
    let velocity = Velocity::decode(&counters).unwrap_or_else(|| {
        // Counting anew serves everybody better than refusing this user's payments, and those checked along with it.
        tracing::error!(user_id, "the stored velocity cannot be read; it starts anew");
        Velocity::default()
    });
    Ok((velocity, read_past(past, user_id)))
}

/// Keeps them.
pub fn save(tx: &mut Tx<'_>, user_id: &str, velocity: &Velocity, past: &Past) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO velocities (user_id, counters, past) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET counters = excluded.counters, past = excluded.past",
        &[&user_id, &velocity.encode(), &to_json(past)?],
    )?;
    Ok(())
}

/// A past as it was stored; an empty one for nothing, and for what cannot be read.
pub(super) fn read_past<T: DeserializeOwned + Default>(stored: Option<String>, whose: &str) -> T {
    let Some(text) = stored else { return T::default() };
    serde_json::from_str(&text).unwrap_or_else(|error| {
        tracing::error!(whose, %error, "a stored past cannot be read; it starts anew");
        T::default()
    })
}
