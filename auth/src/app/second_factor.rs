//! The second factor's codes, wherever one is asked for. A code is checked and used up in one transaction: of two who
//! present the same at once, one gets in.

use service::{ApiError, ErrorCode, Timestamp};
use store::Tx;

use super::limiter::Subject;
use super::{App, internal};
use crate::domain::{AttemptKind, PresentedCode, TotpSecret};
use crate::keys::FactorKey;
use crate::store::recovery_codes;
use crate::store::second_factors::{self, SecondFactor};
use crate::store::users::User;

/// What came of a code. All of these commit, so that a wrong one can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    /// It was right, and is used up.
    Right,
    Wrong,
}

impl App {
    /// Fails with RATE_LIMITED while codes of this user have to wait, right ones as well.
    pub(super) async fn refuse_blocked_codes(&self, user: &User) -> Result<(), ApiError> {
        self.refuse_blocked(&[subject(user)]).await
    }

    /// Notes a wrong code.
    pub(super) async fn count_wrong_code(&self, user: &User) -> Result<(), ApiError> {
        self.count_failure(&[subject(user)]).await
    }
}

/// Checks a code and uses it up.
pub(super) fn spend(
    tx: &mut Tx<'_>,
    key: &FactorKey,
    factor: &SecondFactor,
    code: &PresentedCode,
    now: Timestamp,
) -> Result<Spent, ApiError> {
    let right = match code {
        PresentedCode::Totp(digits) => {
            let step = open(key, factor)?.step_of(digits.expose(), now, factor.last_step);
            match step {
                Some(step) => second_factors::use_step(tx, factor, step)?,
                None => false,
            }
        }
        PresentedCode::Recovery(hash) => recovery_codes::take(tx, factor.user_id, *hash)?,
    };
    Ok(if right { Spent::Right } else { Spent::Wrong })
}

/// A code where one is an argument like others; what cannot be one is no guess.
pub(super) fn parse_code(code: &str) -> Result<PresentedCode, ApiError> {
    PresentedCode::parse(code).ok_or_else(wrong_code)
}

pub(super) fn wrong_code() -> ApiError {
    ApiError::bad_input("the code is wrong, has run out or was used already").with("field", "code")
}

pub(super) fn no_second_factor() -> ApiError {
    ApiError::new(ErrorCode::Conflict, "the account has no second factor")
}

fn open(key: &FactorKey, factor: &SecondFactor) -> Result<TotpSecret, ApiError> {
    let bytes = key.open(factor.user_id.as_str(), &factor.sealed_secret);
    match bytes.map(TotpSecret::from_bytes) {
        Ok(Some(secret)) => Ok(secret),
        _ => {
            tracing::error!(user = %factor.user_id, "a second factor does not open with the key of the keys folder");
            Err(internal())
        }
    }
}

fn subject(user: &User) -> Subject {
    Subject::user(AttemptKind::TotpOfUser, user.user_id)
}
