//! What other rules would have made of past payments, added up.

use serde::{Deserialize, Serialize};

use super::decision::{Decision, Outcome};

/// So many changed decisions are shown as examples: the first that are found of each kind of change.
const EXAMPLES_PER_TRANSITION: usize = 10;

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Decisions with another outcome.
    pub changed: u32,
    /// Their amounts, summed, in minor units.
    pub changed_amount: i64,
    /// The same, by the outcomes before and after.
    pub transitions: Vec<Transition>,
    /// Some of them.
    pub examples: Vec<Example>,
}

/// Decisions that would go from one outcome to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// As it was.
    #[serde(with = "outcome_name")]
    pub from: Outcome,
    /// As it would be.
    #[serde(with = "outcome_name")]
    pub to: Outcome,
    /// How many.
    pub count: u32,
    /// Their amounts, summed, in minor units.
    pub amount: i64,
}

/// One decision that would change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// The log of the decision.
    pub log_id: String,
    /// The payment, if it was one.
    pub transaction_id: Option<String>,
    /// In minor units.
    pub amount: i64,
    /// As it was.
    #[serde(with = "outcome_name")]
    pub before: Outcome,
    /// As it would be.
    #[serde(with = "outcome_name")]
    pub after: Outcome,
    /// The score as it was.
    pub score_before: u32,
    /// As it would be.
    pub score_after: u32,
    /// The rules that would fire.
    pub fired: Vec<String>,
}

/// A decision of the past.
#[derive(Clone, Copy, Debug)]
pub struct PastDecision<'a> {
    /// Where it is logged.
    pub log_id: &'a str,
    /// The payment, if it was one.
    pub transaction_id: Option<&'a str>,
    /// In minor units.
    pub amount: i64,
    /// What was decided.
    pub decision: &'a Decision,
}

impl Found {
    /// Counts what a decision would have been.
    pub fn compare(&mut self, past: PastDecision<'_>, after: &Decision) {
        let (from, to) = (past.decision.outcome, after.outcome);
        if from == to {
            return;
        }
        self.changed = self.changed.saturating_add(1);
        self.changed_amount = self.changed_amount.saturating_add(past.amount);
        let seen = self.count_transition(from, to, past.amount);
        if seen <= EXAMPLES_PER_TRANSITION {
            self.examples.push(Example {
                log_id: past.log_id.to_owned(),
                transaction_id: past.transaction_id.map(str::to_owned),
                amount: past.amount,
                before: from,
                after: to,
                score_before: past.decision.score,
                score_after: after.score,
                fired: after.rules(),
            });
        }
    }

    /// Answers how many of this kind there are now.
    fn count_transition(&mut self, from: Outcome, to: Outcome, amount: i64) -> usize {
        let place = self.transitions.iter().position(|it| (it.from, it.to) == (from, to));
        let place = place.unwrap_or_else(|| {
            self.transitions.push(Transition {
                from,
                to,
                count: 0,
                amount: 0,
            });
            self.transitions.len() - 1
        });
        let transition = &mut self.transitions[place];
        transition.count = transition.count.saturating_add(1);
        transition.amount = transition.amount.saturating_add(amount);
        transition.count as usize
    }
}

mod outcome_name {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::Outcome;

    pub fn serialize<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(outcome.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Outcome, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Outcome::parse(&name).ok_or_else(|| de::Error::custom("no outcome"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::decision::Action;
    use super::*;

    #[test]
    fn only_other_outcomes_count_and_examples_are_bounded() {
        let decision = |outcome, score| Decision {
            outcome,
            action: Action::Allow,
            score,
            fired: Vec::new(),
        };
        let safe = decision(Outcome::Safe, 0);
        let past = PastDecision {
            log_id: "flg_1",
            transaction_id: None,
            amount: 5,
            decision: &safe,
        };
        let mut found = Found::default();
        found.compare(past, &safe);
        assert_eq!(found, Found::default());
        for _ in 0..30 {
            found.compare(past, &decision(Outcome::Suspicious, 20));
        }
        found.compare(past, &decision(Outcome::Fraud, 100));
        assert_eq!((found.changed, found.changed_amount), (31, 155));
        assert_eq!(found.transitions.iter().map(|it| it.count).collect::<Vec<_>>(), [30, 1]);
        assert_eq!(found.examples.len(), EXAMPLES_PER_TRANSITION + 1);
        let stored = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Found>(&stored).unwrap(), found);
    }
}
