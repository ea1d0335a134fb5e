//! The rules of identity. Nothing in here does I/O.

mod email;
mod fullname;
mod limits;
mod password;
mod pin;
mod refresh_token;
mod second_factor;
mod session;
mod time_zone;
mod username;

pub(crate) use email::Email;
pub(crate) use fullname::Fullname;
pub(crate) use limits::{AttemptKind, Attempts};
pub(crate) use password::{NewPassword, Weakness, weakness};
pub(crate) use pin::{NewPin, check_pin};
pub(crate) use refresh_token::{RefreshToken, RefreshTokenHash};
pub(crate) use second_factor::{PresentedCode, RecoveryCode, RecoveryCodeHash, TotpSecret};
pub(crate) use session::{ACCESS_TOKEN_LIFE, SERVICE_TOKEN_LIFE, SESSIONS_PER_USER_MAX, refresh_end};
pub(crate) use time_zone::parse_time_zone;
pub(crate) use username::Username;

/// An input that breaks a rule: which one, and how, in words for whoever typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct InvalidField {
    pub(crate) field: &'static str,
    pub(crate) problem: String,
}

impl InvalidField {
    fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self {
            field,
            problem: problem.into(),
        }
    }
}
