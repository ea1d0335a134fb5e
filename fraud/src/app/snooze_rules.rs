//! Rules that are put to sleep for a user.

use std::time::Duration;

use ids::SnoozeId;
use service::page::page_size;
use service::{ApiError, Reference, Timestamp};

use super::App;
use crate::store::rules;
use crate::store::snoozes::{self, SnoozeRow};

/// A rule sleeps no longer than this; who wants more puts it to sleep again, and thinks about it again.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3_600);

/// A rule to be put to sleep.
#[derive(Clone, Debug)]
pub struct SnoozeRule {
    /// Its name.
    pub rule: String,
    /// For whom.
    pub user_id: Reference,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who puts it to sleep.
    pub author: String,
}

impl App {
    /// One page of the snoozes that hold now, newest first.
    pub async fn list_snoozes(
        &self,
        user_id: Option<Reference>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<SnoozeRow>, ApiError> {
        let limit = page_size(first)?;
        let after = after
            .map(|text| SnoozeId::parse(&text).map_err(|_| ApiError::bad_input("`after` is no snooze's id")))
            .transpose()?;
        let now = self.clock.now();
        let found = self
            .database
            .read(move |snapshot| {
                let user_id = user_id.as_ref().map(Reference::as_str);
                snoozes::list(snapshot, user_id, after, now, limit)
            })
            .await;
        found.map_err(ApiError::from)
    }

    /// Puts a rule to sleep for a user. An earlier snooze of the same ends by it.
    pub async fn snooze_rule(&self, asked: SnoozeRule) -> Result<SnoozeRow, ApiError> {
        let now = self.clock.now();
        if asked.until <= now || asked.until > now.after(LONGEST) {
            let problem = "`until` must be in the next 30 days";
            return Err(ApiError::bad_input(problem).with("field", "until"));
        }
        let snooze = SnoozeRow {
            snooze_id: SnoozeId::generate(),
            rule: asked.rule,
            user_id: asked.user_id.as_str().to_owned(),
            until: asked.until,
            reason: actions::required_reason(asked.reason)?,
            author: asked.author,
            created_at: now,
        };
        self.database
            .write(move |tx| -> Result<SnoozeRow, ApiError> {
                if !rules::exists(tx, &snooze.rule)? {
                    return Err(ApiError::not_found("fraud rule"));
                }
                snoozes::upsert(tx, &snooze)?;
                record(tx, "snoozeRule", &snooze, &snooze.author, &snooze.reason, now)?;
                Ok(snooze.clone())
            })
            .await
    }

    /// Wakes a rule before its time, and answers which.
    pub async fn end_snooze(&self, snooze_id: &str, reason: String, by: String) -> Result<SnoozeRow, ApiError> {
        let missing = || ApiError::not_found("snooze");
        let snooze_id = SnoozeId::parse(snooze_id).map_err(|_| missing())?;
        let reason = actions::required_reason(reason)?;
        let now = self.clock.now();
        self.database
            .write(move |tx| -> Result<SnoozeRow, ApiError> {
                let snooze = snoozes::find(tx, snooze_id)?.ok_or_else(missing)?;
                snoozes::delete(tx, snooze_id)?;
                record(tx, "endSnooze", &snooze, &by, &reason, now)?;
                Ok(snooze)
            })
            .await
    }
}

fn record(
    tx: &mut store::Tx<'_>,
    action: &str,
    snooze: &SnoozeRow,
    actor: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), ApiError> {
    let detail = format!("{} for {} until {}", snooze.rule, snooze.user_id, snooze.until);
    let action = actions::NewAction {
        actor,
        action,
        object: snooze.snooze_id.as_str(),
        reason: Some(reason),
        detail: Some(&detail),
    };
    actions::record(tx, &action, now)?;
    Ok(())
}
