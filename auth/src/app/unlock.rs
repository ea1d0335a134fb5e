//! `unlockUser`.

use service::ApiError;

use super::administer::{Instruction, no_such_user, parse_user_id};
use super::{App, limiter};
use crate::store::users::{self, User};

impl App {
    /// Forgets a user's failed logins, wrong PINs and wrong codes, so that they need not wait.
    pub(crate) async fn unlock_user(&self, user_id: &str, by: Instruction) -> Result<User, ApiError> {
        let user_id = parse_user_id(user_id)?;
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                limiter::forget(tx, &user)?;
                limiter::forget_codes(tx, user_id)?;
                by.note(tx, "unlockUser", user_id, None, now)?;
                Ok(user)
            })
            .await
    }
}
