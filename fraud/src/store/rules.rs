//! Every version of every rule. Rows are only ever added.

use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::logs::unreadable;
use crate::domain::{Rule, RuleAction, RuleState};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.revision, r.name, r.version, r.description, r.expression, r.score, r.action, r.state, r.author, r.reason,
                    r.created_at
             FROM fraud_rules r ",
            $rest
        )
    };
}

/// The newest version of each rule, as of a revision, in the order in which the rules were made.
pub fn as_of(snapshot: &Snapshot<'_>, revision: i64) -> Result<Vec<Rule>, StoreError> {
    snapshot.query(
        select!(
            "WHERE r.revision <= $1 AND r.version = (
                 SELECT MAX(v.version) FROM fraud_rules v WHERE v.name = r.name AND v.revision <= $1)
             ORDER BY (SELECT f.revision FROM fraud_rules f WHERE f.name = r.name AND f.version = 1)"
        ),
        &[&revision],
        read_row,
    )
}

/// The newest version of a rule.
pub fn current(snapshot: &Snapshot<'_>, name: &str) -> Result<Option<Rule>, StoreError> {
    snapshot.query_opt(
        select!("WHERE r.name = $1 ORDER BY r.version DESC LIMIT 1"),
        &[&name],
        read_row,
    )
}

/// The versions of a rule, the newest first.
pub fn versions(snapshot: &Snapshot<'_>, name: &str, limit: i64) -> Result<Vec<Rule>, StoreError> {
    snapshot.query(
        select!("WHERE r.name = $1 ORDER BY r.version DESC LIMIT $2"),
        &[&name, &limit],
        read_row,
    )
}

/// Whether there is a rule of this name.
pub fn exists(snapshot: &Snapshot<'_>, name: &str) -> Result<bool, StoreError> {
    Ok(current(snapshot, name)?.is_some())
}

/// How many rules there are, and the number of the newest version among all.
pub fn count_and_revision(snapshot: &Snapshot<'_>) -> Result<(i64, i64), StoreError> {
    snapshot.query_one(
        "SELECT COUNT(DISTINCT name), COALESCE(MAX(revision), 0) FROM fraud_rules",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Adds a version.
pub fn insert(tx: &mut Tx<'_>, rule: &Rule) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO fraud_rules (revision, name, version, description, expression, score, action, state, author, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &rule.revision,
            &rule.name,
            &rule.version,
            &rule.description,
            &rule.expression,
            &rule.score,
            &rule.action.as_str(),
            &rule.state.as_str(),
            &rule.author,
            &rule.reason,
            &rule.created_at,
        ],
    )?;
    Ok(())
}

fn read_row(row: &Row<'_>) -> Result<Rule, StoreError> {
    let (action, state): (String, String) = (row.get(6)?, row.get(7)?);
    let created_at: Timestamp = row.get(10)?;
    Ok(Rule {
        revision: row.get(0)?,
        name: row.get(1)?,
        version: row.get(2)?,
        description: row.get(3)?,
        expression: row.get(4)?,
        score: row.get(5)?,
        action: RuleAction::parse(&action).ok_or_else(|| unreadable(6, &action))?,
        state: RuleState::parse(&state).ok_or_else(|| unreadable(7, &state))?,
        author: row.get(8)?,
        reason: row.get(9)?,
        created_at,
    })
}
