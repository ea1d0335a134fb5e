//! Payments that failed for another reason wait for nobody.

use service::ApiError;
use store::StoreError;

use super::App;
use super::reviews::transaction_failed;

impl App {
    /// Ends the open cases of these transactions.
    pub async fn withdraw_reviews(&self, transaction_ids: Vec<String>) -> Result<(), ApiError> {
        if transaction_ids.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.database
            .write(move |tx| -> Result<(), StoreError> {
                transaction_ids
                    .iter()
                    .try_for_each(|transaction_id| transaction_failed(tx, transaction_id, now))
            })
            .await
            .map_err(ApiError::from)
    }
}
