//! Voids: lets go what is left of an authorization.

use service::ApiError;
use service::token::Caller;

use super::App;
use super::begin_operation::OperationOrder;
use crate::domain::{Operation, OperationKind, Wanted};

impl App {
    /// Lets go what was not captured of an authorized payment, once per idempotency key.
    pub async fn void_payment(
        &self,
        caller: &Caller,
        transaction_id: &str,
        key: Option<String>,
    ) -> Result<Operation, ApiError> {
        let (merchant_id, transaction_id) = self.payment_of(caller, transaction_id).await?;
        let order = OperationOrder {
            transaction_id,
            kind: OperationKind::Void,
            wanted: Wanted::default(),
            is_final: false,
            reason: None,
        };
        self.operate(merchant_id, order, key).await
    }
}
