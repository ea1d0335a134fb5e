//! The entry of a key, if there is one.

use service::ApiError;

use super::App;
use crate::store::entries;

impl App {
    /// The entry's id.
    pub async fn find_entry(&self, entry_key: String) -> Result<Option<String>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| entries::find_by_key(snapshot, &entry_key))
            .await?;
        Ok(found.map(|entry| entry.history_id))
    }
}
