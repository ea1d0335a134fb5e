//! `loginUser`.
//!
//! Whether an account exists must not be seen from outside: the same limits, the same work and the same answer for an
//! unknown e-mail and for a wrong password.

use service::{ApiError, Secret};

use super::limiter::{self, Subject};
use super::passwords::{Place, Verdict};
use super::sessions::NewSession;
use super::{Address, App, LoggedIn, disabled, unauthenticated};
use crate::domain::Email;
use crate::store::users::{self, Credentials, User, UserStatus};

/// Somebody who wants in.
pub(crate) struct Login {
    email_key: String,
    password: Secret,
    address: Address,
}

impl Login {
    pub(crate) fn new(email: &str, password: &str, address: Address) -> Self {
        Self {
            email_key: Email::fold(email),
            password: Secret::new(password),
            address,
        }
    }
}

impl App {
    /// Checks e-mail and password and opens a session.
    pub(crate) async fn login(&self, login: &Login) -> Result<LoggedIn, ApiError> {
        let subjects = Subject::of_login(&login.email_key, login.address);
        // Whoever has to wait takes no place in the queue.
        self.refuse_blocked(&subjects).await?;
        let place = self.passwords.place()?;
        let _alone = self.passwords.alone_with(&login.email_key).await;
        let turn = self.passwords.turn(&place).await?;
        // Once more: others may have failed while this one waited.
        self.refuse_blocked(&subjects).await?;

        let email_key = login.email_key.clone();
        let known: Option<Credentials> = self
            .db
            .read(move |snapshot| Ok::<_, ApiError>(users::by_email_key(snapshot, &email_key)?))
            .await?;
        let hash = known.as_ref().map(|known| known.password_hash.as_str());
        match (self.passwords.verify(turn, &login.password, hash).await?, known) {
            (Verdict::Right { outdated }, Some(known)) => {
                let new_hash = self.upgraded_hash(outdated, &place, &login.password).await?;
                self.open_session(known, new_hash, login.address).await
            }
            _ => {
                self.count_failure(&subjects).await?;
                Err(unauthenticated("e-mail or password is wrong"))
            }
        }
    }

    /// A password's text is at hand only now, so this is when its hash can be brought up to date.
    pub(super) async fn upgraded_hash(
        &self,
        outdated: bool,
        place: &Place,
        password: &Secret,
    ) -> Result<Option<String>, ApiError> {
        if !outdated {
            return Ok(None);
        }
        let turn = self.passwords.turn(place).await?;
        self.passwords.hash(turn, password).await.map(Some)
    }

    async fn open_session(
        &self,
        known: Credentials,
        new_hash: Option<String>,
        address: Address,
    ) -> Result<LoggedIn, ApiError> {
        let now = self.clock.now();
        let session = NewSession::prepare(known.user.user_id, address, now);
        let session_id = session.session.session_id;
        let refresh_token = session.refresh_token.clone();
        let user: User = self
            .db
            .write(move |tx| {
                // The password or the account may have changed since it was checked.
                let current = users::credentials(tx, known.user.user_id)?
                    .filter(|current| current.password_hash == known.password_hash)
                    .ok_or_else(|| unauthenticated("e-mail or password is wrong"))?;
                if current.user.status == UserStatus::Disabled {
                    return Err(disabled());
                }
                if let Some(new_hash) = &new_hash {
                    users::replace_password_hash(tx, &current, new_hash, now)?;
                }
                limiter::forget(tx, &current.user)?;
                session.store(tx)?;
                Ok(current.user)
            })
            .await?;
        Ok(LoggedIn {
            access_token: self.access_token(&user, session_id).await?,
            refresh_token,
            user,
        })
    }
}
