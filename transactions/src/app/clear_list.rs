//! Clears a user's list. The ledger, the audit trail and the transactions themselves keep everything.

use service::ApiError;

use super::App;
use crate::store::cleared_lists;

impl App {
    /// From now on the user's list begins behind what it shows today.
    pub async fn clear_list(&self, user_id: &str) -> Result<(), ApiError> {
        let user_id = user_id.to_owned();
        self.database
            .write(move |tx| cleared_lists::clear(tx, &user_id).map_err(ApiError::from))
            .await
    }
}
