//! The entry of a key, if there is one, and the entries of a transaction.

use service::ApiError;

use super::App;
use crate::domain::Entry;
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

    /// The entries of a transaction, whoever they belong to, in the order they were added.
    pub async fn history_of(&self, transaction_id: String) -> Result<Vec<Entry>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| entries::of_transaction(snapshot, &transaction_id))
            .await?;
        Ok(found.into_iter().map(|(_, entry)| entry).collect())
    }
}
