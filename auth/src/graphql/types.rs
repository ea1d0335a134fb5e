//! What the APIs answer with.

use async_graphql::{Enum, SimpleObject};
use ids::SessionId;
use service::DateTime;

use crate::app::{LoggedIn, ServiceToken};
use crate::domain::ACCESS_TOKEN_LIFE;
use crate::store::sessions;
use crate::store::users::{self, UserStatus};

/// Whether somebody may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum AccountStatus {
    /// They may.
    Active,
    /// An admin has locked them out.
    Disabled,
}

/// Somebody with an account.
#[derive(SimpleObject)]
pub(crate) struct User {
    /// Their id, such as `usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH`.
    #[graphql(name = "user_id")]
    user_id: String,
    /// The unique name they chose.
    username: String,
    /// The name of the person.
    fullname: String,
    /// The unique address they log in with.
    email: String,
    /// `Nasabah` (customer), `Merchant` (a customer who runs a merchant), `Support` (staff who may look at everything),
    /// `FraudAnalyst` (staff who keep the fraud rules and decide reviews) or `Admin`.
    role: String,
    /// Whether they may log in.
    status: AccountStatus,
    /// Whether they have set a PIN, which `confirmIdentity` then takes instead of the password.
    has_pin: bool,
    /// Whether `loginUser` asks them for a code of their authenticator app.
    totp_enabled: bool,
    /// Where their days begin: an IANA name such as `Asia/Jakarta`, once they have chosen one.
    time_zone: Option<String>,
    /// When they registered.
    created_at: DateTime,
}

/// What an authenticator app must be told. Shown once.
#[derive(SimpleObject)]
pub(crate) struct TotpSetup {
    /// The secret in base32, to be typed in by hand.
    secret: String,
    /// The same as an `otpauth://` address, to be shown as a QR code.
    uri: String,
}

/// Somebody to send money to.
#[derive(SimpleObject)]
pub(crate) struct Recipient {
    /// Their id.
    user_id: String,
    /// The unique name they chose.
    username: String,
    /// The name of the person, to be shown before anything is sent.
    fullname: String,
}

/// A login: an access token for the next minutes, and a refresh token for the next after that.
#[derive(SimpleObject)]
pub(crate) struct Session {
    /// A JWT (RS256), to be sent as `Authorization: Bearer …`.
    #[graphql(name = "access_token")]
    access_token: String,
    /// Always `Bearer`.
    #[graphql(name = "token_type")]
    token_type: String,
    /// How long the access token is valid, in seconds.
    #[graphql(name = "expires_in")]
    expires_in: i32,
    /// For `refreshSession`. Good once: its second use ends the session.
    #[graphql(name = "refresh_token")]
    refresh_token: String,
    /// Who logged in.
    user: User,
}

/// A login that goes on somewhere.
#[derive(SimpleObject)]
pub(crate) struct ActiveSession {
    /// Its id, for `endSession`.
    session_id: String,
    /// When they logged in.
    created_at: DateTime,
    /// When it was last refreshed.
    last_used_at: DateTime,
    /// When it ends unless it is refreshed before.
    expires_at: DateTime,
    /// The network address of the login, if known.
    address: Option<String>,
    /// Whether it is the session of this very request.
    current: bool,
}

/// What our services may know of a user.
#[derive(SimpleObject)]
pub(crate) struct UserFacts {
    /// Their id.
    user_id: String,
    /// The unique name they chose.
    username: String,
    /// The name of the person.
    fullname: String,
    /// When they registered.
    created_at: DateTime,
    /// Whether they may log in.
    status: AccountStatus,
}

/// A token by which one of our services proves to the others that it is one.
#[derive(SimpleObject)]
#[graphql(name = "ServiceToken")]
pub(crate) struct IssuedServiceToken {
    /// A JWT (RS256) of role Service.
    token: String,
    /// How long it is valid, in seconds.
    expires_in: i32,
}

impl ActiveSession {
    pub(super) fn new(session: sessions::Session, current: SessionId) -> Self {
        Self {
            current: session.session_id == current,
            session_id: session.session_id.to_string(),
            created_at: session.created_at.into(),
            last_used_at: session.last_used_at.into(),
            expires_at: session.expires_at.into(),
            address: session.address,
        }
    }
}

impl From<crate::app::TotpSetup> for TotpSetup {
    fn from(setup: crate::app::TotpSetup) -> Self {
        Self {
            secret: setup.secret,
            uri: setup.uri,
        }
    }
}

impl From<UserStatus> for AccountStatus {
    fn from(status: UserStatus) -> Self {
        match status {
            UserStatus::Active => Self::Active,
            UserStatus::Disabled => Self::Disabled,
        }
    }
}

impl From<users::User> for User {
    fn from(user: users::User) -> Self {
        Self {
            user_id: user.user_id.to_string(),
            username: user.username,
            fullname: user.fullname,
            email: user.email,
            role: user.role.as_str().to_owned(),
            status: user.status.into(),
            has_pin: user.has_pin,
            totp_enabled: user.totp_since.is_some(),
            time_zone: user.time_zone,
            created_at: user.created_at.into(),
        }
    }
}

impl From<users::User> for Recipient {
    fn from(user: users::User) -> Self {
        Self {
            user_id: user.user_id.to_string(),
            username: user.username,
            fullname: user.fullname,
        }
    }
}

impl From<users::User> for UserFacts {
    fn from(user: users::User) -> Self {
        Self {
            user_id: user.user_id.to_string(),
            username: user.username,
            fullname: user.fullname,
            created_at: user.created_at.into(),
            status: user.status.into(),
        }
    }
}

impl From<LoggedIn> for Session {
    fn from(logged_in: LoggedIn) -> Self {
        Self {
            access_token: logged_in.access_token,
            token_type: "Bearer".to_owned(),
            expires_in: seconds(ACCESS_TOKEN_LIFE.as_secs()),
            refresh_token: logged_in.refresh_token.expose().to_owned(),
            user: logged_in.user.into(),
        }
    }
}

impl From<ServiceToken> for IssuedServiceToken {
    fn from(issued: ServiceToken) -> Self {
        Self {
            token: issued.token,
            expires_in: seconds(issued.expires_in_seconds),
        }
    }
}

/// GraphQL's Int has 32 bits; a life that needs more is not ours.
fn seconds(seconds: u64) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
