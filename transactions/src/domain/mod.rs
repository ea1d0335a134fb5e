//! The rules of payments. Nothing here does I/O.

mod bill;
mod event;
mod failure;
mod merchant;
mod order;
mod outcome;
mod payout;
mod session;
mod transaction;
mod va;
mod webhook;

pub use bill::{Bill, BillStanding};
pub use event::{NewEvent, payment_subject};
pub use failure::{Failure, FailureCode};
pub use merchant::{Merchant, MerchantStatus, Merchants, Notification};
pub use order::{DifferingFields, Fingerprint, IdempotencyKey, Order, OrderInput, OrderKind};
pub use outcome::{Asked, Movement, Outcome, SagaFacts};
pub use payout::{BankAccount, BankReport, Payout, PayoutOrder, PayoutState};
pub use session::{CaptureMode, Item, Metadata, PaymentSession, SessionSource, SessionState, Share};
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use va::{PROVIDER_PREFIX, VaNumber};
pub use webhook::{new_secret, sign};
