//! What is remembered of a user beyond the last day, and of a merchant: kept as it comes, so that no check scans the log.
//!
//! Windows are rows of buckets (28 of six hours, 30 of a day) with the current, partly filled one among them, as in
//! [`velocity`](super::velocity). Of payees, devices and addresses the latest are remembered, each with the time it was seen
//! last. All is bounded, and what it answers depends only on what was recorded, in what order: a restart changes nothing.

use serde::{Deserialize, Serialize};
use service::Timestamp;
use sha2::{Digest as _, Sha256};

const MINUTE: i64 = 60 * 1_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The latest payees that are remembered: a count of distinct ones stops here.
pub const PAYEES_MAX: usize = 64;
const DEVICES_MAX: usize = 16;
const MOMENTS_MAX: usize = 32;

/// What a check tells of the user.
#[derive(Clone, Debug, Default)]
pub struct Sighting<'a> {
    /// How much, in minor units.
    pub amount_minor: i64,
    /// To whom.
    pub payee: Option<&'a str>,
    /// The login session.
    pub session_id: Option<&'a str>,
    /// The client's address.
    pub address: Option<&'a str>,
    /// Amounts are just below this one when they are at most a tenth below it.
    pub limit_minor: i64,
}

/// What the past has to say about a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PastFacts {
    /// Checks in 7 and 30 days, this one among them.
    pub count_per: [u32; 2],
    /// Their amounts, summed, in minor units.
    pub sum_per: [i64; 2],
    /// Distinct payees in a minute, an hour, a day, 7 and 30 days, this one's among them.
    pub payees_per: [u32; 5],
    /// How many amounts there were in the 30 days before this check,
    pub amounts_30d: u32,
    /// their mean in minor units,
    pub mean_30d: i64,
    /// and their standard deviation.
    pub deviation_30d: i64,
    /// The payee is known, and was not paid before, as far as is remembered.
    pub is_first_to_payee: bool,
    /// The login session is not among those remembered, and there are some.
    pub is_new_device: bool,
    /// The address is not among those remembered, and there are some.
    pub is_new_address: bool,
    /// Checks in the last hour that came to FRAUD.
    pub declined_1h: u32,
    /// Payments in the last hour that failed for whatever reason.
    pub failed_1h: u32,
    /// Amounts just below the limit in a day, this one among them.
    pub just_below_24h: u32,
    /// What came in during the last hour, in minor units.
    pub received_1h: i64,
}

/// The longer past of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Past {
    week: Window<28>,
    month: Window<30>,
    payees: Recent<PAYEES_MAX>,
    devices: Recent<DEVICES_MAX>,
    addresses: Recent<DEVICES_MAX>,
    declined: Moments,
    failed: Moments,
    just_below: Moments,
    received: Moments,
}

impl Past {
    /// Counts a check and answers what the past says about it.
    pub fn record(&mut self, at: Timestamp, seen: &Sighting<'_>) -> PastFacts {
        let (now, minor) = (at.micros(), seen.amount_minor.max(0));
        let before = self.month.total(now.div_euclid(DAY));
        let (mean_30d, deviation_30d) = before.mean_and_deviation();
        let week = self.week.record(now.div_euclid(6 * HOUR), minor);
        let month = self.month.record(now.div_euclid(DAY), minor);
        let is_first_to_payee = seen
            .payee
            .is_some_and(|payee| self.payees.see(payee, now) == Sight::New);
        let is_unknown = |sight: Sight, knew_some: bool| sight == Sight::New && knew_some;
        let knew_devices = !self.devices.0.is_empty();
        let knew_addresses = !self.addresses.0.is_empty();
        if is_just_below(minor, seen.limit_minor) {
            self.just_below.add(now, minor);
        }
        PastFacts {
            count_per: [week.count, month.count],
            sum_per: [week.sum, month.sum],
            payees_per: [MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY].map(|span| self.payees.since(now - span)),
            amounts_30d: before.count,
            mean_30d,
            deviation_30d,
            is_first_to_payee,
            is_new_device: seen
                .session_id
                .is_some_and(|session| is_unknown(self.devices.see(session, now), knew_devices)),
            is_new_address: seen
                .address
                .is_some_and(|address| is_unknown(self.addresses.see(address, now), knew_addresses)),
            declined_1h: self.declined.count_since(now - HOUR),
            failed_1h: self.failed.count_since(now - HOUR),
            just_below_24h: self.just_below.count_since(now - DAY),
            received_1h: self.received.sum_since(now - HOUR),
        }
    }

    /// Notes that a check came to FRAUD.
    pub fn declined(&mut self, at: Timestamp) {
        self.declined.add(at.micros(), 0);
    }

    /// Notes that a payment failed.
    pub fn failed(&mut self, at: Timestamp) {
        self.failed.add(at.micros(), 0);
    }

    /// Notes that money came in.
    pub fn received(&mut self, at: Timestamp, minor: i64) {
        self.received.add(at.micros(), minor.max(0));
    }
}

fn is_just_below(minor: i64, limit_minor: i64) -> bool {
    minor <= limit_minor && minor >= limit_minor - limit_minor / 10
}

/// The past of one merchant, of 30 days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct MerchantPast {
    paid: Window<30>,
    refunded: Window<30>,
    refused: Window<30>,
}

impl MerchantPast {
    /// Counts a payment that succeeded.
    pub fn paid(&mut self, at: Timestamp, minor: i64) {
        self.paid.record(at.micros().div_euclid(DAY), minor.max(0));
    }

    /// Counts a refund.
    pub fn refunded(&mut self, at: Timestamp, minor: i64) {
        self.refunded.record(at.micros().div_euclid(DAY), minor.max(0));
    }

    /// Counts a payment that was refused as fraud.
    pub fn refused(&mut self, at: Timestamp, minor: i64) {
        self.refused.record(at.micros().div_euclid(DAY), minor.max(0));
    }

    /// Refunds and refusals per thousand payments of 30 days; 0 below twenty payments, which say nothing yet.
    pub fn rates_per_mille(&self, at: Timestamp) -> (u32, u32) {
        let day = at.micros().div_euclid(DAY);
        let count = |window: &Window<30>| u64::from(window.total(day).count);
        let (paid, refunded, refused) = (count(&self.paid), count(&self.refunded), count(&self.refused));
        let of = |part: u64, whole: u64| {
            if whole < 20 {
                0
            } else {
                u32::try_from(part * 1_000 / whole).unwrap_or(u32::MAX)
            }
        };
        (of(refunded, paid), of(refused, paid + refused))
    }
}

/// What a window holds in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    count: u32,
    sum: i64,
    squares: u128,
}

impl Total {
    /// Both in minor units, rounded.
    fn mean_and_deviation(self) -> (i64, i64) {
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Window<const N: i64>(Vec<(i64, u32, i64, u128)>);

impl<const N: i64> Window<N> {
    fn record(&mut self, number: i64, minor: i64) -> Total {
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

    fn total(&self, number: i64) -> Total {
        let within = self.0.iter().filter(|(bucket, ..)| *bucket > number - N);
        within.fold(Total::default(), |total, (_, count, sum, squares)| Total {
            count: total.count.saturating_add(*count),
            sum: total.sum.saturating_add(*sum).min(money::MAX_MINOR),
            squares: total.squares.saturating_add(*squares),
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    New,
    Known,
}

/// The latest `N` things that were seen, by a hash: when last, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Recent<const N: usize>(Vec<(u64, i64)>);

impl<const N: usize> Recent<N> {
    fn see(&mut self, what: &str, now: i64) -> Sight {
        let hash = hash(what);
        let known = self.0.iter().position(|(known, _)| *known == hash);
        let last = known.map_or(now, |place| self.0.remove(place).1.max(now));
        self.0.insert(0, (hash, last));
        self.0.truncate(N);
        if known.is_some() { Sight::Known } else { Sight::New }
    }

    fn since(&self, time: i64) -> u32 {
        let count = self.0.iter().filter(|(_, last)| *last > time).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// Names nobody can read back from the database. 53 bits, which every reader of JSON keeps.
fn hash(what: &str) -> u64 {
    let digest = Sha256::digest(what.as_bytes());
    let first = digest.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_be_bytes(first) >> 11
}

/// The latest moments of something, with an amount each; the latest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Moments(Vec<(i64, i64)>);

impl Moments {
    fn add(&mut self, at: i64, minor: i64) {
        let place = self.0.partition_point(|(moment, _)| *moment <= at);
        self.0.insert(place, (at, minor));
        if self.0.len() > MOMENTS_MAX {
            self.0.remove(0);
        }
    }

    fn count_since(&self, time: i64) -> u32 {
        let count = self.0.iter().filter(|(moment, _)| *moment > time).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn sum_since(&self, time: i64) -> i64 {
        let within = self.0.iter().filter(|(moment, _)| *moment > time);
        within.fold(0, |sum: i64, (_, minor)| {
            sum.saturating_add(*minor).min(money::MAX_MINOR)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Event {
        Check {
            payee: u8,
            session: u8,
            address: u8,
            minor: i64,
        },
        Declined,
        Failed,
        Received(i64),
    }

    fn events() -> impl Strategy<Value = Vec<(i64, Event)>> {
        let event = prop_oneof![
            6 => (0..70_u8, 0..4_u8, 0..4_u8, 1..2_000_000_000_i64)
                .prop_map(|(payee, session, address, minor)| Event::Check { payee, session, address, minor }),
            1 => Just(Event::Declined),
            1 => Just(Event::Failed),
            2 => (1..2_000_000_000_i64).prop_map(Event::Received),
        ];
        // Pauses from a second to some days.
        let pause = prop_oneof![1..120_i64, 600..20_000_i64, 80_000..900_000_i64];
        prop::collection::vec((pause, event), 1..120)
    }

    /// The same, by going through all that ever happened.
    fn from_log(log: &[(i64, Event)], limit_minor: i64) -> PastFacts {
        let Some((
            now,
            Event::Check {
                payee,
                session,
                address,
                minor,
            },
        )) = log.last().cloned()
        else {
            panic!("the last event is a check");
        };
        let earlier = &log[..log.len() - 1];
        let amounts = |log: &[(i64, Event)], bucket: i64, count: i64| -> Vec<i64> {
            let from = now.div_euclid(bucket) - count;
            let within = log.iter().filter(|(at, _)| at.div_euclid(bucket) > from);
            within
                .filter_map(|(_, event)| match event {
                    Event::Check { minor, .. } => Some(*minor),
                    _ => None,
                })
                .collect()
        };
        let (week, month) = (amounts(log, 6 * HOUR, 28), amounts(log, DAY, 30));
        let before = amounts(earlier, DAY, 30);
        let total = Total {
            count: before.len() as u32,
            sum: before.iter().sum(),
            squares: before.iter().map(|minor| (*minor as u128).pow(2)).sum(),
        };
        let (mean_30d, deviation_30d) = total.mean_and_deviation();
        let last_of = |pick: &dyn Fn(&Event) -> Option<u8>, log: &[(i64, Event)], most: usize| {
            let mut latest: Vec<(u8, i64)> = Vec::new();
            for (at, event) in log.iter().rev() {
                if let Some(what) = pick(event)
                    && latest.iter().all(|(known, _)| *known != what)
                {
                    latest.push((what, *at));
                }
            }
            latest.truncate(most);
            latest
        };
        let payee_of = |event: &Event| match event {
            Event::Check { payee, .. } => Some(*payee),
            _ => None,
        };
        let session_of = |event: &Event| match event {
            Event::Check { session, .. } => Some(*session),
            _ => None,
        };
        let address_of = |event: &Event| match event {
            Event::Check { address, .. } => Some(*address),
            _ => None,
        };
        let payees = last_of(&payee_of, log, PAYEES_MAX);
        let knew = |latest: Vec<(u8, i64)>, what: u8| latest.iter().any(|(known, _)| *known == what);
        let sessions = last_of(&session_of, earlier, DEVICES_MAX);
        let addresses = last_of(&address_of, earlier, DEVICES_MAX);
        let moments = |span: i64, pick: &dyn Fn(&Event) -> Option<i64>| -> Vec<i64> {
            let all: Vec<(i64, i64)> = log.iter().filter_map(|(at, event)| Some((*at, pick(event)?))).collect();
            let latest = &all[all.len().saturating_sub(MOMENTS_MAX)..];
            let within = latest.iter().filter(|(at, _)| *at > now - span);
            within.map(|(_, minor)| *minor).collect()
        };
        PastFacts {
            count_per: [week.len() as u32, month.len() as u32],
            sum_per: [week.iter().sum(), month.iter().sum()],
            payees_per: [MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY]
                .map(|span| payees.iter().filter(|(_, last)| *last > now - span).count() as u32),
            amounts_30d: before.len() as u32,
            mean_30d,
            deviation_30d,
            is_first_to_payee: !knew(last_of(&payee_of, earlier, PAYEES_MAX), payee),
            is_new_device: !sessions.is_empty() && !knew(sessions, session),
            is_new_address: !addresses.is_empty() && !knew(addresses, address),
            declined_1h: moments(HOUR, &|event| matches!(event, Event::Declined).then_some(0)).len() as u32,
            failed_1h: moments(HOUR, &|event| matches!(event, Event::Failed).then_some(0)).len() as u32,
            just_below_24h: moments(DAY, &|event| match event {
                Event::Check { minor, .. } if is_just_below(*minor, limit_minor) => Some(*minor),
                _ => None,
            })
            .len() as u32,
            received_1h: moments(HOUR, &|event| match event {
                Event::Received(minor) => Some(*minor),
                _ => None,
            })
            .iter()
            .sum::<i64>()
            .min(money::MAX_MINOR)
                + i64::from(minor < 0),
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_as_it_comes_is_what_the_whole_log_says(events in events()) {
            let limit_minor = 1_000_000_000;
            let (mut past, mut log, mut now) = (Past::default(), Vec::new(), 1_795_000_000_000_000_i64);
            for (pause, event) in events {
                now += pause * 1_000_000;
                let at = Timestamp::from_micros(now);
                log.push((now, event.clone()));
                match event {
                    Event::Declined => past.declined(at),
                    Event::Failed => past.failed(at),
                    Event::Received(minor) => past.received(at, minor),
                    Event::Check { payee, session, address, minor } => {
                        let (payee, session, address) = (format!("p{payee}"), format!("s{session}"), format!("a{address}"));
                        let seen = Sighting {
                            amount_minor: minor,
                            payee: Some(&payee),
                            session_id: Some(&session),
                            address: Some(&address),
                            limit_minor,
                        };
                        prop_assert_eq!(past.record(at, &seen), from_log(&log, limit_minor));
                    }
                }
                // As if the service had been started anew in between.
                let stored = serde_json::to_string(&past).unwrap();
                past = serde_json::from_str(&stored).unwrap();
            }
        }

        #[test]
        fn it_stays_small(minors in prop::collection::vec(1..money::MAX_MINOR, 200)) {
            let mut past = Past::default();
            for (number, minor) in (0_i64..).zip(minors) {
                let at = Timestamp::from_micros(1_795_000_000_000_000 + number * 7 * HOUR);
                let payee = number.to_string();
                let seen = Sighting { amount_minor: minor, payee: Some(&payee), limit_minor: minor, ..Sighting::default() };
                past.record(at, &seen);
                past.received(at, minor);
            }
            prop_assert!(serde_json::to_string(&past).unwrap().len() < 12_000);
        }
    }

    #[test]
    fn a_merchant_is_rated_by_what_became_of_its_payments() {
        let (mut past, at) = (MerchantPast::default(), Timestamp::from_micros(1_795_000_000_000_000));
        (0..19).for_each(|_| past.paid(at, 1));
        past.refunded(at, 1);
        assert_eq!(past.rates_per_mille(at), (0, 0), "nineteen say nothing");
        past.paid(at, 1);
        past.refused(at, 1);
        assert_eq!(past.rates_per_mille(at), (50, 47));
        let later = at.after(std::time::Duration::from_secs(31 * 24 * 3_600));
        assert_eq!(past.rates_per_mille(later), (0, 0));
    }
}
