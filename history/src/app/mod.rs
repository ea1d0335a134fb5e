//! What this service does, one file per operation.

mod add_history;
mod append;
mod find_entry;
mod hide_entry;
mod list_history;
mod verify;

use service::{ApiError, Clock};
use store::{Database, StoreError};

use crate::domain::InputError;
use crate::domain::chain::Head;
use crate::store::head;

pub use add_history::AddHistory;
pub use list_history::ListHistory;
pub use verify::Verdict;

/// The operations and what they need.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
}

impl App {
    /// The operations on an open database. The newest entries are verified, so that an accident is noticed early.
    pub async fn start(database: Database, clock: Clock) -> Result<Self, StoreError> {
        database.write(head::prepare).await?;
        let app = Self { database, clock };
        app.verify_newest().await?;
        Ok(app)
    }

    /// Where the trail ends.
    pub async fn audit_head(&self) -> Result<Head, ApiError> {
        Ok(self.database.read(head::read).await?)
    }
}

impl From<InputError> for ApiError {
    fn from(error: InputError) -> Self {
        Self::bad_input(error.to_string())
    }
}
