//! Which transactions and operations this process is working on, and who waits for them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

/// What is under way in this process, by its id. Cheap to clone.
#[derive(Clone)]
pub struct InFlight<K: Copy + Eq + Hash> {
    running: Arc<Mutex<HashMap<K, watch::Receiver<()>>>>,
}

impl<K: Copy + Eq + Hash> Default for InFlight<K> {
    fn default() -> Self {
        Self {
            running: Arc::default(),
        }
    }
}

/// Held while something is worked on. Dropping it (also by a panic) wakes whoever waits.
pub struct Working<K: Copy + Eq + Hash> {
    id: K,
    in_flight: InFlight<K>,
    _ends: watch::Sender<()>,
}

impl<K: Copy + Eq + Hash> InFlight<K> {
    /// Begins work; `None` when somebody else is at it.
    pub fn begin(&self, id: K) -> Option<Working<K>> {
        let mut running = self.lock();
        if running.contains_key(&id) {
            return None;
        }
        let (ends, end) = watch::channel(());
        running.insert(id, end);
        Some(Working {
            id,
            in_flight: self.clone(),
            _ends: ends,
        })
    }

    /// Whether something is worked on.
    pub fn contains(&self, id: K) -> bool {
        self.lock().contains_key(&id)
    }

    /// How many are worked on.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until nobody works on it any more.
    pub async fn ended(&self, id: K) {
        let end = self.lock().get(&id).cloned();
        if let Some(mut end) = end {
            // The sender never sends: the error that it is gone is what we wait for.
            while end.changed().await.is_ok() {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, watch::Receiver<()>>> {
        self.running.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl<K: Copy + Eq + Hash> Drop for Working<K> {
    fn drop(&mut self) {
        self.in_flight.lock().remove(&self.id);
    }
}
