//! Attempts that are counted, in the database, so that a restart forgives nobody.

use std::net::IpAddr;
use std::time::Duration;

use ids::UserId;
use service::outbound::network_of;
use service::{ApiError, ErrorCode, Timestamp};
use sha2::{Digest as _, Sha256};
use store::Tx;

use super::{Address, App};
use crate::domain::{AttemptKind, Attempts};
use crate::store::attempts;
use crate::store::users::User;

/// What attempts are counted for.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    kind: AttemptKind,
    name: String,
}

impl Subject {
    /// An account by its e-mail's key, whether it exists or not. Only a hash is kept: what somebody types into a login
    /// form may be anything, also their password.
    pub(super) fn account(email_key: &str) -> Self {
        let digest = Sha256::digest(email_key.as_bytes());
        Self {
            kind: AttemptKind::LoginOfAccount,
            name: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    /// An address; nothing when it is not known, which is a call inside the process.
    pub(super) fn address(kind: AttemptKind, address: Address) -> Option<Self> {
        address.map(|address| Self {
            kind,
            name: address_name(address),
        })
    }

    /// A user who is signed in.
    pub(super) fn user(kind: AttemptKind, user_id: UserId) -> Self {
        Self {
            kind,
            name: user_id.to_string(),
        }
    }

    /// The account and the address of one login.
    pub(super) fn of_login(email_key: &str, address: Address) -> Vec<Self> {
        std::iter::once(Self::account(email_key))
            .chain(Self::address(AttemptKind::LoginFromAddress, address))
            .collect()
    }
}

impl App {
    /// Fails with RATE_LIMITED when one of the subjects has to wait.
    pub(super) async fn refuse_blocked(&self, subjects: &[Subject]) -> Result<(), ApiError> {
        if !self.rate_limits || subjects.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let subjects = subjects.to_vec();
        self.db
            .read(move |snapshot| {
                for subject in &subjects {
                    refuse(attempts::find(snapshot, subject.kind, &subject.name)?.as_ref(), now)?;
                }
                Ok(())
            })
            .await
    }

    /// Notes a failure of each subject.
    pub(super) async fn count_failure(&self, subjects: &[Subject]) -> Result<(), ApiError> {
        if !self.rate_limits || subjects.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let subjects = subjects.to_vec();
        self.db
            .write(move |tx| subjects.iter().try_for_each(|subject| count(tx, subject, now)))
            .await
    }

    /// Counts an attempt before it is made, and fails with RATE_LIMITED when it is one too many.
    pub(super) async fn charge(&self, subject: Option<Subject>) -> Result<(), ApiError> {
        let Some(subject) = subject.filter(|_| self.rate_limits) else {
            return Ok(());
        };
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                refuse(attempts::find(tx, subject.kind, &subject.name)?.as_ref(), now)?;
                count(tx, &subject, now)
            })
            .await
    }
}

/// Forgets the failures of an account, wrong PINs included, in the transaction of what proved its owner: the password.
pub(super) fn forget(tx: &mut Tx<'_>, user: &User) -> Result<(), ApiError> {
    let subject = Subject::account(&user.email_key);
    attempts::delete(tx, subject.kind, &subject.name)?;
    forget_of_user(tx, AttemptKind::PinOfUser, user.user_id)
}

/// Forgets what was counted for a user under one kind.
pub(super) fn forget_of_user(tx: &mut Tx<'_>, kind: AttemptKind, user_id: UserId) -> Result<(), ApiError> {
    let subject = Subject::user(kind, user_id);
    Ok(attempts::delete(tx, subject.kind, &subject.name)?)
}

/// Forgets wrong codes of a user's second factor. A password alone is no reason to: who guesses codes has it.
pub(super) fn forget_codes(tx: &mut Tx<'_>, user_id: UserId) -> Result<(), store::StoreError> {
    let subject = Subject::user(AttemptKind::TotpOfUser, user_id);
    attempts::delete(tx, subject.kind, &subject.name)
}

/// The answer to whoever has to wait.
pub(super) fn too_many(message: &str, wait: Duration) -> ApiError {
    let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
    ApiError::new(
        ErrorCode::RateLimited,
        format!("{message}; try again in {seconds} seconds"),
    )
    .with("retryAfterSeconds", seconds)
}

fn refuse(attempts: Option<&Attempts>, now: Timestamp) -> Result<(), ApiError> {
    match attempts.and_then(|attempts| attempts.retry_after(now)) {
        Some(wait) => Err(too_many("too many attempts", wait)),
        None => Ok(()),
    }
}

fn count(tx: &mut Tx<'_>, subject: &Subject, now: Timestamp) -> Result<(), ApiError> {
    let before = attempts::find(tx, subject.kind, &subject.name)?;
    let after = Attempts::after_failure(before, subject.kind, now);
    Ok(attempts::save(tx, subject.kind, &subject.name, &after)?)
}

/// Somebody with an IPv6 connection has a whole /64 to call from.
fn address_name(address: IpAddr) -> String {
    match network_of(address) {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(network) => format!("{network}/64"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_network() {
        #[track_caller]
        fn check(address: &str, expect: &str) {
            assert_eq!(address_name(address.parse().unwrap()), expect);
        }
        check("203.0.113.7", "203.0.113.7");
        check("::ffff:203.0.113.7", "203.0.113.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let error = too_many("x", Duration::from_millis(1_001));
        assert_eq!(error.to_string(), "x; try again in 2 seconds");
        let error = too_many("x", Duration::ZERO);
        assert_eq!(error.to_string(), "x; try again in 1 seconds");
    }
}
