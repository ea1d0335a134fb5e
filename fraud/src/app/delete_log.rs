//! Hides a log from the list and notes who did it. The log itself stays.

use ids::FraudLogId;
use service::ApiError;

use super::App;
use crate::store::{deletions, logs};

impl App {
    /// Hides a log; again is as good as once.
    pub async fn delete_log(&self, log_id: &str, admin: String) -> Result<FraudLogId, ApiError> {
        let missing = || ApiError::not_found("fraud log");
        let log_id = FraudLogId::parse(log_id).map_err(|_| missing())?;
        let now = self.clock.now();
        let by = admin.clone();
        let is_new = self
            .database
            .write(move |tx| -> Result<bool, ApiError> {
                if logs::position(tx, log_id)?.is_none() {
                    return Err(missing());
                }
                Ok(deletions::insert(tx, log_id, &by, now)?)
            })
            .await?;
        if is_new {
            tracing::info!(%log_id, admin, "a fraud log was hidden");
        }
        Ok(log_id)
    }
}
