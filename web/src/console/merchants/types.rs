//! What the gateway answers about merchants, as far as the console shows it.

use money::Decimal;
use serde::Deserialize;

use crate::console::types::{Amount, When};

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MerchantRow {
    pub(crate) merchant_id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) va_prefix: Option<String>,
    pub(crate) owner_user_id: Option<String>,
    pub(crate) created_at: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Merchant {
    #[serde(flatten)]
    pub(crate) row: MerchantRow,
    pub(crate) order_url: Option<String>,
    pub(crate) notification: String,
    pub(crate) return_origins: Vec<String>,
    pub(crate) wallet_id: String,
    pub(crate) fee_plans: Vec<FeePlan>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Balance {
    pub(crate) balance: Option<Amount>,
    pub(crate) available_balance: Option<Amount>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeePlan {
    pub(crate) percent: Decimal,
    pub(crate) fixed: Amount,
    pub(crate) valid_from: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Keys {
    pub(crate) api_keys: Vec<ApiKey>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKey {
    pub(crate) key_id: String,
    pub(crate) name: String,
    pub(crate) hint: String,
    pub(crate) created_at: When,
    pub(crate) last_used_at: Option<When>,
    pub(crate) revoked_at: Option<When>,
}

/// A key with its secret, which is told this once.
#[derive(Deserialize)]
pub(crate) struct NewKey {
    pub(crate) secret: String,
    pub(crate) key: ApiKey,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Endpoint {
    pub(crate) endpoint_id: String,
    pub(crate) url: String,
    pub(crate) events: Vec<String>,
    pub(crate) enabled: bool,
    pub(crate) disabled_reason: Option<String>,
    pub(crate) failing_since: Option<When>,
    pub(crate) created_at: When,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Attempt {
    pub(crate) attempt_id: String,
    pub(crate) event_id: String,
    pub(crate) attempted_at: When,
    pub(crate) outcome: String,
    pub(crate) status: Option<i32>,
    pub(crate) latency_ms: i64,
    pub(crate) response_excerpt: Option<String>,
}
