//! Hides a log from the list and notes who did it and why. The log itself stays.

use ids::FraudLogId;
use service::ApiError;

use super::App;
use crate::store::{deletions, log_index};

impl App {
    /// Hides a log; again is as good as once.
    pub async fn delete_log(
        &self,
        log_id: &str,
        reason: Option<String>,
        admin: String,
    ) -> Result<FraudLogId, ApiError> {
        let missing = || ApiError::not_found("fraud log");
        let log_id = FraudLogId::parse(log_id).map_err(|_| missing())?;
        let reason = actions::reason(reason)?;
        let now = self.clock.now();
        self.database
            .write(move |tx| -> Result<(), ApiError> {
                if log_index::find(tx, log_id)?.is_none() {
                    return Err(missing());
                }
                if deletions::insert(tx, log_id, &admin, now)? {
                    let action = actions::NewAction {
                        actor: &admin,
                        action: "deleteFraudLog",
                        object: log_id.as_str(),
                        reason: reason.as_deref(),
                        detail: None,
                    };
                    actions::record(tx, &action, now)?;
                }
                Ok(())
            })
            .await?;
        Ok(log_id)
    }
}
