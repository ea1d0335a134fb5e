//! Drives payments through the gateway of a real provider and says how fast they were, what they cost, and whether the
//! books balance afterwards.
//!
//! `cargo run --release -p bench -- --clients 64 --seconds 10` starts the provider's release binary on a temporary folder,
//! with a marketplace of its own inside the load generator. Figures hold for the machine they were taken on, with the
//! generator on it too; compare only what was taken in one run.

mod http;
mod load;
mod marketplace;
mod provider;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, ValueEnum};

/// Drives payments through the gateway and reports what it saw.
#[derive(Clone, Debug, Parser)]
struct Options {
    /// Clients that each have one connection and one request under way.
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// How long to measure.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long to run before measuring.
    #[arg(long, default_value_t = 2)]
    warm_up: u64,
    /// What each request does.
    #[arg(long, value_enum, default_value_t = Kind::Payment)]
    kind: Kind,
    /// The provider's binary.
    #[arg(long, default_value = "target/release/sawit")]
    binary: PathBuf,
    /// Where its databases are put during the run; a temporary folder unless told.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Append the report as one line of JSON to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// End with an error below this many operations per second.
    #[arg(long)]
    at_least: Option<f64>,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Pays a bill that the provider pulls from the marketplace; the marketplace is told by mutation and webhook.
    Payment,
    /// Pays a bill that the provider issued itself.
    Invoice,
    /// Moves money between two wallets.
    Transfer,
    /// Takes money from the simulated bank.
    Deposit,
    /// Asks for `__typename`: what HTTP and the gateway cost alone.
    Noop,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(options))
}

async fn run(options: Options) -> Result<()> {
    let marketplace = marketplace::Marketplace::start().await?;
    let mut provider = provider::Provider::start(&options.binary, options.data.as_deref(), marketplace.port()).await?;
    let buyers = load::open_accounts(&provider, options.clients, options.kind).await?;
    load::drive(&provider, &buyers, options.kind, Duration::from_secs(options.warm_up)).await?;

    let before = provider.usage()?;
    let run = load::drive(&provider, &buyers, options.kind, Duration::from_secs(options.seconds)).await?;
    let after = provider.usage()?;
    let drained = provider.wait_until_drained().await?;
    let end = provider.usage()?;
    let told = marketplace.told();

    let books = provider.stop_and_audit().await?;
    let report = report::Report::new(
        &options,
        &provider,
        &run,
        &report::Usage {
            before,
            after,
            end,
            drained,
        },
        told,
        books,
    );
    report.print();
    if let Some(file) = &options.json {
        report.append_to(file)?;
    }
    report.judge(options.at_least)
}
