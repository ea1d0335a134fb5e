//! Which transactions this process is working on, and who waits for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ids::TransactionId;
use tokio::sync::watch;

/// The transactions under way in this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct InFlight {
    running: Arc<Mutex<HashMap<TransactionId, watch::Receiver<()>>>>,
}

/// Held while a transaction is worked on. Dropping it (also by a panic) wakes whoever waits.
pub struct Working {
    transaction_id: TransactionId,
    in_flight: InFlight,
    _ends: watch::Sender<()>,
}

impl InFlight {
    /// Begins work on a transaction; `None` when somebody else is at it.
    pub fn begin(&self, transaction_id: TransactionId) -> Option<Working> {
        let mut running = self.lock();
        if running.contains_key(&transaction_id) {
            return None;
        }
        let (ends, end) = watch::channel(());
        running.insert(transaction_id, end);
        Some(Working {
            transaction_id,
            in_flight: self.clone(),
            _ends: ends,
        })
    }

    /// Whether a transaction is worked on.
    pub fn contains(&self, transaction_id: TransactionId) -> bool {
        self.lock().contains_key(&transaction_id)
    }

    /// How many are worked on.
    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until nobody works on a transaction any more.
    pub async fn ended(&self, transaction_id: TransactionId) {
        let end = self.lock().get(&transaction_id).cloned();
        if let Some(mut end) = end {
            // The sender never sends: the error that it is gone is what we wait for.
            while end.changed().await.is_ok() {}
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TransactionId, watch::Receiver<()>>> {
        self.running.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.in_flight.lock().remove(&self.transaction_id);
    }
}
