//! What merchants see of their payments and of what they do with them.

use async_graphql::{ComplexObject, Context, InputObject, Result, SimpleObject};
use ids::TransactionId;
use money::{Currency, Decimal, Money};
use service::{ApiError, DateTime};

use crate::app::App;
use crate::app::begin_operation::ShareInput as Share;
use crate::app::capture_payment::Capture;
use crate::app::refund_payment::Refund;
use crate::domain::{CaptureMode, Operation, OperationKind, OperationState, Transaction, TransactionStatus};

/// Whose part of a capture or refund is how large. It names a wallet, or a merchant for its settlement wallet.
#[derive(InputObject)]
pub struct ShareInput {
    /// A wallet that has a part in the payment.
    wallet_id: Option<String>,
    /// A merchant that has a part in the payment.
    merchant_id: Option<String>,
    /// How much.
    amount: Decimal,
}

impl From<ShareInput> for Share {
    fn from(input: ShareInput) -> Self {
        Self {
            wallet_id: input.wallet_id,
            merchant_id: input.merchant_id,
            amount: input.amount,
        }
    }
}

/// What to capture.
#[derive(InputObject)]
pub struct CaptureInput {
    /// The payment, which is AUTHORIZED.
    transaction_id: String,
    /// How much: IDR, at most two decimals, greater than zero. All that is left, unless told.
    amount: Option<Decimal>,
    /// Whether what this leaves is let go: nothing more can be captured then. It is refused while another capture is
    /// under way.
    #[graphql(name = "final", default)]
    is_final: bool,
    /// Of whose parts, summing to the amount. In proportion to what is left of each, unless told.
    splits: Option<Vec<ShareInput>>,
    /// The merchant's name for this request: repeating it with the same input answers the same and moves nothing more.
    /// The header `Idempotency-Key` serves as well.
    pub idempotency_key: Option<String>,
}

impl From<CaptureInput> for Capture {
    fn from(input: CaptureInput) -> Self {
        Self {
            transaction_id: input.transaction_id,
            amount: input.amount,
            is_final: input.is_final,
            splits: input.splits.into_iter().flatten().map(Share::from).collect(),
        }
    }
}

/// What to let go.
#[derive(InputObject)]
pub struct VoidInput {
    /// The payment, which is AUTHORIZED.
    pub transaction_id: String,
    /// The merchant's name for this request; see `CaptureInput`.
    pub idempotency_key: Option<String>,
}

/// What to refund.
#[derive(InputObject)]
pub struct RefundInput {
    /// The payment.
    transaction_id: String,
    /// How much: IDR, at most two decimals, greater than zero. All that was captured and not refunded yet, unless told.
    amount: Option<Decimal>,
    /// Why, in at most 200 characters.
    reason: Option<String>,
    /// Of whose parts, summing to the amount. In proportion to what is left of each, unless told.
    splits: Option<Vec<ShareInput>>,
    /// The merchant's name for this request; see `CaptureInput`.
    pub idempotency_key: Option<String>,
}

impl From<RefundInput> for Refund {
    fn from(input: RefundInput) -> Self {
        Self {
            transaction_id: input.transaction_id,
            amount: input.amount,
            reason: input.reason,
            splits: input.splits.into_iter().flatten().map(Share::from).collect(),
        }
    }
}

/// Whose part of an operation is how large, before fees.
#[derive(SimpleObject)]
pub struct OperationShare {
    /// The wallet that gets it; in a refund, gives it back.
    wallet_id: String,
    /// How much.
    amount: Decimal,
}

/// A capture, a void or a refund of a payment.
#[derive(SimpleObject)]
pub struct PaymentOperation {
    /// Its id: `cap_…`, `vod_…` or `rfd_…`.
    operation_id: String,
    /// The payment.
    transaction_id: String,
    /// What it does.
    kind: OperationKind,
    /// Where it stands.
    state: OperationState,
    /// How much it moves; of a VOID, how much it lets go.
    amount: Decimal,
    /// What a CAPTURE costs the merchant.
    fee: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// Why a REFUND is made.
    reason: Option<String>,
    /// Why it FAILED: a stable code.
    failure_code: Option<String>,
    /// Why it FAILED: a sentence.
    failure_reason: Option<String>,
    /// Whose part is how large. None of a VOID.
    shares: Vec<OperationShare>,
    /// When it was asked for.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
}

impl TryFrom<Operation> for PaymentOperation {
    type Error = ApiError;

    fn try_from(operation: Operation) -> Result<Self, ApiError> {
        let currency = operation.amount.currency();
        let shares = operation.parts.iter().map(|part| {
            Ok(OperationShare {
                wallet_id: part.wallet_id.to_string(),
                amount: decimal(part.amount_minor, currency)?,
            })
        });
        Ok(Self {
            shares: shares.collect::<Result<_, ApiError>>()?,
            operation_id: operation.operation_id.to_string(),
            transaction_id: operation.transaction_id.to_string(),
            kind: operation.operation_id.kind(),
            state: operation.state,
            amount: operation.amount.into(),
            fee: decimal(operation.fee_minor, currency)?,
            currency: currency.code().to_owned(),
            reason: operation.reason,
            failure_code: operation.failure_code,
            failure_reason: operation.failure_reason,
            created_at: operation.created_at.into(),
            updated_at: operation.updated_at.into(),
        })
    }
}

/// A payment as its merchant sees it: nothing about who paid.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Payment {
    #[graphql(skip)]
    id: TransactionId,
    /// Its id.
    transaction_id: String,
    /// The merchant.
    merchant_id: String,
    /// The payment session that it pays, if its bill is one.
    session_id: Option<String>,
    /// The merchant's name for what is paid.
    order_id: Option<String>,
    /// The bill's number.
    va_number: Option<String>,
    /// Where it stands.
    status: TransactionStatus,
    /// How much.
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// Whether the money moved at once or is held until it is captured.
    capture_mode: CaptureMode,
    /// How much was captured: of an AUTOMATIC payment that is a SUCCESS, all.
    captured_amount: Decimal,
    /// How much of that was refunded.
    refunded_amount: Decimal,
    /// What was captured cost this much. Refunds do not give it back.
    fee: Decimal,
    /// From then on nothing can be captured.
    hold_expires_at: Option<DateTime>,
    /// Why it FAILED: a stable code.
    failure_code: Option<String>,
    /// When it was begun.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
}

#[ComplexObject]
impl Payment {
    /// What was done with it, the oldest first; the newest 500.
    #[graphql(complexity = "10 * child_complexity")]
    async fn operations(&self, context: &Context<'_>) -> Result<Vec<PaymentOperation>> {
        let found = context.data_unchecked::<App>().operations_of(self.id).await?;
        let operations = found.into_iter().map(PaymentOperation::try_from);
        Ok(operations.collect::<Result<Vec<_>, ApiError>>()?)
    }
}

impl TryFrom<Transaction> for Payment {
    type Error = ApiError;

    fn try_from(payment: Transaction) -> Result<Self, ApiError> {
        let currency = payment.amount.currency();
        let merchant_id = payment.merchant_id.ok_or_else(|| ApiError::not_found("payment"))?;
        let fee_minor = if payment.captured_minor > 0 {
            payment.fee_minor
        } else {
            0
        };
        Ok(Self {
            id: payment.transaction_id,
            transaction_id: payment.transaction_id.to_string(),
            merchant_id: merchant_id.to_string(),
            session_id: payment.session_id.map(|session_id| session_id.to_string()),
            captured_amount: payment.captured().into(),
            refunded_amount: payment.refunded().into(),
            fee: decimal(fee_minor, currency)?,
            order_id: payment.order_id,
            va_number: payment.va_number,
            status: payment.status,
            amount: payment.amount.into(),
            currency: currency.code().to_owned(),
            capture_mode: payment.capture_mode,
            hold_expires_at: payment.hold_expires_at.map(DateTime),
            failure_code: payment.failure_code,
            created_at: payment.created_at.into(),
            updated_at: payment.updated_at.into(),
        })
    }
}

fn decimal(minor: i64, currency: Currency) -> Result<Decimal, ApiError> {
    Ok(Money::new(minor, currency)?.into())
}
