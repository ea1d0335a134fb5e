//! What is remembered of a user beyond the last day, and of a merchant: kept as it comes, so that no check scans the log.
//!
//! Windows are rows of buckets (28 of six hours, 30 of a day) with the current, partly filled one among them, as in
//! [`velocity`](super::velocity). Of payees, devices and addresses the latest are remembered, each with the time it was seen
//! last. All is bounded, and what it answers depends only on what was recorded, in what order: a restart changes nothing.

mod recent;
mod window;

use serde::{Deserialize, Serialize};
use service::Timestamp;

use recent::{Moments, Recent, Sight};
use window::Window;

const MINUTE: i64 = 60 * 1_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The latest payees that are remembered: a count of distinct ones stops here.
pub const PAYEES_MAX: usize = 64;
const DEVICES_MAX: usize = 16;

/// First byte of the stored form.
const ENCODING_VERSION: u8 = 1;

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

/// What the past has to say about a check. What is zero or false is not written: most of it is.
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
    #[serde(skip_serializing_if = "is_nothing")]
    pub amounts_30d: u32,
    /// their mean in minor units,
    #[serde(skip_serializing_if = "is_nothing")]
    pub mean_30d: i64,
    /// and their standard deviation.
    #[serde(skip_serializing_if = "is_nothing")]
    pub deviation_30d: i64,
    /// The payee is known, and was not paid before, as far as is remembered.
    #[serde(skip_serializing_if = "is_nothing")]
    pub is_first_to_payee: bool,
    /// The login session is not among those remembered, and there are some.
    #[serde(skip_serializing_if = "is_nothing")]
    pub is_new_device: bool,
    /// The address is not among those remembered, and there are some.
    #[serde(skip_serializing_if = "is_nothing")]
    pub is_new_address: bool,
    /// Checks in the last hour that came to FRAUD.
    #[serde(skip_serializing_if = "is_nothing")]
    pub declined_1h: u32,
    /// Payments in the last hour that failed for whatever reason.
    #[serde(skip_serializing_if = "is_nothing")]
    pub failed_1h: u32,
    /// Amounts just below the limit in a day, this one among them.
    #[serde(skip_serializing_if = "is_nothing")]
    pub just_below_24h: u32,
    /// What came in during the last hour, in minor units.
    #[serde(skip_serializing_if = "is_nothing")]
    pub received_1h: i64,
}

pub(super) fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The longer past of one user.
///
/// It can be read from JSON because it was once stored so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
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
        let knew_devices = !self.devices.is_empty();
        let knew_addresses = !self.addresses.is_empty();
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

    /// The stored form, at most some 4,000 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(512);
        bytes.push(ENCODING_VERSION);
        self.week.encode(&mut bytes);
        self.month.encode(&mut bytes);
        self.payees.encode(&mut bytes);
        self.devices.encode(&mut bytes);
        self.addresses.encode(&mut bytes);
        for moments in [&self.declined, &self.failed, &self.just_below, &self.received] {
            moments.encode(&mut bytes);
        }
        bytes
    }

    /// Reads the stored form; nothing when it is not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let rest = &mut known_version(bytes)?;
        let past = Self {
            week: Window::decode(rest)?,
            month: Window::decode(rest)?,
            payees: Recent::decode(rest)?,
            devices: Recent::decode(rest)?,
            addresses: Recent::decode(rest)?,
            declined: Moments::decode(rest)?,
            failed: Moments::decode(rest)?,
            just_below: Moments::decode(rest)?,
            received: Moments::decode(rest)?,
        };
        rest.is_empty().then_some(past)
    }
}

fn known_version(bytes: &[u8]) -> Option<&[u8]> {
    let (&version, rest) = bytes.split_first()?;
    (version == ENCODING_VERSION).then_some(rest)
}

fn is_just_below(minor: i64, limit_minor: i64) -> bool {
    minor <= limit_minor && minor >= limit_minor - limit_minor / 10
}

/// The past of one merchant, of 30 days. It can be read from JSON because it was once stored so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
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

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![ENCODING_VERSION];
        for window in [&self.paid, &self.refunded, &self.refused] {
            window.encode(&mut bytes);
        }
        bytes
    }

    /// Reads the stored form; nothing when it is not one.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let rest = &mut known_version(bytes)?;
        let past = Self {
            paid: Window::decode(rest)?,
            refunded: Window::decode(rest)?,
            refused: Window::decode(rest)?,
        };
        rest.is_empty().then_some(past)
    }
}

#[cfg(test)]
mod tests;
