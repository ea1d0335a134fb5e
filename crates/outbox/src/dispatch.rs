//! The loop of one lane: take what is due, hand it over, note what became of it.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use service::{Clock, Timestamp};
use store::{Database, StoreError, Tx};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Watchers;
use crate::message::{Lane, Message, Outcome};
use crate::schedule::Schedule;
use crate::store as table;
use crate::work::{Outcomes, Work};

/// Without a nudge the table is looked at this often: for what is due again, and for what a crash left behind.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// An operator reads it; it need not be a novel.
const REASON_CHARS_MAX: usize = 300;

pub(crate) struct Dispatch {
    pub database: Database,
    pub clock: Clock,
    pub nudge: Arc<Notify>,
    pub watchers: Arc<Watchers>,
    pub stop: CancellationToken,
}

impl Dispatch {
    pub async fn run(self, lane: Lane) {
        let mut work = Work::default();
        let (this, lane) = (Arc::new(self), Arc::new(lane));
        while !this.stop.is_cancelled() {
            this.start_deliveries(&lane, &mut work);
            if work.may_note_at <= Instant::now() {
                this.start_noting(&lane, &mut work);
            }
            let has_room = work.has_room(&lane);
            if work.look && has_room && work.may_look_at <= Instant::now() {
                this.look(&lane, &mut work).await;
                continue;
            }
            tokio::select! {
                () = this.stop.cancelled() => {}
                () = this.nudge.notified() => work.look = true,
                Some(outcomes) = work.delivering.join_next() => work.delivered(outcomes),
                Some(ids) = work.noting.join_next() => {
                    work.noted(ids);
                    work.may_note_at = Instant::now() + lane.gather;
                }
                () = tokio::time::sleep_until(work.may_look_at), if work.look && has_room => {}
                () = tokio::time::sleep_until(work.may_note_at), if work.noting.is_empty() && !work.done.is_empty() => {}
                () = tokio::time::sleep(LOOK_EVERY) => work.look = true,
            }
        }
        // What was handed over is noted, so that it does not go out again; what still waits goes out after the next start.
        while let Some(outcomes) = work.delivering.join_next().await {
            work.delivered(outcomes);
        }
        while let Some(ids) = work.noting.join_next().await {
            work.noted(ids);
        }
        this.start_noting(&lane, &mut work);
        while work.noting.join_next().await.is_some() {}
    }

    fn start_deliveries(self: &Arc<Self>, lane: &Arc<Lane>, work: &mut Work) {
        while let Some(batch) = work.next_batch(lane) {
            let (this, lane) = (Arc::clone(self), Arc::clone(lane));
            work.delivering.spawn(async move { this.deliver(&lane, batch).await });
        }
    }

    /// One commit notes all that was handed over since the last one.
    fn start_noting(self: &Arc<Self>, lane: &Arc<Lane>, work: &mut Work) {
        if work.noting.is_empty() && !work.done.is_empty() {
            let (this, lane, done) = (Arc::clone(self), Arc::clone(lane), std::mem::take(&mut work.done));
            work.noting.spawn(async move { this.note(&lane, done).await });
        }
    }

    /// Takes messages that are due and not under way already.
    async fn look(&self, lane: &Lane, work: &mut Work) {
        let (name, now, wanted) = (lane.name, self.clock.now(), work.next_look(lane));
        let due = self
            .database
            .read(move |snapshot| table::due(snapshot, name, now, &wanted))
            .await;
        let found = due.unwrap_or_else(|error| {
            if !matches!(error, StoreError::Closed) {
                tracing::error!(
                    lane = name,
                    error = &error as &dyn std::error::Error,
                    "the outbox cannot be read"
                );
            }
            table::Found::default()
        });
        work.found(found);
        work.may_look_at = Instant::now() + lane.gather;
    }

    async fn deliver(&self, lane: &Lane, batch: Vec<Message>) -> Outcomes {
        // A receiver that panics has failed like any other: its messages wait, and count an attempt.
        let handed_over = AssertUnwindSafe(async { lane.receiver.deliver(&batch).await });
        let mut outcomes = handed_over.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(lane = lane.name, "a receiver panicked");
            Vec::new()
        });
        let missing = || Outcome::Retry {
            reason: "no outcome was reported".into(),
            after: None,
        };
        outcomes.resize_with(batch.len(), missing);
        for (message, outcome) in batch.iter().zip(&outcomes) {
            match outcome {
                Outcome::Delivered => self.watchers.fire(&message.ordering_key),
                Outcome::Retry { reason, .. } | Outcome::Rest { reason, .. } | Outcome::Postpone { reason, .. } => {
                    tracing::debug!(
                        lane = lane.name,
                        message = message.message_id,
                        attempts = message.attempts,
                        reason,
                        "not delivered yet"
                    );
                }
                Outcome::Park { reason } => {
                    tracing::warn!(
                        lane = lane.name,
                        message = message.message_id,
                        reason,
                        "a message cannot be delivered and is parked"
                    );
                }
            }
        }
        batch.into_iter().zip(outcomes).collect()
    }

    /// Writes what became of messages, and answers with the ids that are no longer under way.
    async fn note(&self, lane: &Lane, done: Outcomes) -> Vec<i64> {
        let ids = done.iter().map(|(message, _)| message.message_id).collect();
        if let Err(error) = self.write_outcomes(lane, done).await {
            // The rows stay as they were, so the messages go out once more: at least once.
            tracing::warn!(
                lane = lane.name,
                error = &error as &dyn std::error::Error,
                "the outbox cannot be written"
            );
            tokio::time::sleep(LOOK_EVERY).await;
        }
        ids
    }

    async fn write_outcomes(&self, lane: &Lane, done: Outcomes) -> Result<(), StoreError> {
        let (schedule, now, name) = (lane.schedule, self.clock.now(), lane.name);
        let share_lane = lane.receiver_concurrency.is_some();
        self.database
            .write(move |tx| {
                let mut answered: HashSet<&str> = HashSet::new();
                for (message, outcome) in &done {
                    let failed = note_outcome(tx, name, schedule, message, outcome, now)?;
                    if failed {
                        metrics::counter!("sawit_outbox_failures_total", "lane" => name).increment(1);
                    } else if share_lane && answered.insert(&message.receiver) {
                        table::resume(tx, name, &message.receiver)?;
                    }
                }
                Ok(())
            })
            .await
    }
}

/// Writes what became of one message. True when it is not delivered.
fn note_outcome(
    tx: &mut Tx<'_>,
    lane: &str,
    schedule: Schedule,
    message: &Message,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let short = |reason: &str| reason.chars().take(REASON_CHARS_MAX).collect::<String>();
    let (reason, pause) = match outcome {
        Outcome::Delivered => {
            table::delete(tx, message.message_id)?;
            return Ok(false);
        }
        Outcome::Postpone { reason, after } => {
            table::postpone(tx, message.message_id, &short(reason), *after, now)?;
            return Ok(true);
        }
        Outcome::Retry { reason, after } | Outcome::Rest { reason, after } => {
            let pause = schedule.pause_with_jitter(message.attempts + 1);
            (reason, pause.map(|pause| pause.max(after.unwrap_or_default())))
        }
        Outcome::Park { reason } => (reason, None),
    };
    if let Outcome::Rest { after, .. } = outcome {
        table::rest(tx, lane, &message.receiver, *after, now)?;
    }
    table::note_failure(tx, message.message_id, &short(reason), pause, now)?;
    Ok(true)
}
