//! The thresholds of the rules.

use serde::{Deserialize, Serialize};
use service::settings::FraudSettings;

/// Which thresholds these are: grows when one comes to mean something else.
const RULES_VERSION: u32 = 1;

/// Thresholds, amounts in minor units of the one currency there is. Stored with what was decided by them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// Which rules these are for: grows when a rule comes to mean something else.
    pub rules_version: u32,
    /// Above: SUSPICIOUS.
    pub suspicious_above: i64,
    /// Above: FRAUD.
    pub block_above: i64,
    /// More checks in a minute, an hour, a day: SUSPICIOUS.
    pub count_per: [u32; 3],
    /// A larger sum in a minute, an hour, a day: SUSPICIOUS.
    pub sum_per: [i64; 3],
    /// Younger accounts are new.
    pub new_account_seconds: u64,
    /// Above, from a new account: SUSPICIOUS.
    pub new_account_above: i64,
    /// More refused payments in an hour: SUSPICIOUS.
    pub failures_per_hour: u32,
}

impl From<&FraudSettings> for Limits {
    fn from(settings: &FraudSettings) -> Self {
        Self {
            rules_version: RULES_VERSION,
            suspicious_above: settings.suspicious_above.minor(),
            block_above: settings.block_above.minor(),
            count_per: settings.count_per,
            sum_per: settings.sum_per.map(money::Money::minor),
            new_account_seconds: settings.new_account_for.as_secs(),
            new_account_above: settings.new_account_above.minor(),
            failures_per_hour: settings.failures_per_hour,
        }
    }
}
