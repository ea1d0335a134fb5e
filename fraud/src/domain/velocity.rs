//! How much and how often, lately: counts and sums over the last minute, hour and day of one user.
//!
//! Each window is a ring of buckets (6 of 10 seconds, 12 of 5 minutes, 24 of an hour) with the current, partly filled
//! one among them. Counting a check touches one bucket per window, whatever the user's past, and the whole is at most
//! some 600 bytes.

use money::{MAX_MINOR, Money};
use service::Timestamp;

use super::packed;

/// First byte of the stored form.
const ENCODING_VERSION: u8 = 1;

const SECOND: i64 = 1_000_000;
const MINUTE_BUCKET: i64 = 10 * SECOND;
const HOUR_BUCKET: i64 = 5 * 60 * SECOND;
const DAY_BUCKET: i64 = 60 * 60 * SECOND;

/// The recent past of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Velocity {
    minute: Ring<6>,
    hour: Ring<12>,
    day: Ring<24>,
}

/// Counts and sums per minute, hour and day. They stop at the largest value rather than wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many.
    pub count_per: [u32; 3],
    /// How much, in minor units.
    pub sum_per: [i64; 3],
}

impl Velocity {
    /// Counts an amount and answers the totals, this amount included.
    ///
    /// Should the clock have gone back a little, the amount counts in its own, older bucket; when it went back further
    /// than a window, that window starts again, because what it holds lies in a future nobody has seen.
    pub fn record(&mut self, at: Timestamp, amount: Money) -> Totals {
        let minor = amount.minor().max(0);
        let minute = self.minute.record(at.micros().div_euclid(MINUTE_BUCKET), minor);
        let hour = self.hour.record(at.micros().div_euclid(HOUR_BUCKET), minor);
        let day = self.day.record(at.micros().div_euclid(DAY_BUCKET), minor);
        Totals {
            count_per: [minute.count, hour.count, day.count],
            sum_per: [minute.sum, hour.sum, day.sum],
        }
    }

    /// The stored form: filled buckets only.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.push(ENCODING_VERSION);
        self.minute.encode(&mut bytes);
        self.hour.encode(&mut bytes);
        self.day.encode(&mut bytes);
        bytes
    }

    /// Reads the stored form; nothing when it is not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (&version, mut rest) = bytes.split_first()?;
        if version != ENCODING_VERSION {
            return None;
        }
        let velocity = Self {
            minute: Ring::decode(&mut rest)?,
            hour: Ring::decode(&mut rest)?,
            day: Ring::decode(&mut rest)?,
        };
        rest.is_empty().then_some(velocity)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bucket {
    count: u32,
    sum: i64,
}

impl Bucket {
    fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum).min(MAX_MINOR);
    }
}

/// The last `N` buckets up to `newest`. Bucket number `n` stands at `n mod N`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Ring<const N: usize> {
    newest: i64,
    buckets: [Bucket; N],
}

impl<const N: usize> Default for Ring<N> {
    fn default() -> Self {
        Self {
            newest: i64::MIN,
            buckets: [Bucket::default(); N],
        }
    }
}

impl<const N: usize> Ring<N> {
    const LEN: i64 = N as i64;

    fn record(&mut self, number: i64, minor: i64) -> Bucket {
        let ahead = number.saturating_sub(self.newest);
        if ahead >= Self::LEN || ahead <= -Self::LEN {
            self.buckets = [Bucket::default(); N];
            self.newest = number;
        } else {
            for passed in 0..ahead {
                *self.bucket(number - passed) = Bucket::default();
            }
            self.newest = self.newest.max(number);
        }
        self.bucket(number).add(Bucket { count: 1, sum: minor });
        let mut total = Bucket::default();
        self.buckets.iter().for_each(|&bucket| total.add(bucket));
        total
    }

    fn bucket(&mut self, number: i64) -> &mut Bucket {
        &mut self.buckets[number.rem_euclid(Self::LEN) as usize]
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.newest.to_be_bytes());
        let filled = self.buckets.iter().filter(|bucket| bucket.count > 0).count();
        bytes.push(filled as u8);
        for (slot, bucket) in self.buckets.iter().enumerate().filter(|(_, bucket)| bucket.count > 0) {
            bytes.push(slot as u8);
            packed::push(bytes, bucket.count);
            packed::push(bytes, bucket.sum.unsigned_abs());
        }
    }

    fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (newest, rest) = bytes.split_first_chunk::<8>()?;
        *bytes = rest;
        let mut ring = Self {
            newest: i64::from_be_bytes(*newest),
            ..Self::default()
        };
        let filled = packed::take_byte(bytes)?;
        let mut next_slot = 0;
        for _ in 0..filled {
            let slot = usize::from(packed::take_byte(bytes)?);
            if slot < next_slot || slot >= N {
                return None;
            }
            next_slot = slot + 1;
            let count = packed::take(bytes).filter(|&count| count > 0)?;
            let sum = packed::take(bytes).filter(|&sum| sum <= MAX_MINOR)?;
            ring.buckets[slot] = Bucket { count, sum };
        }
        Some(ring)
    }
}

#[cfg(test)]
mod tests {
    use money::Currency;
    use proptest::prelude::*;

    use super::*;

    fn idr(minor: i64) -> Money {
        Money::new(minor, Currency::Idr).unwrap()
    }

    /// What the rings must agree with: every amount kept, every total counted anew.
    struct Naive {
        width: i64,
        len: i64,
        newest: Option<i64>,
        kept: Vec<(i64, i64)>,
    }

    impl Naive {
        fn windows() -> [Self; 3] {
            [(MINUTE_BUCKET, 6), (HOUR_BUCKET, 12), (DAY_BUCKET, 24)].map(|(width, len)| Self {
                width,
                len,
                newest: None,
                kept: Vec::new(),
            })
        }

        fn record(&mut self, at: i64, minor: i64) -> (u32, i64) {
            let number = at.div_euclid(self.width);
            match self.newest {
                Some(newest) if number <= newest - self.len => {
                    self.kept.clear();
                    self.newest = Some(number);
                }
                newest => self.newest = newest.max(Some(number)),
            }
            self.kept.push((number, minor));
            let oldest = self.newest.unwrap() - self.len + 1;
            let inside: Vec<i64> = self
                .kept
                .iter()
                .filter(|(number, _)| *number >= oldest)
                .map(|(_, minor)| *minor)
                .collect();
            (inside.len() as u32, inside.iter().sum())
        }
    }

    #[track_caller]
    fn check_against_naive(start: i64, steps: &[(i64, i64)]) {
        let mut velocity = Velocity::default();
        let mut naive = Naive::windows();
        let mut at = start;
        for &(step, minor) in steps {
            at += step;
            let totals = velocity.record(Timestamp::from_micros(at), idr(minor));
            let expect = naive.each_mut().map(|window| window.record(at, minor));
            assert_eq!(totals.count_per, expect.map(|(count, _)| count));
            assert_eq!(totals.sum_per, expect.map(|(_, sum)| sum));
            assert_eq!(Velocity::decode(&velocity.encode()).as_ref(), Some(&velocity));
        }
    }

    fn steps(back: i64) -> impl Strategy<Value = Vec<(i64, i64)>> {
        let step = prop_oneof![
            4 => -back..=20 * SECOND,
            2 => -back..=10 * 60 * SECOND,
            1 => -back..=30 * 3_600 * SECOND,
        ];
        prop::collection::vec((step, 1..1_000_000_000_i64), 1..80)
    }

    const NOVEMBER: i64 = 1_795_000_000 * SECOND;

    proptest! {
        #[test]
        fn totals_are_those_of_a_recount(steps in steps(0)) {
            check_against_naive(NOVEMBER, &steps);
        }

        #[test]
        fn a_clock_that_jumps_back_and_forth_corrupts_nothing(start in -NOVEMBER..NOVEMBER, steps in steps(40 * 3_600 * SECOND)) {
            check_against_naive(start, &steps);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(mut velocity) = Velocity::decode(&bytes) {
                velocity.record(Timestamp::from_micros(NOVEMBER), idr(1));
                prop_assert!(velocity.encode().len() <= 640);
            }
        }

        #[test]
        fn a_stored_form_that_lost_or_gained_bytes_is_refused(steps in steps(0), cut in 1..8_usize) {
            let mut velocity = Velocity::default();
            steps.iter().for_each(|&(step, minor)| { velocity.record(Timestamp::from_micros(NOVEMBER + step), idr(minor)); });
            let mut bytes = velocity.encode();
            prop_assert_eq!(Velocity::decode(&bytes[..bytes.len() - cut]), None);
            bytes.push(0);
            prop_assert_eq!(Velocity::decode(&bytes), None);
        }
    }

    #[test]
    fn the_current_bucket_counts_and_old_ones_fall_out() {
        let mut velocity = Velocity::default();
        let mut at = |seconds: i64| velocity.record(Timestamp::from_micros(seconds * SECOND), idr(5));
        assert_eq!(at(0).count_per, [1, 1, 1]);
        assert_eq!(at(59).count_per, [2, 2, 2]);
        assert_eq!(at(60).count_per, [2, 3, 3]);
        assert_eq!(at(3_599).count_per, [1, 4, 4]);
        assert_eq!(at(3_600).count_per, [2, 2, 5]);
        assert_eq!(at(86_399).count_per, [1, 1, 6]);
        assert_eq!(at(86_400).count_per, [2, 2, 3]);
    }

    #[test]
    fn counters_stop_at_their_end_and_the_stored_form_stays_small() {
        let mut velocity = Velocity::default();
        let mut totals = velocity.record(Timestamp::from_micros(0), idr(MAX_MINOR));
        for bucket in &mut velocity.minute.buckets {
            *bucket = Bucket {
                count: u32::MAX,
                sum: MAX_MINOR,
            };
        }
        velocity.hour.buckets = [velocity.minute.buckets[0]; 12];
        velocity.day.buckets = [velocity.minute.buckets[0]; 24];
        for _ in 0..3 {
            totals = velocity.record(Timestamp::from_micros(0), idr(MAX_MINOR));
        }
        assert_eq!(totals.count_per, [u32::MAX; 3]);
        assert_eq!(totals.sum_per, [MAX_MINOR; 3]);
        assert!(velocity.encode().len() <= 640, "{}", velocity.encode().len());
        assert_eq!(Velocity::decode(&velocity.encode()), Some(velocity));
    }

    #[test]
    fn the_ends_of_time_are_no_special_case() {
        let mut velocity = Velocity::default();
        for micros in [i64::MAX, i64::MIN, i64::MAX, 0, i64::MIN] {
            assert_eq!(
                velocity.record(Timestamp::from_micros(micros), idr(1)).count_per,
                [1, 1, 1]
            );
        }
    }
}
