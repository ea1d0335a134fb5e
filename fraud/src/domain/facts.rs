//! What a decision is made of. Logged with it, so that it can be made again.

use money::{Currency, Money};
use serde::{Deserialize, Serialize};
use service::Timestamp;

use super::check::{Check, CheckKind};
use super::velocity::Totals;

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
    pub recent_failures: u32,
    /// Checks in the last minute, hour and day, this one among them.
    pub count_per: [u32; 3],
    /// Their amounts, summed.
    pub sum_per: [i64; 3],
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
    /// The facts of a check made `at` a time, with the user's totals that count it already.
    pub fn of(check: &Check, at: Timestamp, totals: Totals) -> Self {
        Self {
            amount_minor: check.amount.minor(),
            currency: check.amount.currency(),
            kind: check.kind,
            account_age_seconds: check.account_created_at.map(|created| at.since(created).as_secs()),
            recent_failures: check.recent_failures,
            count_per: totals.count_per,
            sum_per: totals.sum_per,
            desk: DeskFacts::default(),
        }
    }

    /// An amount of minor units in the currency of this check, for people.
    pub(super) fn show(&self, minor: i64) -> String {
        // Only totals could be out of range, and those stop at its end.
        Money::new(minor, self.currency).map_or_else(|_| "a very large sum".to_owned(), |money| money.to_string())
    }
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
