//! Refunds: moves captured money back to its payer.

use money::Decimal;
use service::ApiError;
use service::token::Caller;

use super::App;
use super::begin_operation::{OperationOrder, ShareInput, parse_wanted};
use crate::domain::{Operation, OperationKind};

const REASON_CHARS_MAX: usize = 200;

/// What to refund.
#[derive(Clone, Debug)]
pub struct Refund {
    /// The payment.
    pub transaction_id: String,
    /// How much; all that was captured and not refunded yet, unless told.
    pub amount: Option<Decimal>,
    /// Why.
    pub reason: Option<String>,
    /// Of whose parts; in proportion to what is left of each, unless told.
    pub splits: Vec<ShareInput>,
}

impl App {
    /// Refunds the whole or a part of what was captured of a payment, once per idempotency key.
    pub async fn refund_payment(
        &self,
        caller: &Caller,
        refund: &Refund,
        key: Option<String>,
    ) -> Result<Operation, ApiError> {
        let wanted = parse_wanted(refund.amount, &refund.splits)?;
        let reason = refund.reason.as_deref().map(parse_reason).transpose()?;
        let (merchant_id, transaction_id) = self.payment_of(caller, &refund.transaction_id).await?;
        let order = OperationOrder {
            transaction_id,
            kind: OperationKind::Refund,
            wanted,
            is_final: false,
            reason,
        };
        self.operate(merchant_id, order, key).await
    }
}

fn parse_reason(text: &str) -> Result<String, ApiError> {
    if text.chars().count() > REASON_CHARS_MAX || text.chars().any(char::is_control) {
        let message = format!("a reason has at most {REASON_CHARS_MAX} characters, without control characters");
        return Err(ApiError::bad_input(message));
    }
    Ok(text.to_owned())
}
