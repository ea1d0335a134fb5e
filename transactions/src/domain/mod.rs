//! The rules of payments. Nothing here does I/O.

mod attempt;
mod bill;
mod endpoint;
mod event;
mod failure;
mod merchant;
mod order;
mod outcome;
mod session;
mod transaction;
mod va;
mod webhook;

pub use attempt::{Attempt, AttemptOutcome, EXCERPT_BYTES_MAX, FAILING_MAX, Verdict, excerpt};
pub use bill::{Bill, BillStanding};
pub use endpoint::{AddressRules, ENDPOINT_DISABLED, EVENT_TYPES, parse_events};
pub use event::{NewEvent, payment_subject};
pub use failure::{Failure, FailureCode};
pub use merchant::{Merchant, MerchantStatus, Merchants, Notification};
pub use order::{DifferingFields, Fingerprint, IdempotencyKey, Order, OrderInput, OrderKind};
pub use outcome::{Asked, Movement, Outcome, SagaFacts};
pub use session::{CaptureMode, Item, Metadata, PaymentSession, SessionSource, SessionState, Share};
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use va::{PROVIDER_PREFIX, VaNumber};
pub use webhook::{new_secret, sign};
