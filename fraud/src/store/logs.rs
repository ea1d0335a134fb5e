//! The log of all checks. Rows are added and read, never changed or removed.

use ids::FraudLogId;
use money::{Currency, Money};
use serde::Serialize;
use service::{Reference, Timestamp};
use store::{Row, Snapshot, StoreError, Tx};

use super::log_index::{self, LogKey};
use crate::domain::{Action, Check, Decision, Facts, Fired, Outcome};

/// A row of the log, without the facts.
#[derive(Clone, Debug)]
pub struct LogRow {
    /// Its number, in the order the logs came.
    pub number: i64,
    /// Its id.
    pub log_id: FraudLogId,
    /// The transaction that was checked, if it was one.
    pub transaction_id: Option<String>,
    /// Whose money.
    pub user_id: String,
    /// How much.
    pub amount: Money,
    /// What was decided.
    pub decision: Decision,
    /// What for; nothing for one of before that was kept.
    pub kind: String,
    /// Who was to be paid, if it was a merchant.
    pub merchant_id: Option<String>,
    /// What was known, in JSON.
    pub facts: String,
    /// The limits it was decided by.
    pub rule_set: u32,
    /// The rules it was decided by; 0 for one of before they were kept.
    pub rules_revision: i64,
    /// What the rules that are tried said.
    pub shadow: Vec<Fired>,
    /// The policy it was decided by; 0 for one of before there were policies.
    pub policy_version: u32,
    /// When.
    pub created_at: Timestamp,
}

/// A row to be added.
pub struct NewLog<'a> {
    /// Its number: greater than all before.
    pub number: i64,
    /// Its id.
    pub log_id: FraudLogId,
    /// What was asked.
    pub check: &'a Check,
    /// What was known.
    pub facts: &'a Facts,
    /// The limits it was decided by.
    pub rule_set: i64,
    /// The rules it was decided by.
    pub rules_revision: i64,
    /// What the rules that are tried said.
    pub shadow: &'a [Fired],
    /// The policy it was decided by.
    pub policy_version: i64,
    /// What was decided.
    pub decision: &'a Decision,
    /// When.
    pub created_at: Timestamp,
}

macro_rules! select {
    ($($rest:literal),+) => {
        concat!(
            "SELECT l.log_id, l.transaction_id, l.user_id, l.amount, l.currency, l.status, l.score, l.fired, l.created_at,
                    l.action, l.kind, l.merchant_id, l.facts, l.rule_set, l.policy_version, l.rules_revision, l.shadow, l.number
             FROM fraud_logs l ",
            $($rest),+
        )
    };
}

/// Adds a row; `false` when this transaction has one already.
pub fn insert(tx: &mut Tx<'_>, log: &NewLog<'_>) -> Result<bool, StoreError> {
    let fired = to_json(&log.decision.fired)?;
    let facts = to_json(log.facts)?;
    let changed = tx.execute(
        "INSERT INTO fraud_logs (log_id, transaction_id, user_id, amount, currency, status, score, fired, facts, rule_set,
                                 created_at, action, kind, merchant_id, policy_version, rules_revision, shadow, number)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         ON CONFLICT (transaction_id) DO NOTHING",
        &[
            &log.log_id,
            &log.check.transaction_id.as_ref().map(Reference::as_str),
            &log.check.user_id.as_str(),
            &log.check.amount.minor(),
            &log.check.amount.currency(),
            &log.decision.outcome.as_str(),
            &log.decision.score,
            &fired,
            &facts,
            &log.rule_set,
            &log.created_at,
            &log.decision.action.as_str(),
            &log.check.kind.as_str(),
            &log.check.merchant_id.as_ref().map(Reference::as_str),
            &log.policy_version,
            &log.rules_revision,
            &to_json(&log.shadow)?,
            &log.number,
        ],
    )?;
    if changed == 0 {
        return Ok(false);
    }
    let key = LogKey {
        created_at: log.created_at,
        number: log.number,
        score: log.decision.score,
        amount: log.check.amount.minor(),
        outcome: log.decision.outcome,
    };
    log_index::add_rules(tx, &key, log.decision)?;
    Ok(true)
}

/// Has a log from before found by the rules that fired in it.
pub fn index_rules(tx: &mut Tx<'_>, log: &LogRow) -> Result<(), StoreError> {
    let key = LogKey {
        created_at: log.created_at,
        number: log.number,
        score: log.decision.score,
        amount: log.amount.minor(),
        outcome: log.decision.outcome,
    };
    log_index::add_rules(tx, &key, &log.decision)
}

/// The row of a transaction.
pub fn find_by_transaction(snapshot: &Snapshot<'_>, transaction_id: &Reference) -> Result<Option<LogRow>, StoreError> {
    snapshot.query_opt(
        select!("WHERE l.transaction_id = $1"),
        &[&transaction_id.as_str()],
        read_row,
    )
}

/// The number of the newest log; 0 when there is none.
pub fn last_number(snapshot: &Snapshot<'_>) -> Result<i64, StoreError> {
    snapshot.query_one("SELECT COALESCE(MAX(number), 0) FROM fraud_logs", &[], |row| row.get(0))
}

/// The row with this number.
pub fn find_numbered(snapshot: &Snapshot<'_>, number: i64) -> Result<Option<LogRow>, StoreError> {
    snapshot.query_opt(select!("WHERE l.number = $1"), &[&number], read_row)
}

/// The row with this id.
pub fn find(snapshot: &Snapshot<'_>, log_id: FraudLogId) -> Result<Option<LogRow>, StoreError> {
    snapshot.query_opt(select!("WHERE l.log_id = $1"), &[&log_id], read_row)
}

/// A place among the logs in the order of their times.
#[derive(Clone, Copy, Debug)]
pub struct LogPlace {
    created_at: Timestamp,
    number: i64,
}

impl LogPlace {
    /// Before all logs of a time.
    pub const fn before(created_at: Timestamp) -> Self {
        Self { created_at, number: 0 }
    }

    /// At a log.
    pub fn at(row: &LogRow) -> Self {
        Self {
            created_at: row.created_at,
            number: row.number,
        }
    }
}

/// The next logs behind a place and before a time, oldest first; hidden ones too.
pub fn between(
    snapshot: &Snapshot<'_>,
    behind: &LogPlace,
    to: Timestamp,
    limit: i64,
) -> Result<Vec<LogRow>, StoreError> {
    snapshot.query(
        select!(
            "WHERE (l.created_at, l.number) > ($1, $2) AND l.created_at < $3
             ORDER BY l.created_at, l.number LIMIT $4"
        ),
        &[&behind.created_at, &behind.number, &to, &limit],
        read_row,
    )
}

/// How many logs there are of a time; no more than `most` are counted.
pub fn count_between(snapshot: &Snapshot<'_>, from: Timestamp, to: Timestamp, most: i64) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM fraud_logs WHERE created_at >= $1 AND created_at < $2 LIMIT $3) AS counted",
        &[&from, &to, &most],
        |row| row.get(0),
    )
}

/// The names of the rules that fired in a log.
pub fn rules_of(snapshot: &Snapshot<'_>, log_id: FraudLogId) -> Result<Vec<String>, StoreError> {
    Ok(find(snapshot, log_id)?.map_or_else(Vec::new, |row| row.decision.rules()))
}

fn read_row(row: &Row<'_>) -> Result<LogRow, StoreError> {
    let currency: Currency = row.get(4)?;
    let status: String = row.get(5)?;
    let fired: String = row.get(7)?;
    let action: String = row.get(9)?;
    let shadow: String = row.get(16)?;
    let outcome = Outcome::parse(&status).ok_or_else(|| unreadable(5, &status))?;
    // Before there were actions, everything but FRAUD went on.
    let action = match action.as_str() {
        "" if outcome == Outcome::Fraud => Action::Block,
        "" => Action::Allow,
        text => Action::parse(text).ok_or_else(|| unreadable(9, &text))?,
    };
    Ok(LogRow {
        number: row.get(17)?,
        log_id: row.get(0)?,
        transaction_id: row.get(1)?,
        user_id: row.get(2)?,
        amount: Money::new(row.get(3)?, currency).map_err(|error| unreadable(3, &error))?,
        decision: Decision {
            outcome,
            action,
            score: row.get(6)?,
            fired: serde_json::from_str(&fired).map_err(|error| unreadable(7, &error))?,
        },
        kind: row.get(10)?,
        merchant_id: row.get(11)?,
        facts: row.get(12)?,
        rule_set: row.get(13)?,
        policy_version: row.get(14)?,
        rules_revision: row.get(15)?,
        shadow: serde_json::from_str(&shadow).map_err(|error| unreadable(16, &error))?,
        created_at: row.get(8)?,
    })
}

/// The stored form of facts, limits and fired rules.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable(0, &error))
}

pub(super) fn unreadable(column: usize, problem: &dyn std::fmt::Display) -> StoreError {
    StoreError::Column {
        column,
        problem: problem.to_string(),
    }
}
