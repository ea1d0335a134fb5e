//! The rules of the ledger. Nothing here does I/O.

mod account;
mod hold;
mod month;
mod refusal;
mod transfer;

pub use account::{Account, AccountId, AccountKind, WalletName, WalletStatus};
pub use hold::{Hold, HoldAnswer, HoldState};
pub use month::{Month, NoMonth};
pub use refusal::Refusal;
pub use transfer::{MalformedTransfer, Movement, Posting, Transfer};
