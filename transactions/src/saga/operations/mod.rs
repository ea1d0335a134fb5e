//! Operations on payments as sagas: captures, voids and refunds. Each was begun by a commit that reserves what it takes,
//! and has one step at the ledger (a final capture two), harmless when repeated.

mod expiry;
mod finish;
mod run;

pub(super) use expiry::expire_until;
