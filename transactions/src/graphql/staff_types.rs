//! What staff see.

use async_graphql::SimpleObject;
use money::{Currency, Decimal, Money};
use service::DateTime;

use crate::app::payment_timeline::{self, TimelineKind};
use crate::app::payments_overview::{Minute, Overview, plus};
use crate::store::outbox_messages::{ParkedRow, QueueRow};

/// Something that happened to a payment.
#[derive(SimpleObject)]
pub struct TimelineEntry {
    /// When.
    at: DateTime,
    /// Where it comes from.
    kind: TimelineKind,
    /// What happened: the step's, the event's or the operation's name.
    title: String,
    /// What came of it.
    status: String,
    /// More about it.
    detail: Option<String>,
    /// In which attempt.
    attempt: Option<i64>,
    /// How long it took.
    duration_micros: Option<i64>,
}

impl From<payment_timeline::TimelineEntry> for TimelineEntry {
    fn from(entry: payment_timeline::TimelineEntry) -> Self {
        Self {
            at: entry.at.into(),
            kind: entry.kind,
            title: entry.title,
            status: entry.status,
            detail: entry.detail,
            attempt: entry.attempt,
            duration_micros: entry.duration_micros,
        }
    }
}

/// How transactions ended in a minute.
#[derive(SimpleObject)]
pub struct PaymentsMinute {
    /// Its beginning.
    at: DateTime,
    /// How many ended.
    total: i64,
    /// How many of them succeeded, or were authorized.
    succeeded: i64,
    /// How many failed.
    failed: i64,
    /// How many began to wait for a person; they are counted again when they end.
    review: i64,
    /// How much succeeded.
    volume: Decimal,
}

impl From<Minute> for PaymentsMinute {
    fn from(minute: Minute) -> Self {
        Self {
            at: minute.at.into(),
            total: minute.succeeded + minute.failed,
            succeeded: minute.succeeded,
            failed: minute.failed,
            review: minute.review,
            volume: minute.volume.into(),
        }
    }
}

/// Why transactions failed.
#[derive(SimpleObject)]
pub struct RefusalCause {
    /// The code.
    failure_code: String,
    /// How often.
    count: i64,
}

/// How full a lane of the outbox is.
#[derive(SimpleObject)]
pub struct QueueDepth {
    /// The lane.
    lane: String,
    /// Messages that wait for delivery.
    waiting: i64,
    /// Messages that were given up until an operator looks at them.
    parked: i64,
    /// How long the oldest has waited.
    oldest_seconds: Option<i64>,
}

/// How payments go.
#[derive(SimpleObject)]
pub struct PaymentsOverview {
    /// Each minute, the oldest first.
    minutes: Vec<PaymentsMinute>,
    /// How many transactions ended in them.
    total: i64,
    /// How many of them succeeded, or were authorized.
    succeeded: i64,
    /// Which part of them succeeded; null when none ended.
    success_rate: Option<f64>,
    /// How much succeeded.
    volume: Decimal,
    /// Why the others failed, the commonest cause first.
    refusals: Vec<RefusalCause>,
    /// How full the lanes of the outbox are, now.
    queues: Vec<QueueDepth>,
    /// How many transactions wait for a person, now.
    in_review: i64,
    /// How many are under way, now.
    pending: i64,
}

impl From<Overview> for PaymentsOverview {
    #[allow(clippy::cast_precision_loss, reason = "a rate for a chart")]
    fn from(overview: Overview) -> Self {
        let sum = |of: fn(&Minute) -> i64| overview.minutes.iter().map(of).sum::<i64>();
        let succeeded = sum(|minute| minute.succeeded);
        let total = succeeded + sum(|minute| minute.failed);
        let volumes = overview.minutes.iter().map(|minute| minute.volume.minor());
        let volume = volumes.fold(Money::zero(Currency::Idr), plus);
        let now = overview.now;
        let queue = |queue: QueueRow| QueueDepth {
            lane: queue.lane,
            waiting: queue.waiting,
            parked: queue.parked,
            oldest_seconds: queue
                .oldest_waiting_at
                .and_then(|at| i64::try_from(now.since(at).as_secs()).ok()),
        };
        Self {
            total,
            succeeded,
            success_rate: (total > 0).then(|| succeeded as f64 / total as f64),
            volume: volume.into(),
            refusals: overview
                .refusals
                .into_iter()
                .map(|(failure_code, count)| RefusalCause { failure_code, count })
                .collect(),
            queues: overview.queues.into_iter().map(queue).collect(),
            in_review: overview.in_review,
            pending: overview.pending,
            minutes: overview.minutes.into_iter().map(PaymentsMinute::from).collect(),
        }
    }
}

/// A message that was given up until an operator looks at it.
#[derive(SimpleObject)]
pub struct ParkedMessage {
    /// Its id, also the cursor for `after`.
    message_id: String,
    /// Its lane.
    lane: String,
    /// What it is about.
    ordering_key: String,
    /// How often it was tried.
    attempts: i64,
    /// Why it was given up.
    last_error: Option<String>,
    /// When it was committed.
    created_at: DateTime,
}

impl From<ParkedRow> for ParkedMessage {
    fn from(row: ParkedRow) -> Self {
        Self {
            message_id: row.message_id.to_string(),
            lane: row.lane,
            ordering_key: row.ordering_key,
            attempts: row.attempts,
            last_error: row.last_error,
            created_at: row.created_at.into(),
        }
    }
}
