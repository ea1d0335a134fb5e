//! The table `sessions`.

use ids::{SessionId, UserId};
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

/// A login that may still be refreshed, or could once.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) session_id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) address: Option<String>,
    pub(crate) generation: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

/// Why a session ended. Kept for whoever looks into an incident.
#[derive(Clone, Copy, Debug)]
pub(crate) enum EndReason {
    Logout,
    EndedByUser,
    PasswordChanged,
    RefreshTokenReused,
    UserDisabled,
    TooManySessions,
    TotpConfirmed,
    TotpReset,
}

impl EndReason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::EndedByUser => "ENDED_BY_USER",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::UserDisabled => "USER_DISABLED",
            Self::TooManySessions => "TOO_MANY_SESSIONS",
            Self::TotpConfirmed => "TOTP_CONFIRMED",
            Self::TotpReset => "TOTP_RESET",
        }
    }
}

impl Session {
    /// Neither ended nor past its end.
    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT session_id, user_id, address, generation, created_at, last_used_at, expires_at, ended_at FROM sessions ",
            $rest
        )
    };
}

pub(crate) fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sessions (session_id, user_id, address, generation, created_at, last_used_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &session.session_id,
            &session.user_id,
            &session.address,
            &session.generation,
            &session.created_at,
            &session.last_used_at,
            &session.expires_at,
        ],
    )?;
    Ok(())
}

/// One session of that user.
pub(crate) fn of_user(
    snapshot: &Snapshot<'_>,
    user_id: UserId,
    session_id: SessionId,
) -> Result<Option<Session>, StoreError> {
    snapshot.query_opt(
        select!("WHERE user_id = $1 AND session_id = $2"),
        &[&user_id, &session_id],
        read,
    )
}

/// The session that a refresh token names. The token is the proof that it may be seen.
pub(crate) fn of_refresh_token(snapshot: &Snapshot<'_>, session_id: SessionId) -> Result<Session, StoreError> {
    snapshot.query_one(select!("WHERE session_id = $1"), &[&session_id], read)
}

/// A user's live sessions, newest first.
pub(crate) fn live_of_user(
    snapshot: &Snapshot<'_>,
    user_id: UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Session>, StoreError> {
    snapshot.query(
        select!("WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY session_id DESC LIMIT $3"),
        &[&user_id, &now, &limit],
        read,
    )
}

/// Notes that a session was refreshed.
pub(crate) fn update_refreshed(tx: &mut Tx<'_>, session: &Session) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET generation = $2, last_used_at = $3, expires_at = $4 WHERE session_id = $1",
        &[
            &session.session_id,
            &session.generation,
            &session.last_used_at,
            &session.expires_at,
        ],
    )?;
    Ok(())
}

/// Ends one session of that user; `false` when it was over already.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    user_id: UserId,
    session_id: SessionId,
    reason: EndReason,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let ended = tx.execute(
        "UPDATE sessions SET ended_at = $3, end_reason = $4 \
         WHERE user_id = $1 AND session_id = $2 AND ended_at IS NULL AND expires_at > $3",
        &[&user_id, &session_id, &now, &reason.as_str()],
    )?;
    Ok(ended == 1)
}

/// Ends all sessions of that user but one (or none).
pub(crate) fn end_others(
    tx: &mut Tx<'_>,
    user_id: UserId,
    keep: Option<SessionId>,
    reason: EndReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET ended_at = $3, end_reason = $4 \
         WHERE user_id = $1 AND ended_at IS NULL AND (CAST($2 AS TEXT) IS NULL OR session_id <> $2)",
        &[&user_id, &keep, &now, &reason.as_str()],
    )?;
    Ok(())
}

/// Ends the oldest sessions of that user so that at most `keep` live on.
pub(crate) fn end_oldest(tx: &mut Tx<'_>, user_id: UserId, keep: i64, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sessions SET ended_at = $3, end_reason = $4 \
         WHERE user_id = $1 AND ended_at IS NULL AND session_id <= (SELECT session_id FROM sessions \
         WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $3 ORDER BY session_id DESC LIMIT 1 OFFSET $2)",
        &[&user_id, &keep, &now, &EndReason::TooManySessions.as_str()],
    )?;
    Ok(())
}

/// Some sessions that ended, or could have been refreshed, before `before`.
pub(crate) fn over_before(
    snapshot: &Snapshot<'_>,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<SessionId>, StoreError> {
    snapshot.query(
        "SELECT session_id FROM sessions WHERE expires_at < $1 OR ended_at < $1 LIMIT $2",
        &[&before, &limit],
        |row| row.get(0),
    )
}

/// Removes a session whose tokens are gone.
pub(crate) fn delete(tx: &mut Tx<'_>, session_id: SessionId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM sessions WHERE session_id = $1", &[&session_id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        session_id: row.get(0)?,
        user_id: row.get(1)?,
        address: row.get(2)?,
        generation: row.get(3)?,
        created_at: row.get(4)?,
        last_used_at: row.get(5)?,
        expires_at: row.get(6)?,
        ended_at: row.get(7)?,
    })
}
