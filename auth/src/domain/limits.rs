//! How many attempts are too many.

use std::time::Duration;

use service::Timestamp;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptKind {
    /// Failed logins to one account, whether it exists or not.
    LoginOfAccount,
    /// Failed logins from one address.
    LoginFromAddress,
    /// Registrations from one address.
    RegistrationFromAddress,
    /// Wrong client secrets from one address.
    ServiceFromAddress,
    /// Wrong PINs of one user.
    PinOfUser,
    /// Wrong codes of one user's second factor.
    TotpOfUser,
    /// Questions of one user who somebody is.
    RecipientOfUser,
}

/// The attempts counted for one subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempts {
    pub(crate) failures: i64,
    pub(crate) window_started_at: Timestamp,
    pub(crate) blocked_until: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What follows when the free attempts of a window are used up.
enum Wait {
    /// Each further failure doubles the wait, up to a maximum; all is forgotten after a quiet day.
    Grows { first: Duration, max: Duration },
    /// Nothing more until the window has passed.
    UntilWindowEnds,
}

struct Policy {
    free: i64,
    window: Duration,
    wait: Wait,
}

impl AttemptKind {
    /// The name it is stored under.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::LoginOfAccount => "login-account",
            Self::LoginFromAddress => "login-address",
            Self::RegistrationFromAddress => "registration-address",
            Self::ServiceFromAddress => "service-address",
            Self::PinOfUser => "pin-user",
            Self::TotpOfUser => "totp-user",
            Self::RecipientOfUser => "recipient-user",
        }
    }

    const fn policy(self) -> Policy {
        match self {
            // The longest wait is short enough that nobody is locked out by somebody else for long, and long enough
            // that a day is good for a hundred guesses.
            Self::LoginOfAccount => Policy {
                free: 5,
                window: Duration::from_secs(15 * MINUTE.as_secs()),
                wait: Wait::Grows {
                    first: MINUTE,
                    max: Duration::from_secs(15 * MINUTE.as_secs()),
                },
            },
            Self::LoginFromAddress | Self::ServiceFromAddress => Policy {
                free: 50,
                window: Duration::from_secs(15 * MINUTE.as_secs()),
                wait: Wait::UntilWindowEnds,
            },
            Self::RegistrationFromAddress => Policy {
                free: 60,
                window: HOUR,
                wait: Wait::UntilWindowEnds,
            },
            // A million PINs are few: whoever guesses has five tries, and then a handful a day. The owner need not wait,
            // because their password opens the lock.
            Self::PinOfUser => Policy {
                free: 5,
                window: DAY,
                wait: Wait::Grows { first: HOUR, max: DAY },
            },
            // Whoever guesses codes has the password already, so it opens no lock here, only a right code after the wait
            // or an admin does. Three of a million codes are good at a time, and thirty guesses a day are few.
            Self::TotpOfUser => Policy {
                free: 5,
                window: DAY,
                wait: Wait::Grows {
                    first: MINUTE,
                    max: HOUR,
                },
            },
            // As fast as somebody types, and too slow to go through a list of addresses.
            Self::RecipientOfUser => Policy {
                free: 30,
                window: MINUTE,
                wait: Wait::UntilWindowEnds,
            },
        }
    }
}

impl Attempts {
    /// How long nothing must have happened until a row says nothing any more, whatever its kind.
    pub(crate) const FORGOTTEN_AFTER: Duration = DAY;

    /// How long the next attempt has to wait, if it has to.
    pub(crate) fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let wait = self.blocked_until.since(now);
        (!wait.is_zero()).then_some(wait)
    }

    /// The count with one more failure.
    pub(crate) fn after_failure(before: Option<Self>, kind: AttemptKind, now: Timestamp) -> Self {
        let policy = kind.policy();
        let before = before.filter(|attempts| !attempts.is_forgotten(&policy, now));
        let window_started_at = before.map_or(now, |attempts| attempts.window_started_at);
        let failures = before.map_or(0, |attempts| attempts.failures).saturating_add(1);
        let blocked_until = if failures < policy.free {
            now
        } else {
            match policy.wait {
                Wait::UntilWindowEnds => window_started_at.after(policy.window),
                Wait::Grows { first, max } => {
                    let doublings = u32::try_from(failures - policy.free).unwrap_or(u32::MAX).min(20);
                    now.after(first.saturating_mul(1 << doublings).min(max))
                }
            }
        };
        Self {
            failures,
            window_started_at,
            blocked_until,
            updated_at: now,
        }
    }

    fn is_forgotten(&self, policy: &Policy, now: Timestamp) -> bool {
        match policy.wait {
            Wait::Grows { .. } if self.failures >= policy.free => now.since(self.updated_at) > Self::FORGOTTEN_AFTER,
            _ => now.since(self.window_started_at) >= policy.window,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_000_000_000_000);

    /// Fails at each of these seconds, and says how long one has to wait after the last.
    #[track_caller]
    fn check(kind: AttemptKind, failed_at: &[u64], expect_seconds: u64) {
        let mut attempts = None;
        let mut now = START;
        for seconds in failed_at {
            now = START.after(Duration::from_secs(*seconds));
            attempts = Some(Attempts::after_failure(attempts, kind, now));
        }
        let wait = attempts
            .and_then(|attempts| attempts.retry_after(now))
            .unwrap_or_default();
        assert_eq!(wait.as_secs(), expect_seconds, "{failed_at:?}");
    }

    #[test]
    fn an_account_waits_longer_with_every_failure() {
        use AttemptKind::LoginOfAccount;
        check(LoginOfAccount, &[0, 1, 2, 3], 0);
        check(LoginOfAccount, &[0, 1, 2, 3, 4], 60);
        check(LoginOfAccount, &[0, 1, 2, 3, 4, 64], 120);
        check(LoginOfAccount, &[0, 1, 2, 3, 4, 64, 184], 240);
        check(LoginOfAccount, &[0, 1, 2, 3, 4, 64, 184, 424, 904], 900);
        check(LoginOfAccount, &[0, 1, 2, 3, 4, 64, 184, 424, 904, 1804], 900);
        // Four in a quarter of an hour are nobody's business, however often.
        check(LoginOfAccount, &[0, 1, 2, 3, 900, 901, 902, 903], 0);
        // A quiet day and all is forgotten.
        check(LoginOfAccount, &[0, 1, 2, 3, 4, 5 + 86_400], 0);
    }

    #[test]
    fn a_pin_waits_for_hours_and_is_good_for_few_guesses_a_day() {
        use AttemptKind::PinOfUser;
        const HOURS: u64 = 3_600;
        check(PinOfUser, &[0, 1, 2, 3], 0);
        check(PinOfUser, &[0, 1, 2, 3, 4], HOURS);
        // A wrong one now and then adds up within a day.
        check(PinOfUser, &[0, 5 * HOURS, 10 * HOURS, 15 * HOURS, 20 * HOURS], HOURS);
        let mut failed_at = vec![0, 0, 0, 0, 0];
        for (hours, wait) in [(1, 2), (3, 4), (7, 8), (15, 16), (31, 24), (55, 24)] {
            failed_at.push(hours * HOURS);
            check(PinOfUser, &failed_at, wait * HOURS);
        }
    }

    #[test]
    fn a_user_asks_thirty_times_a_minute_who_somebody_is() {
        use AttemptKind::RecipientOfUser;
        let at_once = [0; 30];
        check(RecipientOfUser, &at_once[..29], 0);
        check(RecipientOfUser, &at_once, 60);
        let mut later = at_once.to_vec();
        later.push(60);
        check(RecipientOfUser, &later, 0);
    }

    #[test]
    fn an_address_waits_for_the_end_of_its_window() {
        use AttemptKind::{LoginFromAddress, RegistrationFromAddress};
        let at_once = [0; 60];
        check(LoginFromAddress, &at_once[..49], 0);
        check(LoginFromAddress, &at_once[..50], 900);
        check(RegistrationFromAddress, &at_once[..59], 0);
        check(RegistrationFromAddress, &at_once, 3_600);
        let mut later = at_once[..50].to_vec();
        later.push(900);
        check(LoginFromAddress, &later, 0);
    }
}
