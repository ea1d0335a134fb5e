//! `setPin`.

use service::{ApiError, ErrorCode, Secret};

use super::prove::Proof;
use super::{Address, App, SignedIn, limiter};
use crate::domain::NewPin;
use crate::store::users;

/// A PIN to come, and the password of whoever sets it.
pub(crate) struct PinChange {
    password: Secret,
    new: NewPin,
    address: Address,
}

impl PinChange {
    pub(crate) fn parse(password: &str, pin: &str, address: Address) -> Result<Self, ApiError> {
        Ok(Self {
            password: Secret::new(password),
            new: NewPin::parse(pin)?,
            address,
        })
    }
}

impl App {
    /// Sets the caller's PIN, the first or another one.
    pub(crate) async fn set_pin(&self, signed_in: &SignedIn, change: &PinChange) -> Result<(), ApiError> {
        let proof = Proof::Password {
            password: &change.password,
            address: change.address,
            field: "currentPassword",
        };
        let proven = self.prove(&signed_in.user, &proof).await?;
        let turn = self.passwords.turn(&proven.place).await?;
        let pin_hash = self.passwords.hash(turn, change.new.secret()).await?;
        let (known, now) = (proven.known.clone(), self.clock.now());
        self.db
            .write(move |tx| {
                if !users::set_pin_hash(tx, &known, &pin_hash, now)? {
                    let message = "the password was changed by somebody else at the same time";
                    return Err(ApiError::new(ErrorCode::Conflict, message));
                }
                limiter::forget(tx, &known.user)
            })
            .await
    }
}
