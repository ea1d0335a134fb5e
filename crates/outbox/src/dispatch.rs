//! The loop of one lane: take what is due, hand it over, note what became of it.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use service::Clock;
use store::{Database, StoreError};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Watchers;
use crate::message::{Lane, Message, Outcome};
use crate::store as table;

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
        let (this, lane) = (Arc::new(self), Arc::new(lane));
        let mut running: JoinSet<Vec<i64>> = JoinSet::new();
        let mut in_flight: HashSet<i64> = HashSet::new();
        while !this.stop.is_cancelled() {
            let free = lane.concurrency - running.len().min(lane.concurrency);
            if free > 0 {
                let messages = this.take_due(&lane, &in_flight, free * lane.batch_max).await;
                for batch in messages.chunks(lane.batch_max) {
                    in_flight.extend(batch.iter().map(|message| message.message_id));
                    let (this, lane, batch) = (Arc::clone(&this), Arc::clone(&lane), batch.to_vec());
                    running.spawn(async move { this.deliver(&lane, batch).await });
                }
            }
            let full = running.len() >= lane.concurrency;
            tokio::select! {
                () = this.stop.cancelled() => {}
                () = this.nudge.notified(), if !full => {}
                Some(done) = running.join_next() => forget(&mut in_flight, done),
                () = tokio::time::sleep(LOOK_EVERY), if !full => {}
            }
        }
        while let Some(done) = running.join_next().await {
            forget(&mut in_flight, done);
        }
    }

    async fn take_due(&self, lane: &Lane, in_flight: &HashSet<i64>, room: usize) -> Vec<Message> {
        let limit = i64::try_from(in_flight.len() + room).unwrap_or(i64::MAX);
        let (name, now) = (lane.name, self.clock.now());
        let due = self
            .database
            .read(move |snapshot| table::due(snapshot, name, now, limit))
            .await;
        match due {
            Ok(mut messages) => {
                messages.retain(|message| !in_flight.contains(&message.message_id));
                messages.truncate(room);
                messages
            }
            Err(StoreError::Closed) => Vec::new(),
            Err(error) => {
                tracing::error!(
                    lane = lane.name,
                    error = &error as &dyn std::error::Error,
                    "the outbox cannot be read"
                );
                Vec::new()
            }
        }
    }

    /// Answers with the ids that are no longer under way.
    async fn deliver(&self, lane: &Lane, batch: Vec<Message>) -> Vec<i64> {
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
                Outcome::Retry { reason, .. } => {
                    tracing::debug!(
                        lane = lane.name,
                        message = message.message_id,
                        attempts = message.attempts + 1,
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
        let ids: Vec<i64> = batch.iter().map(|message| message.message_id).collect();
        if let Err(error) = self.note(lane, batch, outcomes).await {
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

    async fn note(&self, lane: &Lane, batch: Vec<Message>, outcomes: Vec<Outcome>) -> Result<(), StoreError> {
        let (schedule, now) = (lane.schedule, self.clock.now());
        let name = lane.name;
        self.database
            .write(move |tx| {
                for (message, outcome) in batch.iter().zip(&outcomes) {
                    let (reason, pause) = match outcome {
                        Outcome::Delivered => {
                            table::delete(tx, message.message_id)?;
                            continue;
                        }
                        Outcome::Retry { reason, after } => {
                            let pause = schedule.pause_with_jitter(message.attempts + 1);
                            (reason, pause.map(|pause| pause.max(after.unwrap_or_default())))
                        }
                        Outcome::Park { reason } => (reason, None),
                    };
                    let reason: String = reason.chars().take(REASON_CHARS_MAX).collect();
                    table::note_failure(tx, message.message_id, &reason, pause, now)?;
                    metrics::counter!("sawit_outbox_failures_total", "lane" => name).increment(1);
                }
                Ok(())
            })
            .await
    }
}

fn forget(in_flight: &mut HashSet<i64>, done: Result<Vec<i64>, tokio::task::JoinError>) {
    match done {
        Ok(ids) => ids.iter().for_each(|id| {
            in_flight.remove(id);
        }),
        // Only our own code can panic here. The messages are still in the table; forgetting all that is in flight
        // lets them be taken again, at worst twice.
        Err(error) => {
            tracing::error!(%error, "a delivery panicked");
            in_flight.clear();
        }
    }
}
