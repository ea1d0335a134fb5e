//! When to try again.

use std::time::Duration;

use rand::RngExt as _;

const SECOND: u64 = 1;
const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;

/// Pauses between attempts.
#[derive(Clone, Copy, Debug)]
pub enum Schedule {
    /// For receivers of our own: doubling pauses up to half a minute, without end.
    UntilDelivered,
    /// For merchants: ten attempts over about three days, then parked.
    Merchant,
}

/// Seconds after the first, second, … failed attempt. Together with the first attempt: ten, over 75 hours.
const MERCHANT_PAUSES: [u64; 9] = [
    5 * SECOND,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
];

impl Schedule {
    /// The pause after `attempts` failed attempts; `None` when that was the last. Without jitter.
    pub fn pause(self, attempts: u32) -> Option<Duration> {
        match self {
            Self::UntilDelivered => Some(Duration::from_millis((200 << attempts.min(8)).min(30_000))),
            Self::Merchant => {
                let index = usize::try_from(attempts.saturating_sub(1)).ok()?;
                MERCHANT_PAUSES.get(index).copied().map(Duration::from_secs)
            }
        }
    }

    /// The pause, up to a tenth longer, so that what failed together does not come back together.
    pub(crate) fn pause_with_jitter(self, attempts: u32) -> Option<Duration> {
        self.pause(attempts)
            .map(|pause| pause + pause.mul_f64(rand::rng().random_range(0.0..0.1)))
    }
}

/// How long a receiver rests that has asked for it this many times in a row: ten seconds, doubling up to an hour, and up
/// to a tenth longer.
pub(crate) fn rest_after(strikes: u32) -> Duration {
    let seconds = (10_u64 << strikes.saturating_sub(1).min(9)).min(HOUR);
    Duration::from_secs(seconds).mul_f64(rand::rng().random_range(1.0..1.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merchant_gets_ten_attempts_over_three_days() {
        let pauses: Vec<Duration> = (1..).map_while(|attempts| Schedule::Merchant.pause(attempts)).collect();
        assert_eq!(pauses.len() + 1, 10);
        let total: Duration = pauses.iter().sum();
        assert!((72..=96).contains(&(total.as_secs() / HOUR)), "{total:?}");
        assert!(pauses.is_sorted());
    }

    #[test]
    fn our_own_receivers_are_tried_without_end() {
        assert_eq!(Schedule::UntilDelivered.pause(u32::MAX), Some(Duration::from_secs(30)));
        assert_eq!(Schedule::UntilDelivered.pause(1), Some(Duration::from_millis(400)));
    }
}
