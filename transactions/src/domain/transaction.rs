//! Transactions.

use ids::{MerchantId, TransactionId, WalletId};
use money::Money;
use service::Timestamp;

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
    /// The money has moved.
    Success,
    /// No money has moved; `failureCode` says why.
    Failed,
}

impl TransactionStatus {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Success => "SUCCESS",
            Self::Failed => "FAILED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Success, Self::Failed]
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
    /// How much.
    pub amount: Money,
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
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
