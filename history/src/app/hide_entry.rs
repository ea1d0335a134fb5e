//! Hides an entry from its owner's list. The trail keeps it.

use ids::HistoryId;
use service::ApiError;

use super::App;
use crate::store::{entries, hidden};

impl App {
    /// Hides one of the owner's entries; again is as good as once.
    pub async fn hide_entry(&self, history_id: &str, owner: String) -> Result<(), ApiError> {
        let missing = || ApiError::not_found("history record");
        let history_id = HistoryId::parse(history_id).map_err(|_| missing())?;
        let now = self.clock.now();
        self.database
            .write(move |tx| -> Result<(), ApiError> {
                // Somebody else's entry is answered like none at all.
                if entries::position(tx, history_id.as_str(), &owner)?.is_none() {
                    return Err(missing());
                }
                Ok(hidden::insert(tx, history_id.as_str(), &owner, now)?)
            })
            .await
    }
}
