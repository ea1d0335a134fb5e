//! The log of all checks. Rows are added and read, never changed or removed.

use ids::FraudLogId;
use money::{Currency, Money};
use serde::Serialize;
use service::{Reference, Timestamp};
use store::{Row, Snapshot, StoreError, Tx};

use crate::domain::{Check, Decision, Facts, Outcome};

/// A row of the log, without the facts.
#[derive(Clone, Debug)]
pub struct LogRow {
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
    /// When.
    pub created_at: Timestamp,
}

/// A row to be added.
pub struct NewLog<'a> {
    /// Its id.
    pub log_id: FraudLogId,
    /// What was asked.
    pub check: &'a Check,
    /// What was known.
    pub facts: &'a Facts,
    /// The limits it was decided by.
    pub rule_set: i64,
    /// What was decided.
    pub decision: &'a Decision,
    /// When.
    pub created_at: Timestamp,
}

/// Which rows a list shows. Rows come newest first.
#[derive(Clone, Debug)]
pub struct LogFilter {
    /// Of this outcome.
    pub status: Option<Outcome>,
    /// Of this user.
    pub user_id: Option<Reference>,
    /// Not older than this.
    pub from: Timestamp,
    /// Older than this position.
    pub before: Position,
}

/// A place in the list's order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The row's time.
    pub created_at: Timestamp,
    /// The row's id, or nothing to stand before all rows of that time.
    pub log_id: String,
}

macro_rules! select {
    ($($rest:literal),+) => {
        concat!(
            "SELECT l.log_id, l.transaction_id, l.user_id, l.amount, l.currency, l.status, l.score, l.fired, l.created_at
             FROM fraud_logs l ",
            $($rest),+
        )
    };
}

macro_rules! page_where {
    ($condition:literal) => {
        select!(
            "WHERE ",
            $condition,
            " AND l.created_at >= $1 AND (l.created_at, l.log_id) < ($2, $3)
              AND NOT EXISTS (SELECT 1 FROM fraud_log_deletions d WHERE d.log_id = l.log_id)
              ORDER BY l.created_at DESC, l.log_id DESC LIMIT $4"
        )
    };
}

/// Adds a row; `false` when this transaction has one already.
pub fn insert(tx: &mut Tx<'_>, log: &NewLog<'_>) -> Result<bool, StoreError> {
    let fired = to_json(&log.decision.fired)?;
    let facts = to_json(log.facts)?;
    let changed = tx.execute(
        "INSERT INTO fraud_logs (log_id, transaction_id, user_id, amount, currency, status, score, fired, facts, rule_set, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
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
        ],
    )?;
    Ok(changed > 0)
}

/// The row of a transaction.
pub fn find_by_transaction(snapshot: &Snapshot<'_>, transaction_id: &Reference) -> Result<Option<LogRow>, StoreError> {
    snapshot.query_opt(
        select!("WHERE l.transaction_id = $1"),
        &[&transaction_id.as_str()],
        read_row,
    )
}

/// Where a row stands in the list, hidden or not.
pub fn position(snapshot: &Snapshot<'_>, log_id: FraudLogId) -> Result<Option<Position>, StoreError> {
    snapshot.query_opt(
        "SELECT created_at FROM fraud_logs WHERE log_id = $1",
        &[&log_id],
        |row| {
            Ok(Position {
                created_at: row.get(0)?,
                log_id: log_id.as_str().to_owned(),
            })
        },
    )
}

/// One page, each kind of filter along an index of its own.
pub fn list(snapshot: &Snapshot<'_>, filter: &LogFilter, limit: i64) -> Result<Vec<LogRow>, StoreError> {
    let (from, before) = (&filter.from, &filter.before);
    let status = filter.status.map(Outcome::as_str);
    match (&filter.user_id, filter.status) {
        (Some(user_id), _) => snapshot.query(
            page_where!("l.user_id = $5 AND (CAST($6 AS TEXT) IS NULL OR l.status = $6)"),
            &[
                from,
                &before.created_at,
                &before.log_id,
                &limit,
                &user_id.as_str(),
                &status,
            ],
            read_row,
        ),
        (None, Some(Outcome::Suspicious | Outcome::Fraud)) => snapshot.query(
            // Says what the partial index says, so that it is used.
            page_where!("l.status <> 'SAFE' AND l.status = $5"),
            &[from, &before.created_at, &before.log_id, &limit, &status],
            read_row,
        ),
        (None, _) => snapshot.query(
            page_where!("(CAST($5 AS TEXT) IS NULL OR l.status = $5)"),
            &[from, &before.created_at, &before.log_id, &limit, &status],
            read_row,
        ),
    }
}

fn read_row(row: &Row<'_>) -> Result<LogRow, StoreError> {
    let currency: Currency = row.get(4)?;
    let status: String = row.get(5)?;
    let fired: String = row.get(7)?;
    Ok(LogRow {
        log_id: row.get(0)?,
        transaction_id: row.get(1)?,
        user_id: row.get(2)?,
        amount: Money::new(row.get(3)?, currency).map_err(|error| unreadable(3, &error))?,
        decision: Decision {
            outcome: Outcome::parse(&status).ok_or_else(|| unreadable(5, &status))?,
            score: row.get(6)?,
            fired: serde_json::from_str(&fired).map_err(|error| unreadable(7, &error))?,
        },
        created_at: row.get(8)?,
    })
}

/// The stored form of facts, limits and fired rules.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| unreadable(0, &error))
}

fn unreadable(column: usize, problem: &dyn std::fmt::Display) -> StoreError {
    StoreError::Column {
        column,
        problem: problem.to_string(),
    }
}
