//! What the gateway answers, as far as pages show it. Codes stay text: one that we do not know yet must not break a page.

use money::{Decimal, Money};
use serde::{Deserialize, Deserializer, de};
use service::Timestamp;

use crate::format::{IDR, money};

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Login {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
    pub(crate) expires_in: i64,
    pub(crate) user: LoginUser,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LoginUser {
    pub(crate) user_id: String,
    pub(crate) fullname: String,
    /// Asked for where it counts: at the console.
    #[serde(default)]
    pub(crate) role: String,
    #[serde(default, rename = "totpEnabled")]
    pub(crate) totp_enabled: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Profile {
    pub(crate) username: String,
    pub(crate) fullname: String,
    pub(crate) email: String,
    pub(crate) has_pin: bool,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceSession {
    pub(crate) session_id: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
    #[serde(deserialize_with = "instant")]
    pub(crate) last_used_at: Timestamp,
    pub(crate) address: Option<String>,
    pub(crate) current: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipient {
    pub(crate) user_id: String,
    pub(crate) username: String,
    pub(crate) fullname: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReceivingWallet {
    pub(crate) wallet_id: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wallet {
    pub(crate) wallet_id: String,
    pub(crate) wallet_name: String,
    balance: Decimal,
    available_balance: Decimal,
    status: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

impl Wallet {
    pub(crate) fn balance(&self) -> Money {
        money(self.balance)
    }

    /// What can be spent.
    pub(crate) fn available(&self) -> Money {
        money(self.available_balance)
    }

    /// Money that is in the wallet and held for a merchant.
    pub(crate) fn held(&self) -> Option<Money> {
        let held = self.balance().checked_sub(self.available()).ok()?;
        held.is_positive().then_some(held)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }

    pub(crate) fn can_pay(&self, amount: Money) -> bool {
        self.is_active() && self.available().minor() >= amount.minor()
    }
}

/// A transaction of the buyer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    pub(crate) transaction_id: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) status: String,
    amount: Decimal,
    pub(crate) session_id: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) failure_code: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

impl Payment {
    pub(crate) fn amount(&self) -> Money {
        money(self.amount)
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.status == "PENDING"
    }

    /// Held while somebody looks at it.
    pub(crate) fn is_in_review(&self) -> bool {
        self.status == "REVIEW"
    }

    /// Held for the merchant, and not collected yet.
    pub(crate) fn is_authorized(&self) -> bool {
        self.status == "AUTHORIZED"
    }

    pub(crate) fn is_failed(&self) -> bool {
        self.status == "FAILED"
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HistoryEntry {
    pub(crate) history_id: String,
    pub(crate) transaction_id: String,
    amount: Decimal,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) va_number: Option<String>,
    pub(crate) status: String,
    pub(crate) direction: String,
    pub(crate) wallet_id: Option<String>,
    pub(crate) counterparty: Option<String>,
    pub(crate) failure_code: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

impl HistoryEntry {
    pub(crate) fn amount(&self) -> Money {
        money(self.amount)
    }
}

/// A month of a wallet, and a page of what was written on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WalletStatement {
    pub(crate) wallet_id: String,
    pub(crate) wallet_name: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) from: Timestamp,
    #[serde(deserialize_with = "instant")]
    pub(crate) to: Timestamp,
    pub(crate) is_complete: bool,
    #[serde(deserialize_with = "amount")]
    pub(crate) opening_balance: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) closing_balance: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) came_in: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) went_out: Money,
    pub(crate) line_count: i64,
    pub(crate) lines: Vec<StatementLine>,
}

/// A line of a statement.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatementLine {
    pub(crate) posting_id: String,
    pub(crate) transfer_id: String,
    pub(crate) kind: String,
    #[serde(deserialize_with = "amount")]
    pub(crate) amount: Money,
    #[serde(deserialize_with = "amount")]
    pub(crate) balance_after: Money,
    pub(crate) counterparty: Option<String>,
    pub(crate) counterparty_name: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
}

/// A bill at the checkout, as anybody who has its id may see it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutSession {
    pub(crate) session_id: String,
    pub(crate) merchant_name: String,
    pub(crate) order_id: Option<String>,
    amount: Decimal,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) items: Option<Vec<Item>>,
    pub(crate) va_number: String,
    pub(crate) state: SessionState,
    #[serde(deserialize_with = "maybe_instant", default)]
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) version: i64,
    pub(crate) can_return: bool,
    pub(crate) return_url: Option<String>,
    pub(crate) cancel_url: Option<String>,
    #[serde(deserialize_with = "instant")]
    pub(crate) now: Timestamp,
}

impl CheckoutSession {
    pub(crate) fn amount(&self) -> Money {
        money(self.amount)
    }

    /// The signed way back, if the merchant's may be followed.
    pub(crate) fn way_back(&self) -> Option<&str> {
        self.return_url
            .as_deref()
            .filter(|_| self.can_return)
            .filter(|url| is_web(url))
    }

    /// Where the merchant wants buyers who do not pay.
    pub(crate) fn way_out(&self) -> Option<&str> {
        self.cancel_url
            .as_deref()
            .filter(|url| is_web(url))
            .or_else(|| self.way_back())
    }
}

/// The provider has checked these addresses; a scheme that runs script is not let through twice.
fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) quantity: u32,
    price: Decimal,
}

impl Item {
    pub(crate) fn price(&self) -> Money {
        money(self.price)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum SessionState {
    Open,
    Review,
    Paid,
    Authorized,
    Expired,
    Cancelled,
}

impl SessionState {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Review => "REVIEW",
            Self::Paid => "PAID",
            Self::Authorized => "AUTHORIZED",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

pub(crate) fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse(&text).ok_or_else(|| de::Error::custom("no instant"))
}

/// A statement is no place for an amount that is not understood.
fn amount<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    let amount = Decimal::deserialize(deserializer)?;
    amount.to_money(IDR).map_err(de::Error::custom)
}

pub(crate) fn maybe_instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    Ok(text.as_deref().and_then(Timestamp::parse))
}
