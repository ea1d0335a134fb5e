//! Entries of the audit trail and the chain that binds them. Nothing here does I/O or knows HTTP, SQL or GraphQL.

pub mod chain;
mod direction;
mod entry;
mod input;

pub use direction::Direction;
pub use entry::Entry;
pub use input::{EntryInput, InputError, check_label};
