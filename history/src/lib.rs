//! The history service: the audit trail of every movement of money, append-only and hash-chained.
//!
//! - [`graphql`]: the public API and the internal one beside it
//! - `app`: one file per operation
//! - `domain`: entries and the chain that binds them; no I/O in there
//! - `store`: all SQL

mod app;
mod domain;
pub mod graphql;
mod store;

use ::store::{Database, Options, StoreError};
use axum::Router;
use service::token::TokenVerifier;
use service::{Clock, ServiceName, Settings};
use tokio_util::sync::CancellationToken;

/// The running service.
pub struct History {
    router: Router,
    database: Database,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or written.
    #[error("the history database")]
    Store(#[from] StoreError),
    /// The thread that opens it died.
    #[error("the history database could not be opened")]
    Opening(#[source] tokio::task::JoinError),
}

impl History {
    /// Opens the database and builds the routes.
    ///
    /// The service does nothing by itself between requests, so `shutdown` has nothing to end here: requests are drained
    /// by the server, and [`History::close`] ends the database.
    pub async fn start(
        settings: &Settings,
        verifier: TokenVerifier,
        clock: Clock,
        _shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        let path = settings.data_dir.join(ServiceName::History.database_file());
        let options = Options::new(path, store::MIGRATIONS);
        let database = tokio::task::spawn_blocking(move || Database::open(&options))
            .await
            .map_err(StartError::Opening)??;
        let app = app::App::start(database.clone(), clock).await?;
        let router = service::endpoint::router(
            ServiceName::History,
            &verifier,
            graphql::public_schema(Some(app.clone())),
            graphql::internal_schema(Some(app)),
        );
        Ok(Self { router, database })
    }

    /// The service's routes.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Finishes writing and closes the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
