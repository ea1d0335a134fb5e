//! The decision about a transaction, if it was checked.

use service::{ApiError, Reference};

use super::{App, Logged};
use crate::store::logs;

impl App {
    /// Looks up, checks nothing.
    pub async fn find_decision(&self, transaction_id: Reference) -> Result<Option<Logged>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| logs::find_by_transaction(snapshot, &transaction_id))
            .await
            .map_err(ApiError::from)?;
        Ok(found.map(|row| Logged {
            log_id: row.log_id,
            decision: row.decision,
        }))
    }
}
