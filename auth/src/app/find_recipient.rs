//! `recipient`.

use service::ApiError;

use super::limiter::Subject;
use super::{App, SignedIn};
use crate::domain::AttemptKind;
use crate::store::users::{User, UserStatus};

impl App {
    /// Whom money can be sent to by e-mail or username. Each question is counted: names are told here for the asking.
    pub(crate) async fn find_recipient(&self, signed_in: &SignedIn, login: &str) -> Result<Option<User>, ApiError> {
        let subject = Subject::user(AttemptKind::RecipientOfUser, signed_in.user.user_id);
        self.charge(Some(subject)).await?;
        let user = self.user_by_login(login).await?;
        Ok(user.filter(|user| user.status == UserStatus::Active))
    }
}
