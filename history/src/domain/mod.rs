//! Entries of the audit trail, the chain and the tree that bind them, and what is signed and handed out as evidence.
//! Nothing here does I/O or knows HTTP, SQL or GraphQL.

pub mod bytes;
pub mod chain;
pub mod checkpoint;
pub mod code;
mod direction;
mod entry;
mod input;
pub mod merkle;
pub mod receipt;

pub use direction::Direction;
pub use entry::Entry;
pub use input::{EntryInput, InputError, check_label};
