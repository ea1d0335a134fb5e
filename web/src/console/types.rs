//! What the gateway answers to staff, as far as the console shows it. Codes stay text: one that is not known yet must not
//! break a page.

use money::{Decimal, Money};
use serde::{Deserialize, Deserializer};
use service::Timestamp;

use crate::api::instant;
use crate::format;

/// An instant of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        instant(deserializer).map(Self)
    }
}

/// An amount of the API, in rupiah.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Amount(Decimal);

impl Amount {
    pub(crate) fn money(self) -> Money {
        format::money(self.0)
    }

    /// As people read it.
    pub(crate) fn text(self) -> String {
        format::rupiah(self.money())
    }

    /// As a form's field holds it.
    pub(crate) fn plain(self) -> String {
        self.0.to_string()
    }
}

fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    Amount::deserialize(deserializer).map(Amount::money)
}

fn maybe_amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Money>, D::Error> {
    let amount: Option<Amount> = Option::deserialize(deserializer)?;
    Ok(amount.map(Amount::money))
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TotpSetup {
    pub(crate) secret: String,
    pub(crate) uri: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User {
    pub(crate) user_id: String,
    pub(crate) username: String,
    pub(crate) fullname: String,
    pub(crate) email: String,
    pub(crate) role: String,
    pub(crate) status: String,
    pub(crate) totp_enabled: bool,
    #[serde(default)]
    pub(crate) time_zone: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wallet {
    pub(crate) wallet_id: String,
    pub(crate) user_id: String,
    pub(crate) wallet_name: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) balance: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) available_balance: Money,
    pub(crate) status: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Posting {
    pub(crate) transfer_id: String,
    pub(crate) posting_id: String,
    pub(crate) kind: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) amount: Money,
    #[serde(default, deserialize_with = "maybe_amount")]
    pub(crate) balance_after: Option<Money>,
    #[serde(default)]
    pub(crate) counterparty: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LedgerAccount {
    pub(crate) account: String,
    pub(crate) kind: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) balance: Money,
    pub(crate) postings: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrialBalance {
    pub(crate) balanced: bool,
    pub(crate) unbalanced_transfers: i64,
    pub(crate) currencies: Vec<CurrencyBalance>,
    #[serde(deserialize_with = "instant")]
    pub(crate) counted_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CurrencyBalance {
    pub(crate) currency: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) sum: Money,
    pub(crate) accounts: i64,
    pub(crate) mismatches: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transaction {
    pub(crate) transaction_id: String,
    pub(crate) user_id: String,
    pub(crate) wallet_id: String,
    pub(crate) target_wallet_id: Option<String>,
    pub(crate) merchant_id: Option<String>,
    pub(crate) session_id: Option<String>,
    #[serde(deserialize_with = "amount")]
    pub(crate) amount: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) captured_amount: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) refunded_amount: Money,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) va_number: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) failure_code: Option<String>,
    pub(crate) failure_reason: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
    #[serde(deserialize_with = "instant")]
    pub(crate) updated_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineEntry {
    #[serde(deserialize_with = "instant")]
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) detail: Option<String>,
    pub(crate) attempt: Option<i64>,
    pub(crate) duration_micros: Option<i64>,
}

/// What was moved after a payment: captures, voids and refunds.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MerchantPayment {
    pub(crate) operations: Vec<PaymentOperation>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentOperation {
    pub(crate) operation_id: String,
    pub(crate) kind: String,
    pub(crate) state: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) amount: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) fee: Money,
    pub(crate) reason: Option<String>,
    pub(crate) failure_code: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentsOverview {
    pub(crate) minutes: Vec<PaymentsMinute>,
    pub(crate) total: i64,
    pub(crate) succeeded: i64,
    pub(crate) success_rate: Option<f64>,
    #[serde(deserialize_with = "amount")]
    pub(crate) volume: Money,
    pub(crate) refusals: Vec<RefusalCause>,
    pub(crate) queues: Vec<QueueDepth>,
    pub(crate) in_review: i64,
    pub(crate) pending: i64,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PaymentsMinute {
    #[serde(deserialize_with = "instant")]
    pub(crate) at: Timestamp,
    pub(crate) total: i64,
    pub(crate) succeeded: i64,
    pub(crate) failed: i64,
    pub(crate) review: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefusalCause {
    pub(crate) failure_code: String,
    pub(crate) count: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueDepth {
    pub(crate) lane: String,
    pub(crate) waiting: i64,
    pub(crate) parked: i64,
    pub(crate) oldest_seconds: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ParkedMessage {
    pub(crate) message_id: String,
    pub(crate) lane: String,
    pub(crate) ordering_key: String,
    pub(crate) attempts: i64,
    pub(crate) last_error: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AdminAction {
    pub(crate) action_id: String,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) object: String,
    pub(crate) reason: Option<String>,
    pub(crate) detail: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    pub(crate) user_id: String,
    pub(crate) wallet_id: Option<String>,
    pub(crate) direction: String,
    pub(crate) status: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) amount: Money,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checkpoint {
    pub(crate) size: i64,
    pub(crate) root_hash: String,
    pub(crate) key_id: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct AuditHead {
    pub(crate) sequence: i64,
    pub(crate) hash: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verification {
    pub(crate) ok: bool,
    pub(crate) first_bad_sequence: Option<i64>,
    pub(crate) last_sequence: i64,
    pub(crate) complete: bool,
}

/// A change that answers with nothing that a page shows.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Done {}
