//! Why a transaction failed.

/// Stable codes of `failureCode`; `docs/errors/` has a page for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureCode {
    /// The wallet has less than the amount.
    InsufficientFunds,
    /// The fraud check refused it.
    FraudBlocked,
    /// A person looked at it and refused it.
    ReviewRejected,
    /// The merchant knows no such bill.
    BillNotFound,
    /// The bill was paid before.
    BillAlreadyPaid,
    /// The bill is over another amount.
    BillAmountMismatch,
    /// The bill has expired or was cancelled.
    BillExpired,
    /// Another payment of the same bill is under way.
    BillPaymentInProgress,
    /// The merchant does not answer, or answers rubbish.
    MerchantUnavailable,
    /// A wallet is frozen.
    WalletFrozen,
    /// A wallet is closed.
    WalletClosed,
    /// A wallet does not exist.
    WalletNotFound,
    /// The receiving wallet cannot hold that much.
    BalanceLimitExceeded,
    /// The wallets have different currencies.
    CurrencyMismatch,
    /// It could not be completed in time.
    TimedOut,
    /// The ledger refused it for another reason.
    TransferRefused,
    /// The bank did not take a payout.
    PayoutRejected,
    /// The payment's money is not held (any more), so that it cannot be captured or let go.
    PaymentNotAuthorized,
    /// More would be captured than what is left of the authorized amount.
    CaptureExceedsAuthorized,
    /// More would be refunded than what was captured and not refunded yet.
    RefundExceedsCaptured,
    /// A wallet that was paid has less than it would have to give back.
    RefundInsufficientFunds,
    /// Another operation on the payment is under way, and both cannot be done.
    OperationInProgress,
}

impl FailureCode {
    /// Every code, for the documentation's test.
    pub const ALL: [Self; 22] = [
        Self::InsufficientFunds,
        Self::FraudBlocked,
        Self::ReviewRejected,
        Self::BillNotFound,
        Self::BillAlreadyPaid,
        Self::BillAmountMismatch,
        Self::BillExpired,
        Self::BillPaymentInProgress,
        Self::MerchantUnavailable,
        Self::WalletFrozen,
        Self::WalletClosed,
        Self::WalletNotFound,
        Self::BalanceLimitExceeded,
        Self::CurrencyMismatch,
        Self::TimedOut,
        Self::TransferRefused,
        Self::PayoutRejected,
        Self::PaymentNotAuthorized,
        Self::CaptureExceedsAuthorized,
        Self::RefundExceedsCaptured,
        Self::RefundInsufficientFunds,
        Self::OperationInProgress,
    ];

    /// The code as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "INSUFFICIENT_FUNDS",
            Self::FraudBlocked => "FRAUD_BLOCKED",
            Self::ReviewRejected => "REVIEW_REJECTED",
            Self::BillNotFound => "BILL_NOT_FOUND",
            Self::BillAlreadyPaid => "BILL_ALREADY_PAID",
            Self::BillAmountMismatch => "BILL_AMOUNT_MISMATCH",
            Self::BillExpired => "BILL_EXPIRED",
            Self::BillPaymentInProgress => "BILL_PAYMENT_IN_PROGRESS",
            Self::MerchantUnavailable => "MERCHANT_UNAVAILABLE",
            Self::WalletFrozen => "WALLET_FROZEN",
            Self::WalletClosed => "WALLET_CLOSED",
            Self::WalletNotFound => "WALLET_NOT_FOUND",
            Self::BalanceLimitExceeded => "BALANCE_LIMIT_EXCEEDED",
            Self::CurrencyMismatch => "CURRENCY_MISMATCH",
            Self::TimedOut => "TIMED_OUT",
            Self::TransferRefused => "TRANSFER_REFUSED",
            Self::PayoutRejected => "PAYOUT_REJECTED",
            Self::PaymentNotAuthorized => "PAYMENT_NOT_AUTHORIZED",
            Self::CaptureExceedsAuthorized => "CAPTURE_EXCEEDS_AUTHORIZED",
            Self::RefundExceedsCaptured => "REFUND_EXCEEDS_CAPTURED",
            Self::RefundInsufficientFunds => "REFUND_INSUFFICIENT_FUNDS",
            Self::OperationInProgress => "OPERATION_IN_PROGRESS",
        }
    }

    /// The code for a refusal of the ledger.
    pub fn of_ledger(refusal: &str) -> Self {
        match refusal {
            "INSUFFICIENT_FUNDS" => Self::InsufficientFunds,
            "WALLET_FROZEN" => Self::WalletFrozen,
            "WALLET_CLOSED" => Self::WalletClosed,
            "WALLET_NOT_FOUND" => Self::WalletNotFound,
            "BALANCE_LIMIT_EXCEEDED" => Self::BalanceLimitExceeded,
            "CURRENCY_MISMATCH" => Self::CurrencyMismatch,
            "HOLD_NOT_PENDING" | "HOLD_NOT_FOUND" => Self::PaymentNotAuthorized,
            "HOLD_EXCEEDED" => Self::CaptureExceedsAuthorized,
            _ => Self::TransferRefused,
        }
    }

    /// What to say of a refusal for which the ledger gave a code alone.
    pub const fn ledger_reason(self) -> &'static str {
        match self {
            Self::InsufficientFunds => "the wallet's balance is too low",
            Self::WalletFrozen => "the wallet is frozen",
            Self::WalletClosed => "the wallet is closed",
            Self::WalletNotFound => "the wallet does not exist",
            _ => "the ledger refused it; no money was moved",
        }
    }
}

/// A refusal of the business: a result, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its code.
    pub code: FailureCode,
    /// A sentence for the user.
    pub reason: String,
}

impl Failure {
    /// A failure with its reason.
    pub fn new(code: FailureCode, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}
