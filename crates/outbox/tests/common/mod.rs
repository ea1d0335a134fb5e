//! A database with an outbox, a clock that stands still, and receivers that do as the test says.
#![allow(dead_code)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use outbox::{Lane, MIGRATIONS, Message, NewMessage, Outbox, Outcome, Receiver, Schedule, enqueue, waiting_count};
use service::{Clock, Timestamp};
use store::{Database, Options, StoreError};
use tokio_util::sync::CancellationToken;

/// An outbox and what it needs.
pub struct World {
    /// The database.
    pub database: Database,
    /// The time; it stands still.
    pub clock: Clock,
    /// The outbox.
    pub outbox: Outbox,
    /// Ends it.
    pub stop: CancellationToken,
    /// The database's file.
    pub path: PathBuf,
}

impl World {
    /// An outbox in this folder.
    pub fn start(folder: &Path, lanes: Vec<Lane>) -> Self {
        let path = folder.join("outbox.db");
        let database = Database::open(&Options::new(path.clone(), MIGRATIONS)).unwrap();
        let clock = Clock::manual(Timestamp::from_micros(1_800_000_000_000_000));
        let stop = CancellationToken::new();
        let outbox = Outbox::start(&database, &clock, lanes, &stop);
        Self {
            database,
            clock,
            outbox,
            stop,
            path,
        }
    }

    /// Commits messages (key, payload) for a lane and nudges it.
    pub async fn send(&self, lane: &'static str, messages: &[(String, String)]) {
        self.commit(lane, messages).await;
        self.outbox.nudge(lane);
    }

    /// Commits messages without telling anybody.
    pub async fn commit(&self, lane: &'static str, messages: &[(String, String)]) {
        let (messages, now) = (messages.to_vec(), self.clock.now());
        let committed = self.database.write(move |tx| {
            for (ordering_key, payload) in messages.clone() {
                let message = NewMessage {
                    lane,
                    ordering_key,
                    payload,
                };
                enqueue(tx, &message, now)?;
            }
            Ok::<_, StoreError>(())
        });
        committed.await.unwrap();
    }

    /// Messages that wait, and that are parked.
    pub async fn counts(&self) -> (i64, i64) {
        self.database.read(waiting_count).await.unwrap()
    }

    /// Waits until so many wait and so many are parked.
    pub async fn until(&self, waiting: i64, parked: i64) {
        until(async || self.counts().await == (waiting, parked)).await;
    }

    /// Has this lane deliver one more message, of a key of its own: when it is there, the lane has seen everything
    /// that was due before.
    pub async fn pass(&self, lane: &'static str, script: &Script) {
        let number = script.seen().len();
        let key = format!("pass-{number}");
        self.send(lane, &[(key.clone(), "pass".to_owned())]).await;
        until(async || script.delivered(&key) == ["pass"]).await;
    }

    /// Ends the outbox and closes the database.
    pub async fn end(self) {
        self.stop.cancel();
        self.outbox.stopped().await;
        self.database.close().await;
    }
}

/// Waits for something to become true.
pub async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    while !is_so().await {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// A key and a payload.
pub fn message(key: &str, payload: impl ToString) -> (String, String) {
    (key.to_owned(), payload.to_string())
}

type Answer = Box<dyn Fn(&Message) -> Outcome + Send + Sync>;

/// A receiver that answers by a closure and remembers what it was handed.
pub struct Script {
    answer: Answer,
    seen: Mutex<Vec<Seen>>,
}

/// One attempt to deliver one message.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its number.
    pub message_id: i64,
    /// Its key.
    pub key: String,
    /// Its payload.
    pub payload: String,
    /// Attempts before this one.
    pub attempts: u32,
    /// What was answered.
    pub outcome: Outcome,
}

impl Script {
    /// A receiver that answers like this.
    pub fn new(answer: impl Fn(&Message) -> Outcome + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            seen: Mutex::default(),
        })
    }

    /// One that takes everything.
    pub fn willing() -> Arc<Self> {
        Self::new(|_| Outcome::Delivered)
    }

    /// All attempts so far.
    pub fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.seen.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Attempts at this payload.
    pub fn attempts_at(&self, payload: &str) -> usize {
        self.seen().iter().filter(|seen| seen.payload == payload).count()
    }

    /// What was delivered of this key, in order.
    pub fn delivered(&self, key: &str) -> Vec<String> {
        self.all_delivered().remove(key).unwrap_or_default()
    }

    /// What was delivered, by key, in order.
    pub fn all_delivered(&self) -> HashMap<String, Vec<String>> {
        let mut delivered: HashMap<String, Vec<String>> = HashMap::new();
        for seen in self.seen().iter().filter(|seen| seen.outcome == Outcome::Delivered) {
            delivered
                .entry(seen.key.clone())
                .or_default()
                .push(seen.payload.clone());
        }
        delivered
    }
}

#[async_trait::async_trait]
impl Receiver for Script {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for message in messages {
            let outcome = (self.answer)(message);
            self.seen().push(Seen {
                message_id: message.message_id,
                key: message.ordering_key.clone(),
                payload: message.payload.clone(),
                attempts: message.attempts,
                outcome: outcome.clone(),
            });
            outcomes.push(outcome);
        }
        outcomes
    }
}

/// A lane to this receiver.
pub fn lane(name: &'static str, schedule: Schedule, receiver: Arc<dyn Receiver>) -> Lane {
    Lane {
        name,
        batch_max: 8,
        concurrency: 2,
        receiver_concurrency: None,
        gather: std::time::Duration::ZERO,
        schedule,
        receiver,
    }
}

/// "Not now."
pub fn retry() -> Outcome {
    Outcome::Retry {
        reason: "not now".into(),
        after: None,
    }
}
