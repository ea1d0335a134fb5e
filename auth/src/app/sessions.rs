//! Logins: beginning, listing and ending them.

use ids::{SessionId, UserId};
use service::{ApiError, Timestamp};
use store::Tx;

use super::{Address, App, SignedIn};
use crate::domain::{RefreshToken, SESSIONS_PER_USER_MAX, refresh_end};
use crate::store::refresh_tokens;
use crate::store::sessions::{self, EndReason, Session};

/// A session that is about to be stored, with its first refresh token.
#[derive(Clone)]
pub(super) struct NewSession {
    pub(super) session: Session,
    pub(super) refresh_token: RefreshToken,
}

impl NewSession {
    pub(super) fn prepare(user_id: UserId, address: Address, now: Timestamp) -> Self {
        let session = Session {
            session_id: SessionId::generate(),
            user_id,
            address: address.map(|address| address.to_canonical().to_string()),
            generation: 1,
            created_at: now,
            last_used_at: now,
            expires_at: refresh_end(now, now),
            ended_at: None,
        };
        Self {
            session,
            refresh_token: RefreshToken::generate(),
        }
    }

    pub(super) fn store(&self, tx: &mut Tx<'_>) -> Result<(), ApiError> {
        let session = &self.session;
        sessions::insert(tx, session)?;
        refresh_tokens::insert(tx, self.refresh_token.hash(), session.session_id, session.generation)?;
        sessions::end_oldest(tx, session.user_id, SESSIONS_PER_USER_MAX, session.created_at)?;
        Ok(())
    }
}

impl App {
    /// The caller's live sessions, newest first.
    pub(crate) async fn my_sessions(&self, signed_in: &SignedIn) -> Result<Vec<Session>, ApiError> {
        let (user_id, now) = (signed_in.user.user_id, self.clock.now());
        self.db
            .read(move |snapshot| Ok(sessions::live_of_user(snapshot, user_id, now, SESSIONS_PER_USER_MAX)?))
            .await
    }

    /// Ends one of the caller's sessions.
    pub(crate) async fn end_session(&self, signed_in: &SignedIn, session_id: &str) -> Result<(), ApiError> {
        let session_id = SessionId::parse(session_id).map_err(|_| ApiError::not_found("session"))?;
        let (user_id, now) = (signed_in.user.user_id, self.clock.now());
        let ended = self
            .db
            .write(move |tx| Ok::<_, ApiError>(sessions::end(tx, user_id, session_id, EndReason::EndedByUser, now)?))
            .await?;
        if ended {
            Ok(())
        } else {
            Err(ApiError::not_found("session"))
        }
    }
}
