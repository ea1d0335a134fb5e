//! Rules as data, and the book of those in force.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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

/// A rule that cannot say of one payment cannot say of many: the log is told this often at most.
const TELL_EVERY: Duration = Duration::from_secs(60);

/// The rules in force, ready to be asked.
#[derive(Debug)]
pub struct RuleBook {
    revision: i64,
    rules: Vec<Compiled>,
    left_out: Vec<LeftOut>,
}

/// A rule that was written and is not asked, because its expression is none that this program understands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub rule: String,
    /// The version of it.
    pub version: u32,
    /// What is wrong with its expression.
    pub problem: Problem,
}

#[derive(Debug)]
struct Compiled {
    rule: Rule,
    expression: Expression,
    could_not_say: CouldNotSay,
}

/// How often a rule could not say whether it fires, and when the log was last told.
#[derive(Debug, Default)]
struct CouldNotSay {
    count: AtomicU64,
    told_at: Mutex<Option<Instant>>,
}

impl RuleBook {
    /// The book of these rules: the newest version of each. One that another version of the program wrote and this one does
    /// not understand is left out, because payments must not wait for it.
    pub fn new(rules: Vec<Rule>) -> Self {
        let names = fact::names();
        let revision = rules.iter().map(|rule| rule.revision).max().unwrap_or_default();
        let mut compiled = Vec::with_capacity(rules.len());
        let mut left_out = Vec::new();
        for rule in rules.into_iter().filter(|rule| rule.state != RuleState::Off) {
            match Expression::compile(&rule.expression, &names) {
                Ok(expression) => compiled.push(Compiled {
                    rule,
                    expression,
                    could_not_say: CouldNotSay::default(),
                }),
                Err(problem) => left_out.push(LeftOut {
                    rule: rule.name,
                    version: rule.version,
                    problem,
                }),
            }
        }
        compiled.sort_by_key(|Compiled { rule, .. }| (std::cmp::Reverse(rule.effective_score()), rule.revision));
        Self {
            revision,
            rules: compiled,
            left_out,
        }
    }

    /// The newest version in it: with it the same book can be put together again.
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    /// The rules that are not in it although they are not off.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// How often a rule could not say whether it fires, since the book was put together.
    pub fn times_it_could_not_say(&self, name: &str) -> u64 {
        let known = self.rules.iter().find(|known| known.rule.name == name);
        known.map_or(0, |known| known.could_not_say.count.load(Ordering::Relaxed))
    }

    /// Asks all rules about a payment. A rule that cannot say (a division by zero) does not fire, and is told of.
    pub fn ask(&self, facts: &Facts, limits: &Limits) -> Findings {
        let values = fact::values(facts, limits);
        let mut findings = Findings::default();
        for known in &self.rules {
            let rule = &known.rule;
            match known.expression.holds(&values) {
                Some(false) => continue,
                Some(true) => {}
                None => {
                    known.could_not_say.note(rule);
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

impl CouldNotSay {
    /// Counts it, and says so in the log unless that was just said.
    fn note(&self, rule: &Rule) {
        metrics::counter!("sawit_fraud_rule_problems_total", "rule" => rule.name.clone()).increment(1);
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told_at = self.told_at.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if told_at.is_none_or(|told_at| told_at.elapsed() >= TELL_EVERY) {
            *told_at = Some(Instant::now());
            drop(told_at);
            let (name, version) = (&rule.name, rule.version);
            tracing::warn!(rule = %name, version, count, "a fraud rule could not say whether it fires, and did not");
        }
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
