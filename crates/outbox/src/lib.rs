//! Delivers what was committed: at least once, in order per key, for days if need be.
//!
//! A service writes a message in the same transaction as the change it tells of ([`enqueue`]). A [`Lane`] per kind of
//! receiver takes messages from the table, hands them over, and deletes what was acknowledged. Messages of one lane
//! and key go out one after the other; lanes know nothing of each other, so that one receiver that fails holds up
//! nobody else. Receivers that share a lane have places of their own in it, and may ask for rest. What cannot be delivered
//! by the schedule is parked, where an operator sees it, never dropped.

mod dispatch;
pub mod history;
mod message;
mod schedule;
mod store;
mod together;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ::store::Database;
use service::Clock;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use message::{Lane, Message, NewMessage, Outcome, Receiver};
pub use schedule::Schedule;
pub use store::{MIGRATIONS, drop_all, enqueue, park_waiting, requeue, resume, waiting_count};
pub use together::{not_taken, taken_if_read};

/// The running lanes of a service. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    lanes: Arc<HashMap<&'static str, LaneHandle>>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

struct LaneHandle {
    nudge: Arc<Notify>,
    watchers: Arc<Watchers>,
}

/// Callers that wait until a message with some key was delivered.
#[derive(Default)]
pub(crate) struct Watchers {
    by_key: Mutex<HashMap<String, Vec<oneshot::Sender<()>>>>,
}

/// Resolves when a message with the watched key has been delivered.
pub struct Delivered {
    key: String,
    fired: oneshot::Receiver<()>,
    watchers: Arc<Watchers>,
}

impl Outbox {
    /// Starts a task per lane. They end, after what is under way, when `stop` is cancelled.
    pub fn start(database: &Database, clock: &Clock, lanes: Vec<Lane>, stop: &CancellationToken) -> Self {
        let mut handles = HashMap::new();
        let mut tasks = Vec::new();
        for lane in lanes {
            let handle = LaneHandle {
                nudge: Arc::default(),
                watchers: Arc::default(),
            };
            let dispatch = dispatch::Dispatch {
                database: database.clone(),
                clock: clock.clone(),
                nudge: Arc::clone(&handle.nudge),
                watchers: Arc::clone(&handle.watchers),
                stop: stop.clone(),
            };
            handles.insert(lane.name, handle);
            tasks.push(tokio::spawn(dispatch.run(lane)));
        }
        Self {
            lanes: Arc::new(handles),
            tasks: Arc::new(Mutex::new(tasks)),
        }
    }

    /// Tells a lane that something new was committed for it.
    pub fn nudge(&self, lane: &str) {
        if let Some(handle) = self.lanes.get(lane) {
            handle.nudge.notify_one();
        }
    }

    /// Watches for the delivery of a message with this key. Ask before committing the message.
    pub fn watch(&self, lane: &str, key: &str) -> Option<Delivered> {
        let watchers = Arc::clone(&self.lanes.get(lane)?.watchers);
        let (fire, fired) = oneshot::channel();
        watchers.lock().entry(key.to_owned()).or_default().push(fire);
        Some(Delivered {
            key: key.to_owned(),
            fired,
            watchers,
        })
    }

    /// Waits until all lanes have ended. Cancel their `stop` first.
    pub async fn stopped(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        for task in tasks {
            let _ = task.await;
        }
    }
}

impl Watchers {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<oneshot::Sender<()>>>> {
        self.by_key.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(crate) fn fire(&self, key: &str) {
        for watcher in self.lock().remove(key).unwrap_or_default() {
            let _ = watcher.send(());
        }
    }
}

impl Delivered {
    /// Waits for the delivery, but no longer than `patience`. True when it was delivered.
    pub async fn within(mut self, patience: std::time::Duration) -> bool {
        matches!(tokio::time::timeout(patience, &mut self.fired).await, Ok(Ok(())))
    }
}

impl Drop for Delivered {
    fn drop(&mut self) {
        self.fired.close();
        let mut watchers = self.watchers.lock();
        if let Some(waiting) = watchers.get_mut(&self.key) {
            waiting.retain(|watcher| !watcher.is_closed());
            if waiting.is_empty() {
                watchers.remove(&self.key);
            }
        }
    }
}
