//! How long logins last.

use std::time::Duration;

use service::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Life of an access token. It cannot be taken back, so it is short.
pub(crate) const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);
/// Life of a token for one of our services, which renews it before it ends.
pub(crate) const SERVICE_TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);
/// Logins of one user at a time; one more ends the oldest.
pub(crate) const SESSIONS_PER_USER_MAX: i64 = 50;

/// Life of a refresh token that is not used.
const REFRESH_TOKEN_LIFE: Duration = Duration::from_secs(30 * DAY.as_secs());
/// Life of a login however often it is refreshed.
const SESSION_LIFE: Duration = Duration::from_secs(90 * DAY.as_secs());

/// When the refresh token that is made now ends.
pub(crate) fn refresh_end(session_began: Timestamp, now: Timestamp) -> Timestamp {
    now.after(REFRESH_TOKEN_LIFE).min(session_began.after(SESSION_LIFE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_slides_but_not_for_ever() {
        let began = Timestamp::from_micros(0);
        #[track_caller]
        fn check(began: Timestamp, day: u64, ends_on_day: u64) {
            let at = |day: u64| began.after(Duration::from_secs(day * DAY.as_secs()));
            assert_eq!(refresh_end(began, at(day)), at(ends_on_day), "day {day}");
        }
        check(began, 0, 30);
        check(began, 29, 59);
        check(began, 60, 90);
        check(began, 89, 90);
    }
}
