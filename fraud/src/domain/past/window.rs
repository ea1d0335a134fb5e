//! Counts and sums per day, or per part of one, over many of them.

use serde::Deserialize;

use crate::domain::packed;

/// What a window holds in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) count: u32,
    pub(super) sum: i64,
    pub(super) squares: u128,
}

impl Total {
    /// Both in minor units, rounded.
    pub(super) fn mean_and_deviation(self) -> (i64, i64) {
        if self.count == 0 {
            return (0, 0);
        }
        let count = f64::from(self.count);
        let mean = self.sum as f64 / count;
        let variance = (self.squares as f64 / count - mean * mean).max(0.0);
        (mean.round() as i64, variance.sqrt().round() as i64)
    }
}

/// Buckets by their number, older first: number, count, sum, sum of squares. Those that are `N` behind the newest are gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Window<const N: i64>(Vec<(i64, u32, i64, u128)>);

impl<const N: i64> Window<N> {
    pub(super) fn record(&mut self, number: i64, minor: i64) -> Total {
        // A clock that went back further than the window has no past.
        if self.0.last().is_some_and(|(newest, ..)| *newest - number >= N) {
            self.0.clear();
        }
        let place = self.0.partition_point(|(bucket, ..)| *bucket < number);
        if self.0.get(place).is_none_or(|(bucket, ..)| *bucket != number) {
            self.0.insert(place, (number, 0, 0, 0));
        }
        let (_, count, sum, squares) = &mut self.0[place];
        *count = count.saturating_add(1);
        *sum = sum.saturating_add(minor).min(money::MAX_MINOR);
        *squares = squares.saturating_add(u128::from(minor.unsigned_abs()).pow(2));
        if let Some((newest, ..)) = self.0.last().copied() {
            self.0.retain(|(bucket, ..)| *bucket > newest - N);
        }
        self.total(number)
    }

    pub(super) fn total(&self, number: i64) -> Total {
        let within = self.0.iter().filter(|(bucket, ..)| *bucket > number - N);
        within.fold(Total::default(), |total, (_, count, sum, squares)| Total {
            count: total.count.saturating_add(*count),
            sum: total.sum.saturating_add(*sum).min(money::MAX_MINOR),
            squares: total.squares.saturating_add(*squares),
        })
    }

    /// The stored form: each bucket's number as the distance from the one before.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        packed::push(bytes, self.0.len() as u64);
        let mut before = 0;
        for (number, count, sum, squares) in &self.0 {
            packed::push_signed(bytes, number - before);
            packed::push(bytes, *count);
            packed::push(bytes, sum.unsigned_abs());
            packed::push(bytes, *squares);
            before = *number;
        }
    }

    /// Reads the stored form.
    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let len = packed::take(bytes).filter(|&len: &usize| len as u64 <= N.unsigned_abs())?;
        let mut buckets: Vec<(i64, u32, i64, u128)> = Vec::with_capacity(len + 1);
        for _ in 0..len {
            let apart = packed::take_signed(bytes)?;
            let number = match buckets.last() {
                None => apart,
                Some((before, ..)) if apart > 0 => before.checked_add(apart)?,
                Some(_) => return None,
            };
            let count = packed::take(bytes)?;
            let sum = packed::take(bytes).filter(|&sum| sum <= money::MAX_MINOR)?;
            buckets.push((number, count, sum, packed::take(bytes)?));
        }
        Some(Self(buckets))
    }
}
