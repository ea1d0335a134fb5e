//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// A digital wallet that is a payment provider. Without a command it starts everything.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// The settings file; the environment overrules it. `sawit config` lists all settings.
    #[arg(long, global = true, default_value = "sawit.toml")]
    pub config: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the gateway and all services in this process.
    Up {
        /// Also start the marketplace BlackDoctrine on :7001 and :7003.
        #[arg(long)]
        demo: bool,
    },
    /// Start one service alone; it finds the others by SAWIT_*_URL.
    Serve {
        /// Which.
        service: Served,
    },
    /// The signing keys and service secrets.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// List every setting with its value and where it comes from.
    Config,
    /// Play the whole story, from registration to webhook, against a running system (`up --demo`).
    Demo,
    /// Check what is on disk.
    Audit {
        /// What to check.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Exit with 0 when a URL answers with 2xx: a health check for containers.
    Health {
        /// Such as http://127.0.0.1:8000/readyz.
        url: String,
    },
}

/// What can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Served {
    /// The front door.
    Gateway,
    /// Identity.
    Auth,
    /// The ledger.
    Wallet,
    /// Payments.
    Transactions,
    /// Risk.
    Fraud,
    /// The audit trail.
    History,
}

/// What to do with keys.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum KeysCommand {
    /// Make what is missing; what is there stays.
    Generate,
    /// Make a new signing key. Tokens signed with the old one stay good until they end.
    Rotate,
    /// Show which keys there are. Shows nothing secret.
    Show,
}

/// What to check.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum AuditCommand {
    /// The books: the ledger sums to zero, and ledger, transactions and history tell the same story.
    Books,
}
