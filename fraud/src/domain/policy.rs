//! What a score means, and what is done about it.

use std::time::Duration;

use money::{Currency, Money};
use serde::{Deserialize, Serialize};

use super::decision::{Action, Decision, Fired, Outcome};
use super::facts::DeskFacts;
use super::review::ReviewDecisionKind;
use super::rule::RuleAction;

/// The rule that fires for what stands on the deny list.
pub const DENY_LIST: &str = "deny_list";
/// A score that only FRAUD reaches.
pub(super) const SCORE_MAX: u32 = 100;
/// A review waits no longer than a hold may last.
const REVIEW_SECONDS_MAX: u64 = 7 * 24 * 3_600;

/// The bands of the score, and the rules of the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// SUSPICIOUS from this score on.
    pub suspicious_from: u32,
    /// FRAUD from this score on.
    pub fraud_from: u32,
    /// What happens to SUSPICIOUS payments.
    pub suspicious_action: Action,
    /// What happens to FRAUD.
    pub fraud_action: Action,
    /// How long a review waits for an answer.
    pub review_expires_after_seconds: u64,
    /// What happens then.
    pub review_expiry_decision: ReviewDecisionKind,
    /// Above this amount (in minor units) two people have to approve.
    pub four_eyes_above: Option<i64>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            suspicious_from: 1,
            fraud_from: SCORE_MAX,
            suspicious_action: Action::Allow,
            fraud_action: Action::Block,
            review_expires_after_seconds: 24 * 3_600,
            review_expiry_decision: ReviewDecisionKind::Reject,
            four_eyes_above: None,
        }
    }
}

impl Policy {
    /// What is wrong with it: the field and why.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        if !(1..=SCORE_MAX).contains(&self.suspicious_from) {
            return Some(("suspiciousFrom", "must be between 1 and 100"));
        }
        if !(self.suspicious_from..=SCORE_MAX).contains(&self.fraud_from) {
            return Some(("fraudFrom", "must be between `suspiciousFrom` and 100"));
        }
        if !(60..=REVIEW_SECONDS_MAX).contains(&self.review_expires_after_seconds) {
            return Some(("reviewExpiresAfterSeconds", "must be between a minute and a week"));
        }
        if self.four_eyes_above.is_some_and(|minor| minor < 0) {
            return Some(("fourEyesAbove", "must not be negative"));
        }
        None
    }

    /// How long a review waits.
    pub const fn review_lasts(&self) -> Duration {
        Duration::from_secs(self.review_expires_after_seconds)
    }

    /// The amount above which two people have to approve.
    pub fn four_eyes(&self) -> Option<Money> {
        // What is out of range was refused when it was set.
        self.four_eyes_above
            .and_then(|minor| Money::new(minor, Currency::Idr).ok())
    }

    /// Makes of the rules that fired what happens to the payment, with what the desk had said before.
    pub fn settle(&self, fired: Vec<Fired>, desk: &DeskFacts) -> Decision {
        let mut fired = fired;
        fired.retain(|fired| !desk.snoozed.iter().any(|rule| *rule == fired.rule));
        if let Some(what) = &desk.denied {
            let on_list = Fired {
                rule: DENY_LIST.into(),
                version: 1,
                score: SCORE_MAX,
                action: RuleAction::Block,
                reason: format!("the {what} is on the deny list"),
            };
            fired.insert(0, on_list);
        }
        // Many small doubts do not refuse; only a rule that says so alone does.
        let most = if fired.iter().any(|fired| fired.score >= SCORE_MAX) {
            SCORE_MAX
        } else {
            SCORE_MAX - 1
        };
        let sum = fired.iter().fold(0_u32, |sum, fired| sum.saturating_add(fired.score));
        let score = sum.min(most);
        let outcome = self.outcome(score);
        let (outcome, score, action) = match (&desk.denied, &desk.allowed) {
            (Some(_), _) => (Outcome::Fraud, SCORE_MAX, Action::Block),
            (None, Some(_)) if outcome == Outcome::Fraud => {
                (Outcome::Suspicious, score.min(SCORE_MAX - 1), Action::Allow)
            }
            (None, Some(_)) => (outcome, score, Action::Allow),
            (None, None) => (outcome, score, self.action(outcome, &fired)),
        };
        Decision {
            outcome,
            action,
            score,
            fired,
        }
    }

    const fn outcome(&self, score: u32) -> Outcome {
        if score >= self.fraud_from {
            Outcome::Fraud
        } else if score >= self.suspicious_from {
            Outcome::Suspicious
        } else {
            Outcome::Safe
        }
    }

    fn action(&self, outcome: Outcome, fired: &[Fired]) -> Action {
        let of_band = match outcome {
            Outcome::Safe => Action::Allow,
            Outcome::Suspicious => self.suspicious_action,
            Outcome::Fraud => self.fraud_action,
        };
        let wants_review = fired.iter().any(|fired| fired.action == RuleAction::Review);
        if of_band == Action::Allow && wants_review {
            Action::Review
        } else {
            of_band
        }
    }
}
