//! The rules of payments. Nothing here does I/O.

mod bill;
mod event;
mod failure;
mod fee;
mod merchant;
mod movement;
mod operation;
mod order;
mod outcome;
mod session;
mod shares;
mod standing;
mod transaction;
mod va;
mod webhook;

pub use bill::{Bill, BillStanding};
pub use event::{NewEvent, payment_subject};
pub use failure::{Failure, FailureCode};
pub use fee::FeePlan;
pub use merchant::{Merchant, MerchantStatus, Merchants, Notification};
pub use movement::{Movement, Posting};
pub use operation::{Operation, OperationId, OperationKind, OperationOutcome, OperationState};
pub use order::{DifferingFields, Fingerprint, IdempotencyKey, Order, OrderInput, OrderKind};
pub use outcome::{Asked, Outcome, SagaFacts};
pub use session::{CaptureMode, Item, Metadata, PaymentSession, SessionSource, SessionState, Share};
pub use shares::{Part, after_fee, in_proportion};
pub use standing::{OPERATIONS_MAX, Standing, Taken, TakenPart, Wanted};
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use va::{PROVIDER_PREFIX, VaNumber};
pub use webhook::{new_secret, sign};
