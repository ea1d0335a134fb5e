//! The latest things that were seen, and the latest moments of something.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::domain::packed;

pub(super) const MOMENTS_MAX: usize = 32;

/// Whether something was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    New,
    Known,
}

/// The latest `N` things that were seen, by a hash: when last, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Recent<const N: usize>(Vec<(u64, i64)>);

impl<const N: usize> Recent<N> {
    pub(super) fn see(&mut self, what: &str, now: i64) -> Sight {
        let hash = hash(what);
        let known = self.0.iter().position(|(known, _)| *known == hash);
        let last = known.map_or(now, |place| self.0.remove(place).1.max(now));
        self.0.insert(0, (hash, last));
        self.0.truncate(N);
        if known.is_some() { Sight::Known } else { Sight::New }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn since(&self, time: i64) -> u32 {
        let count = self.0.iter().filter(|(_, last)| *last > time).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The stored form: the hashes, and each time as the distance from the one before.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        packed::push(bytes, self.0.len() as u64);
        let mut before = 0_i64;
        for (hash, last) in &self.0 {
            packed::push(bytes, *hash);
            packed::push_signed(bytes, last.wrapping_sub(before));
            before = *last;
        }
    }

    /// Reads the stored form.
    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let len = packed::take(bytes).filter(|&len: &usize| len <= N)?;
        let mut seen = Vec::with_capacity(len + 1);
        let mut before = 0_i64;
        for _ in 0..len {
            let hash = packed::take(bytes)?;
            before = before.wrapping_add(packed::take_signed(bytes)?);
            seen.push((hash, before));
        }
        Some(Self(seen))
    }
}

/// Names nobody can read back from the database. 53 bits, because they were once kept as numbers in JSON.
fn hash(what: &str) -> u64 {
    let digest = Sha256::digest(what.as_bytes());
    let first = digest.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_be_bytes(first) >> 11
}

/// The latest moments of something, with an amount each; the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Moments(Vec<(i64, i64)>);

impl Moments {
    pub(super) fn add(&mut self, at: i64, minor: i64) {
        let place = self.0.partition_point(|(moment, _)| *moment <= at);
        self.0.insert(place, (at, minor));
        if self.0.len() > MOMENTS_MAX {
            self.0.remove(0);
        }
    }

    pub(super) fn count_since(&self, time: i64) -> u32 {
        let count = self.0.iter().filter(|(moment, _)| *moment > time).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    pub(super) fn sum_since(&self, time: i64) -> i64 {
        let within = self.0.iter().filter(|(moment, _)| *moment > time);
        within.fold(0, |sum: i64, (_, minor)| {
            sum.saturating_add(*minor).min(money::MAX_MINOR)
        })
    }

    /// The stored form: each time as the distance from the one before, with its amount.
    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        packed::push(bytes, self.0.len() as u64);
        let mut before = 0_i64;
        for (at, minor) in &self.0 {
            packed::push_signed(bytes, at.wrapping_sub(before));
            packed::push_signed(bytes, *minor);
            before = *at;
        }
    }

    /// Reads the stored form.
    pub(super) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let len = packed::take(bytes).filter(|&len: &usize| len <= MOMENTS_MAX)?;
        let mut moments = Vec::with_capacity(len + 1);
        let mut before = 0_i64;
        for _ in 0..len {
            before = before.wrapping_add(packed::take_signed(bytes)?);
            moments.push((before, packed::take_signed(bytes)?));
        }
        Some(Self(moments))
    }
}
