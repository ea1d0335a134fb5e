//! Payments and what happens to them afterwards as sagas: steps that can be repeated, run by tasks that no client's
//! disconnection stops, and taken up again after a crash by a pure plan.

mod finish;
mod in_flight;
mod operations;
pub mod payouts;
mod plan;
mod recovery;
mod reviews;
mod runner;
mod steps;
mod waiters;

use tokio_util::sync::CancellationToken;

use crate::store::payment_operations::PendingOperation;
use crate::store::sagas::SagaRow;

pub(crate) use finish::{end_session, tell};
pub use in_flight::{InFlight, Working};
pub use plan::{Action, plan};
pub(crate) use reviews::{Decided, decide_in};
pub use runner::{LEASE, Runner};
pub use waiters::{Waiter, Waiters};

/// Takes up what is not finished, and ends authorizations and reviews whose time is up, until `stop`.
pub async fn recover_until(runner: Runner, stop: CancellationToken) {
    tokio::join!(
        recovery::recover_until::<SagaRow>(runner.clone(), stop.clone()),
        recovery::recover_until::<PendingOperation>(runner.clone(), stop.clone()),
        operations::expire_until(runner.clone(), stop.clone()),
        reviews::lapse_until(runner, stop),
    );
}
