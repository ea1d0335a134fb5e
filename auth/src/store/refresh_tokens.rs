//! The table `refresh_tokens`: hashes only.

use ids::SessionId;
use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

use crate::domain::RefreshTokenHash;

/// Used tokens that a session remembers, to notice their reuse. More than a session of 90 days needs; one that is
/// refreshed without pause forgets its oldest, which are refused like any unknown token.
const USED_TOKENS_KEPT: i64 = 10_000;

/// What is known of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredToken {
    pub(crate) session_id: SessionId,
    pub(crate) used_at: Option<Timestamp>,
}

pub(crate) fn insert(
    tx: &mut Tx<'_>,
    hash: RefreshTokenHash,
    session_id: SessionId,
    generation: i64,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO refresh_tokens (token_hash, session_id, generation) VALUES ($1, $2, $3)",
        &[&hash, &session_id, &generation],
    )?;
    tx.execute(
        "DELETE FROM refresh_tokens WHERE session_id = $1 AND generation < $2",
        &[&session_id, &(generation - USED_TOKENS_KEPT)],
    )?;
    Ok(())
}

pub(crate) fn find(snapshot: &Snapshot<'_>, hash: RefreshTokenHash) -> Result<Option<StoredToken>, StoreError> {
    snapshot.query_opt(
        "SELECT session_id, used_at FROM refresh_tokens WHERE token_hash = $1",
        &[&hash],
        |row| {
            Ok(StoredToken {
                session_id: row.get(0)?,
                used_at: row.get(1)?,
            })
        },
    )
}

pub(crate) fn mark_used(tx: &mut Tx<'_>, hash: RefreshTokenHash, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1",
        &[&hash, &now],
    )?;
    Ok(())
}

pub(crate) fn delete_of_session(tx: &mut Tx<'_>, session_id: SessionId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM refresh_tokens WHERE session_id = $1", &[&session_id])?;
    Ok(())
}
