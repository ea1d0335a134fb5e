//! The transactions service: payments from initiation to settlement.
//!
//! - `domain`: transactions, bills, merchants, webhooks and their rules; no I/O.
//! - `app`: one file per operation.
//! - `saga`: the steps of a payment, the runner, the recovery plan.
//! - `store`: all SQL.
//! - `clients`: wallet, fraud and the merchants, as seen from here.
//! - `graphql`: thin resolvers.

pub mod app;
pub mod clients;
pub mod domain;
pub mod graphql;
pub mod saga;
pub mod store;

use std::sync::Arc;

use ::store::{Database, Options, StoreError};
use axum::Router;
use outbox::Outbox;
use peer::Peer;
use service::token::TokenVerifier;
use service::{Clock, ServiceName, Settings, endpoint};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use app::address_limit::AddressLimits;
use app::expire_sessions::expire_until;
use app::merchant_access::ApiKeys;
use app::{App, default_merchant};
use clients::Clients;
use clients::auth::AuthClient;
use clients::fraud::FraudClient;
use clients::merchant::{Bills, notify_lane, outbound_client, webhook_lane};
use clients::wallet::WalletClient;
use domain::Merchants;
use saga::{Runner, Waiters, recover_until};

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its database cannot be used.
    #[error("transactions.db: {0}")]
    Database(#[from] StoreError),
    /// The HTTP client for merchants cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    HttpClient(#[from] reqwest::Error),
}

/// The services that this one calls.
pub struct Peers {
    /// The ledger.
    pub wallet: Peer,
    /// The fraud check.
    pub fraud: Peer,
    /// The audit trail.
    pub history: Peer,
    /// Accounts and their roles.
    pub auth: Peer,
}

/// The running service.
pub struct Transactions {
    app: App,
    outbox: Outbox,
    router: Router,
    recovery: JoinHandle<()>,
    expiry: JoinHandle<()>,
    waiting: CancellationToken,
}

impl Transactions {
    /// Opens the database, takes up what was under way, and starts the deliveries.
    pub async fn start(
        settings: &Settings,
        verifier: TokenVerifier,
        clock: Clock,
        peers: Peers,
        stop: CancellationToken,
    ) -> Result<Self, StartError> {
        let path = settings.data_dir.join(ServiceName::Transactions.database_file());
        let options = Options::new(path, store::MIGRATIONS).with_migrations(outbox::MIGRATIONS);
        let database = tokio::task::spawn_blocking(move || Database::open(&options))
            .await
            .map_err(|_| StoreError::Panicked)??;
        let (marketplace, fresh, now) = (settings.marketplace.clone(), domain::new_secret(), clock.now());
        let known = database.write(move |tx| default_merchant::configure(tx, &marketplace, &fresh, now));
        let merchants = Merchants::new(known.await?);
        let client = outbound_client(settings.mode)?;
        let lanes = vec![
            outbox::history::lane(peers.history),
            notify_lane(client.clone(), merchants.clone()),
            webhook_lane(client.clone(), database.clone(), clock.clone()),
        ];
        let outbox = Outbox::start(&database, &clock, lanes, &stop);
        let clients = Clients {
            wallet: WalletClient::new(peers.wallet),
            fraud: FraudClient::new(peers.fraud),
            bills: Bills::new(client),
        };
        let waiting = stop.child_token();
        let runner = Runner::new(
            database.clone(),
            clock.clone(),
            outbox.clone(),
            clients,
            merchants.clone(),
            Waiters::new(waiting.clone()),
        );
        let recovery = tokio::spawn(recover_until(runner.clone(), stop.clone()));
        let app = App {
            database,
            clock,
            mode: settings.mode,
            merchants,
            api_keys: ApiKeys::default(),
            public_url: settings.public_url.clone(),
            auth: AuthClient::new(peers.auth),
            runner,
            limits: AddressLimits::new(settings.rate_limits),
            merchant_changes: Arc::default(),
        };
        let expiry = tokio::spawn(expire_until(app.clone(), stop));
        let public = graphql::public_schema(Some(app.clone()));
        let internal = graphql::internal_schema(Some(app.clone()));
        let router = endpoint::router(ServiceName::Transactions, &verifier, public, internal);
        Ok(Self {
            app,
            outbox,
            router,
            recovery,
            expiry,
            waiting,
        })
    }

    /// Its HTTP side.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Answers whoever waits for a payment to change. Call it before the listeners are stopped, which wait for answers.
    pub fn release_waiters(&self) {
        self.waiting.cancel();
    }

    /// Lets sagas and deliveries under way come to an end or a rest, and closes the database. Cancel `stop` first.
    pub async fn close(self) {
        let _ = self.recovery.await;
        let _ = self.expiry.await;
        self.app.runner.stopped().await;
        self.outbox.stopped().await;
        self.app.database.close().await;
    }
}
