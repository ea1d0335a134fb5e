//! What is not finished, for operators.

use service::{ApiError, Timestamp};

use super::App;
use crate::store::{payment_operations, payouts, sagas};

/// Work that is not finished.
#[derive(Clone, Debug)]
pub struct OperationsStatus {
    /// Transactions that are not finished.
    pub pending_transactions: i64,
    /// When the oldest of them began.
    pub oldest_pending_since: Option<Timestamp>,
    /// Payouts that have neither arrived nor failed.
    pub pending_payouts: i64,
    /// Captures, voids and refunds that are not finished.
    pub pending_operations: i64,
    /// Messages that wait for delivery.
    pub deliveries_waiting: i64,
    /// Messages that were given up until an operator looks at them.
    pub deliveries_parked: i64,
}

impl App {
    /// Counts what is not finished.
    pub async fn operations_status(&self) -> Result<OperationsStatus, ApiError> {
        self.database
            .read(|snapshot| {
                let (pending_transactions, oldest_pending_since) = sagas::count(snapshot)?;
                let (pending_operations, _) = payment_operations::count_pending(snapshot)?;
                let (deliveries_waiting, deliveries_parked) = outbox::waiting_count(snapshot)?;
                Ok(OperationsStatus {
                    pending_transactions,
                    oldest_pending_since,
                    pending_payouts: payouts::count(snapshot)?,
                    pending_operations,
                    deliveries_waiting,
                    deliveries_parked,
                })
            })
            .await
    }
}
