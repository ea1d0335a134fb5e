//! Payouts as sagas. A payout is its own saga: its row says where it stands, and recovery takes it up from there.

mod plan;
mod recovery;
mod runner;
mod steps;

pub use recovery::{recover_until, take_reports_until};
pub use runner::PayoutRunner;
