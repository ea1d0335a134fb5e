//! The log's indexes: walks along each of them that look at no row. What a list of logs is found by; the rows of a page
//! are read in `logs`.

use ids::FraudLogId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::logs::unreadable;
use crate::domain::{Decision, Outcome};

/// What the indexes know of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogKey {
    /// Its time.
    pub created_at: Timestamp,
    /// Its number.
    pub number: i64,
    /// The score.
    pub score: u32,
    /// The amount in minor units.
    pub amount: i64,
    /// The outcome.
    pub outcome: Outcome,
}

/// Logs that stand in the order of time in one of the indexes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// All of them.
    All,
    /// Those of a user.
    User(String),
    /// Those in which a rule fired.
    Rule(String),
    /// Those of an outcome and score.
    Scored(Outcome, u32),
}

/// Which way through time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Newest first.
    Back,
    /// Oldest first.
    Forth,
}

/// A stretch of a walk: behind a place, and no further than a time.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Which way.
    pub way: Way,
    /// Behind this time,
    pub at: Timestamp,
    /// and at that time behind this number; 0 stands before all.
    pub number: i64,
    /// Back: not older than this. Forth: older than this.
    pub end: Timestamp,
}

macro_rules! walk {
    (back $from:literal) => {
        concat!(
            "SELECT created_at, number, score, amount, status FROM ",
            $from,
            " created_at >= $1 AND (created_at, number) < ($2, $3) ORDER BY created_at DESC, number DESC LIMIT $4"
        )
    };
    (forth $from:literal) => {
        concat!(
            "SELECT created_at, number, score, amount, status FROM ",
            $from,
            " created_at < $1 AND (created_at, number) > ($2, $3) ORDER BY created_at, number LIMIT $4"
        )
    };
}

/// The next logs of a source.
pub fn walk(
    snapshot: &Snapshot<'_>,
    source: &Source,
    stretch: &Stretch,
    limit: i64,
) -> Result<Vec<LogKey>, StoreError> {
    let (end, at, number) = (&stretch.end, &stretch.at, &stretch.number);
    match (source, stretch.way) {
        (Source::All, Way::Back) => {
            snapshot.query(walk!(back "fraud_logs WHERE"), &[end, at, number, &limit], read_key)
        }
        (Source::All, Way::Forth) => {
            snapshot.query(walk!(forth "fraud_logs WHERE"), &[end, at, number, &limit], read_key)
        }
        (Source::User(user_id), Way::Back) => snapshot.query(
            walk!(back "fraud_logs WHERE user_id = $5 AND"),
            &[end, at, number, &limit, user_id],
            read_key,
        ),
        (Source::User(user_id), Way::Forth) => snapshot.query(
            walk!(forth "fraud_logs WHERE user_id = $5 AND"),
            &[end, at, number, &limit, user_id],
            read_key,
        ),
        (Source::Rule(rule), Way::Back) => snapshot.query(
            walk!(back "fraud_log_rules WHERE rule = $5 AND"),
            &[end, at, number, &limit, rule],
            read_key,
        ),
        (Source::Rule(rule), Way::Forth) => snapshot.query(
            walk!(forth "fraud_log_rules WHERE rule = $5 AND"),
            &[end, at, number, &limit, rule],
            read_key,
        ),
        (Source::Scored(outcome, score), Way::Back) => snapshot.query(
            walk!(back "fraud_logs WHERE status = $5 AND score = $6 AND"),
            &[end, at, number, &limit, &outcome.as_str(), score],
            read_key,
        ),
        (Source::Scored(outcome, score), Way::Forth) => snapshot.query(
            walk!(forth "fraud_logs WHERE status = $5 AND score = $6 AND"),
            &[end, at, number, &limit, &outcome.as_str(), score],
            read_key,
        ),
    }
}

/// Logs of amounts from `min` to `max`, the largest first, newest first among those of one amount; behind `behind`, if
/// that is given.
pub fn walk_amounts(
    snapshot: &Snapshot<'_>,
    (min, max): (i64, i64),
    behind: Option<&LogKey>,
    limit: i64,
) -> Result<Vec<LogKey>, StoreError> {
    match behind.filter(|key| key.amount <= max) {
        Some(key) => snapshot.query(
            "SELECT created_at, number, score, amount, status FROM fraud_logs
             WHERE amount >= $1 AND (amount, created_at, number) < ($2, $3, $4)
             ORDER BY amount DESC, created_at DESC, number DESC LIMIT $5",
            &[&min, &key.amount, &key.created_at, &key.number, &limit],
            read_key,
        ),
        None => snapshot.query(
            "SELECT created_at, number, score, amount, status FROM fraud_logs WHERE amount >= $1 AND amount <= $2
             ORDER BY amount DESC, created_at DESC, number DESC LIMIT $3",
            &[&min, &max, &limit],
            read_key,
        ),
    }
}

/// How many logs have an amount from `min` to `max`; counting ends at `bound`.
pub fn count_amounts(snapshot: &Snapshot<'_>, (min, max): (i64, i64), bound: i64) -> Result<i64, StoreError> {
    snapshot.query_one(
        "SELECT COUNT(*) FROM (SELECT 1 FROM fraud_logs WHERE amount >= $1 AND amount <= $2 LIMIT $3) AS some",
        &[&min, &max, &bound],
        |row| row.get(0),
    )
}

/// How many logs of a source there are from a time to before another; counting ends at `bound`.
pub fn count(
    snapshot: &Snapshot<'_>,
    source: &Source,
    (from, to): (Timestamp, Timestamp),
    bound: i64,
) -> Result<i64, StoreError> {
    match source {
        Source::All => snapshot.query_one(
            "SELECT COUNT(*) FROM (
                 SELECT 1 FROM fraud_logs WHERE created_at >= $1 AND created_at < $2 LIMIT $3) AS some",
            &[&from, &to, &bound],
            |row| row.get(0),
        ),
        Source::User(user_id) => snapshot.query_one(
            "SELECT COUNT(*) FROM (
                 SELECT 1 FROM fraud_logs WHERE user_id = $4 AND created_at >= $1 AND created_at < $2 LIMIT $3) AS some",
            &[&from, &to, &bound, user_id],
            |row| row.get(0),
        ),
        Source::Rule(rule) => snapshot.query_one(
            "SELECT COUNT(*) FROM (
                 SELECT 1 FROM fraud_log_rules WHERE rule = $4 AND created_at >= $1 AND created_at < $2 LIMIT $3) AS some",
            &[&from, &to, &bound, rule],
            |row| row.get(0),
        ),
        Source::Scored(outcome, score) => snapshot.query_one(
            "SELECT COUNT(*) FROM (
                 SELECT 1 FROM fraud_logs
                 WHERE status = $4 AND score = $5 AND created_at >= $1 AND created_at < $2 LIMIT $3) AS some",
            &[&from, &to, &bound, &outcome.as_str(), score],
            |row| row.get(0),
        ),
    }
}

/// The scores from `min` to `max` that logs of an outcome have, lowest first. One look at the index for each.
pub fn scores(snapshot: &Snapshot<'_>, outcome: Outcome, min: u32, max: u32) -> Result<Vec<u32>, StoreError> {
    let mut scores = Vec::new();
    let mut from = min;
    while from <= max {
        let next: Option<u32> = snapshot.query_opt(
            "SELECT score FROM fraud_logs WHERE status = $1 AND score >= $2 ORDER BY score LIMIT 1",
            &[&outcome.as_str(), &from],
            |row| row.get(0),
        )?;
        let Some(score) = next.filter(|score| *score <= max) else {
            break;
        };
        scores.push(score);
        from = score + 1;
    }
    Ok(scores)
}

/// Has a log found by the rules that fired in it.
pub fn add_rules(tx: &mut Tx<'_>, key: &LogKey, decision: &Decision) -> Result<(), StoreError> {
    for fired in &decision.fired {
        tx.execute(
            "INSERT INTO fraud_log_rules (rule, created_at, number, score, amount, status) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING",
            &[
                &fired.rule.as_ref(),
                &key.created_at,
                &key.number,
                &key.score,
                &key.amount,
                &key.outcome.as_str(),
            ],
        )?;
    }
    Ok(())
}

/// Whether a rule fired in a log.
pub fn has_rule(snapshot: &Snapshot<'_>, key: &LogKey, rule: &str) -> Result<bool, StoreError> {
    let found = snapshot.query_opt(
        "SELECT 1 FROM fraud_log_rules WHERE rule = $1 AND created_at = $2 AND number = $3",
        &[&rule, &key.created_at, &key.number],
        |row| row.get::<i64>(0),
    )?;
    Ok(found.is_some())
}

/// What the indexes know of the log with this id.
pub fn find(snapshot: &Snapshot<'_>, log_id: FraudLogId) -> Result<Option<LogKey>, StoreError> {
    snapshot.query_opt(
        "SELECT created_at, number, score, amount, status FROM fraud_logs WHERE log_id = $1",
        &[&log_id],
        read_key,
    )
}

fn read_key(row: &Row<'_>) -> Result<LogKey, StoreError> {
    let status: String = row.get(4)?;
    Ok(LogKey {
        created_at: row.get(0)?,
        number: row.get(1)?,
        score: row.get(2)?,
        amount: row.get(3)?,
        outcome: Outcome::parse(&status).ok_or_else(|| unreadable(4, &status))?,
    })
}
