//! `refreshSession`: a refresh token is good once. Its second use means that two have it, so its whole session ends.

use ids::SessionId;
use service::{ApiError, Timestamp};
use store::Tx;

use super::{App, LoggedIn, disabled, unauthenticated};
use crate::domain::{RefreshToken, RefreshTokenHash, refresh_end};
use crate::store::refresh_tokens;
use crate::store::sessions::{self, EndReason};
use crate::store::users::{self, User, UserStatus};

/// What the database said. All of these commit: the end of a session must not be rolled back with the refusal.
#[allow(clippy::large_enum_variant, reason = "one at a time, and taken apart at once")]
enum Outcome {
    Refreshed {
        user: User,
        session_id: SessionId,
    },
    /// Unknown, or its session is over.
    NotValid,
    Reused {
        session_id: SessionId,
    },
    Disabled,
}

impl App {
    /// Trades a refresh token for an access token and the next refresh token.
    pub(crate) async fn refresh(&self, refresh_token: &str) -> Result<LoggedIn, ApiError> {
        let not_valid = || unauthenticated("the refresh token is not valid; sign in again");
        let presented = RefreshToken::parse(refresh_token).ok_or_else(not_valid)?.hash();
        if !self.knows_refresh_token(presented).await? {
            return Err(not_valid());
        }
        let next = RefreshToken::generate();
        let next_hash = next.hash();
        let now = self.clock.now();
        let outcome = self.db.write(move |tx| trade(tx, presented, next_hash, now)).await?;
        match outcome {
            Outcome::Refreshed { user, session_id } => Ok(LoggedIn {
                access_token: self.access_token(&user, session_id).await?,
                refresh_token: next,
                user,
            }),
            Outcome::NotValid => Err(not_valid()),
            Outcome::Disabled => Err(disabled()),
            Outcome::Reused { session_id } => {
                tracing::warn!(%session_id, "a refresh token was used twice; its session was ended");
                Err(not_valid())
            }
        }
    }

    /// Anybody can make up tokens; none of those gets as far as the one thread that writes.
    pub(super) async fn knows_refresh_token(&self, presented: RefreshTokenHash) -> Result<bool, ApiError> {
        self.db
            .read(move |snapshot| Ok(refresh_tokens::find(snapshot, presented)?.is_some()))
            .await
    }
}

fn trade(
    tx: &mut Tx<'_>,
    presented: RefreshTokenHash,
    next: RefreshTokenHash,
    now: Timestamp,
) -> Result<Outcome, ApiError> {
    let Some(token) = refresh_tokens::find(tx, presented)? else {
        return Ok(Outcome::NotValid);
    };
    let mut session = sessions::of_refresh_token(tx, token.session_id)?;
    if !session.is_live(now) {
        return Ok(Outcome::NotValid);
    }
    let session_id = session.session_id;
    if token.used_at.is_some() {
        sessions::end(tx, session.user_id, session_id, EndReason::RefreshTokenReused, now)?;
        return Ok(Outcome::Reused { session_id });
    }
    let Some(user) = users::by_id(tx, session.user_id)? else {
        return Ok(Outcome::NotValid);
    };
    if user.status == UserStatus::Disabled {
        return Ok(Outcome::Disabled);
    }
    // From here the trade must succeed.
    refresh_tokens::mark_used(tx, presented, now)?;
    session.generation += 1;
    session.last_used_at = now;
    session.expires_at = refresh_end(session.created_at, now);
    sessions::update_refreshed(tx, &session)?;
    refresh_tokens::insert(tx, next, session_id, session.generation)?;
    Ok(Outcome::Refreshed { user, session_id })
}
