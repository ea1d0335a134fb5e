//! What this service does, one file per operation.

mod add_history;
mod append;
mod catch_up;
mod checkpoint;
mod find_entry;
mod hide_entry;
mod list_history;
mod prove;
mod summarize;
mod verify;
mod verify_receipt;

use std::sync::Arc;

use service::{ApiError, Clock};
use store::{Database, StoreError};
use tokio::sync::Notify;

use crate::domain::InputError;
use crate::domain::chain::Head;
use crate::domain::checkpoint::VerifierKey;
use crate::keys::Signer;
use crate::store::head;

pub use add_history::AddHistory;
pub use list_history::ListHistory;
pub use prove::{Consistency, Sees};
pub use summarize::{Bucket, By, Summarize};
pub use verify::Verdict;

/// The operations and what they need.
#[derive(Clone)]
pub struct App {
    database: Database,
    clock: Clock,
    signer: Arc<Signer>,
    published: Arc<[VerifierKey]>,
    /// Told when so many entries were added that a checkpoint is due.
    many_are_new: Arc<Notify>,
}

impl App {
    /// The operations on an open database. Entries that are not in the tree yet are brought into it, and the newest are
    /// verified, so that an accident is noticed early.
    pub(crate) async fn start(
        database: Database,
        clock: Clock,
        signer: Signer,
        published: Vec<VerifierKey>,
    ) -> Result<Self, StoreError> {
        database.write(head::prepare).await?;
        catch_up::catch_up(&database).await?;
        let app = Self {
            database,
            clock,
            signer: Arc::new(signer),
            published: published.into(),
            many_are_new: Arc::default(),
        };
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
