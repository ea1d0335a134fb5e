//! Runs payouts.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ids::PayoutId;
use outbox::Outbox;
use service::{ApiError, Clock, ErrorCode};
use store::Database;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::steps::{Rest, set_state_in};
use crate::clients::bank::Bank;
use crate::clients::wallet::WalletClient;
use crate::domain::{BankReport, Merchants, Payout, PayoutState};
use crate::saga::in_flight::{InFlight, Working};
use crate::saga::plan::{Action, pause_after};
use crate::store::{events, payouts};

/// Payouts under way at a time; more are turned away before anything is written.
const RUNNING_MAX: usize = 1_024;
/// A bank that has not answered by then has not answered.
pub(super) const BANK_PATIENCE: Duration = Duration::from_secs(30);
/// A wallet that does not take its money back is tried again after this.
const RETURN_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);
/// A bank that has a payout and says nothing is asked again after this.
pub(super) const ASK_BANK_AGAIN_AFTER: Duration = Duration::from_secs(3_600);

/// Runs payouts. Cheap to clone.
#[derive(Clone)]
pub struct PayoutRunner {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) outbox: Outbox,
    pub(super) wallet: WalletClient,
    pub(super) merchants: Merchants,
    pub(super) bank: Bank,
    pub(crate) in_flight: InFlight<PayoutId>,
    tasks: TaskTracker,
    room: Arc<Semaphore>,
}

impl PayoutRunner {
    /// A runner with nothing to do yet.
    pub fn new(
        database: Database,
        clock: Clock,
        outbox: Outbox,
        wallet: WalletClient,
        merchants: Merchants,
        bank: Bank,
    ) -> Self {
        Self {
            database,
            clock,
            outbox,
            wallet,
            merchants,
            bank,
            in_flight: InFlight::default(),
            tasks: TaskTracker::new(),
            room: Arc::new(Semaphore::new(RUNNING_MAX)),
        }
    }

    /// Whether there is a bank that payouts could go to.
    pub fn has_bank(&self) -> bool {
        self.bank.is_some()
    }

    /// Room for one more payout.
    pub fn reserve(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let busy = |_| {
            let message = "too many payouts are under way; try again";
            ApiError::new(ErrorCode::ServiceUnavailable, message)
        };
        Arc::clone(&self.room).try_acquire_owned().map_err(busy)
    }

    /// Runs work that no client's disconnection stops and that [`PayoutRunner::stopped`] waits for.
    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.tasks.spawn(work)
    }

    /// Runs a payout until it is final, waits for the bank, or must rest. Answers with the payout as it is then.
    pub(crate) async fn run(
        &self,
        working: Working<PayoutId>,
        payout: Payout,
        action: Action,
        attempts: u32,
    ) -> Payout {
        let payout_id = payout.payout_id;
        let ended = match self.run_steps(payout.clone(), action).await {
            Ok(ended) => ended,
            Err(rest) => {
                self.postpone(payout_id, attempts, &rest).await;
                let found = self.database.read(move |snapshot| payouts::find(snapshot, payout_id));
                found.await.ok().flatten().unwrap_or(payout)
            }
        };
        drop(working);
        ended
    }

    /// What the bank says. Said again, it changes nothing; what contradicts an earlier report is refused with `CONFLICT`.
    pub async fn report(&self, payout_id: PayoutId, report: BankReport) -> Result<Payout, ApiError> {
        let now = self.clock.now();
        let written = self.database.write(move |tx| {
            let payout = payouts::find(tx, payout_id)?.ok_or_else(|| ApiError::not_found("payout"))?;
            let Some(next) = report.applied_to(&payout)? else {
                return Ok(payout);
            };
            if let BankReport::Paid {
                reference: Some(reference),
            } = &report
            {
                payouts::set_bank_reference(tx, payout_id, reference)?;
            }
            let failure = report.failure();
            let changed = set_state_in(tx, payout_id, (payout.state, next), failure.as_ref(), now)?;
            Ok::<_, ApiError>(changed.unwrap_or(payout))
        });
        let payout = written.await?;
        self.outbox.nudge(events::WEBHOOK_LANE);
        if payout.state != PayoutState::Returning {
            return Ok(payout);
        }
        let Some(working) = self.in_flight.begin(payout_id) else {
            // Whoever is at it leaves it to recovery, which finds it due.
            return Ok(payout);
        };
        let (runner, returning) = (self.clone(), payout.clone());
        let returned = self.spawn(async move { runner.run(working, returning, Action::Resume, 0).await });
        Ok(returned.await.unwrap_or(payout))
    }

    /// Waits until no payout is under way. What is still on its way afterwards is taken up at the next start.
    pub async fn stopped(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Puts a payout aside until recovery takes it up.
    pub(super) async fn postpone(&self, payout_id: PayoutId, attempts: u32, rest: &Rest) {
        let pause = match rest {
            // Every try leaves a refused transfer in the ledger for ever, and an operator has to act first.
            Rest::ReturnRefused(_) => RETURN_AGAIN_AFTER,
            _ => pause_after(attempts),
        };
        let (next, error) = (self.clock.now().after(pause), rest.to_string());
        tracing::info!(payout = %payout_id, attempts, error, "a payout cannot go on now and is taken up again later");
        let noted = self
            .database
            .write(move |tx| payouts::postpone(tx, payout_id, next, &error))
            .await;
        if let Err(error) = noted {
            // It stays due, or its lease ends by itself.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "a payout could not be put aside"
            );
        }
    }
}
