//! Takes up payouts that nobody works on, and takes what the simulated bank says.

use std::time::Duration;

use ids::PayoutId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::plan::plan;
use super::runner::PayoutRunner;
use super::steps::Rest;
use crate::clients::bank::Reported;
use crate::saga::in_flight::Working;
use crate::saga::plan::Action;
use crate::store::payouts;

/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Payouts taken up at a time; the others wait their turn.
const AT_ONCE: usize = 64;

/// Recovers until `stop`. At start every payout is due that is not final.
pub async fn recover_until(runner: PayoutRunner, stop: CancellationToken) {
    let now = runner.clock.now();
    if let Err(error) = runner.database.write(move |tx| payouts::make_all_due(tx, now)).await {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "recovery cannot read which payouts are under way"
        );
    }
    while !stop.is_cancelled() {
        runner.recover_once().await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Takes what a bank in this process says, until `stop`. What is not taken by then is asked for at the next start.
pub async fn take_reports_until(runner: PayoutRunner, mut reported: mpsc::Receiver<Reported>, stop: CancellationToken) {
    loop {
        let next = tokio::select! {
            () = stop.cancelled() => return,
            next = reported.recv() => next,
        };
        let Some((payout_id, report)) = next else { return };
        if let Err(error) = runner.report(payout_id, report).await {
            tracing::warn!(payout = %payout_id, error = &error as &dyn std::error::Error, "what the bank says cannot be taken");
        }
    }
}

impl PayoutRunner {
    async fn recover_once(&self) {
        let now = self.clock.now();
        // Those that somebody is at are due as well when they take long; they must not hide the others.
        let limit = i64::try_from(AT_ONCE + self.in_flight.count()).unwrap_or(i64::MAX);
        let rows = match self
            .database
            .read(move |snapshot| payouts::due(snapshot, now, limit))
            .await
        {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "recovery cannot read which payouts are due"
                );
                return;
            }
        };
        let mut planned = plan(rows, now, |payout_id| self.in_flight.contains(payout_id));
        planned.retain(|(_, action)| *action != Action::Leave);
        planned.truncate(AT_ONCE);
        let taken_up = planned.into_iter().map(|(row, action)| async move {
            let payout_id = row.payout.payout_id;
            let Some(working) = self.in_flight.begin(payout_id) else {
                return;
            };
            let (runner, attempts) = (self.clone(), row.attempts.saturating_add(1));
            // In a task of its own: one that breaks must not end the recovery of all others.
            let running = self.spawn(async move { runner.take_up(working, payout_id, action, attempts).await });
            if let Err(error) = running.await {
                tracing::error!(payout = %payout_id, %error, "taking up a payout broke");
                self.postpone(payout_id, attempts, &Rest::Broke).await;
            }
        });
        futures::future::join_all(taken_up).await;
    }

    async fn take_up(&self, working: Working<PayoutId>, payout_id: PayoutId, action: Action, attempts: u32) {
        // Read again: whoever was at it when the table was looked at may have brought it further.
        let found = self.database.read(move |snapshot| payouts::find(snapshot, payout_id));
        match found.await {
            Ok(Some(payout)) if !payout.state.is_final() => {
                let ended = self.run(working, payout, action, attempts).await;
                tracing::info!(payout = %payout_id, state = ended.state.as_str(), "a payout was taken up");
            }
            Ok(_) => {}
            Err(error) => self.postpone(payout_id, attempts, &error.into()).await,
        }
    }
}
