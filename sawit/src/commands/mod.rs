//! One file per command.

mod admin;
mod audit;
mod config;
mod demo;
mod health;
mod keys;
mod receipt;
mod up;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::Result;
use service::Settings;
use service::settings::Sources;

use crate::cli::{Cli, Command};

/// Runs what the command line asks for.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    let sources = Sources::from_environment(&cli.config)?;
    match cli.command.unwrap_or(Command::Up { demo: false }) {
        Command::Up { demo } => up::up(&sources, demo).await,
        Command::Serve { service } => up::serve(&sources, service).await,
        Command::Keys { command } => keys::keys(&settings(&sources)?, command).await,
        Command::Config => config::config(&sources),
        Command::Demo { fraud: false } => demo::demo(&settings(&sources)?).await,
        Command::Demo { fraud: true } => demo::fraud::demo(&settings(&sources)?).await,
        Command::Audit { command } => audit::audit(&settings(&sources)?, command).await,
        Command::Receipt { command } => receipt::receipt(&command),
        Command::Admin { command } => admin::admin(&settings(&sources)?, command).await,
        Command::Health { url } => health::health(&url).await,
    }
}

/// The settings, or everything that is wrong with them, a line each.
fn settings(sources: &Sources) -> Result<Settings> {
    Settings::load(sources).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
        anyhow::anyhow!("these settings cannot be used:\n{}", lines.join("\n"))
    })
}

/// Prints a line for the person at the terminal. A closed pipe is their choice, not an error.
fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints a text as it is.
fn print(text: impl std::fmt::Display) {
    let _ = write!(std::io::stdout(), "{text}");
}
