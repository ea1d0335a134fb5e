//! Argon2id, off the threads that answer requests, and never more of it than the machine can bear.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{self, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use service::{ApiError, Secret};
use tokio::sync::{Mutex, MutexGuard, OwnedSemaphorePermit, Semaphore};

use super::limiter::too_many;
use super::{blocking, internal};

/// OWASP's parameters for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Each takes 19 MiB and a core for some tens of milliseconds.
const RUNNING_MAX: usize = 2;
/// Who comes when so many wait would wait for seconds: better to say so at once.
const WAITING_MAX: usize = 256;
const FULL_RETRY_AFTER: Duration = Duration::from_secs(5);
/// Locks that keep the attempts on one account in single file. Accounts share them by hash.
const ACCOUNT_LOCKS: usize = 64;

pub(super) struct Passwords {
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
    accounts: Vec<Mutex<()>>,
    account_hash: RandomState,
    /// What the password of an unknown user is checked against, so that it takes as long.
    stand_in: String,
    computed: Arc<AtomicU64>,
}

/// A place in the queue.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

/// The right to compute one hash.
pub(super) struct Turn {
    permit: OwnedSemaphorePermit,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Wrong,
    Right {
        /// The hash was made with other parameters than today's.
        outdated: bool,
    },
}

impl Passwords {
    /// Blocks for one hash.
    pub(super) fn new() -> Result<Self, password_hash::Error> {
        let stand_in = hash_now(&format!("{:032x}", rand::random::<u128>()))?;
        Ok(Self {
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            accounts: (0..ACCOUNT_LOCKS).map(|_| Mutex::new(())).collect(),
            account_hash: RandomState::new(),
            stand_in,
            computed: Arc::default(),
        })
    }

    /// Hashes computed for callers since start.
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// Joins the queue, or says that it is full.
    pub(super) fn place(&self) -> Result<Place, ApiError> {
        match Arc::clone(&self.waiting).try_acquire_owned() {
            Ok(permit) => Ok(Place { _permit: permit }),
            Err(_) => Err(too_many("too many people sign in right now", FULL_RETRY_AFTER)),
        }
    }

    /// Waits until nobody else tries the same account: guesses made at once must be counted one by one.
    pub(super) async fn alone_with(&self, email_key: &str) -> MutexGuard<'_, ()> {
        let slot = self.account_hash.hash_one(email_key) % ACCOUNT_LOCKS as u64;
        // In range: it is a remainder.
        self.accounts[slot as usize].lock().await
    }

    /// Waits for a turn.
    pub(super) async fn turn(&self, _place: &Place) -> Result<Turn, ApiError> {
        match Arc::clone(&self.running).acquire_owned().await {
            Ok(permit) => Ok(Turn { permit }),
            Err(_) => Err(internal()),
        }
    }

    /// Hashes a new password to a PHC string.
    pub(super) async fn hash(&self, turn: Turn, password: &Secret) -> Result<String, ApiError> {
        let password = password.clone();
        let computed = Arc::clone(&self.computed);
        blocking(move || {
            // Held in here: a caller that goes away must not let another hash begin beside this one.
            let _turn = turn.permit;
            computed.fetch_add(1, Ordering::Relaxed);
            hash_now(password.expose())
        })
        .await?
        .map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            internal()
        })
    }

    /// Checks a password; `None` stands for an account that does not exist, and costs the same.
    pub(super) async fn verify(&self, turn: Turn, password: &Secret, hash: Option<&str>) -> Result<Verdict, ApiError> {
        let exists = hash.is_some();
        let hash = hash.unwrap_or(&self.stand_in).to_owned();
        let password = password.clone();
        let computed = Arc::clone(&self.computed);
        let verdict = blocking(move || {
            let _turn = turn.permit;
            computed.fetch_add(1, Ordering::Relaxed);
            verify_now(password.expose(), &hash)
        })
        .await?;
        Ok(if exists { verdict } else { Verdict::Wrong })
    }
}

fn argon2() -> Result<Argon2<'static>, password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| password_hash::Error::ParamsInvalid)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, password_hash::Error> {
    let hash: PasswordHash = argon2()?.hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

fn verify_now(password: &str, hash: &str) -> Verdict {
    let verified = PasswordHash::new(hash)
        .map_err(password_hash::Error::from)
        .and_then(|hash| argon2()?.verify_password(password.as_bytes(), &hash).map(|()| hash));
    match verified {
        Ok(hash) => Verdict::Right {
            outdated: is_outdated(&hash),
        },
        Err(password_hash::Error::PasswordInvalid) => Verdict::Wrong,
        Err(error) => {
            tracing::error!(%error, "a stored password hash cannot be read");
            Verdict::Wrong
        }
    }
}

fn is_outdated(hash: &PasswordHash) -> bool {
    let today = |params: Params| params.m_cost() == MEMORY_KIB && params.t_cost() == PASSES && params.p_cost() == LANES;
    hash.algorithm.as_str() != "argon2id"
        || hash.version != Some(Version::V0x13.into())
        || !Params::try_from(hash).is_ok_and(today)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_say_how_they_were_made_and_old_ones_are_told() {
        let hash = hash_now("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(verify_now("correct horse", &hash), Verdict::Right { outdated: false });
        assert_eq!(verify_now("correct hors", &hash), Verdict::Wrong);
        assert_eq!(verify_now("correct horse", "rubbish"), Verdict::Wrong);
        assert_ne!(hash, hash_now("correct horse").unwrap(), "the salt is random");

        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(8 * 1024, 1, 1, None).unwrap(),
        );
        let weak: PasswordHash = weak.hash_password(b"correct horse").unwrap();
        assert_eq!(
            verify_now("correct horse", &weak.to_string()),
            Verdict::Right { outdated: true }
        );
    }

    #[tokio::test]
    async fn the_queue_is_bounded() {
        let passwords = Passwords::new().unwrap();
        let places: Vec<_> = (0..WAITING_MAX).map(|_| passwords.place().unwrap()).collect();
        let refused = passwords.place().err().unwrap();
        assert_eq!(refused.code(), service::ErrorCode::RateLimited);
        drop(places);
        assert!(passwords.place().is_ok());
    }

    #[tokio::test]
    async fn an_unknown_account_costs_a_hash_and_never_passes() {
        let passwords = Passwords::new().unwrap();
        let place = passwords.place().unwrap();
        let turn = passwords.turn(&place).await.unwrap();
        let verdict = passwords
            .verify(turn, &Secret::new("whatever it is"), None)
            .await
            .unwrap();
        assert_eq!((verdict, passwords.computed()), (Verdict::Wrong, 1));
    }
}
