//! What admins do to accounts: `users`, `setUserRole`, `disableUser`, `enableUser`.

use ids::UserId;
use service::token::Role;
use service::{ApiError, ErrorCode};
use store::Tx;

use super::App;
use crate::store::sessions::{self, EndReason};
use crate::store::users::{self, Page, User, UserStatus};

const SEARCH_CHARACTERS_MAX: usize = 100;

/// Which users an admin wants to see: checked.
pub(crate) struct UserFilter {
    page: Page,
}

impl UserFilter {
    pub(crate) fn parse(first: Option<i32>, after: Option<&str>, query: Option<&str>) -> Result<Self, ApiError> {
        let after = after
            .map(|after| UserId::parse(after).map_err(|error| ApiError::bad_input(format!("`after`: {error}"))))
            .transpose()?;
        let containing = query.map(str::trim).filter(|query| !query.is_empty());
        if containing.is_some_and(|query| query.chars().count() > SEARCH_CHARACTERS_MAX || query.contains('\0')) {
            let message = format!("`query` has at most {SEARCH_CHARACTERS_MAX} characters");
            return Err(ApiError::bad_input(message));
        }
        Ok(Self {
            page: Page {
                first: service::page::page_size(first)?,
                after,
                containing: containing.map(str::to_owned),
            },
        })
    }
}

impl App {
    /// A page of all users, newest first.
    pub(crate) async fn users(&self, filter: UserFilter) -> Result<Vec<User>, ApiError> {
        self.db
            .read(move |snapshot| Ok(users::page(snapshot, &filter.page)?))
            .await
    }

    /// Makes somebody a customer, a merchant or an admin. Their tokens say so from the next refresh on.
    pub(crate) async fn set_user_role(&self, user_id: &str, role: &str) -> Result<User, ApiError> {
        let role = match Role::parse(role) {
            Some(role @ (Role::Nasabah | Role::Merchant | Role::Admin)) => role,
            _ => return Err(ApiError::bad_input("`role` must be Nasabah, Merchant or Admin").with("field", "role")),
        };
        let user_id = parse_user_id(user_id)?;
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let mut user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                user.role = role;
                users::set_role(tx, user_id, role, now)?;
                still_administered(tx)?;
                Ok(user)
            })
            .await
    }

    /// Keeps somebody from logging in and refreshing, and ends their sessions; or lets them in again.
    pub(crate) async fn set_user_status(&self, user_id: &str, status: UserStatus) -> Result<User, ApiError> {
        let user_id = parse_user_id(user_id)?;
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let mut user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                user.status = status;
                users::set_status(tx, user_id, status, now)?;
                if status == UserStatus::Disabled {
                    sessions::end_others(tx, user_id, None, EndReason::UserDisabled, now)?;
                    still_administered(tx)?;
                }
                Ok(user)
            })
            .await
    }
}

pub(super) fn parse_user_id(text: &str) -> Result<UserId, ApiError> {
    UserId::parse(text).map_err(|_| no_such_user())
}

pub(super) fn no_such_user() -> ApiError {
    ApiError::not_found("user")
}

/// Checked after the change and in its transaction, which the error undoes.
fn still_administered(tx: &Tx<'_>) -> Result<(), ApiError> {
    if users::count_active_admins(tx)? == 0 {
        return Err(ApiError::new(ErrorCode::Conflict, "the last admin must stay one"));
    }
    Ok(())
}
