//! `unlockUser`.

use service::ApiError;

use super::administer::{no_such_user, parse_user_id};
use super::{App, limiter};
use crate::store::users::{self, User};

impl App {
    /// Forgets a user's failed logins and wrong PINs, so that they need not wait.
    pub(crate) async fn unlock_user(&self, user_id: &str) -> Result<User, ApiError> {
        let user_id = parse_user_id(user_id)?;
        self.db
            .write(move |tx| {
                let user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                limiter::forget(tx, &user)?;
                Ok(user)
            })
            .await
    }
}
