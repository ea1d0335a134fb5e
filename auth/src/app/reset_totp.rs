//! `resetTotp`, and the same by hand on a database that nobody else has open.

use std::path::Path;

use ids::UserId;
use service::{ApiError, Clock, ErrorCode, Timestamp};
use store::{Database, StoreError, Tx};

use super::administer::{Instruction, no_such_user, parse_user_id};
use super::{App, limiter};
use crate::domain::Email;
use crate::store::sessions::{self, EndReason};
use crate::store::users::{self, User};
use crate::store::{recovery_codes, second_factors};

/// Who is noted as having done what was done to the file itself.
const BY_HAND: &str = "sawit";

impl App {
    /// Ends somebody's second factor, because they have lost it, and their sessions.
    pub(crate) async fn reset_totp(&self, user_id: &str, by: Instruction) -> Result<User, ApiError> {
        let user_id = parse_user_id(user_id)?;
        if by.actor() == user_id {
            let message = "nobody resets their own second factor; `disableTotp` ends it with a code";
            return Err(ApiError::new(ErrorCode::Forbidden, message));
        }
        let now = self.clock.now();
        self.db
            .write(move |tx| {
                let before = users::by_id(tx, user_id)?.ok_or_else(no_such_user)?;
                if reset(tx, user_id, now)? {
                    by.note(tx, "resetTotp", user_id, None, now)?;
                }
                Ok(User {
                    totp_since: None,
                    ..before
                })
            })
            .await
    }
}

/// Ends the second factor of the user with this e-mail; `None` when there is no such user, `Some(false)` when they had
/// none. For the one admin who has lost everything. Nobody else may have the database open.
pub(crate) async fn reset_by_hand(database: &Path, email: &str) -> Result<Option<bool>, StoreError> {
    let db = Database::open(&crate::store::options(database.to_owned()))?;
    let (email_key, now) = (Email::fold(email), Clock::system().now());
    let done = db
        .write(move |tx| {
            let Some(known) = users::by_email_key(tx, &email_key)? else {
                return Ok(None);
            };
            let user_id = known.user.user_id;
            let had_one = reset(tx, user_id, now)?;
            if had_one {
                let action = actions::NewAction {
                    actor: BY_HAND,
                    action: "resetTotp",
                    object: user_id.as_str(),
                    reason: Some("sawit admin reset-totp"),
                    detail: None,
                };
                actions::record(tx, &action, now)?;
            }
            Ok(Some(had_one))
        })
        .await;
    db.close().await;
    done
}

fn reset(tx: &mut Tx<'_>, user_id: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let had_one = second_factors::delete(tx, user_id)?;
    recovery_codes::delete_all(tx, user_id)?;
    limiter::forget_codes(tx, user_id)?;
    if had_one {
        sessions::end_others(tx, user_id, None, EndReason::TotpReset, now)?;
    }
    Ok(had_one)
}
