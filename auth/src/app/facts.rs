//! What other services may ask about users.

use ids::UserId;
use service::ApiError;

use super::App;
use crate::domain::{Email, Username};
use crate::store::users::{self, User};

/// Ids in one question.
const IDS_MAX: usize = 500;

impl App {
    /// The users of these ids, in this order; `None` where there is none.
    pub(crate) async fn users_by_id(&self, user_ids: &[String]) -> Result<Vec<Option<User>>, ApiError> {
        if user_ids.len() > IDS_MAX {
            return Err(ApiError::bad_input(format!("at most {IDS_MAX} ids in one question")));
        }
        let user_ids: Vec<Option<UserId>> = user_ids.iter().map(|id| UserId::parse(id).ok()).collect();
        self.db
            .read(move |snapshot| {
                user_ids
                    .into_iter()
                    .map(|user_id| match user_id {
                        Some(user_id) => Ok(users::by_id(snapshot, user_id)?),
                        None => Ok(None),
                    })
                    .collect()
            })
            .await
    }

    /// The user with this e-mail or username. They cannot be mistaken: no username has an `@`.
    pub(crate) async fn user_by_login(&self, login: &str) -> Result<Option<User>, ApiError> {
        let (email_key, username_key) = (Email::fold(login), Username::fold(login));
        self.db
            .read(move |snapshot| {
                let by_email = users::by_email_key(snapshot, &email_key)?.map(|known| known.user);
                match by_email {
                    Some(user) => Ok(Some(user)),
                    None => Ok(users::by_username_key(snapshot, &username_key)?),
                }
            })
            .await
    }
}
