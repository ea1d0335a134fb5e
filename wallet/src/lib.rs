//! The wallet service: a double-entry ledger.
//!
//! - `domain`: accounts, transfers, holds and their rules; no I/O.
//! - `app`: one file per operation, each one database transaction.
//! - `store`: all SQL.
//! - `graphql`: thin resolvers; the public API and the internal one.
//!
//! Money moves in one place only: [`app::post_transfers::post`].

pub mod app;
pub mod domain;
pub mod graphql;
pub mod store;

use std::time::Duration;

use ::store::{Database, Options, StoreError};
use axum::Router;
use outbox::Outbox;
use peer::Peer;
use service::token::TokenVerifier;
use service::{Clock, ServiceName, Settings, endpoint};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use app::App;

/// Holds end at their second, give or take this.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its database cannot be used.
    #[error("wallets.db: {0}")]
    Database(#[from] StoreError),
}

/// The running service.
pub struct Wallet {
    app: App,
    router: Router,
    expiry: JoinHandle<()>,
}

impl Wallet {
    /// Opens the ledger and starts what runs beside requests. `history` is told of what is moved by hand.
    pub async fn start(
        settings: &Settings,
        verifier: TokenVerifier,
        clock: Clock,
        history: Peer,
        stop: CancellationToken,
    ) -> Result<Self, StartError> {
        let path = settings.data_dir.join(ServiceName::Wallet.database_file());
        let options = Options::new(path, store::MIGRATIONS)
            .with_migrations(outbox::MIGRATIONS)
            .with_migrations(actions::MIGRATIONS);
        let database = tokio::task::spawn_blocking(move || Database::open(&options))
            .await
            .map_err(|_| StoreError::Panicked)??;
        let outbox = Outbox::start(&database, &clock, vec![outbox::history::lane(history)], &stop);
        let app = App {
            database,
            clock,
            mode: settings.mode,
            outbox,
            last_count: Default::default(),
        };
        let public = graphql::public_schema(Some(app.clone()));
        let internal = |validation| graphql::internal_schema(Some(app.clone()), validation);
        let router = endpoint::router(ServiceName::Wallet, &verifier, public, internal);
        let expiry = tokio::spawn(expire_until(app.clone(), stop));
        Ok(Self { app, router, expiry })
    }

    /// Its HTTP side.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Ends what runs beside requests and closes the ledger. Cancel `stop` first.
    pub async fn close(self) {
        let _ = self.expiry.await;
        self.app.outbox.stopped().await;
        self.app.database.close().await;
    }
}

async fn expire_until(app: App, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(EXPIRE_EVERY) => {}
        }
        // An error was logged where it became one; the next round tries again.
        while app.expire_holds().await.is_ok_and(|count| count > 0) {}
    }
}
