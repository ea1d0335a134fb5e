//! Why the ledger says no.

/// A refusal is an answer, not a failure: it is stored under the transfer's id and given again when asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An account of the transfer does not exist.
    #[error("the wallet does not exist")]
    WalletNotFound,
    /// A wallet is debited in the name of somebody who does not own it.
    #[error("the wallet belongs to somebody else")]
    WalletNotOwned,
    /// A wallet is frozen.
    #[error("the wallet is frozen")]
    WalletFrozen,
    /// A wallet is closed.
    #[error("the wallet is closed")]
    WalletClosed,
    /// The wallet has less than the amount, not counting what is held.
    #[error("the wallet's balance is too low")]
    InsufficientFunds,
    /// The receiving wallet would hold more than the largest amount there is.
    #[error("the wallet cannot hold that much")]
    BalanceLimitExceeded,
    /// An account has another currency.
    #[error("the wallet has another currency")]
    CurrencyMismatch,
    /// Whoever asked for the transfer (or the hold) gave it up before it came.
    #[error("the transfer was cancelled")]
    Cancelled,
    /// The hold does not exist.
    #[error("the hold does not exist")]
    HoldNotFound,
    /// The hold was voided, has expired or is captured.
    #[error("the hold is not pending any more")]
    HoldNotPending,
    /// A capture asks for more than what is left of the hold.
    #[error("the hold has less left than that")]
    HoldExceeded,
}

impl Refusal {
    const ALL: [Self; 11] = [
        Self::WalletNotFound,
        Self::WalletNotOwned,
        Self::WalletFrozen,
        Self::WalletClosed,
        Self::InsufficientFunds,
        Self::BalanceLimitExceeded,
        Self::CurrencyMismatch,
        Self::Cancelled,
        Self::HoldNotFound,
        Self::HoldNotPending,
        Self::HoldExceeded,
    ];

    /// The stable code, as stored and as told to callers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WalletNotFound => "WALLET_NOT_FOUND",
            Self::WalletNotOwned => "WALLET_NOT_OWNED",
            Self::WalletFrozen => "WALLET_FROZEN",
            Self::WalletClosed => "WALLET_CLOSED",
            Self::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Self::BalanceLimitExceeded => "BALANCE_LIMIT_EXCEEDED",
            Self::CurrencyMismatch => "CURRENCY_MISMATCH",
            Self::Cancelled => "TRANSFER_CANCELLED",
            Self::HoldNotFound => "HOLD_NOT_FOUND",
            Self::HoldNotPending => "HOLD_NOT_PENDING",
            Self::HoldExceeded => "HOLD_EXCEEDED",
        }
    }

    /// Reads a stored code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}
