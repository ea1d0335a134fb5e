//! `loginUser`.
//!
//! Whether an account exists must not be seen from outside: the same limits, the same work and the same answer for an
//! unknown e-mail and for a wrong password. That an account has a second factor sees only who has its password.

use std::sync::Arc;

use service::{ApiError, ErrorCode, Secret};

use super::limiter::{self, Subject};
use super::passwords::{Place, Verdict};
use super::second_factor::{Spent, spend};
use super::sessions::NewSession;
use super::{Address, App, LoggedIn, disabled, unauthenticated};
use crate::domain::{Email, PresentedCode};
use crate::store::second_factors;
use crate::store::users::{self, Credentials, User, UserStatus};

/// Somebody who wants in.
pub(crate) struct Login {
    email_key: String,
    password: Secret,
    code: Code,
    address: Address,
}

/// What was said for the second factor.
#[derive(Clone)]
enum Code {
    Missing,
    /// It cannot be one.
    Slip,
    Presented(PresentedCode),
}

/// A session that is about to be opened, and what must still be so when it is.
struct Opening {
    known: Credentials,
    new_hash: Option<String>,
}

/// What the transaction came to. Nothing is undone by it, so that a wrong code can be counted.
enum Opened {
    Session(Box<User>),
    CodeMissing,
    CodeWrong,
}

impl Login {
    pub(crate) fn new(email: &str, password: &str, address: Address) -> Self {
        Self {
            email_key: Email::fold(email),
            password: Secret::new(password),
            code: Code::Missing,
            address,
        }
    }

    pub(crate) fn with_code(self, code: Option<&str>) -> Self {
        let code = match code.map(str::trim).filter(|code| !code.is_empty()) {
            None => Code::Missing,
            Some(code) => PresentedCode::parse(code).map_or(Code::Slip, Code::Presented),
        };
        Self { code, ..self }
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
                self.open_session(Opening { known, new_hash }, login).await
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

    async fn open_session(&self, opening: Opening, login: &Login) -> Result<LoggedIn, ApiError> {
        let known = &opening.known.user;
        if known.totp_since.is_some() && !matches!(login.code, Code::Missing) {
            self.refuse_blocked_codes(known).await?;
        }
        let (key, now) = (Arc::clone(&self.factor_key), self.clock.now());
        let session = NewSession::prepare(known.user_id, login.address, now);
        let session_id = session.session.session_id;
        let refresh_token = session.refresh_token.clone();
        let (code, user_before) = (login.code.clone(), known.clone());
        let opened = self
            .db
            .write(move |tx| {
                // The password or the account may have changed since it was checked.
                let current = users::credentials(tx, opening.known.user.user_id)?
                    .filter(|current| current.password_hash == opening.known.password_hash)
                    .ok_or_else(|| unauthenticated("e-mail or password is wrong"))?;
                if current.user.status == UserStatus::Disabled {
                    return Err(disabled());
                }
                let factor = second_factors::find(tx, current.user.user_id)?;
                if let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) {
                    let spent = match &code {
                        Code::Missing => return Ok(Opened::CodeMissing),
                        Code::Slip => Spent::Wrong,
                        Code::Presented(code) => spend(tx, &key, &factor, code, now)?,
                    };
                    if spent == Spent::Wrong {
                        return Ok(Opened::CodeWrong);
                    }
                    limiter::forget_codes(tx, factor.user_id)?;
                }
                if let Some(new_hash) = &opening.new_hash {
                    users::replace_password_hash(tx, &current, new_hash, now)?;
                }
                limiter::forget(tx, &current.user)?;
                session.store(tx)?;
                Ok(Opened::Session(Box::new(current.user)))
            })
            .await?;
        let user = self.session_or_code(opened, &user_before, login).await?;
        Ok(LoggedIn {
            access_token: self.access_token(&user, session_id).await?,
            refresh_token,
            user,
        })
    }

    async fn session_or_code(&self, opened: Opened, user: &User, login: &Login) -> Result<User, ApiError> {
        match opened {
            Opened::Session(user) => Ok(*user),
            Opened::CodeMissing => {
                let message = "the code of the authenticator app is needed as well";
                Err(ApiError::new(ErrorCode::TotpRequired, message).with("field", "totpCode"))
            }
            Opened::CodeWrong => {
                if matches!(login.code, Code::Presented(_)) {
                    self.count_wrong_code(user).await?;
                }
                let message = "the code is wrong, has run out or was used already";
                Err(unauthenticated(message).with("field", "totpCode"))
            }
        }
    }
}
