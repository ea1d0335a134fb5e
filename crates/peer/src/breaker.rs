//! A circuit breaker: a peer that failed several times in a row is left alone for a moment.

use std::sync::Mutex;
use std::time::{Duration, Instant};

const FAILURES_UNTIL_OPEN: u32 = 5;
const OPEN_FOR: Duration = Duration::from_millis(500);

/// Counts failures in a row. While open, calls fail at once instead of queueing up behind time-outs; after a moment
/// calls are let through again, and the first failure opens it anew.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures_in_a_row: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    pub fn allows(&self, now: Instant) -> bool {
        self.lock().open_until.is_none_or(|until| now >= until)
    }

    pub fn succeeded(&self) {
        *self.lock() = State::default();
    }

    pub fn failed(&self, now: Instant) {
        let mut state = self.lock();
        state.failures_in_a_row = state.failures_in_a_row.saturating_add(1);
        if state.failures_in_a_row >= FAILURES_UNTIL_OPEN {
            state.open_until = Some(now + OPEN_FOR);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_with_success() {
        let breaker = Breaker::default();
        let start = Instant::now();
        (1..FAILURES_UNTIL_OPEN).for_each(|_| breaker.failed(start));
        assert!(breaker.allows(start));
        breaker.failed(start);
        assert!(!breaker.allows(start));
        assert!(breaker.allows(start + OPEN_FOR), "one may try after the pause");
        breaker.failed(start + OPEN_FOR);
        assert!(!breaker.allows(start + OPEN_FOR), "and its failure opens it again");
        breaker.succeeded();
        assert!(breaker.allows(start));
    }
}
