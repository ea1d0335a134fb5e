//! Starting and stopping the marketplace.

use std::fs::DirBuilder;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::expire_orders::{expire_orders, forget_webhooks};
use crate::app::{App, Rules, SharedApp};
use crate::config::Config;
use crate::http;
use crate::provider::Provider;
use crate::secrets::{Attempts, Passwords, Tokens};
use crate::store::Db;

/// Requests under way get this long to finish; each is bounded anyway.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(16);

/// A marketplace that answers.
#[derive(Debug)]
pub struct Running {
    /// Where the users endpoint listens.
    pub users_addr: SocketAddr,
    /// Where the orders endpoint and the webhook receiver listen.
    pub orders_addr: SocketAddr,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    /// Waits until the marketplace has stopped: after its shutdown token was cancelled, or because it failed.
    ///
    /// # Errors
    /// What made it fail.
    pub async fn stopped(self) -> anyhow::Result<()> {
        self.task.await?
    }
}

/// Opens the database, binds both ports and begins to answer; it goes on until `shutdown` is cancelled, and then finishes
/// what is under way.
///
/// # Errors
/// A senseless setting, a folder or file that cannot be used, a port that is taken.
pub async fn start(config: Config, shutdown: CancellationToken) -> anyhow::Result<Running> {
    config.validate()?;
    let users = bind(&config, config.users_port).await?;
    let orders = bind(&config, config.orders_port).await?;
    let (users_addr, orders_addr) = (users.local_addr()?, orders.local_addr()?);
    if config.webhook_secret.is_none() {
        tracing::warn!("no webhook secret is set: signed events will be refused");
    }
    // Opening files and hashing the decoy password take their time.
    let app = tokio::task::spawn_blocking(move || open(config, orders_addr.port())).await??;
    tracing::info!(%users_addr, %orders_addr, "BlackDoctrine is open");
    let task = tokio::spawn(run(app, users, orders, shutdown));
    Ok(Running {
        users_addr,
        orders_addr,
        task,
    })
}

async fn bind(config: &Config, port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((config.host, port));
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

fn open(config: Config, orders_port: u16) -> anyhow::Result<SharedApp> {
    let folder = &config.data_dir;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(Arc::new(App {
        db: Db::open(&folder.join("blackdoctrine.db"))?,
        passwords: Passwords::new()?,
        tokens: Tokens::open(&folder.join("token.secret"))?,
        attempts: Attempts::default(),
        provider: Provider::new(&config.provider_url)?,
        webhooks: config.webhook_verifier()?,
        returns: config.return_key()?,
        rules: Rules {
            public_url: config.pages_url(orders_port)?,
            va_source: config.va_source,
            checkout_url: config.checkout_url,
            bill_ttl: config.bill_ttl,
            expiry_grace: config.expiry_grace,
            trust_graphql_notification: config.trust_graphql_notification,
        },
    }))
}

async fn run(
    app: SharedApp,
    users: TcpListener,
    orders: TcpListener,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    // When one endpoint fails the other has to end too; the caller's token is not ours to cancel.
    let stop = shutdown.child_token();
    let sweeper = tokio::spawn(sweep(app.clone(), stop.clone()));
    let (users, orders) = tokio::join!(
        serve(users, http::users_router(&app), stop.clone()),
        serve(orders, http::orders_router(&app), stop),
    );
    sweeper.await?;
    app.db.checkpoint().await?;
    users.and(orders)
}

async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> anyhow::Result<()> {
    // However this ends, the rest of the program ends with it.
    let _stop_others = stop.clone().drop_guard();
    let serving = axum::serve(listener, router)
        .with_graceful_shutdown(stop.clone().cancelled_owned())
        .into_future();
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    };
    tokio::select! {
        ended = serving => Ok(ended?),
        () = deadline => {
            tracing::warn!("some connections did not end in time and were cut");
            Ok(())
        }
    }
}

/// Ends overdue bills and forgets old webhooks, again and again.
async fn sweep(app: SharedApp, stop: CancellationToken) {
    // Often enough for the shortest bills, seldom enough to cost nothing.
    let pause = (app.rules.bill_ttl / 4).clamp(Duration::from_millis(100), Duration::from_secs(30));
    loop {
        let now = Timestamp::now();
        match expire_orders(&app, now).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "orders were not paid in time"),
            Err(error) => tracing::error!(error = ?error, "overdue orders could not be ended"),
        }
        if let Err(error) = forget_webhooks(&app, now).await {
            tracing::error!(error = ?error, "old webhooks could not be forgotten");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
