//! The loop of one lane: take what is due, hand it over, note what became of it.

use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use service::Clock;
use store::{Database, StoreError};
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::Watchers;
use crate::message::{Lane, Message, Outcome};
use crate::store as table;

/// Without a nudge the table is looked at this often: for what is due again, and for what a crash left behind.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Messages taken at once, so that one look at the table serves many deliveries.
const TAKEN_MAX: usize = 256;
/// An operator reads it; it need not be a novel.
const REASON_CHARS_MAX: usize = 300;

pub(crate) struct Dispatch {
    pub database: Database,
    pub clock: Clock,
    pub nudge: Arc<Notify>,
    pub watchers: Arc<Watchers>,
    pub stop: CancellationToken,
}

/// What a lane is at.
struct Work {
    /// Taken from the table, not handed over yet.
    queue: VecDeque<Message>,
    /// Handed over, not noted yet.
    done: Vec<(Message, Outcome)>,
    delivering: JoinSet<Vec<(Message, Outcome)>>,
    /// At most one at a time; what ends meanwhile gathers for the next.
    noting: JoinSet<Vec<i64>>,
    /// All of the above by id, so that nothing is taken twice.
    in_flight: HashSet<i64>,
    /// Whether the table may hold something new.
    look: bool,
    may_look_at: Instant,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            done: Vec::new(),
            delivering: JoinSet::new(),
            noting: JoinSet::new(),
            in_flight: HashSet::new(),
            look: true,
            may_look_at: Instant::now(),
        }
    }
}

impl Work {
    fn delivered(&mut self, outcomes: Result<Vec<(Message, Outcome)>, JoinError>) {
        match outcomes {
            Ok(outcomes) => self.done.extend(outcomes),
            Err(error) => self.lost(&error),
        }
        while let Some(more) = self.delivering.try_join_next() {
            match more {
                Ok(outcomes) => self.done.extend(outcomes),
                Err(error) => self.lost(&error),
            }
        }
    }

    fn noted(&mut self, ids: Result<Vec<i64>, JoinError>) {
        match ids {
            Ok(ids) => ids.iter().for_each(|id| {
                self.in_flight.remove(id);
            }),
            Err(error) => self.lost(&error),
        }
        // What waited behind these for its turn may go now.
        self.look = true;
    }

    /// Only our own code can panic here. The messages are still in the table; forgetting what is in flight lets them be
    /// taken again, at worst twice.
    fn lost(&mut self, error: &JoinError) {
        tracing::error!(%error, "a delivery panicked");
        self.in_flight.clear();
        self.look = true;
    }
}

impl Dispatch {
    pub async fn run(self, lane: Lane) {
        let mut work = Work::default();
        let (this, lane) = (Arc::new(self), Arc::new(lane));
        while !this.stop.is_cancelled() {
            this.start_deliveries(&lane, &mut work);
            this.start_noting(&lane, &mut work);
            let has_room = work.queue.is_empty() && work.delivering.len() < lane.concurrency;
            if work.look && has_room && work.may_look_at <= Instant::now() {
                this.look(&lane, &mut work).await;
                continue;
            }
            tokio::select! {
                () = this.stop.cancelled() => {}
                () = this.nudge.notified() => work.look = true,
                Some(outcomes) = work.delivering.join_next() => work.delivered(outcomes),
                Some(ids) = work.noting.join_next() => work.noted(ids),
                () = tokio::time::sleep_until(work.may_look_at), if work.look && has_room => {}
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
        while work.delivering.len() < lane.concurrency && !work.queue.is_empty() {
            let count = work.queue.len().min(lane.batch_max);
            let batch: Vec<Message> = work.queue.drain(..count).collect();
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
        let limit = i64::try_from(work.in_flight.len() + TAKEN_MAX).unwrap_or(i64::MAX);
        let (name, now) = (lane.name, self.clock.now());
        let due = self
            .database
            .read(move |snapshot| table::due(snapshot, name, now, limit))
            .await;
        let mut messages = due.unwrap_or_else(|error| {
            if !matches!(error, StoreError::Closed) {
                tracing::error!(
                    lane = name,
                    error = &error as &dyn std::error::Error,
                    "the outbox cannot be read"
                );
            }
            Vec::new()
        });
        messages.retain(|message| !work.in_flight.contains(&message.message_id));
        messages.truncate(TAKEN_MAX);
        work.look = messages.len() == TAKEN_MAX;
        work.may_look_at = Instant::now() + lane.gather;
        work.in_flight.extend(messages.iter().map(|message| message.message_id));
        work.queue.extend(messages);
    }

    async fn deliver(&self, lane: &Lane, batch: Vec<Message>) -> Vec<(Message, Outcome)> {
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
        batch.into_iter().zip(outcomes).collect()
    }

    /// Writes what became of messages, and answers with the ids that are no longer under way.
    async fn note(&self, lane: &Lane, done: Vec<(Message, Outcome)>) -> Vec<i64> {
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

    async fn write_outcomes(&self, lane: &Lane, done: Vec<(Message, Outcome)>) -> Result<(), StoreError> {
        let (schedule, now) = (lane.schedule, self.clock.now());
        let name = lane.name;
        self.database
            .write(move |tx| {
                for (message, outcome) in &done {
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
