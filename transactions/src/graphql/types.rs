//! What clients see of transactions.

use async_graphql::{InputObject, SimpleObject};
use money::Decimal;
use service::DateTime;

use crate::app::operations_status::OperationsStatus as Status;
use crate::domain::{self, CaptureMode, OrderInput, TransactionStatus, TransactionType};

/// What to do.
#[derive(InputObject)]
pub struct TransactionInput {
    /// The wallet that pays; for a DEPOSIT the one that receives. It must be the caller's.
    wallet_id: String,
    /// How much: IDR, at most two decimals, greater than zero.
    amount: Decimal,
    /// What to do.
    #[graphql(name = "type")]
    kind: TransactionType,
    /// The bill: needed for a PAYMENT, refused otherwise.
    va_number: Option<String>,
    /// The receiving wallet, anybody's: needed for a TRANSFER, refused otherwise.
    target_wallet_id: Option<String>,
    /// A note of at most 200 characters.
    description: Option<String>,
    /// The client's name for this request: repeating it with the same input answers the same and moves nothing more.
    /// The header `Idempotency-Key` serves as well.
    pub idempotency_key: Option<String>,
}

impl From<TransactionInput> for OrderInput {
    fn from(input: TransactionInput) -> Self {
        Self {
            wallet_id: input.wallet_id,
            amount: input.amount,
            kind: input.kind,
            va_number: input.va_number,
            target_wallet_id: input.target_wallet_id,
            description: input.description,
        }
    }
}

/// A deposit, a payment or a transfer.
#[derive(SimpleObject)]
pub struct Transaction {
    /// Its id.
    transaction_id: String,
    /// Who asked for it.
    user_id: String,
    /// The wallet that paid (a DEPOSIT: received).
    wallet_id: String,
    /// The wallet that a TRANSFER went to.
    target_wallet_id: Option<String>,
    /// The merchant that a PAYMENT pays.
    merchant_id: Option<String>,
    /// The payment session that a PAYMENT pays, if its bill is one.
    session_id: Option<String>,
    /// How much.
    amount: Decimal,
    /// How much of a PAYMENT has gone to the merchant.
    captured_amount: Decimal,
    /// How much of that came back.
    refunded_amount: Decimal,
    /// Whether the money of a PAYMENT moves at once or is held until the merchant captures it.
    capture_mode: CaptureMode,
    /// ISO 4217 code.
    currency: String,
    /// What it does.
    #[graphql(name = "type")]
    kind: TransactionType,
    /// Where it stands.
    status: TransactionStatus,
    /// The bill that a PAYMENT pays.
    va_number: Option<String>,
    /// The user's note.
    description: Option<String>,
    /// Why it FAILED: a stable code.
    failure_code: Option<String>,
    /// Why it FAILED: a sentence.
    failure_reason: Option<String>,
    /// When it was asked for.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
}

impl From<domain::Transaction> for Transaction {
    fn from(transaction: domain::Transaction) -> Self {
        let (captured, refunded) = (transaction.captured(), transaction.refunded());
        Self {
            merchant_id: transaction.merchant_id.map(|merchant_id| merchant_id.to_string()),
            session_id: transaction.session_id.map(|session_id| session_id.to_string()),
            captured_amount: captured.into(),
            refunded_amount: refunded.into(),
            capture_mode: transaction.capture_mode,
            transaction_id: transaction.transaction_id.to_string(),
            user_id: transaction.user_id,
            wallet_id: transaction.wallet_id.to_string(),
            target_wallet_id: transaction.target_wallet_id.map(|wallet_id| wallet_id.to_string()),
            currency: transaction.amount.currency().code().to_owned(),
            amount: transaction.amount.into(),
            kind: transaction.kind,
            status: transaction.status,
            va_number: transaction.va_number,
            description: transaction.description,
            failure_code: transaction.failure_code,
            failure_reason: transaction.failure_reason,
            created_at: transaction.created_at.into(),
            updated_at: transaction.updated_at.into(),
        }
    }
}

/// What is not finished.
#[derive(SimpleObject)]
pub struct OperationsStatus {
    /// Transactions that are under way or wait for a service to come back.
    pending_transactions: i64,
    /// When the oldest of them began.
    oldest_pending_since: Option<DateTime>,
    /// Payouts that have neither arrived nor failed.
    pending_payouts: i64,
    /// Captures, voids and refunds that are under way or wait for a service to come back.
    pending_operations: i64,
    /// Messages (to history and to merchants) that wait for delivery.
    deliveries_waiting: i64,
    /// Messages that were given up until an operator looks at them.
    deliveries_parked: i64,
}

impl From<Status> for OperationsStatus {
    fn from(status: Status) -> Self {
        Self {
            pending_transactions: status.pending_transactions,
            oldest_pending_since: status.oldest_pending_since.map(DateTime),
            pending_payouts: status.pending_payouts,
            pending_operations: status.pending_operations,
            deliveries_waiting: status.deliveries_waiting,
            deliveries_parked: status.deliveries_parked,
        }
    }
}
