//! `setTimeZone`.

use service::ApiError;

use super::{App, SignedIn};
use crate::domain::parse_time_zone;
use crate::store::users::{self, User};

impl App {
    /// Notes where the caller's days begin. Their tokens say so from the next refresh on.
    pub(crate) async fn set_time_zone(&self, signed_in: &SignedIn, name: &str) -> Result<User, ApiError> {
        let name = parse_time_zone(name)?;
        let (user_id, now) = (signed_in.user.user_id, self.clock.now());
        let time_zone = name.clone();
        self.db
            .write(move |tx| Ok::<_, ApiError>(users::set_time_zone(tx, user_id, &time_zone, now)?))
            .await?;
        Ok(User {
            time_zone: Some(name),
            ..signed_in.user.clone()
        })
    }
}
