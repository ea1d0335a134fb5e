//! `logout`.

use service::ApiError;
use service::token::Caller;

use super::App;
use crate::domain::RefreshToken;
use crate::store::refresh_tokens;
use crate::store::sessions::{self, EndReason};

impl App {
    /// Ends the session of a refresh token (used or not: who has it may end it), or else that of the access token.
    /// `false` when it was over already.
    pub(crate) async fn logout(&self, refresh_token: Option<&str>, caller: &Caller) -> Result<bool, ApiError> {
        match refresh_token {
            Some(token) => self.logout_by_refresh_token(token).await,
            None => {
                let signed_in = self.signed_in(caller).await?;
                let (user_id, session_id, now) = (signed_in.user.user_id, signed_in.session_id, self.clock.now());
                self.db
                    .write(move |tx| Ok(sessions::end(tx, user_id, session_id, EndReason::Logout, now)?))
                    .await
            }
        }
    }

    async fn logout_by_refresh_token(&self, token: &str) -> Result<bool, ApiError> {
        let Some(token) = RefreshToken::parse(token) else {
            return Ok(false);
        };
        let (hash, now) = (token.hash(), self.clock.now());
        if !self.knows_refresh_token(hash).await? {
            return Ok(false);
        }
        self.db
            .write(move |tx| {
                let Some(token) = refresh_tokens::find(tx, hash)? else {
                    return Ok(false);
                };
                let session = sessions::of_refresh_token(tx, token.session_id)?;
                Ok(sessions::end(
                    tx,
                    session.user_id,
                    session.session_id,
                    EndReason::Logout,
                    now,
                )?)
            })
            .await
    }
}
