//! What the fraud service answers, as far as the desk's pages show it.

use serde::Deserialize;

use crate::console::types::{Amount, When};

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FiredRule {
    pub(crate) rule: String,
    pub(crate) version: i64,
    pub(crate) score: i64,
    pub(crate) reason: String,
}

/// One check, as lists show it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FraudLog {
    pub(crate) log_id: String,
    pub(crate) user_id: String,
    pub(crate) transaction_id: Option<String>,
    pub(crate) merchant_id: Option<String>,
    pub(crate) case_id: Option<String>,
    pub(crate) amount: Amount,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) action: String,
    pub(crate) score: i64,
    pub(crate) rules: Vec<String>,
    pub(crate) created_at: When,
}

/// One check with all that it was decided by.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WholeLog {
    #[serde(flatten)]
    pub(crate) log: FraudLog,
    pub(crate) reason: String,
    pub(crate) fired: Vec<FiredRule>,
    pub(crate) shadow_fired: Vec<FiredRule>,
    pub(crate) readings: Option<Vec<Reading>>,
    pub(crate) policy_version: i64,
}

/// What a fact was in a check.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Reading {
    pub(crate) name: String,
    /// None when it was not known.
    pub(crate) value: Option<String>,
    pub(crate) unit: String,
    pub(crate) description: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogCount {
    pub(crate) total: i64,
    pub(crate) is_exact: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replay {
    pub(crate) is_identical: bool,
    pub(crate) score: i64,
    pub(crate) status: String,
    pub(crate) action: String,
    pub(crate) fired: Vec<FiredRule>,
    pub(crate) difference: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Stats {
    pub(crate) days: Vec<Day>,
    pub(crate) rules: Vec<RuleStats>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Day {
    pub(crate) day: String,
    pub(crate) checks: i64,
    pub(crate) safe: i64,
    pub(crate) suspicious: i64,
    pub(crate) fraud: i64,
    pub(crate) reviewed: i64,
    pub(crate) approved: i64,
    pub(crate) rejected: i64,
    pub(crate) amount: Amount,
    pub(crate) refused_amount: Amount,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RuleStats {
    pub(crate) rule: String,
    pub(crate) fired: i64,
    pub(crate) approved: i64,
    pub(crate) rejected: i64,
    pub(crate) open: i64,
    pub(crate) precision: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) description: String,
    pub(crate) expression: String,
    pub(crate) score: i64,
    pub(crate) action: String,
    pub(crate) state: String,
    pub(crate) author: String,
    pub(crate) reason: String,
    pub(crate) created_at: When,
    /// Why it is not asked, whatever its state.
    pub(crate) problem: Option<String>,
    pub(crate) could_not_say: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Fact {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) description: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExpressionCheck {
    pub(crate) is_valid: bool,
    pub(crate) problem: Option<String>,
    pub(crate) column: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Policy {
    pub(crate) version: i64,
    pub(crate) suspicious_from: i64,
    pub(crate) fraud_from: i64,
    pub(crate) suspicious_action: String,
    pub(crate) fraud_action: String,
    pub(crate) review_expires_after_seconds: i64,
    pub(crate) review_expiry_decision: String,
    pub(crate) four_eyes_above: Option<Amount>,
    pub(crate) author: String,
    pub(crate) reason: String,
    pub(crate) created_at: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Case {
    pub(crate) case_id: String,
    pub(crate) transaction_id: String,
    pub(crate) user_id: String,
    pub(crate) merchant_id: Option<String>,
    pub(crate) amount: Amount,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) needs_second: bool,
    pub(crate) created_at: When,
    pub(crate) expires_at: When,
    pub(crate) closed_at: Option<When>,
    pub(crate) decisions: Vec<Decision>,
}

/// A case with the check that asked for it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct WholeCase {
    #[serde(flatten)]
    pub(crate) case: Case,
    pub(crate) log: WholeLog,
    pub(crate) recent: Vec<FraudLog>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Decision {
    pub(crate) decision: String,
    pub(crate) by: String,
    pub(crate) note: String,
    pub(crate) at: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListEntry {
    pub(crate) entry_id: String,
    pub(crate) list: String,
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) reason: String,
    pub(crate) author: String,
    pub(crate) created_at: When,
    pub(crate) expires_at: Option<When>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Snooze {
    pub(crate) snooze_id: String,
    pub(crate) rule: String,
    pub(crate) user_id: String,
    pub(crate) until: When,
    pub(crate) reason: String,
    pub(crate) author: String,
    pub(crate) created_at: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Backtest {
    pub(crate) backtest_id: String,
    pub(crate) state: String,
    pub(crate) checked: i64,
    pub(crate) total: i64,
    pub(crate) changed: i64,
    pub(crate) changed_amount: Amount,
    pub(crate) started_by: String,
    pub(crate) created_at: When,
    pub(crate) problem: Option<String>,
}

/// A back-test with what it found.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct WholeBacktest {
    #[serde(flatten)]
    pub(crate) backtest: Backtest,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) examples: Vec<Example>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Transition {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) count: i64,
    pub(crate) amount: Amount,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Example {
    pub(crate) log_id: String,
    pub(crate) amount: Amount,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) score_before: i64,
    pub(crate) score_after: i64,
    pub(crate) fired: Vec<String>,
}
