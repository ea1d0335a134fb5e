//! Runs sagas.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ids::{PaymentSessionId, TransactionId};
use outbox::{Delivered, Outbox, history};
use service::{ApiError, Clock, ErrorCode};
use store::Database;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::finish::history_key;
use super::in_flight::{InFlight, Working};
use super::steps::Run;
use super::waiters::Waiters;
use crate::clients::Clients;
use crate::clients::fraud::FraudClient;
use crate::clients::merchant::Bills;
use crate::clients::wallet::WalletClient;
use crate::domain::{Merchants, OperationId, Outcome, SagaFacts, StepLog, Transaction, TransactionStatus};
use crate::store::sagas::{self, SagaRow};

/// A saga that is begun belongs to whoever began it for this long.
pub const LEASE: Duration = Duration::from_secs(60);
/// Sagas under way at a time; more are turned away before anything is written.
const RUNNING_MAX: usize = 4_096;
/// How long an answer waits for history to show it.
const HISTORY_PATIENCE: Duration = Duration::from_millis(400);
/// After history was late once, answers do not wait for it for a while.
const HISTORY_LATE_FOR: Duration = Duration::from_secs(5);

/// Runs sagas. Cheap to clone.
#[derive(Clone)]
pub struct Runner {
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    pub(crate) outbox: Outbox,
    pub(crate) wallet: WalletClient,
    pub(crate) fraud: FraudClient,
    pub(crate) bills: Bills,
    pub(crate) merchants: Merchants,
    pub(crate) in_flight: InFlight<TransactionId>,
    pub(crate) waiters: Waiters,
    pub(crate) operations_in_flight: InFlight<OperationId>,
    tasks: TaskTracker,
    room: Arc<Semaphore>,
    history_late_until: Arc<AtomicI64>,
}

impl Runner {
    /// A runner with nothing to do yet.
    pub fn new(
        database: Database,
        clock: Clock,
        outbox: Outbox,
        clients: Clients,
        merchants: Merchants,
        waiters: Waiters,
    ) -> Self {
        Self {
            database,
            clock,
            outbox,
            wallet: clients.wallet,
            fraud: clients.fraud,
            bills: clients.bills,
            merchants,
            in_flight: InFlight::default(),
            waiters,
            operations_in_flight: InFlight::default(),
            tasks: TaskTracker::new(),
            room: Arc::new(Semaphore::new(RUNNING_MAX)),
            history_late_until: Arc::default(),
        }
    }

    /// Room for one more saga.
    pub fn reserve(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let busy = |_| {
            ApiError::new(
                ErrorCode::ServiceUnavailable,
                "too many payments are under way; try again",
            )
        };
        Arc::clone(&self.room).try_acquire_owned().map_err(busy)
    }

    /// Wakes whoever waits for a session. Call it after each commit that changed one.
    pub(crate) fn session_changed(&self, session_id: PaymentSessionId) {
        self.waiters.changed(session_id);
    }

    /// Runs work that no client's disconnection stops and that [`Runner::stopped`] waits for.
    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.tasks.spawn(work)
    }

    /// Starts a saga that was just begun, in a task of its own: a client that goes away does not stop it.
    /// The task answers with the transaction as it is afterwards.
    pub fn start(
        &self,
        working: Working<TransactionId>,
        transaction: Transaction,
        facts: SagaFacts,
        room: OwnedSemaphorePermit,
    ) -> JoinHandle<Transaction> {
        let runner = self.clone();
        self.spawn(async move {
            let _room = room;
            runner.run(working, transaction, &facts).await
        })
    }

    /// Waits until no saga is under way. What is still on its way afterwards is taken up at the next start.
    pub async fn stopped(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn run(&self, working: Working<TransactionId>, transaction: Transaction, facts: &SagaFacts) -> Transaction {
        let mut log = StepLog::after(Vec::new());
        let outcome = self.run_steps(&transaction, facts, Run::First, &mut log).await;
        let ended = match outcome {
            Ok(outcome) => self.end(&transaction, facts, outcome, &log).await,
            Err(error) => Err(error.to_string()),
        };
        let finished = match ended {
            Ok(finished) => finished,
            Err(error) => {
                self.keep_steps(transaction.transaction_id, &log).await;
                self.postpone::<SagaRow>(transaction.transaction_id, 0, &error).await;
                transaction
            }
        };
        drop(working);
        finished
    }

    /// Writes the end, and waits a moment until history shows it.
    pub(super) async fn end(
        &self,
        transaction: &Transaction,
        facts: &SagaFacts,
        outcome: Outcome,
        log: &StepLog,
    ) -> Result<Transaction, String> {
        let shown = self.watch_history(transaction.transaction_id, outcome.status(), &transaction.user_id);
        let finished = self
            .finish(transaction.transaction_id, facts, outcome, log)
            .await
            .map_err(|error| error.to_string())?;
        self.wait_for_history(shown).await;
        Ok(finished)
    }

    /// Keeps the steps of a run that did not come to the end. They are for people: a payment does not wait for them.
    pub(super) async fn keep_steps(&self, transaction_id: TransactionId, log: &StepLog) {
        let steps = log.to_json();
        let kept = self
            .database
            .write(move |tx| sagas::set_steps(tx, transaction_id, steps.as_deref()));
        if let Err(error) = kept.await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "how a saga went so far could not be kept"
            );
        }
    }

    /// Watches for the moment when a user's history shows a transaction. Ask before committing how it ended. `None` while
    /// history is known to be late.
    pub(crate) fn watch_history(
        &self,
        transaction_id: TransactionId,
        status: TransactionStatus,
        user_id: &str,
    ) -> Option<Delivered> {
        if self.history_is_late() {
            return None;
        }
        self.outbox
            .watch(history::LANE, &history_key(transaction_id, status, user_id))
    }

    /// Waits a moment until history shows it; if it does not, the next ones do not wait for a while.
    pub(crate) async fn wait_for_history(&self, shown: Option<Delivered>) {
        if let Some(shown) = shown
            && !shown.within(HISTORY_PATIENCE).await
        {
            let until = self.clock.now().after(HISTORY_LATE_FOR);
            self.history_late_until.store(until.micros(), Ordering::Relaxed);
        }
    }

    fn history_is_late(&self) -> bool {
        self.clock.now().micros() < self.history_late_until.load(Ordering::Relaxed)
    }
}
