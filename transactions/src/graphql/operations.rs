//! The public API of merchants for their payments: what was paid, and capture, void, refund.

use async_graphql::{Context, Object, Result};
use ids::TransactionId;
use service::ApiError;
use service::endpoint::IdempotencyKeyHeader;
use service::page::{page_cost, page_size};
use service::token::caller;

use super::operation_types::{CaptureInput, Payment, PaymentOperation, RefundInput, VoidInput};
use crate::app::App;
use crate::app::capture_payment::Capture;
use crate::app::refund_payment::Refund;
use crate::domain::TransactionStatus;

/// Queries.
#[derive(Default)]
pub struct OperationQuery;

/// Mutations.
#[derive(Default)]
pub struct OperationMutation;

#[Object]
impl OperationQuery {
    /// A payment of the caller's merchant.
    async fn payment(&self, context: &Context<'_>, transaction_id: String) -> Result<Option<Payment>> {
        let app = context.data_unchecked::<App>();
        let payment = app.find_payment(caller(context), &transaction_id).await?;
        Ok(Some(Payment::try_from(payment)?))
    }

    /// The payments of a merchant, newest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn payments(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The merchant; needed where the caller has several to choose from.")] merchant_id: Option<
            String,
        >,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those older than this payment.")] after: Option<String>,
        #[graphql(desc = "In this status only.")] status: Option<TransactionStatus>,
    ) -> Result<Option<Vec<Payment>>> {
        let limit = page_size(first)?;
        let unknown = |_| ApiError::bad_input("`after` is no payment's id");
        let before = after
            .as_deref()
            .map(TransactionId::parse)
            .transpose()
            .map_err(unknown)?;
        let app = context.data_unchecked::<App>();
        let merchant_id = merchant_id.as_deref();
        let found = app
            .list_payments(caller(context), merchant_id, before, status, limit)
            .await?;
        let payments = found.into_iter().map(Payment::try_from);
        Ok(Some(payments.collect::<Result<Vec<_>, ApiError>>()?))
    }
}

#[Object]
impl OperationMutation {
    /// Captures an AUTHORIZED payment, in whole or in part. What cannot be captured any more is the error `CONFLICT` with
    /// its `failureCode`; what the ledger refuses comes back as a FAILED operation.
    async fn capture_payment(&self, context: &Context<'_>, input: CaptureInput) -> Result<Option<PaymentOperation>> {
        let key = key(context, input.idempotency_key.clone());
        let app = context.data_unchecked::<App>();
        let operation = app.capture_payment(caller(context), &Capture::from(input), key).await?;
        Ok(Some(operation.try_into()?))
    }

    /// Lets go what was not captured of an AUTHORIZED payment. It is refused while a capture is under way.
    async fn void_payment(&self, context: &Context<'_>, input: VoidInput) -> Result<Option<PaymentOperation>> {
        let key = key(context, input.idempotency_key);
        let app = context.data_unchecked::<App>();
        let operation = app.void_payment(caller(context), &input.transaction_id, key).await?;
        Ok(Some(operation.try_into()?))
    }

    /// Refunds what was captured, in whole or in part, from the wallets that were paid. Fees are not given back. More than
    /// is left is the error `CONFLICT` with its `failureCode`; what the ledger refuses comes back as a FAILED operation.
    async fn refund_payment(&self, context: &Context<'_>, input: RefundInput) -> Result<Option<PaymentOperation>> {
        let key = key(context, input.idempotency_key.clone());
        let app = context.data_unchecked::<App>();
        let operation = app.refund_payment(caller(context), &Refund::from(input), key).await?;
        Ok(Some(operation.try_into()?))
    }
}

/// The key of the input, or else of the header.
fn key(context: &Context<'_>, input: Option<String>) -> Option<String> {
    input.or_else(|| context.data_opt::<IdempotencyKeyHeader>()?.0.clone())
}
