//! Tries rules on the past: which decisions would have come out otherwise.
//!
//! One task looks at the past for all back-tests, a slice of each in turn, so that checks never wait behind more than a
//! slice. How far it is stands in the table after each slice. What is looked at lies in memory only: a restart ends it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use ids::BacktestId;
use serde::{Deserialize, Serialize};
use service::page::page_size;
use service::{ApiError, ErrorCode, Timestamp};
use store::{Snapshot, StoreError};
use tokio_util::sync::CancellationToken;

use super::App;
use super::replay::facts_of;
use crate::domain::{Found, PastDecision, Policy, Problem, Rule, RuleAction, RuleBook, RuleState, check_expression};
use crate::store::backtests::{self, BacktestRow, BacktestState};
use crate::store::logs::{self, LogPlace};
use crate::store::{policies, rules};

/// Rules in one back-test.
const RULES_MAX: usize = 50;
/// Logs in one back-test; of a longer time somebody takes a part.
const LOGS_MAX: i64 = 2_000_000;
/// Logs looked at in one go.
const SLICE: i64 = 500;
/// Back-tests at once, of all people.
const RUNNING_MAX: usize = 2;
/// Of those that have ended the newest stay: each holds what was asked and found, and can be asked again.
const KEPT: i64 = 200;
/// How often it is looked for ones to be run, should nobody tell.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A rule to be tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriedRule {
    /// Its name; a rule in force of this name is left out.
    pub name: String,
    /// When it fires.
    pub expression: String,
    /// What it adds to the score.
    pub score: u32,
    /// What it does beside.
    pub action: RuleAction,
}

/// What is to be tried on what.
#[derive(Clone, Debug)]
pub struct StartBacktest {
    /// The rules.
    pub rules: Vec<TriedRule>,
    /// Along with the rules in force.
    pub is_on_top: bool,
    /// From this time
    pub from: Timestamp,
    /// to before this one.
    pub to: Timestamp,
    /// Who asks.
    pub started_by: String,
}

/// What is kept of what was asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    rules: Vec<TriedRule>,
    is_on_top: bool,
    from_micros: i64,
    to_micros: i64,
}

/// One that goes on, as it lies in memory.
struct Run {
    book: Arc<RuleBook>,
    policy: Policy,
    place: LogPlace,
    until: Timestamp,
    checked: i64,
    found: Found,
}

impl App {
    /// Starts one. One person has one at a time.
    pub async fn start_backtest(&self, asked: StartBacktest) -> Result<BacktestRow, ApiError> {
        check_rules(&asked.rules)?;
        if asked.from >= asked.to {
            return Err(ApiError::bad_input("`from` must be before `to`").with("field", "from"));
        }
        let now = self.clock.now();
        let kept = Asked {
            rules: asked.rules,
            is_on_top: asked.is_on_top,
            from_micros: asked.from.micros(),
            to_micros: asked.to.micros(),
        };
        let started_by = asked.started_by;
        let (from, to) = (asked.from, asked.to);
        let total = self
            .database
            .read(move |snapshot| logs::count_between(snapshot, from, to, LOGS_MAX + 1))
            .await
            .map_err(|error: StoreError| ApiError::from(error))?;
        if total > LOGS_MAX {
            let problem = format!("there are more than {LOGS_MAX} checks in this time; choose a shorter one");
            return Err(ApiError::bad_input(problem).with("field", "from"));
        }
        let row = self
            .database
            .write(move |tx| -> Result<BacktestRow, ApiError> {
                let running = backtests::running(tx)?;
                if running.iter().any(|other| other.started_by == started_by) {
                    return Err(ApiError::new(ErrorCode::Conflict, "a back-test of yours is running"));
                }
                if running.len() >= RUNNING_MAX {
                    let problem = format!("{RUNNING_MAX} back-tests are running; wait for one to end");
                    return Err(ApiError::new(ErrorCode::Conflict, problem));
                }
                let row = BacktestRow {
                    backtest_id: BacktestId::generate(),
                    state: BacktestState::Running,
                    started_by: started_by.clone(),
                    asked: logs::to_json(&kept)?,
                    checked: 0,
                    total,
                    found: Found::default(),
                    problem: None,
                    created_at: now,
                };
                backtests::insert(tx, &row)?;
                backtests::prune(tx, KEPT)?;
                Ok(row)
            })
            .await?;
        self.backtests.notify_one();
        Ok(row)
    }

    /// How far one is, and what it found so far.
    pub async fn backtest(&self, backtest_id: &str) -> Result<BacktestRow, ApiError> {
        let missing = || ApiError::not_found("back-test");
        let id = BacktestId::parse(backtest_id).map_err(|_| missing())?;
        let found = self.database.read(move |snapshot| backtests::find(snapshot, id)).await;
        found
            .map_err(|error: StoreError| ApiError::from(error))?
            .ok_or_else(missing)
    }

    /// One page, newest first.
    pub async fn list_backtests(
        &self,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<Vec<BacktestRow>, ApiError> {
        let limit = page_size(first)?;
        let after = after
            .map(|text| BacktestId::parse(&text).map_err(|_| ApiError::bad_input("`after` is no back-test's id")))
            .transpose()?;
        let found = self
            .database
            .read(move |snapshot| backtests::list(snapshot, after, limit))
            .await;
        found.map_err(|error: StoreError| ApiError::from(error))
    }

    /// Ends one before its time. One that has ended stays as it is.
    pub async fn cancel_backtest(&self, backtest_id: &str, by: &str) -> Result<BacktestRow, ApiError> {
        let row = self.backtest(backtest_id).await?;
        let is_ended = self
            .database
            .write(move |tx| backtests::end(tx, row.backtest_id, BacktestState::Cancelled, None))
            .await
            .map_err(|error: StoreError| ApiError::from(error))?;
        if is_ended {
            tracing::info!(backtest_id, by, "a back-test was cancelled");
        }
        self.backtest(backtest_id).await
    }
}

/// Looks at the past for whatever back-tests there are, until `stop`.
pub async fn backtest_until(app: App, stop: CancellationToken) {
    let mut runs = HashMap::new();
    while !stop.is_cancelled() {
        // An error was logged where it became one; the next look tries again.
        if app.run_backtests(&mut runs).await.unwrap_or(false) {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.backtests.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl App {
    /// Looks at one slice for each, and says whether there is more to look at.
    async fn run_backtests(&self, runs: &mut HashMap<BacktestId, Run>) -> Result<bool, ApiError> {
        let running = self.database.read(backtests::running).await;
        let running = running.map_err(|error: StoreError| ApiError::from(error))?;
        runs.retain(|id, _| running.iter().any(|row| row.backtest_id == *id));
        for row in &running {
            let id = row.backtest_id;
            let looked = match runs.remove(&id) {
                Some(run) => self.look(id, run).await,
                None => self.begin(row).await,
            };
            match looked {
                Ok(Some(run)) => {
                    runs.insert(id, run);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, backtest_id = %id, "a back-test failed");
                    let failed = move |tx: &mut store::Tx<'_>| {
                        backtests::end(tx, id, BacktestState::Failed, Some("an internal error; try again"))
                    };
                    self.database.write(failed).await.map_err(ApiError::from)?;
                }
            }
        }
        Ok(!runs.is_empty())
    }

    async fn begin(&self, row: &BacktestRow) -> Result<Option<Run>, StoreError> {
        let asked: Asked = serde_json::from_str(&row.asked).map_err(|error| StoreError::Column {
            column: 3,
            problem: error.to_string(),
        })?;
        let (from, until) = (
            Timestamp::from_micros(asked.from_micros),
            Timestamp::from_micros(asked.to_micros),
        );
        let now = self.clock.now();
        let (book, policy) = self
            .database
            .read(move |snapshot| -> Result<_, StoreError> {
                let book = book_to_try(snapshot, asked.rules, asked.is_on_top, now)?;
                Ok((book, policies::current(snapshot)?.policy))
            })
            .await?;
        Ok(Some(Run {
            book: Arc::new(book),
            policy,
            place: LogPlace::before(from),
            until,
            checked: 0,
            found: Found::default(),
        }))
    }

    /// Looks at one slice and notes it; nothing when that was the last one, or somebody ended it.
    async fn look(&self, id: BacktestId, run: Run) -> Result<Option<Run>, StoreError> {
        let limits = Arc::clone(&self.limits);
        let (run, is_done) = self
            .database
            .read(move |snapshot| -> Result<(Run, bool), StoreError> {
                let mut run = run;
                let rows = logs::between(snapshot, &run.place, run.until, SLICE)?;
                for row in &rows {
                    let facts = facts_of(row)?;
                    let after = run.policy.settle(run.book.ask(&facts, &limits).fired, &facts.desk);
                    let past = PastDecision {
                        log_id: row.log_id.as_str(),
                        transaction_id: row.transaction_id.as_deref(),
                        amount: row.amount.minor(),
                        decision: &row.decision,
                    };
                    run.found.compare(past, &after);
                }
                run.checked += rows.len() as i64;
                let is_done = (rows.len() as i64) < SLICE;
                if let Some(last) = rows.last() {
                    run.place = LogPlace::at(last);
                }
                Ok((run, is_done))
            })
            .await?;
        let (checked, found) = (run.checked, run.found.clone());
        let goes_on = self
            .database
            .write(move |tx| backtests::progress(tx, id, checked, &found, is_done))
            .await?;
        Ok((goes_on && !is_done).then_some(run))
    }
}

/// The rules that are tried, and if so asked those in force with them.
fn book_to_try(
    snapshot: &Snapshot<'_>,
    tried: Vec<TriedRule>,
    is_on_top: bool,
    now: Timestamp,
) -> Result<RuleBook, StoreError> {
    let mut all = if is_on_top {
        rules::as_of(snapshot, i64::MAX)?
    } else {
        Vec::new()
    };
    all.retain(|rule| rule.state == RuleState::Active && tried.iter().all(|other| other.name != rule.name));
    all.extend(tried.into_iter().map(|tried| Rule {
        revision: i64::MAX,
        name: tried.name,
        version: 0,
        description: String::new(),
        expression: tried.expression,
        score: tried.score,
        action: tried.action,
        state: RuleState::Active,
        author: String::new(),
        reason: String::new(),
        created_at: now,
    }));
    Ok(RuleBook::new(all))
}

fn check_rules(rules: &[TriedRule]) -> Result<(), ApiError> {
    if !(1..=RULES_MAX).contains(&rules.len()) {
        let problem = format!("a back-test has 1 to {RULES_MAX} rules");
        return Err(ApiError::bad_input(problem).with("field", "rules"));
    }
    for (number, rule) in rules.iter().enumerate() {
        let refused = |problem: String| ApiError::bad_input(format!("rule {}: {problem}", number + 1));
        if rule.name.is_empty() || rule.name.len() > super::rules::NAME_CHARS_MAX {
            let problem = format!("`name` has 1 to {} characters", super::rules::NAME_CHARS_MAX);
            return Err(refused(problem).with("field", "name"));
        }
        if rules[..number].iter().any(|other| other.name == rule.name) {
            return Err(refused("there is another one of this name".to_owned()).with("field", "name"));
        }
        if rule.score > 100 {
            return Err(refused("`score` is between 0 and 100".to_owned()).with("field", "score"));
        }
        if let Err(Problem { message, column }) = check_expression(&rule.expression) {
            let error = refused(format!("`expression`: {message}")).with("field", "expression");
            return Err(match column {
                Some(column) => error.with("column", column as u64),
                None => error,
            });
        }
    }
    Ok(())
}
