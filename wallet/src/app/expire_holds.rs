//! Lets go what was held too long.

use service::ApiError;

use super::App;
use super::void_holds::release;
use crate::domain::HoldState;
use crate::store::holds;

/// One commit's worth; the rest follows in the next.
const HOLDS_AT_ONCE: i64 = 200;

impl App {
    /// Ends holds whose time is up and answers how many there were.
    pub async fn expire_holds(&self) -> Result<usize, ApiError> {
        let now = self.clock.now();
        let any = self
            .database
            .read(move |snapshot| holds::overdue(snapshot, now, 1))
            .await
            .map_err(ApiError::from)?;
        if any.is_empty() {
            return Ok(0);
        }
        self.database
            .write(move |tx| {
                let overdue = holds::overdue(tx, now, HOLDS_AT_ONCE)?;
                let count = overdue.len();
                for hold in overdue {
                    release(tx, hold, HoldState::Expired, now)?;
                }
                Ok(count)
            })
            .await
    }
}
