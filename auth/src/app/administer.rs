//! What staff see of accounts and what admins do to them: `users`, `user`, `authActions`, `setUserRole`, `disableUser`,
//! `enableUser`.

use actions::{AdminAction, NewAction};
use ids::UserId;
use service::token::Role;
use service::{ApiError, ErrorCode, Timestamp};
use store::{StoreError, Tx};

use super::{App, SignedIn};
use crate::store::sessions::{self, EndReason};
use crate::store::users::{self, Page, User, UserStatus};

const SEARCH_CHARACTERS_MAX: usize = 100;
const OBJECT_BYTES_MAX: usize = 100;

/// Which users somebody wants to see, as they said it.
#[derive(Default)]
pub(crate) struct AskedUsers<'a> {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<&'a str>,
    pub(crate) query: Option<&'a str>,
    pub(crate) role: Option<&'a str>,
    pub(crate) is_disabled: Option<bool>,
}

/// Which users somebody wants to see: checked.
pub(crate) struct UserFilter {
    page: Page,
}

/// Who does something to an account, and why.
#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    actor: UserId,
    reason: Option<String>,
}

impl UserFilter {
    pub(crate) fn parse(asked: &AskedUsers<'_>) -> Result<Self, ApiError> {
        let after = asked
            .after
            .map(|after| UserId::parse(after).map_err(|error| ApiError::bad_input(format!("`after`: {error}"))))
            .transpose()?;
        let containing = asked.query.map(str::trim).filter(|query| !query.is_empty());
        if containing.is_some_and(|query| query.chars().count() > SEARCH_CHARACTERS_MAX || query.contains('\0')) {
            let message = format!("`query` has at most {SEARCH_CHARACTERS_MAX} characters");
            return Err(ApiError::bad_input(message));
        }
        let status = |disabled| match disabled {
            true => UserStatus::Disabled,
            false => UserStatus::Active,
        };
        Ok(Self {
            page: Page {
                first: service::page::page_size(asked.first)?,
                after,
                containing: containing.map(str::to_owned),
                role: asked.role.map(parse_role).transpose()?,
                status: asked.is_disabled.map(status),
            },
        })
    }
}

impl Instruction {
    pub(crate) fn parse(admin: &SignedIn, reason: Option<String>) -> Result<Self, ApiError> {
        Ok(Self {
            actor: admin.user.user_id,
            reason: actions::reason(reason)?,
        })
    }

    pub(crate) fn with_reason(admin: &SignedIn, reason: String) -> Result<Self, ApiError> {
        Ok(Self {
            actor: admin.user.user_id,
            reason: Some(actions::required_reason(reason)?),
        })
    }

    pub(super) fn actor(&self) -> UserId {
        self.actor
    }

    /// Notes it, in the transaction that does it.
    pub(super) fn note(
        &self,
        tx: &mut Tx<'_>,
        action: &str,
        user_id: UserId,
        detail: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let action = NewAction {
            actor: self.actor.as_str(),
            action,
            object: user_id.as_str(),
            reason: self.reason.as_deref(),
            detail,
        };
        actions::record(tx, &action, now).map(|_| ())
    }
}

impl App {
    /// A page of all users, newest first.
    pub(crate) async fn users(&self, filter: UserFilter) -> Result<Vec<User>, ApiError> {
        self.db
            .read(move |snapshot| Ok(users::page(snapshot, &filter.page)?))
            .await
    }

    /// One user.
    pub(crate) async fn user(&self, user_id: &str) -> Result<User, ApiError> {
        let user_id = parse_user_id(user_id)?;
        self.db
            .read(move |snapshot| users::by_id(snapshot, user_id)?.ok_or_else(no_such_user))
            .await
    }

    /// A page of what was done to accounts, newest first.
    pub(crate) async fn auth_actions(
        &self,
        object: Option<String>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<AdminAction>, ApiError> {
        let limit = service::page::page_size(first)?;
        for (name, text) in [("object", &object), ("after", &after)] {
            if text
                .as_ref()
                .is_some_and(|text| text.len() > OBJECT_BYTES_MAX || text.contains('\0'))
            {
                return Err(ApiError::bad_input(format!("`{name}` is no id")).with("field", name));
            }
        }
        self.db
            .read(move |snapshot| Ok(actions::list(snapshot, object.as_deref(), after.as_deref(), limit)?))
            .await
    }

    /// Gives somebody another role. Their tokens say so from the next refresh on.
    pub(crate) async fn set_user_role(&self, user_id: &str, role: &str, by: Instruction) -> Result<User, ApiError> {
        let role = parse_role(role)?;
        let user_id = parse_user_id(user_id)?;
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let mut user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                if user.role == role {
                    return Ok(user);
                }
                let detail = format!("{} → {role}", user.role);
                user.role = role;
                users::set_role(tx, user_id, role, now)?;
                still_administered(tx)?;
                by.note(tx, "setUserRole", user_id, Some(&detail), now)?;
                Ok(user)
            })
            .await
    }

    /// Keeps somebody from logging in and refreshing, and ends their sessions; or lets them in again.
    pub(crate) async fn set_user_status(
        &self,
        user_id: &str,
        status: UserStatus,
        by: Instruction,
    ) -> Result<User, ApiError> {
        let user_id = parse_user_id(user_id)?;
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let mut user = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                let changes = user.status != status;
                user.status = status;
                users::set_status(tx, user_id, status, now)?;
                let action = match status {
                    UserStatus::Active => "enableUser",
                    UserStatus::Disabled => "disableUser",
                };
                if status == UserStatus::Disabled {
                    sessions::end_others(tx, user_id, None, EndReason::UserDisabled, now)?;
                    still_administered(tx)?;
                }
                if changes {
                    by.note(tx, action, user_id, None, now)?;
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

/// A role that a person can have.
fn parse_role(text: &str) -> Result<Role, ApiError> {
    Role::parse(text).filter(|role| *role != Role::Service).ok_or_else(|| {
        let message = "`role` must be Nasabah, Merchant, Support, FraudAnalyst or Admin";
        ApiError::bad_input(message).with("field", "role")
    })
}

/// Checked after the change and in its transaction, which the error undoes.
fn still_administered(tx: &Tx<'_>) -> Result<(), ApiError> {
    if users::count_active_admins(tx)? == 0 {
        return Err(ApiError::new(ErrorCode::Conflict, "the last admin must stay one"));
    }
    Ok(())
}
