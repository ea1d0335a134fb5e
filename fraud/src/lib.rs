//! The fraud service: scores the risk of a payment, keeps the log of every decision.
//!
//! - [`graphql`]: the public API and the internal one beside it
//! - `app`: one file per operation
//! - `domain`: the rules and the velocity counters; no I/O in there
//! - `clients`: transactions, as seen from here
//! - `store`: all SQL

mod app;
mod clients;
mod domain;
pub mod graphql;
mod store;

use std::sync::{Mutex, PoisonError};

use ::store::{Database, Options, StoreError};
use axum::Router;
use outbox::Outbox;
use peer::Peer;
use service::token::TokenVerifier;
use service::{Clock, ServiceName, Settings};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The running service.
pub struct Fraud {
    router: Router,
    database: Database,
    outbox: Outbox,
    beside: Mutex<Vec<JoinHandle<()>>>,
    stop: CancellationToken,
}

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened or written.
    #[error("the fraud database")]
    Store(#[from] StoreError),
    /// The thread that opens it died.
    #[error("the fraud database could not be opened")]
    Opening(#[source] tokio::task::JoinError),
}

impl Fraud {
    /// Opens the database, builds the routes and starts what goes on beside requests: cases expire, rules are
    /// tried on the past, and `transactions` is told what the desk decided. That ends when `shutdown` is cancelled.
    pub async fn start(
        settings: &Settings,
        verifier: TokenVerifier,
        clock: Clock,
        transactions: Peer,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        let path = settings.data_dir.join(ServiceName::Fraud.database_file());
        let options = Options::new(path, store::MIGRATIONS)
            .with_migrations(actions::MIGRATIONS)
            .with_migrations(outbox::MIGRATIONS);
        let database = tokio::task::spawn_blocking(move || Database::open(&options))
            .await
            .map_err(StartError::Opening)??;
        let stop = shutdown.child_token();
        let lanes = vec![clients::reviews::lane(transactions)];
        let outbox = Outbox::start(&database, &clock, lanes, &stop);
        let app = app::App::start(database.clone(), &settings.fraud, clock, outbox.clone()).await?;
        let beside = vec![
            tokio::spawn(app::expire_until(app.clone(), stop.clone())),
            tokio::spawn(app::backtest_until(app.clone(), stop.clone())),
        ];
        let router = service::endpoint::router(
            ServiceName::Fraud,
            &verifier,
            graphql::public_schema(Some(app.clone())),
            |validation| graphql::internal_schema(Some(app.clone()), validation),
        );
        Ok(Self {
            router,
            database,
            outbox,
            beside: Mutex::new(beside),
            stop,
        })
    }

    /// The service's routes.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Lets what goes on beside requests come to its end, finishes writing and closes the database.
    pub async fn close(&self) {
        self.stop.cancel();
        let beside = std::mem::take(&mut *self.beside.lock().unwrap_or_else(PoisonError::into_inner));
        for task in beside {
            // It ends by itself; if it panicked, that was logged, and there is nothing of it to wait for.
            let _ = task.await;
        }
        self.outbox.stopped().await;
        self.database.close().await;
    }
}
