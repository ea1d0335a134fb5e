//! How often a wrong password may be tried for one account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

const FAILURES_MAX: u32 = 10;
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Bounds the memory: beyond this, the accounts whose window began longest ago are forgotten first.
const ACCOUNTS_MAX: usize = 10_000;

struct Failures {
    count: u32,
    since: Timestamp,
}

/// Counts failed logins per e-mail, in memory: a restart forgives.
#[derive(Clone, Default)]
pub(crate) struct Attempts {
    failures: Arc<Mutex<HashMap<String, Failures>>>,
}

impl Attempts {
    /// Counts an attempt before it is made, so that many at once count as many; false when there were too many.
    pub(crate) fn begin(&self, email: &str, now: Timestamp) -> bool {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= ACCOUNTS_MAX && !failures.contains_key(email) {
            make_room(&mut failures, now);
        }
        let entry = failures
            .entry(email.to_owned())
            .or_insert(Failures { count: 0, since: now });
        if is_over(entry, now) {
            *entry = Failures { count: 0, since: now };
        }
        entry.count = entry.count.saturating_add(1);
        entry.count <= FAILURES_MAX
    }

    /// Forgets the failures of someone who knew the password.
    pub(crate) fn succeeded(&self, email: &str) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(email);
    }
}

fn is_over(failures: &Failures, now: Timestamp) -> bool {
    now.duration_since(failures.since) >= WINDOW
}

fn make_room(failures: &mut HashMap<String, Failures>, now: Timestamp) {
    failures.retain(|_, entry| !is_over(entry, now));
    if failures.len() < ACCOUNTS_MAX {
        return;
    }
    // A tenth at a time, so that a flood of invented accounts does not pay for this on every attempt.
    let mut starts: Vec<Timestamp> = failures.values().map(|entry| entry.since).collect();
    starts.sort_unstable();
    let oldest = starts[ACCOUNTS_MAX / 10];
    failures.retain(|_, entry| entry.since > oldest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_close_the_account_for_a_while() {
        let attempts = Attempts::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..FAILURES_MAX {
            assert!(attempts.begin("a@b.id", now));
        }
        assert!(!attempts.begin("a@b.id", now));
        assert!(attempts.begin("other@b.id", now));
        assert!(attempts.begin("a@b.id", now + WINDOW));
    }

    #[test]
    fn success_forgives() {
        let attempts = Attempts::default();
        for _ in 0..100 {
            assert!(attempts.begin("a@b.id", Timestamp::UNIX_EPOCH));
            attempts.succeeded("a@b.id");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let attempts = Attempts::default();
        for account in 0..ACCOUNTS_MAX * 3 {
            attempts.begin(
                &account.to_string(),
                Timestamp::from_second(account as i64 / 100).unwrap(),
            );
            assert!(attempts.failures.lock().unwrap().len() <= ACCOUNTS_MAX);
        }
    }
}
