//! `registerUser` and `register`.

use ids::UserId;
use service::token::Role;
use service::{ApiError, ErrorCode};

use super::limiter::Subject;
use super::sessions::NewSession;
use super::{Address, App, LoggedIn};
use crate::domain::{AttemptKind, Email, Fullname, NewPassword, Username, Weakness, weakness};
use crate::store::users::{self, Credentials, Taken, User, UserStatus};

/// Who wants to open an account: checked.
pub(crate) struct Registration {
    username: Username,
    fullname: Fullname,
    email: Email,
    password: NewPassword,
}

impl Registration {
    pub(crate) fn parse(username: &str, fullname: &str, email: &str, password: &str) -> Result<Self, ApiError> {
        Ok(Self {
            username: Username::parse(username)?,
            fullname: Fullname::parse(fullname)?,
            email: Email::parse(email)?,
            password: NewPassword::parse("password", password)?,
        })
    }

    fn into_credentials(self, role: Role, password_hash: String, now: service::Timestamp) -> Credentials {
        Credentials {
            user: User {
                user_id: UserId::generate(),
                username: self.username.shown().to_owned(),
                username_key: self.username.key().to_owned(),
                fullname: self.fullname.as_str().to_owned(),
                email: self.email.shown().to_owned(),
                email_key: self.email.key().to_owned(),
                role,
                status: UserStatus::Active,
                has_pin: false,
                totp_since: None,
                time_zone: None,
                created_at: now,
            },
            password_hash,
            pin_hash: None,
        }
    }
}

impl App {
    /// Opens an account.
    pub(crate) async fn register(&self, registration: Registration, address: Address) -> Result<UserId, ApiError> {
        let new = self.prepare_customer(registration, address).await?;
        let user_id = new.user.user_id;
        self.db.write(move |tx| users::insert(tx, &new)?.map_err(taken)).await?;
        Ok(user_id)
    }

    /// Opens an account and logs in, in one commit.
    pub(crate) async fn register_and_login(
        &self,
        registration: Registration,
        address: Address,
    ) -> Result<LoggedIn, ApiError> {
        let new = self.prepare_customer(registration, address).await?;
        let user = new.user.clone();
        let session = NewSession::prepare(user.user_id, address, self.clock.now());
        let session_id = session.session.session_id;
        let refresh_token = session.refresh_token.clone();
        self.db
            .write(move |tx| {
                users::insert(tx, &new)?.map_err(taken)?;
                session.store(tx)
            })
            .await?;
        Ok(LoggedIn {
            access_token: self.access_token(&user, session_id).await?,
            refresh_token,
            user,
        })
    }

    async fn prepare_customer(&self, registration: Registration, address: Address) -> Result<Credentials, ApiError> {
        self.check_registration_strength(&registration)?;
        self.charge(Subject::address(AttemptKind::RegistrationFromAddress, address))
            .await?;
        self.prepare_user(registration, Role::Nasabah).await
    }

    /// Hashes the password, before any transaction is open.
    pub(super) async fn prepare_user(&self, registration: Registration, role: Role) -> Result<Credentials, ApiError> {
        let place = self.passwords.place()?;
        let turn = self.passwords.turn(&place).await?;
        let hash = self.passwords.hash(turn, registration.password.secret()).await?;
        Ok(registration.into_credentials(role, hash, self.clock.now()))
    }

    pub(super) fn check_registration_strength(&self, registration: &Registration) -> Result<(), ApiError> {
        let (username, email) = (&registration.username, &registration.email);
        self.check_strength(&registration.password, username.key(), email.key(), "password")
    }

    /// Refuses a password that would be guessed at once. A sandbox lets the common ones pass: no money hangs on them,
    /// and examples use them.
    pub(super) fn check_strength(
        &self,
        password: &NewPassword,
        username_key: &str,
        email_key: &str,
        field: &'static str,
    ) -> Result<(), ApiError> {
        let problem = match weakness(password, username_key, email_key) {
            None => return Ok(()),
            Some(Weakness::IsTheAccount) => "the password must not be the username or the e-mail address",
            Some(Weakness::Common) if self.mode.is_sandbox() => {
                tracing::warn!("a password was chosen that is among the most common; live mode refuses such");
                return Ok(());
            }
            Some(Weakness::Common) => "this password is among the most common; choose another",
        };
        Err(ApiError::bad_input(problem).with("field", field))
    }
}

pub(super) fn taken(taken: Taken) -> ApiError {
    let (message, field) = match taken {
        Taken::Username => ("this username is taken", "username"),
        Taken::Email => ("this e-mail address is taken", "email"),
    };
    ApiError::new(ErrorCode::Conflict, message).with("field", field)
}
