//! What happens to a payment after it was authorized or paid: captures, voids and refunds.

use std::fmt;

use ids::{CaptureId, MerchantId, RefundId, TransactionId, TransferId, VoidId};
use money::Money;
use service::Timestamp;

use super::failure::Failure;
use super::shares::Part;

/// What an operation does to its payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "OperationKind")]
pub enum OperationKind {
    /// Moves money that was authorized.
    Capture,
    /// Lets go what is left of it.
    Void,
    /// Moves captured money back.
    Refund,
}

impl OperationKind {
    /// The name as stored and shown. The ledger's transfers and the history have it, too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Capture => "CAPTURE",
            Self::Void => "VOID",
            Self::Refund => "REFUND",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Capture, Self::Void, Self::Refund]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "OperationState")]
pub enum OperationState {
    /// Under way. It ends as one of the others, whatever crashes meanwhile.
    Pending,
    /// It is done.
    Succeeded,
    /// The ledger refused it; nothing has moved. `failureCode` says why.
    Failed,
}

impl OperationState {
    /// The name as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
        }
    }

    /// Reads a stored name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Succeeded, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// The id of an operation, which says what kind it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationId {
    /// `cap_…`
    Capture(CaptureId),
    /// `vod_…`
    Void(VoidId),
    /// `rfd_…`
    Refund(RefundId),
}

impl OperationId {
    /// A fresh one.
    pub fn generate(kind: OperationKind) -> Self {
        match kind {
            OperationKind::Capture => Self::Capture(CaptureId::generate()),
            OperationKind::Void => Self::Void(VoidId::generate()),
            OperationKind::Refund => Self::Refund(RefundId::generate()),
        }
    }

    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let capture = CaptureId::parse(text).map(Self::Capture);
        let void = || VoidId::parse(text).map(Self::Void);
        let refund = || RefundId::parse(text).map(Self::Refund);
        capture.or_else(|_| void()).or_else(|_| refund()).ok()
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Capture(id) => id.as_str(),
            Self::Void(id) => id.as_str(),
            Self::Refund(id) => id.as_str(),
        }
    }

    /// What it does.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Capture(_) => OperationKind::Capture,
            Self::Void(_) => OperationKind::Void,
            Self::Refund(_) => OperationKind::Refund,
        }
    }

    /// The ledger's transfer has the same id with another prefix. (A void has none.)
    pub fn transfer_id(&self) -> TransferId {
        match self {
            Self::Capture(id) => id.retag::<ids::Transfer>(),
            Self::Void(id) => id.retag::<ids::Transfer>(),
            Self::Refund(id) => id.retag::<ids::Transfer>(),
        }
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation as it stands.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its id.
    pub operation_id: OperationId,
    /// The payment.
    pub transaction_id: TransactionId,
    /// Whose payment that is.
    pub merchant_id: MerchantId,
    /// Where it stands.
    pub state: OperationState,
    /// How much it moves; of a void, how much it lets go.
    pub amount: Money,
    /// What the provider gets of a capture, in minor units; known from its beginning.
    pub fee_minor: i64,
    /// Whether a capture lets go what it leaves.
    pub is_final: bool,
    /// Why a refund is made.
    pub reason: Option<String>,
    /// Why it failed: the code.
    pub failure_code: Option<String>,
    /// Why it failed: a sentence.
    pub failure_reason: Option<String>,
    /// Whose part is how large, before fees. None of a void.
    pub parts: Vec<Part>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationOutcome {
    /// It is done.
    Succeeded,
    /// It is not, and will not be.
    Failed(Failure),
}

impl OperationOutcome {
    /// The state that the operation gets.
    pub const fn state(&self) -> OperationState {
        match self {
            Self::Succeeded => OperationState::Succeeded,
            Self::Failed(_) => OperationState::Failed,
        }
    }
}
