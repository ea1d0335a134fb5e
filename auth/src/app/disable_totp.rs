//! `disableTotp`.

use std::sync::Arc;

use service::{ApiError, Secret};

use super::prove::Proof;
use super::second_factor::{Spent, no_second_factor, parse_code, spend, wrong_code};
use super::{Address, App, SignedIn, limiter};
use crate::domain::PresentedCode;
use crate::store::{recovery_codes, second_factors};

/// The password and a code of who does without the second factor from now on.
pub(crate) struct TotpEnd {
    password: Secret,
    code: PresentedCode,
    address: Address,
}

impl TotpEnd {
    pub(crate) fn parse(password: &str, code: &str, address: Address) -> Result<Self, ApiError> {
        Ok(Self {
            password: Secret::new(password),
            code: parse_code(code)?,
            address,
        })
    }
}

impl App {
    /// Ends the caller's second factor and their recovery codes.
    pub(crate) async fn disable_totp(&self, signed_in: &SignedIn, end: &TotpEnd) -> Result<(), ApiError> {
        let user = signed_in.user.clone();
        self.refuse_blocked_codes(&user).await?;
        let proof = Proof::Password {
            password: &end.password,
            address: end.address,
            field: "currentPassword",
        };
        let _proven = self.prove(&user, &proof).await?;
        // Once more: others may have failed while this one waited.
        self.refuse_blocked_codes(&user).await?;
        let (key, now) = (Arc::clone(&self.factor_key), self.clock.now());
        let (owner, code) = (user.clone(), end.code.clone());
        let spent = self
            .db
            .write(move |tx| {
                let factor = second_factors::find(tx, owner.user_id)?
                    .filter(|factor| factor.confirmed_at.is_some())
                    .ok_or_else(no_second_factor)?;
                if spend(tx, &key, &factor, &code, now)? == Spent::Wrong {
                    return Ok(Spent::Wrong);
                }
                second_factors::delete(tx, owner.user_id)?;
                recovery_codes::delete_all(tx, owner.user_id)?;
                limiter::forget(tx, &owner)?;
                limiter::forget_codes(tx, owner.user_id)?;
                Ok::<_, ApiError>(Spent::Right)
            })
            .await?;
        match spent {
            Spent::Right => Ok(()),
            Spent::Wrong => {
                self.count_wrong_code(&user).await?;
                Err(wrong_code())
            }
        }
    }
}
