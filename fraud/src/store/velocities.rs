//! Each user's past.

use serde::de::DeserializeOwned;
use store::{StoreError, Tx};

use crate::domain::{Past, Velocity};

/// The user's counters and their longer past; empty ones for somebody new.
pub fn find(tx: &Tx<'_>, user_id: &str) -> Result<(Velocity, Past), StoreError> {
    let stored: Option<(Vec<u8>, StoredPast)> = tx.query_opt(
        "SELECT counters, past, past_json FROM velocities WHERE user_id = $1",
        &[&user_id],
        |row| Ok((row.get(0)?, StoredPast(row.get(1)?, row.get(2)?))),
    )?;
    let Some((counters, past)) = stored else {
        return Ok(<(Velocity, Past)>::default());
    };
    let velocity = Velocity::decode(&counters).unwrap_or_else(|| {
        // Counting anew serves everybody better than refusing this user's payments, and those checked along with it.
        tracing::error!(user_id, "the stored velocity cannot be read; it starts anew");
        Velocity::default()
    });
    Ok((velocity, past.read(user_id, Past::decode)))
}

/// Keeps them.
pub fn save(tx: &mut Tx<'_>, user_id: &str, velocity: &Velocity, past: &Past) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO velocities (user_id, counters, past) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET counters = excluded.counters, past = excluded.past, past_json = NULL",
        &[&user_id, &velocity.encode(), &past.encode()],
    )?;
    Ok(())
}

/// A past as bytes, or as JSON if it was stored before it was kept as bytes.
pub(super) struct StoredPast(pub(super) Option<Vec<u8>>, pub(super) Option<String>);

impl StoredPast {
    /// An empty one for nothing, and for what cannot be read.
    pub(super) fn read<T>(self, whose: &str, decode: impl FnOnce(&[u8]) -> Option<T>) -> T
    where
        T: DeserializeOwned + Default,
    {
        let read = match self {
            Self(Some(bytes), _) => decode(&bytes),
            Self(None, Some(json)) => serde_json::from_str(&json).ok(),
            Self(None, None) => Some(T::default()),
        };
        read.unwrap_or_else(|| {
            tracing::error!(whose, "a stored past cannot be read; it starts anew");
            T::default()
        })
    }
}
