//! Rules that are put to sleep for a user.

use ids::SnoozeId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

/// A snooze.
#[derive(Clone, Debug)]
pub struct SnoozeRow {
    /// Its id.
    pub snooze_id: SnoozeId,
    /// The rule that sleeps.
    pub rule: String,
    /// For whom.
    pub user_id: String,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who put it to sleep.
    pub author: String,
    /// When.
    pub created_at: Timestamp,
}

macro_rules! select {
    ($($rest:literal),+) => {
        concat!(
            "SELECT snooze_id, rule, user_id, until_at, reason, author, created_at FROM rule_snoozes ",
            $($rest),+
        )
    };
}

/// The names of the rules that sleep for a user now, in their order.
pub fn of_user(tx: &Tx<'_>, user_id: &str, now: Timestamp) -> Result<Vec<String>, StoreError> {
    tx.query(
        "SELECT rule FROM rule_snoozes WHERE user_id = $1 AND until_at > $2 ORDER BY rule",
        &[&user_id, &now],
        |row| row.get(0),
    )
}

/// Puts a rule to sleep for a user. An earlier snooze of the same ends by it.
pub fn upsert(tx: &mut Tx<'_>, snooze: &SnoozeRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO rule_snoozes (snooze_id, rule, user_id, until_at, reason, author, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (user_id, rule) DO UPDATE SET
             snooze_id = excluded.snooze_id, until_at = excluded.until_at, reason = excluded.reason,
             author = excluded.author, created_at = excluded.created_at",
        &[
            &snooze.snooze_id,
            &snooze.rule,
            &snooze.user_id,
            &snooze.until,
            &snooze.reason,
            &snooze.author,
            &snooze.created_at,
        ],
    )?;
    Ok(())
}

/// The snooze with this id.
pub fn find(snapshot: &Snapshot<'_>, snooze_id: SnoozeId) -> Result<Option<SnoozeRow>, StoreError> {
    snapshot.query_opt(select!("WHERE snooze_id = $1"), &[&snooze_id], read_row)
}

/// Wakes a rule.
pub fn delete(tx: &mut Tx<'_>, snooze_id: SnoozeId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM rule_snoozes WHERE snooze_id = $1", &[&snooze_id])?;
    Ok(())
}

/// Takes away snoozes whose time is over, and says how many.
pub fn delete_expired(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    tx.execute(
        "DELETE FROM rule_snoozes WHERE snooze_id IN (
             SELECT snooze_id FROM rule_snoozes WHERE until_at <= $1 ORDER BY until_at LIMIT $2)",
        &[&now, &limit],
    )
}

/// Whether there is any snooze at all.
pub fn any(snapshot: &Snapshot<'_>) -> Result<bool, StoreError> {
    let found = snapshot.query_opt("SELECT 1 FROM rule_snoozes LIMIT 1", &[], |row| row.get::<i64>(0))?;
    Ok(found.is_some())
}

/// Whether there is a snooze whose time is over.
pub fn any_expired(snapshot: &Snapshot<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let found = snapshot.query_opt(
        "SELECT 1 FROM rule_snoozes WHERE until_at <= $1 LIMIT 1",
        &[&now],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// One page, newest first.
pub fn list(
    snapshot: &Snapshot<'_>,
    user_id: Option<&str>,
    after: Option<SnoozeId>,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<SnoozeRow>, StoreError> {
    // Behind every id there is.
    let after = after.map_or("~".to_owned(), String::from);
    match user_id {
        Some(user_id) => snapshot.query(
            select!("WHERE user_id = $1 AND snooze_id < $2 AND until_at > $3 ORDER BY snooze_id DESC LIMIT $4"),
            &[&user_id, &after, &now, &limit],
            read_row,
        ),
        None => snapshot.query(
            select!("WHERE snooze_id < $1 AND until_at > $2 ORDER BY snooze_id DESC LIMIT $3"),
            &[&after, &now, &limit],
            read_row,
        ),
    }
}

fn read_row(row: &Row<'_>) -> Result<SnoozeRow, StoreError> {
    Ok(SnoozeRow {
        snooze_id: row.get(0)?,
        rule: row.get(1)?,
        user_id: row.get(2)?,
        until: row.get(3)?,
        reason: row.get(4)?,
        author: row.get(5)?,
        created_at: row.get(6)?,
    })
}
