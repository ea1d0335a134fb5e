//! The rules of payments. Nothing here does I/O.

mod bill;
mod event;
mod failure;
mod merchant;
mod merchant_profile;
mod order;
mod outcome;
mod return_url;
mod session;
mod session_order;
mod text;
mod transaction;
mod va;
mod webhook;

pub use bill::{Bill, BillStanding};
pub use event::{NewEvent, payment_subject};
pub use failure::{Failure, FailureCode};
pub use merchant::{Merchant, MerchantStatus, Merchants, Notification};
pub use merchant_profile::{Profile, ProfileInput, prefixes_overlap};
pub use order::{DifferingFields, Fingerprint, IdempotencyKey, Order, OrderInput, OrderKind};
pub use outcome::{Asked, Movement, Outcome, SagaFacts};
pub use return_url::{Told, signed_return_url};
pub use session::{CaptureMode, Item, Metadata, PaymentSession, SessionSource, SessionState, Share};
pub use session_order::{ItemInput, Recipient, SessionInput, SessionOrder, SplitInput, VALID_FOR, order_id};
pub use text::visible_text;
pub use transaction::{Transaction, TransactionStatus, TransactionType};
pub use va::{PROVIDER_PREFIX, VaNumber};
pub use webhook::{new_secret, sign};
