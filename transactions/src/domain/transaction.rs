//! Transactions.

use std::time::Duration;

use ids::{MerchantId, PaymentSessionId, TransactionId, WalletId};
use money::Money;
use service::Timestamp;

use super::session::CaptureMode;

/// How long money is held for a merchant that captures it itself.
pub const HELD_FOR: Duration = Duration::from_secs(7 * 24 * 3_600);

/// What a transaction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum TransactionType {
    /// Money from the bank into a wallet.
    Deposit,
    /// A bill is paid from a wallet.
    Payment,
    /// Money from a wallet to another one.
    Transfer,
}

impl TransactionType {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deposit => "DEPOSIT",
            Self::Payment => "PAYMENT",
            Self::Transfer => "TRANSFER",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Deposit, Self::Payment, Self::Transfer]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum TransactionStatus {
    /// Under way. It ends as one of the others, whatever crashes meanwhile.
    Pending,
    /// The money is held while a person looks at it. It ends as one of the others.
    Review,
    /// The money is held for the merchant, who captures or voids it.
    Authorized,
    /// The money has moved.
    Success,
    /// No money has moved; `failureCode` says why.
    Failed,
    /// The merchant gave it up; no money has moved.
    Voided,
    /// The merchant did not capture it in time; no money has moved.
    Expired,
}

impl TransactionStatus {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Review => "REVIEW",
            Self::Authorized => "AUTHORIZED",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
            Self::Voided => "VOIDED",
            Self::Expired => "EXPIRED",
        }
    }

    /// Whether it ended without any money moving, and not because its merchant let it go.
    pub const fn has_failed(self) -> bool {
        matches!(self, Self::Failed)
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Review,
            Self::Authorized,
            Self::Success,
            Self::Failed,
            Self::Voided,
            Self::Expired,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
    }
}

/// A transaction as it stands.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Its id. The ledger's transfer has the same one with another prefix.
    pub transaction_id: TransactionId,
    /// Who asked for it.
    pub user_id: String,
    /// The wallet it debits (a deposit: credits).
    pub wallet_id: WalletId,
    /// The wallet a transfer credits.
    pub target_wallet_id: Option<WalletId>,
    /// The merchant a payment pays.
    pub merchant_id: Option<MerchantId>,
    /// The session that a payment pays, if its bill is one.
    pub session_id: Option<PaymentSessionId>,
    /// The merchant's name for what is paid.
    pub order_id: Option<String>,
    /// How much.
    pub amount: Money,
    /// When the money of a payment moves.
    pub capture_mode: CaptureMode,
    /// What the provider gets, in minor units: of an automatic payment known from its beginning, of a manual one what its
    /// captures have cost so far.
    pub fee_minor: i64,
    /// How much of a payment has moved to the merchant, in minor units, fees included.
    pub captured_minor: i64,
    /// How much of that has moved back, in minor units.
    pub refunded_minor: i64,
    /// From then on what is authorized cannot be captured; what is under review is not held any more.
    pub hold_expires_at: Option<Timestamp>,
    /// What it does.
    pub kind: TransactionType,
    /// Where it stands.
    pub status: TransactionStatus,
    /// The bill a payment pays.
    pub va_number: Option<String>,
    /// A note of the user.
    pub description: Option<String>,
    /// Why it failed: the code.
    pub failure_code: Option<String>,
    /// Why it failed: a sentence.
    pub failure_reason: Option<String>,
    /// When the money moved: a manual payment's with its last capture.
    pub paid_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Transaction {
    /// How much has moved to the merchant.
    pub fn captured(&self) -> Money {
        self.part(self.captured_minor)
    }

    /// How much of that has moved back.
    pub fn refunded(&self) -> Money {
        self.part(self.refunded_minor)
    }

    fn part(&self, minor: i64) -> Money {
        // The table keeps parts between zero and the amount, and an amount is in range.
        Money::new(minor, self.amount.currency()).unwrap_or(self.amount)
    }
}
