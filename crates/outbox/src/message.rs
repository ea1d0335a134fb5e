//! Messages, and who takes them.

use std::sync::Arc;
use std::time::Duration;

use service::Timestamp;

use crate::schedule::Schedule;

/// A message on its way into the outbox.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Which lane delivers it.
    pub lane: &'static str,
    /// Messages of one lane with the same key are delivered in the order in which they were committed. What stands before
    /// its first slash names the receiver, where receivers share a lane ([`Lane::receiver_concurrency`]).
    pub ordering_key: String,
    /// What the receiver gets; JSON by convention.
    pub payload: String,
}

/// The receiver that a key names.
pub(crate) fn receiver_of(ordering_key: &str) -> &str {
    ordering_key.split_once('/').map_or("", |(receiver, _)| receiver)
}

/// A message that is due.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its number: later messages have greater ones.
    pub message_id: i64,
    /// Its key.
    pub ordering_key: String,
    /// Who gets it, of those who share the lane.
    pub receiver: String,
    /// Its content.
    pub payload: String,
    /// Attempts that failed so far.
    pub attempts: u32,
    /// When it was committed.
    pub created_at: Timestamp,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Delivered,
    /// Not now. `after` can make the pause of the lane's schedule longer, never shorter.
    Retry {
        /// Why, for the operator.
        reason: String,
        /// Not before this much time.
        after: Option<Duration>,
    },
    /// Not now, and nothing else for this receiver either: it asked for a rest, or is overloaded. The attempt counts for
    /// this message alone; the others wait without losing any.
    Rest {
        /// Why, for the operator.
        reason: String,
        /// Not before this much time.
        after: Option<Duration>,
    },
    /// Not now, and nobody was asked: it is no attempt.
    Postpone {
        /// Why, for the operator.
        reason: String,
        /// Not before this much time.
        after: Duration,
    },
    /// Never, as things are.
    Park {
        /// Why, for the operator.
        reason: String,
    },
}

impl Outcome {
    /// Whether the receiver was asked and did not take it.
    pub(crate) const fn is_failure(&self) -> bool {
        matches!(self, Self::Retry { .. } | Self::Rest { .. })
    }
}

/// Who takes the messages of a lane.
#[async_trait::async_trait]
pub trait Receiver: Send + Sync {
    /// Hands messages over (no two with the same key) and answers with one outcome for each, in their order.
    /// A missing outcome counts as a retry. A message may come again after it was delivered: a crash before the
    /// acknowledgement was stored does that.
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome>;
}

/// How messages of one kind are delivered.
pub struct Lane {
    /// Its name, as in [`NewMessage::lane`].
    pub name: &'static str,
    /// How many messages [`Receiver::deliver`] gets at once.
    pub batch_max: usize,
    /// How many deliveries may be under way at a time.
    pub concurrency: usize,
    /// How many of them to one receiver, so that one that hangs leaves room for the others; to one whose last delivery
    /// failed it is one, and to one that takes what it gets up to a quarter of the lane, while half of the lane is free.
    /// Then [`Receiver::deliver`] gets messages of one receiver only. `None`: they all go to the same.
    pub receiver_concurrency: Option<usize>,
    /// How long after a look at the table (or a note in it) the next one is made at the earliest: a little patience lets
    /// messages gather where nobody waits for the delivery. Zero where somebody does.
    pub gather: Duration,
    /// When a failed message is tried again, and how often.
    pub schedule: Schedule,
    /// Who takes them.
    pub receiver: Arc<dyn Receiver>,
}
