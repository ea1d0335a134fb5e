//! Puts the provider together: all services in one process, or one alone.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use auth::keys;
use axum::Router;
use axum::routing::get;
use peer::{Opening, Peer, ServiceTokens, Upstream};
use service::token::{PublicKeys, TokenVerifier};
use service::{Clock, ServiceName, Settings, telemetry};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cli::Served;

/// What the gRPC API is called among the addresses.
pub const GRPC: &str = "grpc";

/// Something that is running: where it listens, and how it is stopped.
pub struct Running {
    addresses: Vec<(&'static str, SocketAddr)>,
    admin: Option<auth::AdminNotice>,
    /// Ends the listeners. Services go on until those have answered what is under way.
    stop_listening: CancellationToken,
    /// Ends what services do beside requests.
    stop_services: CancellationToken,
    listeners: JoinSet<Result<()>>,
    services: Services,
}

#[derive(Default)]
struct Services {
    auth: Option<auth::Auth>,
    wallet: Option<wallet::Wallet>,
    transactions: Option<transactions::Transactions>,
    fraud: Option<fraud::Fraud>,
    history: Option<history::History>,
    /// The way by which fraud calls transactions, which starts after it.
    _to_transactions: Option<Opening>,
}

impl Running {
    /// Where each part listens, in the order of their ports.
    pub fn addresses(&self) -> &[(&'static str, SocketAddr)] {
        &self.addresses
    }

    /// The admin's account, where auth runs.
    pub fn admin(&self) -> Option<&auth::AdminNotice> {
        self.admin.as_ref()
    }

    /// Waits until a listener fails. Without a failure it waits for ever.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.listeners.join_next().await {
            Some(Ok(Err(error))) => error,
            Some(Err(error)) => error.into(),
            Some(Ok(Ok(()))) | None => anyhow::anyhow!("a listener ended by itself"),
        }
    }

    /// Stops: no new requests, those under way finish, then the services end and the databases are closed.
    pub async fn stop(mut self) {
        if let Some(transactions) = &self.services.transactions {
            transactions.release_waiters();
        }
        self.stop_listening.cancel();
        while self.listeners.join_next().await.is_some() {}
        self.stop_services.cancel();
        // Callers before callees, so that what still goes on finds whom it calls.
        if let Some(transactions) = self.services.transactions {
            transactions.close().await;
        }
        if let Some(wallet) = self.services.wallet {
            wallet.close().await;
        }
        if let Some(fraud) = self.services.fraud {
            fraud.close().await;
        }
        if let Some(history) = self.services.history {
            history.close().await;
        }
        if let Some(auth) = self.services.auth {
            auth.close().await;
        }
    }

    async fn listen(&mut self, settings: &Settings, name: &'static str, port: u16, router: Router) -> Result<()> {
        let address = SocketAddr::new(settings.host, port);
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("{name} cannot listen on {address}"))?;
        self.addresses.push((name, listener.local_addr()?));
        let stop = self.stop_listening.clone();
        let router = with_operations(router);
        self.listeners.spawn(async move {
            service::serve::serve(listener, router, stop)
                .await
                .with_context(|| format!("{name} stopped"))
        });
        Ok(())
    }

    /// The gRPC API, where a port of its own is wished for it.
    async fn listen_for_grpc(&mut self, settings: &Settings, transactions: &transactions::Transactions) -> Result<()> {
        match settings.grpc_port {
            Some(port) => self.listen(settings, GRPC, port, transactions.grpc_router()).await,
            None => Ok(()),
        }
    }

    fn new() -> Self {
        Self {
            addresses: Vec::new(),
            admin: None,
            stop_listening: CancellationToken::new(),
            stop_services: CancellationToken::new(),
            listeners: JoinSet::new(),
            services: Services::default(),
        }
    }
}

/// Starts the gateway and all services in this process. They call each other without a socket.
pub async fn start_all(settings: &Settings) -> Result<Running> {
    make_keys(&settings.keys_dir).await?;
    let kit = Kit::new(settings);
    let mut running = Running::new();
    let stop = running.stop_services.clone();

    // Callees before callers: each is called through its router.
    let auth = auth::Auth::start(settings, kit.verifier.clone(), kit.clock.clone(), stop.clone()).await?;
    let to_auth = Upstream::in_process(auth.router());
    let history = history::History::start(settings, kit.verifier.clone(), kit.clock.clone(), stop.clone()).await?;
    let to_history = Upstream::in_process(history.router());
    // Fraud and transactions call each other: what fraud's desk decided waits in its outbox until there is somebody to tell.
    let (transactions_of_fraud, opening) = Upstream::later();
    let tokens = kit.tokens(to_auth.clone(), "fraud")?;
    let transactions_of_fraud = Peer::new(ServiceName::Transactions, transactions_of_fraud, tokens);
    let fraud = fraud::Fraud::start(
        settings,
        kit.verifier.clone(),
        kit.clock.clone(),
        transactions_of_fraud,
        stop.clone(),
    )
    .await?;
    let to_fraud = Upstream::in_process(fraud.router());

    let tokens = kit.tokens(to_auth.clone(), "wallet")?;
    let history_of_wallet = Peer::new(ServiceName::History, to_history.clone(), tokens);
    let wallet = wallet::Wallet::start(
        settings,
        kit.verifier.clone(),
        kit.clock.clone(),
        history_of_wallet,
        stop.clone(),
    )
    .await?;
    let to_wallet = Upstream::in_process(wallet.router());

    let tokens = kit.tokens(to_auth.clone(), "transactions")?;
    let peers = transactions::Peers {
        wallet: Peer::new(ServiceName::Wallet, to_wallet.clone(), tokens.clone()),
        fraud: Peer::new(ServiceName::Fraud, to_fraud.clone(), tokens.clone()),
        history: Peer::new(ServiceName::History, to_history.clone(), tokens.clone()),
        auth: Peer::new(ServiceName::Auth, to_auth.clone(), tokens),
        bank: None,
    };
    let transactions =
        transactions::Transactions::start(settings, kit.verifier.clone(), kit.clock.clone(), peers, stop.clone())
            .await?;
    let to_transactions = Upstream::in_process(transactions.router());
    opening.open(transactions.router());

    let upstreams = vec![
        (ServiceName::Auth, to_auth.clone()),
        (ServiceName::Wallet, to_wallet),
        (ServiceName::Transactions, to_transactions),
        (ServiceName::Fraud, to_fraud),
        (ServiceName::History, to_history),
    ];
    let gateway = gateway_router(settings, &kit, to_auth, upstreams)?;

    running.admin = Some(auth.admin());
    running
        .listen(settings, "gateway", settings.gateway_port, gateway)
        .await?;
    for (name, router) in [
        (ServiceName::Auth, auth.router()),
        (ServiceName::Wallet, wallet.router()),
        (ServiceName::Transactions, transactions.router()),
        (ServiceName::Fraud, fraud.router()),
        (ServiceName::History, history.router()),
    ] {
        running
            .listen(settings, name.as_str(), settings.ports[&name], router)
            .await?;
    }
    running.listen_for_grpc(settings, &transactions).await?;
    running.services = Services {
        auth: Some(auth),
        wallet: Some(wallet),
        transactions: Some(transactions),
        fraud: Some(fraud),
        history: Some(history),
        _to_transactions: Some(opening),
    };
    Ok(running)
}

/// Starts one service (or the gateway) alone. The others are called by their URLs.
pub async fn start_one(settings: &Settings, served: Served) -> Result<Running> {
    let kit = Kit::new(settings);
    let mut running = Running::new();
    let stop = running.stop_services.clone();
    let upstream = |name: ServiceName| Upstream::http(settings.urls[&name].as_str());
    let peer = |name: ServiceName, tokens: ServiceTokens| anyhow::Ok(Peer::new(name, upstream(name)?, tokens));
    let port = |name: ServiceName| settings.ports[&name];
    let (verifier, clock) = (kit.verifier.clone(), kit.clock.clone());
    match served {
        Served::Gateway => {
            let upstreams = ServiceName::ALL
                .into_iter()
                .map(|name| Ok((name, upstream(name)?)))
                .collect::<Result<Vec<_>>>()?;
            let router = gateway_router(settings, &kit, upstream(ServiceName::Auth)?, upstreams)?;
            running
                .listen(settings, "gateway", settings.gateway_port, router)
                .await?;
        }
        Served::Auth => {
            let auth = auth::Auth::start(settings, verifier, clock, stop).await?;
            running
                .listen(settings, "auth", port(ServiceName::Auth), auth.router())
                .await?;
            running.admin = Some(auth.admin());
            running.services.auth = Some(auth);
        }
        Served::Wallet => {
            let tokens = kit.tokens(upstream(ServiceName::Auth)?, "wallet")?;
            let history = peer(ServiceName::History, tokens)?;
            let wallet = wallet::Wallet::start(settings, verifier, clock, history, stop).await?;
            running
                .listen(settings, "wallet", port(ServiceName::Wallet), wallet.router())
                .await?;
            running.services.wallet = Some(wallet);
        }
        Served::Transactions => {
            let tokens = kit.tokens(upstream(ServiceName::Auth)?, "transactions")?;
            let peers = transactions::Peers {
                wallet: peer(ServiceName::Wallet, tokens.clone())?,
                fraud: peer(ServiceName::Fraud, tokens.clone())?,
                history: peer(ServiceName::History, tokens.clone())?,
                auth: peer(ServiceName::Auth, tokens)?,
                bank: None,
            };
            let transactions = transactions::Transactions::start(settings, verifier, clock, peers, stop).await?;
            running
                .listen(
                    settings,
                    "transactions",
                    port(ServiceName::Transactions),
                    transactions.router(),
                )
                .await?;
            running.listen_for_grpc(settings, &transactions).await?;
            running.services.transactions = Some(transactions);
        }
        Served::Fraud => {
            let tokens = kit.tokens(upstream(ServiceName::Auth)?, "fraud")?;
            let transactions = peer(ServiceName::Transactions, tokens)?;
            let fraud = fraud::Fraud::start(settings, verifier, clock, transactions, stop).await?;
            running
                .listen(settings, "fraud", port(ServiceName::Fraud), fraud.router())
                .await?;
            running.services.fraud = Some(fraud);
        }
        Served::History => {
            let history = history::History::start(settings, verifier, clock, stop).await?;
            running
                .listen(settings, "history", port(ServiceName::History), history.router())
                .await?;
            running.services.history = Some(history);
        }
    }
    Ok(running)
}

/// What [`make_keys`] had to make.
#[derive(Debug)]
pub struct KeysMade {
    /// The key that signs tokens, and the callers' secrets.
    pub auth: keys::Made,
    /// The key that signs the history's checkpoints, if there was none before.
    pub history_key: Option<String>,
}

/// Makes keys and secrets that are missing.
pub async fn make_keys(keys_dir: &Path) -> Result<KeysMade> {
    let keys_dir = keys_dir.to_owned();
    let made = tokio::task::spawn_blocking(move || -> Result<KeysMade> {
        web::make_key_if_missing(&keys_dir)?;
        Ok(KeysMade {
            auth: keys::generate_if_missing(&keys_dir)?,
            history_key: history::keys::generate_if_missing(&keys_dir, Clock::system().now())?,
        })
    });
    made.await?
}

/// What every part is given.
struct Kit {
    verifier: TokenVerifier,
    clock: Clock,
    keys_dir: std::path::PathBuf,
}

impl Kit {
    fn new(settings: &Settings) -> Self {
        let clock = Clock::system();
        let verifier = TokenVerifier::new(PublicKeys::in_keys_dir(&settings.keys_dir), clock.clone());
        Self {
            verifier,
            clock,
            keys_dir: settings.keys_dir.clone(),
        }
    }

    fn tokens(&self, to_auth: Upstream, client_id: &str) -> Result<ServiceTokens> {
        let secret = keys::client_secret(&self.keys_dir, client_id)?;
        Ok(ServiceTokens::new(to_auth, client_id, secret))
    }
}

fn gateway_router(
    settings: &Settings,
    kit: &Kit,
    to_auth: Upstream,
    upstreams: Vec<(ServiceName, Upstream)>,
) -> Result<Router> {
    let tokens = kit.tokens(to_auth, "gateway")?;
    let mut config = gateway::Config::new(upstreams);
    config.introspection = settings.introspection;
    config.home = "/app";
    config.graphiql_assets = Some(Path::new("web/vendor/graphiql").to_owned()).filter(|folder| folder.is_dir());
    config.service_authorization = Arc::new(move || tokens.current());
    let gateway = gateway::router(config)?;
    Ok(with_pages(settings, kit, gateway)?)
}

/// The pages stand at the gateway's door and go through it like everybody else: what they ask comes in as a request from
/// the browser's address, and is limited by it.
fn with_pages(settings: &Settings, kit: &Kit, gateway: Router) -> Result<Router, web::WebError> {
    let pages = web::router(web::Config {
        gateway: Upstream::in_process(gateway.clone()),
        public_url: settings.public_url.clone(),
        keys_dir: settings.keys_dir.clone(),
        confirm_above: settings.checkout_confirm_above,
        sandbox: settings.mode.is_sandbox(),
        clock: kit.clock.clone(),
    })?;
    Ok(gateway.merge(pages))
}

/// What operators ask every part for.
fn with_operations(router: Router) -> Router {
    router.route("/metrics", get(|| async { telemetry::render_metrics() }))
}
