//! The history service: the audit trail of every movement of money, append-only, bound by a hash chain and a Merkle
//! tree, and signed for by checkpoints.
//!
//! - [`graphql`]: the public API and the internal one beside it
//! - `app`: one file per operation
//! - `domain`: entries, what binds them, and what is evidence of them; no I/O in there
//! - [`evidence`]: proofs, checkpoints and receipts as anybody verifies them
//! - [`audit`]: verifies a whole file from outside, also while the service runs
//! - [`keys`]: the key that signs checkpoints
//! - `store`: all SQL

mod app;
pub mod audit;
mod domain;
pub mod graphql;
pub mod keys;
mod store;

/// What is handed out as evidence, and how anybody verifies it.
pub mod evidence {
    pub use crate::domain::Entry;
    pub use crate::domain::checkpoint::{Checkpoint, NoKey, NoteError, VerifierKey};
    pub use crate::domain::code::is_code as is_receipt_code;
    pub use crate::domain::merkle::{Grown, Hash, leaf_hash, verify_consistency, verify_inclusion};
    pub use crate::domain::receipt::{ReceiptError, Verified, verify as verify_receipt};
}

use std::sync::{Mutex, PoisonError};

use ::store::{Database, Options, StoreError};
use axum::Router;
use service::token::TokenVerifier;
use service::{Clock, ServiceName, Settings};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::keys::Signer;

/// The running service.
pub struct History {
    router: Router,
    database: Database,
    app: app::App,
    checkpoints: Mutex<Option<JoinHandle<()>>>,
    stop: CancellationToken,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or written.
    #[error("the history database")]
    Store(#[from] StoreError),
    /// The key that signs checkpoints cannot be used.
    #[error("the history key")]
    Keys(#[from] keys::KeysError),
    /// The thread that opens it died.
    #[error("the history database could not be opened")]
    Opening(#[source] tokio::task::JoinError),
}

impl History {
    /// Opens the database, brings the tree up to date and builds the routes. Until `shutdown` checkpoints are signed
    /// whenever there is something new.
    pub async fn start(
        settings: &Settings,
        verifier: TokenVerifier,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        let path = settings.data_dir.join(ServiceName::History.database_file());
        let options = Options::new(path, store::MIGRATIONS);
        let (keys_dir, now) = (settings.keys_dir.clone(), clock.now());
        let opened = tokio::task::spawn_blocking(move || -> Result<_, StartError> {
            let database = Database::open(&options)?;
            let signer = Signer::load_or_make(&keys_dir, now)?;
            let published = keys::published(&keys_dir, &signer);
            Ok((database, signer, published))
        });
        let (database, signer, published) = opened.await.map_err(StartError::Opening)??;
        let app = app::App::start(database.clone(), clock, signer, published).await?;
        let stop = shutdown.child_token();
        let checkpoints = tokio::spawn(app.clone().keep_checkpoints(stop.clone()));
        let router = service::endpoint::router(
            ServiceName::History,
            &verifier,
            graphql::public_schema(Some(app.clone())),
            |validation| graphql::internal_schema(Some(app.clone()), validation),
        );
        Ok(Self {
            router,
            database,
            app,
            checkpoints: Mutex::new(Some(checkpoints)),
            stop,
        })
    }

    /// The service's routes.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Signs for what is new, finishes writing and closes the database.
    pub async fn close(&self) {
        self.stop.cancel();
        let checkpoints = self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(checkpoints) = checkpoints {
            // It ends by itself; if it panicked, that was logged, and there is nothing of it to wait for.
            let _ = checkpoints.await;
            if let Err(error) = self.app.checkpoint_what_is_new().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "no last checkpoint could be signed"
                );
            }
        }
        self.database.close().await;
    }
}
