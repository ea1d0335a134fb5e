//! Takes up what nobody works on: at start, and on a timer. Transactions and operations on payments, each by itself, so
//! that neither holds up the other.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::in_flight::InFlight;
use super::plan::{Action, pause_after, plan};
use super::runner::Runner;
use super::steps::Run;
use crate::domain::{Failure, FailureCode, SagaFacts, StepLog, TransactionStatus};
use crate::store::sagas::SagaRow;
use crate::store::transactions;
use crate::store::unfinished::Unfinished;

/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How many are taken up at a time; the others wait their turn.
const AT_ONCE: usize = 64;

/// Something unfinished, and how it is brought to its end.
pub(super) trait Recoverable: Unfinished {
    /// Those that this process is working on.
    fn in_flight(runner: &Runner) -> &InFlight<Self::Id>;

    /// Brings it to its end and answers how it ended. `Err` says why it must be taken up again later.
    fn take_up(self, runner: &Runner, action: Action) -> impl Future<Output = Result<&'static str, String>> + Send;
}

/// Recovers until `stop`. At start all of them are due: this process alone has the database, so nobody else runs them.
pub(super) async fn recover_until<R: Recoverable>(runner: Runner, stop: CancellationToken) {
    let now = runner.clock.now();
    match runner.database.write(move |tx| R::make_all_due(tx, now)).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(
            what = R::WHAT,
            count,
            "what was under way when the service last stopped is taken up now"
        ),
        Err(error) => tracing::error!(
            error = &error as &dyn std::error::Error,
            "recovery cannot read what to do"
        ),
    }
    while !stop.is_cancelled() {
        runner.recover_once::<R>().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl Runner {
    /// Takes up what is due, and waits until it has come to an end or a rest.
    async fn recover_once<R: Recoverable>(&self) {
        let now = self.clock.now();
        let in_flight = R::in_flight(self);
        // Those that somebody is at are due as well when they take long; they must not hide the others.
        let limit = i64::try_from(AT_ONCE + in_flight.count()).unwrap_or(i64::MAX);
        let rows = match self.database.read(move |snapshot| R::due(snapshot, now, limit)).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "recovery cannot read what to do"
                );
                return;
            }
        };
        // One row that cannot be read must not stop the recovery of all others.
        let readable = rows.into_iter().filter_map(|row| {
            row.inspect_err(|error| {
                tracing::error!(
                    what = R::WHAT,
                    error = error as &dyn std::error::Error,
                    "a row cannot be read"
                );
            })
            .ok()
        });
        let mut planned = plan(readable.collect(), now, |id| in_flight.contains(id));
        planned.retain(|(_, action)| *action != Action::Leave);
        planned.truncate(AT_ONCE);
        let taken_up = planned.into_iter().map(|(row, action): (R, Action)| async move {
            let (id, attempts) = (row.id(), row.rest().attempts.saturating_add(1));
            let runner = self.clone();
            // In a task of its own: one that breaks must not end the recovery of all others.
            if let Err(error) = self.spawn(async move { runner.recover(row, action).await }).await {
                tracing::error!(what = R::WHAT, id = %id, %error, "taking it up broke");
                self.postpone::<R>(id, attempts, "it broke when it was taken up").await;
            }
        });
        futures::future::join_all(taken_up).await;
    }

    async fn recover<R: Recoverable>(&self, row: R, action: Action) {
        let (id, attempts) = (row.id(), row.rest().attempts.saturating_add(1));
        let Some(working) = R::in_flight(self).begin(id) else {
            return;
        };
        match row.take_up(self, action).await {
            Ok(ended) => tracing::info!(what = R::WHAT, id = %id, ended, "it was taken up and finished"),
            Err(error) => self.postpone::<R>(id, attempts, &error).await,
        }
        drop(working);
    }

    /// Puts something aside until recovery takes it up.
    pub(super) async fn postpone<R: Unfinished>(&self, id: R::Id, attempts: u32, error: &str) {
        let next = self.clock.now().after(pause_after(attempts));
        tracing::info!(what = R::WHAT, id = %id, attempts, error, "it cannot go on now and is taken up again later");
        let error = error.to_owned();
        let noted = self.database.write(move |tx| R::postpone(tx, id, next, &error)).await;
        if let Err(error) = noted {
            // Its lease ends by itself.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "what cannot go on could not be put aside"
            );
        }
    }
}

impl Recoverable for SagaRow {
    fn in_flight(runner: &Runner) -> &InFlight<Self::Id> {
        &runner.in_flight
    }

    async fn take_up(self, runner: &Runner, action: Action) -> Result<&'static str, String> {
        let transaction_id = self.transaction_id;
        let found = runner
            .database
            .read(move |snapshot| transactions::find(snapshot, transaction_id))
            .await;
        let Ok(Some(transaction)) = found else {
            tracing::error!(transaction = %transaction_id, "a saga's transaction cannot be read");
            return Err("its transaction cannot be read".to_owned());
        };
        // It may have ended since the row was read, or wait for a word; then nothing more must be sent in its name.
        if transaction.status != is_at(&self.facts) {
            return Ok(transaction.status.as_str());
        }
        let mut log = StepLog::after(self.steps);
        let outcome = match action {
            Action::GiveUp if transaction.status == TransactionStatus::Review => {
                runner.give_up_review(&transaction, &mut log).await
            }
            Action::GiveUp => {
                let failure = Failure::new(
                    FailureCode::TimedOut,
                    "the transaction could not be completed in time; no money was moved",
                );
                runner
                    .fail_unless_posted(&transaction, &self.facts, failure, &mut log)
                    .await
            }
            Action::Resume | Action::Leave => runner.run_steps(&transaction, &self.facts, Run::Later, &mut log).await,
        };
        let ended = match outcome {
            Ok(outcome) => runner.end(&transaction, &self.facts, outcome, &log).await,
            Err(error) => Err(error.to_string()),
        };
        if ended.is_err() {
            runner.keep_steps(transaction_id, &log).await;
        }
        Ok(ended?.status.as_str())
    }
}

/// The status of a transaction whose saga has these facts: one that goes on with a word was in review before.
pub(super) fn is_at(facts: &SagaFacts) -> TransactionStatus {
    match facts.review.and_then(|review| review.decision) {
        Some(_) => TransactionStatus::Review,
        None => TransactionStatus::Pending,
    }
}
