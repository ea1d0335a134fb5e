//! Payments as sagas: steps that can be repeated, run by a task that no client's disconnection stops, and taken up
//! again after a crash by a pure plan.

mod finish;
mod in_flight;
mod plan;
mod recovery;
mod runner;
mod steps;
mod waiters;

pub(crate) use finish::tell;
pub use in_flight::{InFlight, Working};
pub use plan::{Action, plan};
pub use recovery::recover_until;
pub use runner::{LEASE, Runner};
pub use waiters::{Waiter, Waiters};
