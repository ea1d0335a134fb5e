//! The marketplace as a program of its own.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use blackdoctrine::{Config, VaSource};
use clap::Parser;
use tokio_util::sync::CancellationToken;

/// BlackDoctrine, a marketplace that is paid through a wallet provider.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Where the database and the token secret are kept.
    #[arg(long, env = "BLACKDOCTRINE_DATA_DIR", default_value = "data/blackdoctrine")]
    data_dir: PathBuf,
    /// The address to listen on.
    #[arg(long, env = "BLACKDOCTRINE_HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The port of the users endpoint.
    #[arg(long, env = "BLACKDOCTRINE_USERS_PORT", default_value_t = 7001)]
    users_port: u16,
    /// The port of the shop's pages, of the orders endpoint and of the webhook receiver.
    #[arg(long, env = "BLACKDOCTRINE_ORDERS_PORT", default_value_t = 7003)]
    orders_port: u16,
    /// The provider's GraphQL endpoint.
    #[arg(
        long,
        env = "BLACKDOCTRINE_PROVIDER_URL",
        default_value = "http://127.0.0.1:8000/graphql"
    )]
    provider_url: String,
    /// `whsec_` and the base64 of the secret shared with the provider; without it no webhook is accepted.
    #[arg(long, env = "BLACKDOCTRINE_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<String>,
    /// The provider's checkout page, where buyers are sent with `?va=…`.
    #[arg(
        long,
        env = "BLACKDOCTRINE_CHECKOUT_URL",
        default_value = "http://127.0.0.1:8000/pay"
    )]
    checkout_url: String,
    /// Who makes virtual-account numbers.
    #[arg(long, env = "BLACKDOCTRINE_VA_SOURCE", value_enum, default_value = "own")]
    va_source: VaSource,
    /// How long a bill can be paid, in seconds.
    #[arg(long, env = "BLACKDOCTRINE_BILL_TTL_SECONDS", default_value_t = 86_400)]
    bill_ttl_seconds: u64,
    /// How long after that the goods stay reserved for a payment under way, in seconds.
    #[arg(long, env = "BLACKDOCTRINE_EXPIRY_GRACE_SECONDS", default_value_t = 120)]
    expiry_grace_seconds: u64,
    /// Where buyers reach the shop's pages: scheme, host and port; left out, the orders port of 127.0.0.1.
    #[arg(long, env = "BLACKDOCTRINE_PUBLIC_URL")]
    public_url: Option<String>,
    /// `whsec_` and the base64 of the secret the provider signs return URLs with; without it they are not checked.
    #[arg(long, env = "BLACKDOCTRINE_SIGNING_SECRET", hide_env_values = true)]
    signing_secret: Option<String>,
    /// Whether the unsigned `updatePaymentStatus` marks orders paid.
    #[arg(long, env = "BLACKDOCTRINE_TRUST_GRAPHQL_NOTIFICATION", default_value_t = true, action = clap::ArgAction::Set)]
    trust_graphql_notification: bool,
}

impl From<Args> for Config {
    fn from(args: Args) -> Self {
        Self {
            data_dir: args.data_dir,
            host: args.host,
            users_port: args.users_port,
            orders_port: args.orders_port,
            provider_url: args.provider_url,
            webhook_secret: args.webhook_secret,
            checkout_url: args.checkout_url,
            va_source: args.va_source,
            bill_ttl: Duration::from_secs(args.bill_ttl_seconds),
            expiry_grace: Duration::from_secs(args.expiry_grace_seconds),
            public_url: args.public_url,
            signing_secret: args.signing_secret,
            trust_graphql_notification: args.trust_graphql_notification,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("BLACKDOCTRINE_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        stop.cancel();
    });
    let running = blackdoctrine::start(Args::parse().into(), shutdown).await?;
    running.stopped().await
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    // Containers are stopped by SIGTERM, people press Ctrl-C.
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be handled, only Ctrl-C");
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
