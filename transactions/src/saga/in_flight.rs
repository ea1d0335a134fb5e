//! What this process is working on, and who waits for it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

type Running<K> = HashMap<K, watch::Receiver<()>>;

/// The things under way in this process, by their ids. Cheap to clone.
pub struct InFlight<K: Copy + Eq + Hash> {
    running: Arc<Mutex<Running<K>>>,
}

/// Held while something is worked on. Dropping it (also by a panic) wakes whoever waits.
pub struct Working<K: Copy + Eq + Hash> {
    key: K,
    in_flight: InFlight<K>,
    _ends: watch::Sender<()>,
}

impl<K: Copy + Eq + Hash> Default for InFlight<K> {
    fn default() -> Self {
        Self {
            running: Arc::default(),
        }
    }
}

impl<K: Copy + Eq + Hash> Clone for InFlight<K> {
    fn clone(&self) -> Self {
        Self {
            running: Arc::clone(&self.running),
        }
    }
}

impl<K: Copy + Eq + Hash> InFlight<K> {
    /// Begins work on something; `None` when somebody else is at it.
    pub fn begin(&self, key: K) -> Option<Working<K>> {
        let mut running = self.lock();
        if running.contains_key(&key) {
            return None;
        }
        let (ends, end) = watch::channel(());
        running.insert(key, end);
        Some(Working {
            key,
            in_flight: self.clone(),
            _ends: ends,
        })
    }

    /// Whether something is worked on.
    pub fn contains(&self, key: K) -> bool {
        self.lock().contains_key(&key)
    }

    /// How many are worked on.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until nobody works on something any more.
    pub async fn ended(&self, key: K) {
        let end = self.lock().get(&key).cloned();
        if let Some(mut end) = end {
            // The sender never sends: the error that it is gone is what we wait for.
            while end.changed().await.is_ok() {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Running<K>> {
        self.running.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl<K: Copy + Eq + Hash> Drop for Working<K> {
    fn drop(&mut self) {
        self.in_flight.lock().remove(&self.key);
    }
}
