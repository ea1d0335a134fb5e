//! How a saga went, for whoever wants to know later.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use service::Timestamp;

/// More than this are not kept: of a saga that tries for days, the beginning and the end are what is looked at.
const STEPS_MAX: usize = 60;
const RESULT_CHARS_MAX: usize = 120;

/// One step of a saga, done or tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which one.
    pub step: String,
    /// When it began, in microseconds since the epoch.
    pub at: i64,
    /// How long it took, in microseconds.
    pub micros: i64,
    /// In which run of the saga.
    pub attempt: u32,
    /// What came of it.
    pub result: String,
}

/// The steps of a saga so far.
#[derive(Clone, Debug, Default)]
pub struct StepLog {
    attempt: u32,
    steps: Vec<Step>,
}

impl StepLog {
    /// A run that follows on these steps.
    pub fn after(earlier: Vec<Step>) -> Self {
        Self {
            attempt: earlier.last().map_or(1, |last| last.attempt.saturating_add(1)),
            steps: earlier,
        }
    }

    /// Adds a step.
    pub fn note(&mut self, step: &str, at: Timestamp, took: Duration, result: &str) {
        if self.steps.len() >= STEPS_MAX {
            self.steps.remove(STEPS_MAX / 2);
        }
        self.steps.push(Step {
            step: step.to_owned(),
            at: at.micros(),
            micros: i64::try_from(took.as_micros()).unwrap_or(i64::MAX),
            attempt: self.attempt,
            result: result.chars().take(RESULT_CHARS_MAX).collect(),
        });
    }

    /// All of them, in their order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// As stored; nothing when nothing was done.
    pub fn to_json(&self) -> Option<String> {
        let stored = serde_json::to_string(&self.steps).ok();
        stored.filter(|_| !self.steps.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginning_and_end_of_a_long_story_are_kept() {
        let mut log = StepLog::after(Vec::new());
        for number in 0..500 {
            log.note(
                "fraud",
                Timestamp::from_micros(number),
                Duration::from_micros(7),
                &"x".repeat(999),
            );
        }
        let steps = log.steps();
        assert_eq!(steps.len(), STEPS_MAX);
        assert_eq!((steps[0].at, steps[STEPS_MAX - 1].at), (0, 499));
        assert_eq!(steps[0].result.len(), RESULT_CHARS_MAX);
    }
}
