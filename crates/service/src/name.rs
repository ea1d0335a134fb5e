//! The five services behind the gateway, by name.

use std::fmt;
use std::str::FromStr;

/// One of the five services. The gateway is not among them: nothing calls it but clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ServiceName {
    /// Identity; the only holder of the private signing key.
    Auth,
    /// The double-entry ledger.
    Wallet,
    /// Payments from initiation to settlement.
    Transactions,
    /// Risk scores and their log.
    Fraud,
    /// The audit trail.
    History,
}

impl ServiceName {
    /// All services, in the order of their default ports (8001–8005).
    pub const ALL: [ServiceName; 5] = [
        ServiceName::Auth,
        ServiceName::Wallet,
        ServiceName::Transactions,
        ServiceName::Fraud,
        ServiceName::History,
    ];

    /// The name as it stands in settings, logs, file names and service tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            ServiceName::Auth => "auth",
            ServiceName::Wallet => "wallet",
            ServiceName::Transactions => "transactions",
            ServiceName::Fraud => "fraud",
            ServiceName::History => "history",
        }
    }

    /// How far the service's default port lies above the gateway's.
    pub const fn port_offset(self) -> u16 {
        match self {
            ServiceName::Auth => 1,
            ServiceName::Wallet => 2,
            ServiceName::Transactions => 3,
            ServiceName::Fraud => 4,
            ServiceName::History => 5,
        }
    }

    /// The file, inside the data directory, that this service alone opens.
    pub const fn database_file(self) -> &'static str {
        match self {
            ServiceName::Auth => "users.db",
            ServiceName::Wallet => "wallets.db",
            ServiceName::Transactions => "transactions.db",
            ServiceName::Fraud => "fraud.db",
            ServiceName::History => "history.db",
        }
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ServiceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|name| name.as_str() == text)
            .ok_or_else(|| format!("{text:?} is none of auth, wallet, transactions, fraud, history"))
    }
}
