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
    Demo {
        /// Play the other story: ordinary traffic, then an attack that is held, reviewed, and rejected.
        #[arg(long)]
        fraud: bool,
    },
    /// Check what is on disk.
    Audit {
        /// What to check.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Receipts of transactions.
    Receipt {
        /// What to do with one.
        #[command(subcommand)]
        command: ReceiptCommand,
    },
    /// What an admin cannot do over the API.
    Admin {
        /// What to do.
        #[command(subcommand)]
        command: AdminCommand,
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

/// What an admin does on the machine itself.
#[derive(Clone, Debug, Subcommand)]
pub enum AdminCommand {
    /// End the second factor of somebody who has lost it, and their sessions. Auth must be stopped.
    ResetTotp {
        /// Their e-mail.
        email: String,
    },
}

/// What to check.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// The books: the ledger sums to zero, and ledger, transactions and history tell the same story.
    Books,
    /// The history: every entry, every node of its tree, every checkpoint. Also while the provider runs.
    Verify {
        /// A checkpoint that was kept: the history must still begin with what was signed for then.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// The public key, or a file that holds it; those of the keys folder when left out.
        #[arg(long, value_name = "PUBLICKEY")]
        key: Option<String>,
        /// The file; history.db of the data folder when left out.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print the newest signed checkpoint, to be kept somewhere else.
    Checkpoint,
}

/// What to do with a receipt.
#[derive(Clone, Debug, Subcommand)]
pub enum ReceiptCommand {
    /// Verify a receipt with the public key alone: no provider, no network, no files of one.
    Verify {
        /// The file of the receipt, as the query `receipt` answers it; - for standard input; or its code, alone or in its
        /// link.
        #[arg(value_name = "FILE")]
        receipt: String,
        /// The public key, or a file that holds it.
        #[arg(long, value_name = "PUBLICKEY")]
        key: String,
    },
}
