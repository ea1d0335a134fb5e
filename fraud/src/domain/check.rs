//! What is to be checked.

use money::Money;
use serde::{Deserialize, Serialize};
use service::{Reference, Timestamp};

/// What the money is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CheckKind {
    /// A bill is paid.
    Payment,
    /// Money goes to another wallet.
    Transfer,
    /// Somebody asked by hand, without a transaction.
    Manual,
}

impl CheckKind {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "PAYMENT",
            Self::Transfer => "TRANSFER",
            Self::Manual => "MANUAL",
        }
    }

    /// Reads the kind of a transaction.
    pub fn of_transaction(text: &str) -> Option<Self> {
        match text {
            "PAYMENT" => Some(Self::Payment),
            "TRANSFER" => Some(Self::Transfer),
            _ => None,
        }
    }
}

/// One check to be made.
#[derive(Clone, Debug)]
pub struct Check {
    /// What it is about; a check by hand is about none.
    pub transaction_id: Option<Reference>,
    /// Whose money.
    pub user_id: Reference,
    /// How much.
    pub amount: Money,
    /// What for.
    pub kind: CheckKind,
    /// When the account was opened, as far as the asker knows.
    pub account_created_at: Option<Timestamp>,
    /// How many of the user's payments were refused in the last hour.
    pub recent_failures: u32,
    /// Who is paid, if it is a merchant.
    pub merchant_id: Option<Reference>,
    /// Where the request came from.
    pub address: Option<String>,
    /// What stands behind the @ of the user's e-mail, in lower case.
    pub email_domain: Option<String>,
    /// The user's time zone, an IANA name.
    pub zoneinfo: Option<String>,
    /// The login session.
    pub session_id: Option<String>,
    /// Who receives a transfer: their wallet.
    pub target_wallet_id: Option<Reference>,
    /// When the wallet that pays was opened.
    pub wallet_created_at: Option<Timestamp>,
}

impl Check {
    /// Who gets the money, where that is known.
    pub fn payee(&self) -> Option<&str> {
        self.merchant_id
            .as_ref()
            .or(self.target_wallet_id.as_ref())
            .map(Reference::as_str)
    }
}
