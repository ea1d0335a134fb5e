//! How a saga ends, and what it must remember to get there.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::review::Review;
use super::shares::Part;
use super::transaction::TransactionStatus;

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money has moved.
    Succeeded,
    /// It is held until the merchant captures it.
    Authorized,
    /// It is held until a person has looked at the payment.
    InReview,
    /// None of these, and it will not.
    Failed(Failure),
}

impl Outcome {
    /// The status that the transaction gets.
    pub const fn status(&self) -> TransactionStatus {
        match self {
            Self::Succeeded => TransactionStatus::Success,
            Self::Authorized => TransactionStatus::Authorized,
            Self::InReview => TransactionStatus::Review,
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
    /// Where the payer is and who they are, as far as their request and token told; for the fraud check.
    #[serde(default, skip_serializing_if = "Origin::is_unknown")]
    pub origin: Origin,
    /// That a person is to look at it, once that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// Who is asked whether the bill stands.
    #[serde(flatten)]
    pub asked: Asked,
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The client's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The login session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The domain of the user's e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_domain: Option<String>,
    /// The user's time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoneinfo: Option<String>,
    /// When the wallet that pays was opened, in microseconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallet_created_at: Option<i64>,
}

impl Origin {
    fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
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
