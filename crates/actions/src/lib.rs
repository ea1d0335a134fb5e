//! What staff did: who, what, to what, why. A service notes it in the commit of the change itself ([`record`]), so that
//! neither can be without the other, and shows it to staff ([`list`]) as [`AdminAction`], which is the same type in the
//! SDL of every service.

use async_graphql::SimpleObject;
use ids::ActionId;
use service::{ApiError, DateTime, Timestamp};
use store::{Migration, Row, Snapshot, StoreError, Tx};

/// The table, to be applied behind a service's own migrations.
pub const MIGRATIONS: &[Migration] = store::migrations!["actions_0001.sql"];

/// A reason is a sentence or two.
const REASON_CHARS_MAX: usize = 500;

/// Something that a member of staff did.
#[derive(Clone, Debug, SimpleObject)]
pub struct AdminAction {
    /// Its id, also the cursor for `after`.
    action_id: String,
    /// The user who did it.
    actor: String,
    /// What was done: the name of the operation.
    action: String,
    /// The id or name of what it was done to.
    object: String,
    /// Why, in the words of who did it.
    reason: Option<String>,
    /// What changed, where the operation's name does not say it.
    detail: Option<String>,
    /// When.
    created_at: DateTime,
}

/// An action to be noted.
#[derive(Clone, Debug)]
pub struct NewAction<'a> {
    /// The user's id.
    pub actor: &'a str,
    /// The operation's name as in the API, `freezeWallet`.
    pub action: &'a str,
    /// The id or name of what it is done to.
    pub object: &'a str,
    /// Why, if it was said.
    pub reason: Option<&'a str>,
    /// What changes, from what to what. Never a secret.
    pub detail: Option<&'a str>,
}

/// Notes an action in the transaction that carries it out.
pub fn record(tx: &mut Tx<'_>, action: &NewAction<'_>, now: Timestamp) -> Result<ActionId, StoreError> {
    let action_id = ActionId::generate();
    tx.execute(
        "INSERT INTO admin_actions (action_id, actor, action, object, reason, detail, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &action_id,
            &action.actor,
            &action.action,
            &action.object,
            &action.reason,
            &action.detail,
            &now,
        ],
    )?;
    Ok(action_id)
}

/// A page of actions, newest first: all, or those done to one object.
pub fn list(
    snapshot: &Snapshot<'_>,
    object: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<AdminAction>, StoreError> {
    // Behind every id there is.
    let after = after.unwrap_or("~");
    match object {
        None => snapshot.query(
            "SELECT action_id, actor, action, object, reason, detail, created_at FROM admin_actions
             WHERE action_id < $1 ORDER BY action_id DESC LIMIT $2",
            &[&after, &limit],
            read_row,
        ),
        Some(object) => snapshot.query(
            "SELECT action_id, actor, action, object, reason, detail, created_at FROM admin_actions
             WHERE object = $3 AND action_id < $1 ORDER BY action_id DESC LIMIT $2",
            &[&after, &limit, &object],
            read_row,
        ),
    }
}

/// A reason as it was given: trimmed, and not endless. `None` when there is nothing in it.
pub fn reason(text: Option<String>) -> Result<Option<String>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let text = text.trim();
    if text.chars().count() > REASON_CHARS_MAX {
        let problem = format!("`reason` must have at most {REASON_CHARS_MAX} characters");
        return Err(ApiError::bad_input(problem).with("field", "reason"));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A reason that must be given.
pub fn required_reason(text: String) -> Result<String, ApiError> {
    reason(Some(text))?.ok_or_else(|| ApiError::bad_input("`reason` must say why").with("field", "reason"))
}

fn read_row(row: &Row<'_>) -> Result<AdminAction, StoreError> {
    let created_at: Timestamp = row.get(6)?;
    Ok(AdminAction {
        action_id: row.get(0)?,
        actor: row.get(1)?,
        action: row.get(2)?,
        object: row.get(3)?,
        reason: row.get(4)?,
        detail: row.get(5)?,
        created_at: created_at.into(),
    })
}
