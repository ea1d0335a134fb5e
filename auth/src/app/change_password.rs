//! `changePassword`.

use service::token::Role;
use service::{ApiError, ErrorCode, Secret};

use super::prove::Proof;
use super::{Address, App, SignedIn, blocking, first_admin, limiter};
use crate::domain::NewPassword;
use crate::store::sessions::{self, EndReason};
use crate::store::users;

/// An old password and the one to come.
pub(crate) struct PasswordChange {
    current: Secret,
    new: NewPassword,
    address: Address,
}

impl PasswordChange {
    pub(crate) fn parse(current: &str, new: &str, address: Address) -> Result<Self, ApiError> {
        let new = NewPassword::parse("newPassword", new)?;
        if new.expose() == current {
            let message = "the new password must differ from the current one";
            return Err(ApiError::bad_input(message).with("field", "newPassword"));
        }
        Ok(Self {
            current: Secret::new(current),
            new,
            address,
        })
    }
}

impl App {
    /// Changes the caller's password and ends their other sessions. Their PIN stays.
    pub(crate) async fn change_password(&self, signed_in: &SignedIn, change: &PasswordChange) -> Result<(), ApiError> {
        let user = &signed_in.user;
        self.check_strength(&change.new, &user.username_key, &user.email_key, "newPassword")?;
        let proof = Proof::Password {
            password: &change.current,
            address: change.address,
            field: "currentPassword",
        };
        let proven = self.prove(user, &proof).await?;
        let turn = self.passwords.turn(&proven.place).await?;
        let new_hash = self.passwords.hash(turn, change.new.secret()).await?;
        let (known, user_id) = (proven.known.clone(), user.user_id);
        let (session_id, now) = (signed_in.session_id, self.clock.now());
        self.db
            .write(move |tx| {
                if !users::replace_password_hash(tx, &known, &new_hash, now)? {
                    let message = "the password was changed by somebody else at the same time";
                    return Err(ApiError::new(ErrorCode::Conflict, message));
                }
                sessions::end_others(tx, user_id, Some(session_id), EndReason::PasswordChanged, now)?;
                limiter::forget(tx, &known.user)
            })
            .await?;
        if user.role == Role::Admin {
            self.remove_read_password(change.current.clone()).await;
        }
        Ok(())
    }

    /// The generated password that was just replaced need not lie around any longer.
    async fn remove_read_password(&self, replaced: Secret) {
        let data_dir = self.data_dir.clone();
        let removed = blocking(move || first_admin::remove_password_file(&data_dir, &replaced)).await;
        if let Ok(Err(error)) = removed {
            tracing::warn!(%error, "the file with the admin's first password could not be removed");
        }
    }
}
