//! Every id kind of the product: three letters saying what it names, `_`, and a ULID, so that ids sort by time and a
//! log line or a support ticket says what it talks about. An id that exists is canonical: one thing has one spelling,
//! which makes text comparison in SQL, in caches and in idempotency keys safe.

mod id;
mod kinds;

pub use id::{Id, IdError, Kind, TEXT_LEN};
pub use kinds::*;
