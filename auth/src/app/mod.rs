//! What auth does: one file per operation, and what they share.

mod access;
mod administer;
mod begin_totp;
mod change_password;
mod confirm_identity;
mod confirm_totp;
mod disable_totp;
mod facts;
mod find_recipient;
mod first_admin;
mod grant_merchant_role;
mod limiter;
mod login;
mod logout;
mod passwords;
mod prove;
mod purge;
mod refresh;
mod register;
mod reset_totp;
mod second_factor;
mod service_token;
mod sessions;
mod set_pin;
mod set_time_zone;
mod unlock;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use service::settings::Mode;
use service::token::TokenVerifier;
use service::{ApiError, Clock, ErrorCode, ServiceName, Settings};
use store::Database;

use crate::StartError;
use crate::domain::{InvalidField, RefreshToken};
use crate::keys::{FactorKey, Signer};
use crate::store::users::User;
pub(crate) use access::SignedIn;
pub(crate) use administer::{AskedUsers, Instruction, UserFilter};
pub(crate) use begin_totp::TotpSetup;
pub(crate) use change_password::PasswordChange;
pub(crate) use confirm_identity::Confirmation;
pub(crate) use disable_totp::TotpEnd;
pub(crate) use first_admin::refuse_unread_password;
pub(crate) use login::Login;
use passwords::Passwords;
pub(crate) use purge::spawn as spawn_purge;
pub(crate) use register::Registration;
pub(crate) use reset_totp::reset_by_hand;
pub(crate) use service_token::{ClientCredentials, ServiceToken};
pub(crate) use set_pin::PinChange;

/// Everything the operations work with.
pub(crate) struct App {
    db: Database,
    clock: Clock,
    mode: Mode,
    rate_limits: bool,
    data_dir: PathBuf,
    keys_dir: PathBuf,
    passwords: Passwords,
    signer: Arc<Signer>,
    factor_key: Arc<FactorKey>,
    verifier: TokenVerifier,
}

/// A user who has just logged in, registered or refreshed.
pub(crate) struct LoggedIn {
    pub(crate) user: User,
    pub(crate) access_token: String,
    pub(crate) refresh_token: RefreshToken,
}

impl App {
    /// Opens the database and loads the signing key. Blocks.
    pub(crate) fn open(settings: &Settings, verifier: TokenVerifier, clock: Clock) -> Result<Self, StartError> {
        let signer = Signer::load(&settings.keys_dir)?;
        let factor_key = FactorKey::load(&settings.keys_dir)?;
        let path = settings.data_dir.join(ServiceName::Auth.database_file());
        let db = Database::open(&crate::store::options(path))?;
        Ok(Self {
            db,
            clock,
            mode: settings.mode,
            rate_limits: settings.rate_limits,
            data_dir: settings.data_dir.clone(),
            keys_dir: settings.keys_dir.clone(),
            passwords: Passwords::new().map_err(|_| StartError::Hashing)?,
            signer: Arc::new(signer),
            factor_key: Arc::new(factor_key),
            verifier,
        })
    }

    /// Passwords hashed and checked since start.
    pub(crate) fn passwords_computed(&self) -> u64 {
        self.passwords.computed()
    }

    /// Lets what is under way finish and closes the file.
    pub(crate) async fn close(&self) {
        self.db.close().await;
    }
}

impl From<InvalidField> for ApiError {
    fn from(invalid: InvalidField) -> Self {
        Self::bad_input(invalid.problem).with("field", invalid.field)
    }
}

fn unauthenticated(message: &str) -> ApiError {
    ApiError::new(ErrorCode::Unauthenticated, message)
}

fn disabled() -> ApiError {
    ApiError::new(ErrorCode::Forbidden, "this account is disabled")
}

/// For what can only be a fault of ours; the cause is logged where it is found.
fn internal() -> ApiError {
    ApiError::new(ErrorCode::Internal, "something went wrong on our side")
}

/// Runs what takes long or reads files where it holds nobody up.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a blocking task did not end well");
        internal()
    })
}

/// Where a request came from, as sessions and limits note it.
pub(crate) type Address = Option<IpAddr>;
