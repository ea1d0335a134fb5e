//! Takes up sagas that nobody works on: at start, and on a timer.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::plan::{Action, plan};
use super::runner::Runner;
use super::steps::Run;
use crate::domain::{Failure, FailureCode};
use crate::store::sagas::{self, SagaRow};
use crate::store::transactions;

/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Sagas taken up at a time; the others wait their turn.
const AT_ONCE: usize = 64;

/// Recovers until `stop`. At start every saga is due: this process alone has the database, so nobody else runs them.
pub async fn recover_until(runner: Runner, stop: CancellationToken) {
    let now = runner.clock.now();
    match runner.database.write(move |tx| sagas::make_all_due(tx, now)).await {
        Ok(0) => {}
        Ok(count) => tracing::info!(
            count,
            "transactions were under way when the service last stopped; they are taken up now"
        ),
        Err(error) => tracing::error!(
            error = &error as &dyn std::error::Error,
            "recovery cannot read what to do"
        ),
    }
    while !stop.is_cancelled() {
        runner.recover_once().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl Runner {
    /// Takes up what is due, and waits until it has come to an end or a rest.
    pub async fn recover_once(&self) {
        let now = self.clock.now();
        // Those that somebody is at are due as well when they take long; they must not hide the others.
        let limit = i64::try_from(AT_ONCE + self.in_flight.count()).unwrap_or(i64::MAX);
        let rows = match self
            .database
            .read(move |snapshot| sagas::due(snapshot, now, limit))
            .await
        {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "recovery cannot read what to do"
                );
                return;
            }
        };
        let mut planned = plan(rows, now, |transaction_id| self.in_flight.contains(transaction_id));
        planned.retain(|(_, action)| *action != Action::Leave);
        planned.truncate(AT_ONCE);
        let taken_up = planned.into_iter().map(|(row, action)| async move {
            let (transaction_id, attempts) = (row.transaction_id, row.attempts.saturating_add(1));
            let runner = self.clone();
            // In a task of its own: one that breaks must not end the recovery of all others.
            if let Err(error) = self.spawn(async move { runner.recover(row, action).await }).await {
                tracing::error!(transaction = %transaction_id, %error, "taking up a transaction broke");
                self.postpone(transaction_id, attempts, "it broke when it was taken up")
                    .await;
            }
        });
        futures::future::join_all(taken_up).await;
    }

    async fn recover(&self, row: SagaRow, action: Action) {
        let (transaction_id, attempts) = (row.transaction_id, row.attempts.saturating_add(1));
        let Some(working) = self.in_flight.begin(transaction_id) else {
            return;
        };
        let found = self
            .database
            .read(move |snapshot| transactions::find(snapshot, transaction_id))
            .await;
        let Ok(Some(transaction)) = found else {
            tracing::error!(transaction = %transaction_id, "a saga's transaction cannot be read");
            self.postpone(transaction_id, attempts, "its transaction cannot be read")
                .await;
            return;
        };
        let outcome = match action {
            Action::GiveUp => {
                let failure = Failure::new(
                    FailureCode::TimedOut,
                    "the transaction could not be completed in time; no money was moved",
                );
                self.fail_unless_posted(&transaction, failure).await
            }
            Action::Resume | Action::Leave => self.run_steps(&transaction, &row.facts, Run::Later).await,
        };
        let ended = match outcome {
            Ok(outcome) => self.end(&transaction, &row.facts, outcome).await,
            Err(error) => Err(error.to_string()),
        };
        match ended {
            Ok(finished) => {
                tracing::info!(transaction = %transaction_id, status = finished.status.as_str(), "a transaction was taken up and finished");
            }
            Err(error) => self.postpone(transaction_id, attempts, &error).await,
        }
        drop(working);
    }
}
