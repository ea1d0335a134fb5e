//! `beginTotp`.

use service::{ApiError, ErrorCode, Secret};

use super::prove::Proof;
use super::{Address, App, SignedIn, internal, limiter};
use crate::domain::TotpSecret;
use crate::store::second_factors::{self, SecondFactor};

/// What an authenticator app is to be told. Shown once.
pub(crate) struct TotpSetup {
    pub(crate) secret: String,
    pub(crate) uri: String,
}

impl App {
    /// Makes the secret of a second factor, which is not asked for before `confirmTotp`.
    pub(crate) async fn begin_totp(
        &self,
        signed_in: &SignedIn,
        current_password: &str,
        address: Address,
    ) -> Result<TotpSetup, ApiError> {
        let user = &signed_in.user;
        let proof = Proof::Password {
            password: &Secret::new(current_password),
            address,
            field: "currentPassword",
        };
        let proven = self.prove(user, &proof).await?;
        let secret = TotpSecret::generate();
        let sealed_secret = self.factor_key.seal(user.user_id.as_str(), secret.bytes());
        let factor = SecondFactor {
            user_id: user.user_id,
            sealed_secret: sealed_secret.map_err(|_| internal())?,
            begun_at: self.clock.now(),
            confirmed_at: None,
            last_step: 0,
        };
        let known = proven.known.clone();
        self.db
            .write(move |tx| {
                if !second_factors::begin(tx, &factor)? {
                    let message = "the account has a second factor already; `disableTotp` ends it";
                    return Err(ApiError::new(ErrorCode::Conflict, message));
                }
                limiter::forget(tx, &known.user)
            })
            .await?;
        Ok(TotpSetup {
            uri: secret.uri(&user.email).ok_or_else(internal)?,
            secret: secret.base32(),
        })
    }
}
