//! How a saga ends, and what it must remember to get there.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::shares::Part;
use super::transaction::TransactionStatus;

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money has moved.
    Succeeded,
    /// It is held until the merchant captures it.
    Authorized,
    /// Neither, and it will not.
    Failed(Failure),
}

impl Outcome {
    /// The status that the transaction gets.
    pub const fn status(&self) -> TransactionStatus {
        match self {
            Self::Succeeded => TransactionStatus::Success,
            Self::Authorized => TransactionStatus::Authorized,
            Self::Failed(_) => TransactionStatus::Failed,
        }
    }
}

/// What a saga was given at its start and cannot look up later. Stored as JSON beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaFacts {
    /// When the user's account was opened, in microseconds since the epoch, as the token said.
    pub account_created_at: Option<i64>,
    /// The user's refused transactions in the hour before.
    pub recent_failures: i64,
    /// The owner of the receiving wallet, for a transfer.
    pub target_user_id: Option<String>,
    /// Who gets how much of a payment, before fees. Empty when its merchant gets all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<Part>,
    /// Who is asked whether the bill stands.
    #[serde(flatten)]
    pub asked: Asked,
}

/// Who is asked whether a bill stands before money moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "AskedText", into = "AskedText")]
pub enum Asked {
    /// Nobody: there is no bill, or it is one that the merchant opened with us.
    Nobody,
    /// The merchant, whose no counts and whose silence does not: the bill is our own invoice.
    MerchantWhoMayNotKnow,
    /// The merchant, who must say that it stands.
    Merchant,
}

/// How it is stored. Before there were sessions it was one flag.
#[derive(Serialize, Deserialize)]
struct AskedText {
    bill_is_known: bool,
    #[serde(default)]
    nobody_is_asked: bool,
}

impl From<AskedText> for Asked {
    fn from(text: AskedText) -> Self {
        match text {
            AskedText {
                nobody_is_asked: true, ..
            } => Self::Nobody,
            AskedText {
                bill_is_known: true, ..
            } => Self::MerchantWhoMayNotKnow,
            AskedText {
                bill_is_known: false, ..
            } => Self::Merchant,
        }
    }
}

impl From<Asked> for AskedText {
    fn from(asked: Asked) -> Self {
        Self {
            bill_is_known: asked != Asked::Merchant,
            nobody_is_asked: asked == Asked::Nobody,
        }
    }
}
