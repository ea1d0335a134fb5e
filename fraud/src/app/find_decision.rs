//! The decision about a transaction, if it was checked.

use service::{ApiError, Reference};
use store::StoreError;

use super::{App, Logged};
use crate::store::{cases, logs};

impl App {
    /// Looks up, checks nothing.
    pub async fn find_decision(&self, transaction_id: Reference) -> Result<Option<Logged>, ApiError> {
        self.database
            .read(move |snapshot| {
                let Some(row) = logs::find_by_transaction(snapshot, &transaction_id)? else {
                    return Ok(None);
                };
                let case = cases::find_by_transaction(snapshot, transaction_id.as_str())?;
                Ok(Some(Logged {
                    log_id: row.log_id,
                    decision: row.decision,
                    review_expires_at: case.map(|case| case.expires_at),
                }))
            })
            .await
            .map_err(|error: StoreError| ApiError::from(error))
    }
}
