//! Attempts to deliver a webhook, and what follows from each.

use std::time::Duration;

use ids::{MerchantId, WebhookEndpointId};
use service::Timestamp;

/// An endpoint that took nothing for this long is disabled.
pub const FAILING_MAX: Duration = Duration::from_secs(5 * 24 * 3_600);
/// Of an answer no more is kept, in bytes.
pub const EXCERPT_BYTES_MAX: usize = 1_024;
/// A receiver may ask for a pause, but not for a week.
const PAUSE_MAX: Duration = Duration::from_secs(24 * 3_600);

/// How an attempt to deliver an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "WebhookOutcome")]
pub enum AttemptOutcome {
    /// Answered with 2xx: the receiver has it.
    Delivered,
    /// Answered with anything else, redirects included.
    Rejected,
    /// No answer within ten seconds.
    TimedOut,
    /// No connection, or no such name.
    NotReached,
    /// The connection broke before there was an answer.
    BrokenOff,
    /// The address is none that may be called.
    AddressRefused,
    /// It waited for an endpoint that was deleted. No attempt was made.
    Dropped,
}

impl AttemptOutcome {
    const ALL: [Self; 7] = [
        Self::Delivered,
        Self::Rejected,
        Self::TimedOut,
        Self::NotReached,
        Self::BrokenOff,
        Self::AddressRefused,
        Self::Dropped,
    ];

    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "DELIVERED",
            Self::Rejected => "REJECTED",
            Self::TimedOut => "TIMED_OUT",
            Self::NotReached => "NOT_REACHED",
            Self::BrokenOff => "BROKEN_OFF",
            Self::AddressRefused => "ADDRESS_REFUSED",
            Self::Dropped => "DROPPED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// One attempt to deliver an event.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The event.
    pub event_id: String,
    /// Where it went.
    pub endpoint_id: WebhookEndpointId,
    /// Whose both are.
    pub merchant_id: MerchantId,
    /// When.
    pub attempted_at: Timestamp,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// From the request to the head of the answer, or to the end of patience.
    pub latency: Duration,
    /// The beginning of the answer, or what was wrong without one.
    pub excerpt: Option<String>,
}

/// What an answer means for the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It has the event.
    Delivered,
    /// It wants nothing any more.
    Gone,
    /// It is overloaded, or something before it is: all that is for it waits, as long as it asked for at least.
    SlowDown(Option<Duration>),
    /// It did not take this one.
    Failed,
}

impl Verdict {
    /// What a status says. `retry_after` is the header of that name: seconds, or a date.
    pub fn of_status(status: u16, retry_after: Option<&str>, now: Timestamp) -> Self {
        match status {
            200..=299 => Self::Delivered,
            410 => Self::Gone,
            429 | 502 | 503 | 504 => {
                let asked = retry_after.and_then(|text| pause_asked(text.trim(), now));
                Self::SlowDown(asked.map(|pause| pause.min(PAUSE_MAX)))
            }
            _ => Self::Failed,
        }
    }
}

fn pause_asked(text: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(Timestamp::from_micros(date.timestamp().as_microsecond()).since(now))
}

/// The beginning of an answer as text for people: no control characters, and no more bytes than are kept.
pub fn excerpt(bytes: &[u8]) -> String {
    let beginning = &bytes[..bytes.len().min(EXCERPT_BYTES_MAX)];
    let mut text = String::new();
    for character in String::from_utf8_lossy(beginning).chars() {
        let shown = if character.is_control() { ' ' } else { character };
        if text.len() + shown.len_utf8() > EXCERPT_BYTES_MAX {
            break;
        }
        text.push(shown);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2xx_is_an_acknowledgement_and_some_ask_for_rest() {
        let now = Timestamp::parse("2026-11-25T20:00:00Z").unwrap();
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        #[track_caller]
        fn check(status: u16, retry_after: Option<&str>, now: Timestamp, expect: Verdict) {
            assert_eq!(
                Verdict::of_status(status, retry_after, now),
                expect,
                "{status} {retry_after:?}"
            );
        }
        for status in [200, 201, 202, 204, 299] {
            check(status, None, now, Verdict::Delivered);
        }
        for status in [
            100, 199, 300, 301, 302, 304, 307, 308, 400, 401, 404, 409, 500, 501, 505, 599,
        ] {
            check(status, Some("9"), now, Verdict::Failed);
        }
        check(410, Some("9"), now, Verdict::Gone);
        for status in [429, 502, 503, 504] {
            check(status, None, now, Verdict::SlowDown(None));
            check(status, Some(" 9 "), now, Verdict::SlowDown(seconds(9)));
        }
        check(429, Some("soon"), now, Verdict::SlowDown(None));
        check(429, Some("-1"), now, Verdict::SlowDown(None));
        check(429, Some("99999999999"), now, Verdict::SlowDown(seconds(24 * 3_600)));
        let in_a_minute = "Wed, 25 Nov 2026 20:01:00 GMT";
        check(503, Some(in_a_minute), now, Verdict::SlowDown(seconds(60)));
        check(
            503,
            Some("Wed, 25 Nov 2026 19:01:00 GMT"),
            now,
            Verdict::SlowDown(seconds(0)),
        );
    }

    #[test]
    fn an_excerpt_is_short_harmless_text() {
        assert_eq!(excerpt(b"fine"), "fine");
        assert_eq!(excerpt(b"a\x00b\r\nc\x1b[31m"), "a b  c [31m");
        assert_eq!(excerpt("å".repeat(4_000).as_bytes()).len(), EXCERPT_BYTES_MAX);
        // What is no UTF-8 becomes replacement characters of three bytes each.
        let rubbish = excerpt(&[0xff; 9_000]);
        assert!(rubbish.len() <= EXCERPT_BYTES_MAX && rubbish.chars().all(|c| c == '\u{fffd}'));
    }
}
