//! `grantMerchantRole`.

use service::token::Role;
use service::{ApiError, ErrorCode};

use super::App;
use super::administer::{no_such_user, parse_user_id};
use crate::store::users::{self, UserStatus};

impl App {
    /// Makes a customer a merchant, and leaves whoever is more than a customer as they are.
    pub(crate) async fn grant_merchant_role(&self, user_id: &str) -> Result<(), ApiError> {
        let user_id = parse_user_id(user_id)?;
        let now = self.clock.now();
        let granted = self
            .db
            .write(move |tx| {
                let user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                if user.status == UserStatus::Disabled {
                    return Err(ApiError::new(ErrorCode::Conflict, "this account is disabled"));
                }
                if user.role != Role::Nasabah {
                    return Ok(false);
                }
                users::set_role(tx, user_id, Role::Merchant, now)?;
                Ok(true)
            })
            .await?;
        if granted {
            tracing::info!(user = %user_id, "a customer became a merchant");
        }
        Ok(())
    }
}
