//! Payment sessions: bills that were opened with us, from their creation to their payment or their end.

use ids::{MerchantId, PaymentSessionId, TransactionId, WalletId};
use money::Money;
use serde::{Deserialize, Serialize};
use service::Timestamp;

use super::failure::{Failure, FailureCode};
use super::va::VaNumber;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum SessionState {
    /// It can be paid until it expires.
    Open,
    /// The buyer's money is held while a person looks at the payment.
    Review,
    /// The buyer's money is held; the merchant captures or voids it.
    Authorized,
    /// The money has moved.
    Paid,
    /// Nobody paid (or captured) in time.
    Expired,
    /// The merchant took it back, or voided what was authorized.
    Cancelled,
}

impl SessionState {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Review => "REVIEW",
            Self::Authorized => "AUTHORIZED",
            Self::Paid => "PAID",
            Self::Expired => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Open,
            Self::Review,
            Self::Authorized,
            Self::Paid,
            Self::Expired,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|state| state.as_str() == text)
    }

    /// Whether a payment stands behind it, moved or held (for its merchant, or until somebody has looked at it).
    pub const fn is_paid_for(self) -> bool {
        matches!(self, Self::Paid | Self::Authorized | Self::Review)
    }

    /// Whether it stays so for ever.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Paid | Self::Expired | Self::Cancelled)
    }
}

/// Who opened a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionSource {
    /// The merchant, by `createPaymentSession`: what it says is the bill.
    Api,
    /// A marketplace, by `generateInvoiceVA`: its own order may come later, and its no counts.
    Invoice,
    /// A buyer who came with a VA number: the bill is the marketplace's, which is asked again when it is paid.
    Bill,
}

impl SessionSource {
    /// The name as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Invoice => "INVOICE",
            Self::Bill => "BILL",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Api, Self::Invoice, Self::Bill]
            .into_iter()
            .find(|source| source.as_str() == text)
    }
}

/// When the money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum CaptureMode {
    /// At once.
    Automatic,
    /// It is held, and moves when the merchant captures it.
    Manual,
}

impl CaptureMode {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::Manual => "MANUAL",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Automatic, Self::Manual]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}

/// A line of what is bought, for the buyer to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it is.
    pub name: String,
    /// How many.
    pub quantity: i64,
    /// What one costs, in minor units of the session's currency.
    pub price_minor: i64,
}

/// A pair that the merchant wants back as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The name.
    pub key: String,
    /// The value.
    pub value: String,
}

/// Whose part of an amount is how large, before fees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The wallet that gets it.
    pub wallet_id: WalletId,
    /// The merchant whose settlement wallet that is, if it is one.
    pub merchant_id: Option<MerchantId>,
    /// How much, in minor units.
    pub amount_minor: i64,
}

/// A session as it stands.
#[derive(Clone, Debug)]
pub struct PaymentSession {
    /// Its id.
    pub session_id: PaymentSessionId,
    /// Who is paid.
    pub merchant_id: MerchantId,
    /// Who opened it.
    pub source: SessionSource,
    /// The merchant's name for what is paid. One order has one session.
    pub order_id: Option<String>,
    /// The number by which it is paid.
    pub va_number: VaNumber,
    /// How much.
    pub amount: Money,
    /// What for.
    pub description: Option<String>,
    /// What is bought.
    pub items: Vec<Item>,
    /// The merchant's own.
    pub metadata: Vec<Metadata>,
    /// When the money moves.
    pub capture_mode: CaptureMode,
    /// Where the buyer goes afterwards.
    pub return_url: Option<String>,
    /// Where the buyer goes who does not want to pay.
    pub cancel_url: Option<String>,
    /// Where it stands.
    pub state: SessionState,
    /// The payment that paid (or holds) it.
    pub transaction_id: Option<TransactionId>,
    /// Greater after every change.
    pub version: i64,
    /// From then on it cannot be paid.
    pub expires_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl PaymentSession {
    /// Whether a payment of this amount may begin now.
    pub fn check_payable(&self, amount: Money, now: Timestamp) -> Result<(), Failure> {
        match self.state {
            SessionState::Paid => Err(Failure::new(FailureCode::BillAlreadyPaid, "the bill has been paid")),
            SessionState::Review => Err(Failure::new(
                FailureCode::BillPaymentInProgress,
                "another payment of this bill is being reviewed",
            )),
            SessionState::Authorized => Err(Failure::new(
                FailureCode::BillAlreadyPaid,
                "a payment of the bill has been authorized",
            )),
            SessionState::Cancelled => Err(Failure::new(FailureCode::BillExpired, "the bill was cancelled")),
            SessionState::Expired => Err(Failure::new(FailureCode::BillExpired, "the bill has expired")),
            SessionState::Open if self.expires_at <= now => {
                Err(Failure::new(FailureCode::BillExpired, "the bill has expired"))
            }
            SessionState::Open if amount != self.amount => {
                let (currency, due) = (self.amount.currency().code(), self.amount);
                let reason = format!("the bill is over {currency} {due}, not {amount}");
                Err(Failure::new(FailureCode::BillAmountMismatch, reason))
            }
            SessionState::Open => Ok(()),
        }
    }
}
