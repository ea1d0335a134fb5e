//! What a decision is made of. Logged with it, so that it can be made again.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::Timestamp;

use super::check::{Check, CheckKind};
use super::past::{PastFacts, is_nothing};
use super::velocity::Totals;

/// Where most users are: no summer time, seven hours east of Greenwich.
const JAKARTA_HOURS: i8 = 7;

/// Everything the rules look at, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// The amount in minor units.
    pub amount_minor: i64,
    /// Its currency.
    #[serde(with = "currency_code")]
    pub currency: Currency,
    /// What the money is meant for.
    pub kind: CheckKind,
    /// Age of the account; nothing when it is not known.
    pub account_age_seconds: Option<u64>,
    /// Payments refused in the last hour.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub recent_failures: u32,
    /// Checks in the last minute, hour and day, this one among them.
    pub count_per: [u32; 3],
    /// Their amounts, summed.
    pub sum_per: [i64; 3],
    /// Age of the wallet; nothing when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_age_seconds: Option<u64>,
    /// What stands behind the @ of the user's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_domain: Option<String>,
    /// The hour of the day where the user is.
    #[serde(default)]
    pub hour: u32,
    /// The day of the week there, 1 for Monday.
    #[serde(default)]
    pub weekday: u32,
    /// What the longer past says.
    #[serde(default)]
    pub past: PastFacts,
    /// Refunds per thousand payments of the merchant.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub merchant_refund_per_mille: u32,
    /// Payments refused as fraud per thousand that were tried at the merchant.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub merchant_fraud_per_mille: u32,
    /// What the desk had said about it before.
    #[serde(default, skip_serializing_if = "DeskFacts::is_empty")]
    pub desk: DeskFacts,
}

/// What stood on the lists, and which rules slept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeskFacts {
    /// What of it stood on the deny list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied: Option<String>,
    /// What of it stood on the allow list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// The rules that slept for this user.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub snoozed: Vec<String>,
}

impl DeskFacts {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Facts {
    /// The facts of a check made `at` a time, with the user's totals and past that count it already.
    pub fn of(check: &Check, at: Timestamp, totals: Totals, past: PastFacts) -> Self {
        let (hour, weekday) = local_time(at, check.zoneinfo.as_deref());
        Self {
            amount_minor: check.amount.minor(),
            currency: check.amount.currency(),
            kind: check.kind,
            account_age_seconds: check.account_created_at.map(|created| at.since(created).as_secs()),
            recent_failures: check.recent_failures,
            count_per: totals.count_per,
            sum_per: totals.sum_per,
            wallet_age_seconds: check.wallet_created_at.map(|created| at.since(created).as_secs()),
            email_domain: check.email_domain.clone(),
            hour,
            weekday,
            past,
            merchant_refund_per_mille: 0,
            merchant_fraud_per_mille: 0,
            desk: DeskFacts::default(),
        }
    }

    /// An amount of minor units in the currency of this check, for people.
    pub(super) fn show(&self, minor: i64) -> String {
        // Only totals could be out of range, and those stop at its end.
        Money::new(minor, self.currency).map_or_else(|_| "a very large sum".to_owned(), |money| money.to_string())
    }
}

/// The hour and the day of the week, in a zone by its IANA name. Zones change by law, so both are kept with the decision.
fn local_time(at: Timestamp, zone: Option<&str>) -> (u32, u32) {
    let zone = zone.and_then(|name| jiff::tz::TimeZone::get(name).ok());
    let zone = zone.unwrap_or_else(|| jiff::tz::TimeZone::fixed(jiff::tz::offset(JAKARTA_HOURS)));
    let Ok(time) = jiff::Timestamp::from_microsecond(at.micros()) else {
        return (0, 1);
    };
    let time = time.to_zoned(zone);
    let weekday = time.weekday().to_monday_one_offset();
    (time.hour().unsigned_abs().into(), weekday.unsigned_abs().into())
}

mod currency_code {
    use money::Currency;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub fn serialize<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(currency.code())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Currency, D::Error> {
        let code = std::borrow::Cow::<str>::deserialize(deserializer)?;
        code.parse().map_err(de::Error::custom)
    }
}
