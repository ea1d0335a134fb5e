//! Rules that are tried on the past.

use ids::BacktestId;
use service::Timestamp;
use store::{Row, Snapshot, StoreError, Tx};

use super::logs::{to_json, unreadable};
use crate::domain::Found;

/// How far a back-test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BacktestState {
    /// It goes on.
    Running,
    /// All of the past was looked at.
    Done,
    /// It could not be brought to an end.
    Failed,
    /// Somebody ended it.
    Cancelled,
}

impl BacktestState {
    const ALL: [Self; 4] = [Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Done => "DONE",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A back-test.
#[derive(Clone, Debug)]
pub struct BacktestRow {
    /// Its id.
    pub backtest_id: BacktestId,
    /// How far it is.
    pub state: BacktestState,
    /// Who started it.
    pub started_by: String,
    /// What was asked, in JSON.
    pub asked: String,
    /// Logs looked at.
    pub checked: i64,
    /// Logs to be looked at.
    pub total: i64,
    /// What was found so far.
    pub found: Found,
    /// Why it failed.
    pub problem: Option<String>,
    /// When it was started.
    pub created_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT backtest_id, state, started_by, rules, checked, total, found, problem, created_at FROM backtests ",
            $rest
        )
    };
}

/// Adds one.
pub fn insert(tx: &mut Tx<'_>, row: &BacktestRow) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO backtests (backtest_id, state, started_by, rules, checked, total, found, problem, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &row.backtest_id,
            &row.state.as_str(),
            &row.started_by,
            &row.asked,
            &row.checked,
            &row.total,
            &to_json(&row.found)?,
            &row.problem,
            &row.created_at,
        ],
    )?;
    Ok(())
}

/// Deletes those that have ended, but for the newest.
pub fn prune(tx: &mut Tx<'_>, kept: i64) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM backtests WHERE state <> 'RUNNING' AND backtest_id <= (
             SELECT backtest_id FROM backtests ORDER BY backtest_id DESC LIMIT 1 OFFSET $1)",
        &[&kept],
    )?;
    Ok(())
}

/// Those that go on.
pub fn running(snapshot: &Snapshot<'_>) -> Result<Vec<BacktestRow>, StoreError> {
    snapshot.query(
        select!("WHERE state = 'RUNNING' ORDER BY backtest_id LIMIT 10"),
        &[],
        read_row,
    )
}

/// The one with this id.
pub fn find(snapshot: &Snapshot<'_>, backtest_id: BacktestId) -> Result<Option<BacktestRow>, StoreError> {
    snapshot.query_opt(select!("WHERE backtest_id = $1"), &[&backtest_id], read_row)
}

/// One page, newest first.
pub fn list(snapshot: &Snapshot<'_>, after: Option<BacktestId>, limit: i64) -> Result<Vec<BacktestRow>, StoreError> {
    // Behind every id there is.
    let after = after.map_or("~".to_owned(), String::from);
    snapshot.query(
        select!("WHERE backtest_id < $1 ORDER BY backtest_id DESC LIMIT $2"),
        &[&after, &limit],
        read_row,
    )
}

/// Notes how far one is. `false` when it does not go on any more.
pub fn progress(
    tx: &mut Tx<'_>,
    backtest_id: BacktestId,
    checked: i64,
    found: &Found,
    is_done: bool,
) -> Result<bool, StoreError> {
    let state = if is_done {
        BacktestState::Done
    } else {
        BacktestState::Running
    };
    let changed = tx.execute(
        "UPDATE backtests SET checked = $1, found = $2, state = $3 WHERE backtest_id = $4 AND state = 'RUNNING'",
        &[&checked, &to_json(found)?, &state.as_str(), &backtest_id],
    )?;
    Ok(changed > 0)
}

/// Ends one that goes on. `false` when it had ended.
pub fn end(
    tx: &mut Tx<'_>,
    backtest_id: BacktestId,
    state: BacktestState,
    problem: Option<&str>,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE backtests SET state = $1, problem = $2 WHERE backtest_id = $3 AND state = 'RUNNING'",
        &[&state.as_str(), &problem, &backtest_id],
    )?;
    Ok(changed > 0)
}

/// Ends those that an earlier run of the service left.
pub fn fail_all(tx: &mut Tx<'_>, problem: &str) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE backtests SET state = 'FAILED', problem = $1 WHERE state = 'RUNNING'",
        &[&problem],
    )?;
    Ok(())
}

fn read_row(row: &Row<'_>) -> Result<BacktestRow, StoreError> {
    let (state, found): (String, String) = (row.get(1)?, row.get(6)?);
    Ok(BacktestRow {
        backtest_id: row.get(0)?,
        state: BacktestState::ALL
            .into_iter()
            .find(|known| known.as_str() == state)
            .ok_or_else(|| unreadable(1, &state))?,
        started_by: row.get(2)?,
        asked: row.get(3)?,
        checked: row.get(4)?,
        total: row.get(5)?,
        found: serde_json::from_str(&found).map_err(|error| unreadable(6, &error))?,
        problem: row.get(7)?,
        created_at: row.get(8)?,
    })
}
