//! Captures: moves money that was authorized.

use money::Decimal;
use service::ApiError;
use service::token::Caller;

use super::App;
use super::begin_operation::{OperationOrder, ShareInput, parse_wanted};
use crate::domain::{Operation, OperationKind};

/// What to capture.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The payment.
    pub transaction_id: String,
    /// How much; all that is left, unless told.
    pub amount: Option<Decimal>,
    /// Whether what is left afterwards is let go.
    pub is_final: bool,
    /// Of whose parts; in proportion to what is left of each, unless told.
    pub splits: Vec<ShareInput>,
}

impl App {
    /// Captures the whole or a part of an authorized payment, once per idempotency key.
    pub async fn capture_payment(
        &self,
        caller: &Caller,
        capture: &Capture,
        key: Option<String>,
    ) -> Result<Operation, ApiError> {
        let wanted = parse_wanted(capture.amount, &capture.splits)?;
        let (merchant_id, transaction_id) = self.payment_of(caller, &capture.transaction_id).await?;
        let order = OperationOrder {
            transaction_id,
            kind: OperationKind::Capture,
            wanted,
            is_final: capture.is_final,
            reason: None,
        };
        self.operate(merchant_id, order, key).await
    }
}
