//! A decision made once more, from what was kept with it.

use ids::FraudLogId;
use service::ApiError;
use store::{Snapshot, StoreError};

use super::App;
use crate::domain::{self, Decision, Facts, Policy, Reading, RuleBook, default_rules};
use crate::store::logs::{self, LogRow};
use crate::store::{policies, rule_sets, rules};

/// What a decision comes to when it is made again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Which one.
    pub log_id: FraudLogId,
    /// What it comes to now.
    pub decision: Decision,
    /// What is different; nothing when all is the same.
    pub difference: Option<String>,
}

impl App {
    /// Makes a logged decision again: its facts, under the rules, the limits and the policy it was made with.
    pub async fn replay(&self, log_id: FraudLogId) -> Result<Replay, ApiError> {
        let replayed = self
            .database
            .read(move |snapshot| -> Result<Option<Replay>, StoreError> {
                let Some(row) = logs::find(snapshot, log_id)? else {
                    return Ok(None);
                };
                let facts = facts_of(&row)?;
                let book = book_at(snapshot, row.rules_revision)?;
                let limits = rule_sets::find(snapshot, i64::from(row.rule_set))?;
                let policy = policy_at(snapshot, i64::from(row.policy_version))?;
                let decision = policy.settle(book.ask(&facts, &limits).fired, &facts.desk);
                let difference = difference(&row.decision, &decision);
                Ok(Some(Replay {
                    log_id,
                    decision,
                    difference,
                }))
            })
            .await
            .map_err(|error: StoreError| ApiError::from(error))?;
        replayed.ok_or_else(|| ApiError::not_found("fraud log"))
    }
}

impl App {
    /// What each fact of a log was, with the settings of its time. Nothing for a log whose facts cannot be read any more.
    pub async fn readings(&self, facts: String, rule_set: u32) -> Result<Option<Vec<Reading>>, ApiError> {
        let Ok(facts) = serde_json::from_str::<Facts>(&facts) else {
            return Ok(None);
        };
        let limits = self
            .database
            .read(move |snapshot| rule_sets::find(snapshot, i64::from(rule_set)))
            .await;
        Ok(Some(domain::readings(&facts, &limits.map_err(ApiError::from)?)))
    }
}

/// The facts of a log.
pub(super) fn facts_of(row: &LogRow) -> Result<Facts, StoreError> {
    serde_json::from_str(&row.facts).map_err(|error| StoreError::Column {
        column: 0,
        problem: error.to_string(),
    })
}

/// The rules as they were at a revision. Before rules were kept, they were the first ten of those that come with an
/// installation.
fn book_at(snapshot: &Snapshot<'_>, revision: i64) -> Result<RuleBook, StoreError> {
    if revision > 0 {
        return Ok(RuleBook::new(rules::as_of(snapshot, revision)?));
    }
    let mut first = default_rules(service::Timestamp::from_micros(0));
    first.truncate(FIRST_RULES);
    Ok(RuleBook::new(first))
}

const FIRST_RULES: usize = 10;

fn policy_at(snapshot: &Snapshot<'_>, version: i64) -> Result<Policy, StoreError> {
    match version {
        0 => Ok(Policy::default()),
        version => policies::find(snapshot, version),
    }
}

fn difference(before: &Decision, after: &Decision) -> Option<String> {
    let mut parts = Vec::new();
    let mut compare = |what: &str, before: String, after: String| {
        if before != after {
            parts.push(format!("{what} was {before}, is {after}"));
        }
    };
    compare("the score", before.score.to_string(), after.score.to_string());
    compare(
        "the outcome",
        before.outcome.as_str().to_owned(),
        after.outcome.as_str().to_owned(),
    );
    compare(
        "the action",
        before.action.as_str().to_owned(),
        after.action.as_str().to_owned(),
    );
    compare("what fired", before.rules().join(", "), after.rules().join(", "));
    (!parts.is_empty()).then(|| parts.join("; "))
}
