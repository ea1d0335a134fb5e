//! `confirmIdentity`: once more before something weighty, by somebody who has been signed in for a while.

use service::{ApiError, Secret};

use super::prove::Proof;
use super::{Address, App, SignedIn, limiter};
use crate::domain::{AttemptKind, check_pin};
use crate::store::users;

/// What somebody confirms with.
pub(crate) enum Confirmation {
    Password(Secret, Address),
    Pin(Secret),
}

impl Confirmation {
    pub(crate) fn parse(password: Option<&str>, pin: Option<&str>, address: Address) -> Result<Self, ApiError> {
        match (password, pin) {
            (Some(password), None) => Ok(Self::Password(Secret::new(password), address)),
            // What cannot be a PIN is a slip of the finger and no guess: it is not counted.
            (None, Some(pin)) => Ok(Self::Pin(check_pin(pin).map(|()| Secret::new(pin))?)),
            _ => Err(ApiError::bad_input("either `password` or `pin` is expected")),
        }
    }
}

impl App {
    /// Fails unless the password (or the PIN) is the caller's.
    pub(crate) async fn confirm_identity(
        &self,
        signed_in: &SignedIn,
        confirmation: &Confirmation,
    ) -> Result<(), ApiError> {
        match confirmation {
            Confirmation::Password(password, address) => self.confirm_by_password(signed_in, password, *address).await,
            Confirmation::Pin(pin) => self.confirm_by_pin(signed_in, pin).await,
        }
    }

    async fn confirm_by_password(
        &self,
        signed_in: &SignedIn,
        password: &Secret,
        address: Address,
    ) -> Result<(), ApiError> {
        let field = "password";
        let proof = Proof::Password {
            password,
            address,
            field,
        };
        let proven = self.prove(&signed_in.user, &proof).await?;
        let user = proven.known.user.clone();
        self.db.write(move |tx| limiter::forget(tx, &user)).await
    }

    async fn confirm_by_pin(&self, signed_in: &SignedIn, pin: &Secret) -> Result<(), ApiError> {
        let proven = self.prove(&signed_in.user, &Proof::Pin(pin)).await?;
        // A PIN's text is at hand only here, so this is where its hash is brought up to date.
        let new_hash = self.upgraded_hash(proven.outdated, &proven.place, pin).await?;
        let (known, now) = (proven.known.clone(), self.clock.now());
        self.db
            .write(move |tx| {
                if let Some(new_hash) = &new_hash {
                    users::set_pin_hash(tx, &known, new_hash, now)?;
                }
                limiter::forget_of_user(tx, AttemptKind::PinOfUser, known.user.user_id)
            })
            .await
    }
}
