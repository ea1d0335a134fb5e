//! Payments as their merchant sees them.

use ids::TransactionId;
use service::ApiError;
use service::token::Caller;

use super::App;
use super::merchant_access::Access;
use crate::domain::{Operation, Transaction, TransactionStatus};
use crate::store::{payment_operations, transactions};

impl App {
    /// A merchant's payment that the caller may look at; any other is as good as none.
    pub async fn find_payment(&self, caller: &Caller, transaction_id: &str) -> Result<Transaction, ApiError> {
        let not_found = || ApiError::not_found("payment");
        // Who is not let in learns not even which payments there are.
        match caller {
            Caller::ApiKey(_) => self.merchant_of(caller, None).await.map(|_| ())?,
            Caller::Anonymous | Caller::Rejected(_) | Caller::Known(_) => caller.user().map(|_| ())?,
        }
        let transaction_id = TransactionId::parse(transaction_id).map_err(|_| not_found())?;
        let found = self
            .database
            .read(move |snapshot| transactions::find(snapshot, transaction_id))
            .await;
        let payment = found.map_err(ApiError::from)?.ok_or_else(not_found)?;
        let merchant_id = payment.merchant_id.ok_or_else(not_found)?;
        self.check_access(caller, merchant_id, "payment", Access::Look).await?;
        Ok(payment)
    }

    /// The merchant's payments, newest first.
    pub async fn list_payments(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        before: Option<TransactionId>,
        status: Option<TransactionStatus>,
        limit: i64,
    ) -> Result<Vec<Transaction>, ApiError> {
        let merchant_id = self.merchant_seen_by(caller, merchant_id).await?.merchant_id;
        self.database
            .read(move |snapshot| transactions::list_of_merchant(snapshot, merchant_id, before, status, limit))
            .await
            .map_err(ApiError::from)
    }

    /// What was done with a payment that the caller may see.
    pub async fn operations_of(&self, transaction_id: TransactionId) -> Result<Vec<Operation>, ApiError> {
        self.database
            .read(move |snapshot| payment_operations::list_of_payment(snapshot, transaction_id))
            .await
            .map_err(ApiError::from)
    }
}
