//! The rules of payments. Nothing here does I/O.

mod bill;
mod failure;
mod merchant;
mod order;
mod outcome;
mod transaction;
mod va;
mod webhook;

pub use bill::{Bill, BillStanding};
pub use failure::{Failure, FailureCode};
pub use merchant::{Merchant, Merchants, WebhookEndpoint};
pub use order::{DifferingFields, Fingerprint, IdempotencyKey, Order, OrderInput, OrderKind};
pub use outcome::{Movement, Outcome, SagaFacts};
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use va::{PROVIDER_PREFIX, VaNumber};
pub use webhook::{WebhookEvent, sign};
