//! What an admin does to what is a merchant's is noted in the commit of the change itself.

use actions::NewAction;
use service::token::{Caller, Role};
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

/// Who does something as an admin, and why.
#[derive(Clone, Debug)]
pub(super) struct AdminNote {
    actor: String,
    action: &'static str,
    reason: Option<String>,
}

impl AdminNote {
    /// The note, if the caller is an admin; the reason is checked in any case.
    pub(super) fn of(caller: &Caller, action: &'static str, reason: Option<String>) -> Result<Option<Self>, ApiError> {
        let reason = actions::reason(reason)?;
        let Caller::Known(claims) = caller else {
            return Ok(None);
        };
        let actor = claims.sub.clone();
        Ok((claims.role == Role::Admin).then_some(Self { actor, action, reason }))
    }

    /// Notes it in the transaction of the change.
    pub(super) fn record(
        &self,
        tx: &mut Tx<'_>,
        object: &str,
        detail: Option<&str>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let action = NewAction {
            actor: &self.actor,
            action: self.action,
            object,
            reason: self.reason.as_deref(),
            detail,
        };
        actions::record(tx, &action, now).map(drop)
    }
}
