//! `sawit up` and `sawit serve`: start, say what is where, stop cleanly.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result};
use base64::Engine as _;
use rand::RngExt as _;
use service::settings::Sources;
use service::{Secret, Settings, telemetry};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::say;
use crate::cli::Served;
use crate::provider::{self, Running};

pub async fn up(sources: &Sources, demo: bool) -> Result<ExitCode> {
    let started = Instant::now();
    let mut settings = super::settings(sources)?;
    begin(&settings)?;
    let mut signals = Signals::listen()?;
    let stop_demo = CancellationToken::new();
    let marketplace = if demo {
        Some(start_marketplace(sources, &mut settings, stop_demo.clone()).await?)
    } else {
        None
    };
    let running = tokio::select! {
        running = provider::start_all(&settings) => running?,
        () = signals.stop() => return Ok(ExitCode::FAILURE),
    };
    greet(&settings, &running, marketplace.as_ref(), started);
    let code = until_stopped(running, signals).await;
    stop_demo.cancel();
    if let Some(marketplace) = marketplace {
        marketplace
            .stopped()
            .await
            .context("the marketplace did not end cleanly")?;
    }
    code
}

pub async fn serve(sources: &Sources, served: Served) -> Result<ExitCode> {
    let settings = super::settings(sources)?;
    begin(&settings)?;
    let mut signals = Signals::listen()?;
    let running = tokio::select! {
        running = provider::start_one(&settings, served) => running?,
        () = signals.stop() => return Ok(ExitCode::FAILURE),
    };
    for (name, address) in running.addresses() {
        tracing::info!(%address, "{name} is ready");
    }
    if let Some(file) = running.admin().and_then(|admin| admin.password_file.as_ref()) {
        tracing::info!(file = %file.display(), "the admin's generated password stands in a file");
    }
    until_stopped(running, signals).await
}

fn begin(settings: &Settings) -> Result<()> {
    telemetry::start_logging(&settings.log).map_err(anyhow::Error::msg)?;
    telemetry::start_metrics();
    Ok(())
}

/// What tells a process to stop. Listened to before anything starts: whoever sees that a service is ready may stop it at once,
/// and that must be a clean stop, too.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Ends when somebody presses Ctrl-C or sends SIGTERM.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Runs until Ctrl-C or SIGTERM, then stops cleanly. A second Ctrl-C does not wait.
async fn until_stopped(mut running: Running, mut signals: Signals) -> Result<ExitCode> {
    tokio::select! {
        error = running.failed() => {
            running.stop().await;
            return Err(error);
        }
        () = signals.stop() => {}
    }
    tracing::info!("stopping: requests under way finish first");
    tokio::select! {
        () = running.stop() => Ok(ExitCode::SUCCESS),
        _ = signals.interrupt.recv() => Ok(ExitCode::FAILURE),
    }
}

fn greet(settings: &Settings, running: &Running, marketplace: Option<&blackdoctrine::Running>, started: Instant) {
    let mode = if settings.mode.is_sandbox() {
        "sandbox: the money is play money"
    } else {
        "live"
    };
    say(format_args!(
        "\n  Sawit is ready after {} ms ({mode})\n",
        started.elapsed().as_millis()
    ));
    for (name, address) in running.addresses() {
        match *name {
            "gateway" => say(format_args!(
                "  {name:<13} http://{address}/graphql   <- everything goes through here; a browser gets GraphiQL"
            )),
            provider::GRPC => say(format_args!(
                "  {name:<13} {address}   (payments, for merchants' programs)"
            )),
            _ => say(format_args!("  {name:<13} http://{address}/graphql")),
        }
    }
    say(format_args!(
        "  {:<13} {}app   <- the wallet app, in a browser; checkout at /pay",
        "pages", settings.public_url
    ));
    if let Some(marketplace) = marketplace {
        say(format_args!(
            "  {:<13} http://{}/   <- a shop to buy at, in a browser",
            "blackdoctrine", marketplace.orders_addr
        ));
        say(format_args!(
            "  {:<13} http://{}/graphql   (users)",
            "", marketplace.users_addr
        ));
        say(format_args!(
            "  {:<13} http://{}/graphql   (orders)",
            "", marketplace.orders_addr
        ));
    }
    say("");
    if let Some(admin) = running.admin() {
        let password = admin.password_file.as_ref();
        let password = password.map_or_else(|| "as you set it".to_owned(), |file| format!("in {}", file.display()));
        say(format_args!("  {:<13} {}, password {password}", "admin", admin.email));
    }
    say(format_args!(
        "  {:<13} {}/ (databases), {}/ (keys)",
        "files",
        settings.data_dir.display(),
        settings.keys_dir.display()
    ));
    say(format_args!("  {:<13} Ctrl-C\n", "stop"));
}

/// Starts BlackDoctrine and makes it the default marketplace, with secrets that both sides know.
async fn start_marketplace(
    sources: &Sources,
    settings: &mut Settings,
    stop: CancellationToken,
) -> Result<blackdoctrine::Running> {
    let data_dir = settings.data_dir.join("blackdoctrine");
    let secret = match &settings.marketplace.webhook {
        Some((_, secret)) => secret.clone(),
        None => kept_secret(&data_dir, "webhook-secret")?,
    };
    let signing_secret = match &settings.marketplace.signing_secret {
        Some(secret) => secret.clone(),
        None => kept_secret(&data_dir, "signing-secret")?,
    };
    let config = blackdoctrine::Config {
        data_dir,
        host: settings.host,
        users_port: port_from_environment("BLACKDOCTRINE_USERS_PORT", 7001)?,
        orders_port: port_from_environment("BLACKDOCTRINE_ORDERS_PORT", 7003)?,
        provider_url: format!("http://127.0.0.1:{}/graphql", settings.gateway_port),
        checkout_url: settings.public_url.join("pay")?.to_string(),
        webhook_secret: Some(secret.expose().to_owned()),
        public_url: std::env::var("BLACKDOCTRINE_PUBLIC_URL").ok(),
        signing_secret: Some(signing_secret.expose().to_owned()),
        ..blackdoctrine::Config::default()
    };
    let marketplace = blackdoctrine::start(config, stop)
        .await
        .context("the marketplace BlackDoctrine cannot start")?;
    let orders = marketplace.orders_addr;
    if sources.value("SAWIT_MARKETPLACE_URL").1 == "default" {
        settings.marketplace.url = format!("http://{orders}/graphql").parse()?;
    }
    if settings.marketplace.webhook.is_none() {
        settings.marketplace.webhook = Some((format!("http://{orders}/webhook").parse()?, secret));
    }
    if sources.value("SAWIT_MARKETPLACE_NAME").1 == "default" {
        settings.marketplace.name = "BlackDoctrine".to_owned();
    }
    if settings.marketplace.return_origins.is_empty() {
        let own = std::env::var("BLACKDOCTRINE_PUBLIC_URL");
        let own = own.unwrap_or_else(|_| format!("http://127.0.0.1:{}", orders.port()));
        settings
            .marketplace
            .return_origins
            .extend(service::outbound::origin(&own));
    }
    settings.marketplace.signing_secret = Some(signing_secret);
    Ok(marketplace)
}

pub fn port_from_environment(variable: &str, default: u16) -> Result<u16> {
    match std::env::var(variable) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{variable}: a port number is expected")),
        Err(_) => Ok(default),
    }
}

/// A secret of the demo: made once, kept beside the marketplace's data.
fn kept_secret(folder: &Path, name: &str) -> Result<Secret> {
    let path = folder.join(name);
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(Secret::new(text.trim()));
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let bytes: [u8; 32] = rand::rng().random();
    let text = format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(bytes));
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(Secret::new(text))
}
