//! Rules as data, and the book of those in force.

use serde::{Deserialize, Serialize};
use service::Timestamp;

use super::decision::Fired;
use super::expression::{Expression, Problem};
use super::fact;
use super::facts::Facts;
use super::limits::Limits;
use super::policy::SCORE_MAX;

/// What a rule does when it fires, beside adding its score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleAction {
    /// Nothing.
    #[default]
    Score,
    /// The payment waits for the desk, whatever the band of its score says (unless that refuses it).
    Review,
    /// The payment is FRAUD.
    Block,
}

/// Whether a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RuleState {
    /// It counts.
    Active,
    /// It is tried: what it says is logged and never acted on.
    Shadow,
    /// It is not asked.
    Off,
}

macro_rules! names {
    ($kind:ident: $($variant:ident $name:literal),+) => {
        impl $kind {
            /// The name as stored and shown.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// Reads a stored name.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
names!(RuleAction: Score "SCORE", Review "REVIEW", Block "BLOCK");
names!(RuleState: Active "ACTIVE", Shadow "SHADOW", Off "OFF");

/// One version of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its place among all versions of all rules.
    pub revision: i64,
    /// Stable, so that logs of any age can be filtered and counted.
    pub name: String,
    /// Counted per name, from 1.
    pub version: u32,
    /// Why it fires, for people: the names of facts between braces are filled in.
    pub description: String,
    /// When it fires.
    pub expression: String,
    /// What it adds to the score, 0 to 100.
    pub score: u32,
    /// What it does beside.
    pub action: RuleAction,
    /// Whether it counts.
    pub state: RuleState,
    /// Who wrote this version.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When.
    pub created_at: Timestamp,
}

/// What the rules say of a payment, most important first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Of the rules that count.
    pub fired: Vec<Fired>,
    /// Of those that are tried.
    pub shadow: Vec<Fired>,
}

/// The rules in force, ready to be asked.
#[derive(Debug)]
pub struct RuleBook {
    revision: i64,
    rules: Vec<(Rule, Expression)>,
}

impl RuleBook {
    /// The book of these rules: the newest version of each.
    pub fn new(rules: Vec<Rule>) -> Result<Self, Problem> {
        let names = fact::names();
        let revision = rules.iter().map(|rule| rule.revision).max().unwrap_or_default();
        let mut compiled = Vec::with_capacity(rules.len());
        for rule in rules.into_iter().filter(|rule| rule.state != RuleState::Off) {
            let expression = Expression::compile(&rule.expression, &names)?;
            compiled.push((rule, expression));
        }
        compiled.sort_by_key(|(rule, _)| (std::cmp::Reverse(rule.effective_score()), rule.revision));
        Ok(Self {
            revision,
            rules: compiled,
        })
    }

    /// The newest version in it: with it the same book can be put together again.
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// Asks all rules about a payment. A rule that cannot say (a division by zero) does not fire, and is told of.
    pub fn ask(&self, facts: &Facts, limits: &Limits) -> Findings {
        let values = fact::values(facts, limits);
        let mut findings = Findings::default();
        for (rule, expression) in &self.rules {
            match expression.holds(&values) {
                Some(false) => continue,
                Some(true) => {}
                None => {
                    metrics::counter!("sawit_fraud_rule_problems_total", "rule" => rule.name.clone()).increment(1);
                    continue;
                }
            }
            let fired = Fired {
                rule: rule.name.clone().into(),
                version: rule.version,
                score: rule.effective_score(),
                action: rule.action,
                reason: fact::fill_in(&rule.description, facts, &values),
            };
            match rule.state {
                RuleState::Active => findings.fired.push(fired),
                RuleState::Shadow => findings.shadow.push(fired),
                RuleState::Off => {}
            }
        }
        findings
    }
}

impl Rule {
    const fn effective_score(&self) -> u32 {
        match self.action {
            RuleAction::Block => SCORE_MAX,
            RuleAction::Score | RuleAction::Review => self.score,
        }
    }
}

/// Checks an expression as it would be when it is saved.
pub fn check_expression(text: &str) -> Result<(), Problem> {
    Expression::compile(text, &fact::names()).map(drop)
}
