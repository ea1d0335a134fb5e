//! What a check comes to.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::rule::RuleAction;

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Goes on.
    Safe,
    /// Goes on, and is looked at.
    Suspicious,
    /// Is refused.
    Fraud,
}

impl Outcome {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "SAFE",
            Self::Suspicious => "SUSPICIOUS",
            Self::Fraud => "FRAUD",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Safe, Self::Suspicious, Self::Fraud]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// What happens to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Action {
    /// It goes on.
    Allow,
    /// It waits for the desk.
    Review,
    /// It is refused.
    Block,
}

impl Action {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "ALLOW",
            Self::Review => "REVIEW",
            Self::Block => "BLOCK",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Allow, Self::Review, Self::Block]
            .into_iter()
            .find(|action| action.as_str() == text)
    }
}

/// A rule that fired: its name is stable, so that logs of any age can be filtered and counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// The rule's name.
    pub rule: Cow<'static, str>,
    /// Which version of it.
    #[serde(default = "first_version")]
    pub version: u32,
    /// What it adds to the score.
    pub score: u32,
    /// What it does beside.
    #[serde(default, skip_serializing_if = "is_score")]
    pub action: RuleAction,
    /// For people, with the numbers.
    pub reason: String,
}

/// Outcome, score and reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What the score means.
    pub outcome: Outcome,
    /// What happens to the payment.
    pub action: Action,
    /// 0 to 100.
    pub score: u32,
    /// Most important first.
    pub fired: Vec<Fired>,
}

impl Decision {
    /// All reasons in one line.
    pub fn reason(&self) -> String {
        if self.fired.is_empty() {
            return "no rule fired".to_owned();
        }
        let reasons: Vec<&str> = self.fired.iter().map(|fired| fired.reason.as_str()).collect();
        reasons.join("; ")
    }

    /// The names of the rules that fired.
    pub fn rules(&self) -> Vec<String> {
        self.fired.iter().map(|fired| fired.rule.to_string()).collect()
    }
}

/// Before rules were kept there was one version of each.
const fn first_version() -> u32 {
    1
}

fn is_score(action: &RuleAction) -> bool {
    *action == RuleAction::Score
}
