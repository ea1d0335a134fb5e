//! The transactions service: payments from initiation to settlement.
//!
//! - `domain`: transactions, bills, merchants, webhooks and their rules; no I/O.
//! - `app`: one file per operation.
//! - `saga`: the steps of a payment, the runner, the recovery plan.
//! - `store`: all SQL.
//! - `clients`: wallet, fraud and the merchants, as seen from here.
//! - `graphql`, `grpc`: thin resolvers.

pub mod app;
pub mod clients;
pub mod domain;
pub mod graphql;
pub mod grpc;
pub mod saga;
pub mod store;

use std::sync::Arc;

use ::store::{Database, Options, StoreError};
use axum::Router;
use outbox::Outbox;
use peer::Peer;
use service::token::TokenVerifier;
use service::{Clock, Mode, ServiceName, Settings, endpoint};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use app::address_limit::AddressLimits;
use app::expire_sessions::expire_until;
use app::merchant_access::ApiKeys;
use app::prune_attempts::prune_until;
use app::{App, default_merchant};
use clients::Clients;
use clients::auth::AuthClient;
use clients::bank::{Bank, BankRail, Reported, SimulatedBank};
use clients::fraud::{FraudClient, fraud_lane};
use clients::merchant::{Bills, OrderHttp, notify_lane, webhook_client, webhook_lane};
use clients::wallet::WalletClient;
use domain::{AddressRules, Merchants};
use saga::payouts::PayoutRunner;
use saga::{Runner, Waiters, recover_until};

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its database cannot be used.
    #[error("transactions.db: {0}")]
    Database(#[from] StoreError),
    /// Its gRPC API cannot be served.
    #[error(transparent)]
    Grpc(#[from] grpc::BrokenContract),
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
    /// The bank that payouts go out by. None: in the sandbox a simulated one, in live mode no payouts.
    pub bank: Bank,
}

/// The running service.
pub struct Transactions {
    app: App,
    outbox: Outbox,
    router: Router,
    grpc: Router,
    /// What goes on beside requests.
    tasks: Vec<JoinHandle<()>>,
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
        let options = Options::new(path, store::MIGRATIONS)
            .with_migrations(outbox::MIGRATIONS)
            .with_migrations(actions::MIGRATIONS);
        let database = tokio::task::spawn_blocking(move || Database::open(&options))
            .await
            .map_err(|_| StoreError::Panicked)??;
        let (marketplace, fresh, now) = (settings.marketplace.clone(), domain::new_secret(), clock.now());
        let known = database.write(move |tx| default_merchant::configure(tx, &marketplace, &fresh, now));
        let merchants = Merchants::new(known.await?);
        let webhook_addresses = AddressRules::new(settings.mode, settings.webhook_private_addresses);
        let client = OrderHttp::new(webhook_addresses.public_only())?;
        let webhook_client = webhook_client(webhook_addresses.public_only())?;
        let lanes = vec![
            outbox::history::lane(peers.history),
            notify_lane(client.clone(), merchants.clone()),
            webhook_lane(webhook_client, webhook_addresses, database.clone(), clock.clone()),
            fraud_lane(peers.fraud.clone()),
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
        let (bank, reported) = connect_bank(peers.bank, settings.mode, &stop);
        let payouts = PayoutRunner::new(
            database.clone(),
            clock.clone(),
            outbox.clone(),
            runner.wallet.clone(),
            merchants.clone(),
            bank,
        );
        let app = App {
            database,
            clock,
            mode: settings.mode,
            merchants,
            api_keys: ApiKeys::default(),
            webhook_addresses,
            public_url: settings.public_url.clone(),
            auth: AuthClient::new(peers.auth),
            runner,
            payouts,
            limits: AddressLimits::new(settings.rate_limits),
            merchant_changes: Arc::default(),
        };
        let tasks = go_on_beside_requests(&app, reported, &stop);
        let public = graphql::public_schema(Some(app.clone()));
        let internal = |validation| graphql::internal_schema(Some(app.clone()), validation);
        let routes = grpc::routes(app.clone(), verifier.clone(), waiting.clone()).await?;
        let router = endpoint::router(ServiceName::Transactions, &verifier, public, internal);
        Ok(Self {
            app,
            outbox,
            router: router.merge(grpc::beside_others(routes.clone())),
            grpc: routes.into_axum_router(),
            tasks,
            waiting,
        })
    }

    /// Its HTTP side.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Its gRPC side alone, which is a part of [`Transactions::router`] as well.
    pub fn grpc_router(&self) -> Router {
        self.grpc.clone()
    }

    /// Answers whoever waits for a payment to change. Call it before the listeners are stopped, which wait for answers.
    pub fn release_waiters(&self) {
        self.waiting.cancel();
    }

    /// Lets sagas and deliveries under way come to an end or a rest, and closes the database. Cancel `stop` first.
    pub async fn close(self) {
        for task in self.tasks {
            let _ = task.await;
        }
        self.app.runner.stopped().await;
        self.app.payouts.stopped().await;
        self.outbox.stopped().await;
        self.app.database.close().await;
    }
}

fn go_on_beside_requests(
    app: &App,
    reported: mpsc::Receiver<Reported>,
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    vec![
        tokio::spawn(recover_until(app.runner.clone(), stop.clone())),
        tokio::spawn(saga::payouts::recover_until(app.payouts.clone(), stop.clone())),
        tokio::spawn(saga::payouts::take_reports_until(
            app.payouts.clone(),
            reported,
            stop.clone(),
        )),
        tokio::spawn(expire_until(app.clone(), stop.clone())),
        tokio::spawn(prune_until(app.database.clone(), app.clock.clone(), stop.clone())),
    ]
}

/// The bank, and what it says if it is the simulated one; a real one says it by `reportPayout`.
fn connect_bank(connected: Bank, mode: Mode, stop: &CancellationToken) -> (Bank, mpsc::Receiver<Reported>) {
    let (simulated, reported) = SimulatedBank::open(stop.clone());
    let simulated = || mode.is_sandbox().then(|| Arc::new(simulated) as Arc<dyn BankRail>);
    (connected.or_else(simulated), reported)
}
