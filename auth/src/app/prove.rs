//! Proof that somebody who is signed in is the owner of the account: their password, or their PIN. Who has stolen a
//! token has neither, so wrong ones are counted.

use service::{ApiError, ErrorCode, Secret};
use tokio::sync::MutexGuard;

use super::limiter::Subject;
use super::passwords::{Place, Verdict};
use super::{Address, App};
use crate::domain::AttemptKind;
use crate::store::users::{self, Credentials, User};

/// What somebody presents.
pub(super) enum Proof<'a> {
    /// Their password, from where, and in which argument. Wrong ones count like failed logins.
    Password {
        password: &'a Secret,
        address: Address,
        field: &'static str,
    },
    /// Their PIN. Wrong ones are counted by themselves: a login must not wait for them, nor a PIN be guessed as often.
    Pin(&'a Secret),
}

/// A proof that was right.
pub(super) struct Proven<'a> {
    /// The account as it was then.
    pub(super) known: Credentials,
    /// Whether the hash was made with other parameters than today's.
    pub(super) outdated: bool,
    /// For whatever else is to be hashed.
    pub(super) place: Place,
    /// Until this is dropped nobody else tries.
    _alone: MutexGuard<'a, ()>,
}

impl Proof<'_> {
    fn subjects(&self, user: &User) -> Vec<Subject> {
        match self {
            Self::Password { address, .. } => Subject::of_login(&user.email_key, *address),
            Self::Pin(_) => vec![Subject::user(AttemptKind::PinOfUser, user.user_id)],
        }
    }

    fn secret(&self) -> &Secret {
        match self {
            Self::Password { password, .. } => password,
            Self::Pin(pin) => pin,
        }
    }

    fn hash_in<'a>(&self, known: &'a Credentials) -> Result<&'a str, ApiError> {
        match self {
            Self::Password { .. } => Ok(&known.password_hash),
            Self::Pin(_) => known.pin_hash.as_deref().ok_or_else(|| {
                ApiError::new(ErrorCode::Conflict, "no PIN is set; the password will do").with("field", "pin")
            }),
        }
    }

    fn wrong(&self) -> ApiError {
        match self {
            Self::Password { field, .. } => ApiError::bad_input("the password is wrong").with("field", *field),
            Self::Pin(_) => ApiError::bad_input("the PIN is wrong").with("field", "pin"),
        }
    }
}

impl App {
    /// Checks a proof. A wrong one is bad input, not a lack of rights: the session that it came with goes on.
    pub(super) async fn prove(&self, user: &User, proof: &Proof<'_>) -> Result<Proven<'_>, ApiError> {
        let subjects = proof.subjects(user);
        // Whoever has to wait takes no place in the queue.
        self.refuse_blocked(&subjects).await?;
        let place = self.passwords.place()?;
        let alone = self.passwords.alone_with(&user.email_key).await;
        let turn = self.passwords.turn(&place).await?;
        // Once more: others may have failed while this one waited.
        self.refuse_blocked(&subjects).await?;

        let user_id = user.user_id;
        let known = self
            .db
            .read(move |snapshot| Ok::<_, ApiError>(users::credentials(snapshot, user_id)?))
            .await?
            .ok_or_else(|| ApiError::not_found("user"))?;
        let hash = proof.hash_in(&known)?;
        match self.passwords.verify(turn, proof.secret(), Some(hash)).await? {
            Verdict::Right { outdated } => Ok(Proven {
                known,
                outdated,
                place,
                _alone: alone,
            }),
            Verdict::Wrong => {
                self.count_failure(&subjects).await?;
                Err(proof.wrong())
            }
        }
    }
}
