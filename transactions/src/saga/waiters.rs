//! Who waits for a session to change, in this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ids::{MerchantId, PaymentSessionId};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Each waiter holds a request; payments must find room beside them.
const WAITING_MAX: usize = 1_000;
/// One merchant that waits for all its orders must leave room to others.
const WAITING_OF_MERCHANT_MAX: usize = 250;

/// Who waits. Cheap to clone; clones see the same waiters.
#[derive(Clone)]
pub struct Waiters {
    waiting: Arc<Mutex<Waiting>>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Waiting {
    count: usize,
    of_merchant: HashMap<MerchantId, usize>,
    /// How many wait for a session, and what wakes them.
    of_session: HashMap<PaymentSessionId, (usize, watch::Sender<()>)>,
}

/// Somebody who waits for a session to change. Dropped, it makes room.
pub struct Waiter {
    session_id: PaymentSessionId,
    merchant_id: MerchantId,
    changes: watch::Receiver<()>,
    waiters: Waiters,
}

impl Waiters {
    /// Nobody waits yet; nobody does any more after `stop`.
    pub fn new(stop: CancellationToken) -> Self {
        Self {
            waiting: Arc::default(),
            stop,
        }
    }

    /// Waits for the changes of a session from now on; `None` while too many wait.
    pub fn wait_for(&self, session_id: PaymentSessionId, merchant_id: MerchantId) -> Option<Waiter> {
        let mut waiting = self.lock();
        let of_merchant = waiting.of_merchant.get(&merchant_id).copied().unwrap_or(0);
        if waiting.count >= WAITING_MAX || of_merchant >= WAITING_OF_MERCHANT_MAX {
            return None;
        }
        waiting.count += 1;
        waiting.of_merchant.insert(merchant_id, of_merchant + 1);
        let (count, sender) = waiting
            .of_session
            .entry(session_id)
            .or_insert_with(|| (0, watch::channel(()).0));
        *count += 1;
        Some(Waiter {
            session_id,
            merchant_id,
            changes: sender.subscribe(),
            waiters: self.clone(),
        })
    }

    /// Wakes whoever waits for a session. Call it after the commit that changed it.
    pub fn changed(&self, session_id: PaymentSessionId) {
        if let Some((_, sender)) = self.lock().of_session.get(&session_id) {
            sender.send_replace(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Waits for the next change; `false` when there is none in time, or when the service stops.
    pub async fn changed_until(&mut self, until: Instant) -> bool {
        tokio::select! {
            changed = self.changes.changed() => changed.is_ok(),
            () = tokio::time::sleep_until(until) => false,
            () = self.waiters.stop.cancelled() => false,
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiters.lock();
        waiting.count = waiting.count.saturating_sub(1);
        if let Some(count) = waiting.of_merchant.get_mut(&self.merchant_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                waiting.of_merchant.remove(&self.merchant_id);
            }
        }
        if let Some((count, _)) = waiting.of_session.get_mut(&self.session_id) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                waiting.of_session.remove(&self.session_id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(20)
    }

    #[tokio::test]
    async fn a_change_wakes_those_who_wait_for_it_and_nobody_else() {
        let waiters = Waiters::new(CancellationToken::new());
        let (one, other) = (PaymentSessionId::generate(), PaymentSessionId::generate());
        let merchant_id = MerchantId::generate();
        let mut waiting = waiters.wait_for(one, merchant_id).unwrap();
        let mut elsewhere = waiters.wait_for(other, merchant_id).unwrap();
        waiters.changed(one);
        assert!(waiting.changed_until(soon()).await, "also when it came before the wait");
        assert!(!waiting.changed_until(soon()).await, "and once");
        assert!(!elsewhere.changed_until(soon()).await);
        drop((waiting, elsewhere));
        let left = waiters.lock();
        assert_eq!((left.count, left.of_session.len(), left.of_merchant.len()), (0, 0, 0));
    }

    #[tokio::test]
    async fn there_is_room_for_so_many_and_for_others() {
        let stop = CancellationToken::new();
        let waiters = Waiters::new(stop.clone());
        let session_id = PaymentSessionId::generate();
        let greedy = MerchantId::generate();
        let mut held: Vec<Waiter> = (0..WAITING_OF_MERCHANT_MAX)
            .map(|_| waiters.wait_for(session_id, greedy).unwrap())
            .collect();
        assert!(waiters.wait_for(session_id, greedy).is_none());
        held.pop();
        assert!(waiters.wait_for(session_id, greedy).is_some());
        while held.len() < WAITING_MAX {
            held.push(waiters.wait_for(session_id, MerchantId::generate()).unwrap());
        }
        assert!(waiters.wait_for(session_id, MerchantId::generate()).is_none());
        stop.cancel();
        let far = Instant::now() + Duration::from_secs(3_600);
        assert!(
            !held[0].changed_until(far).await,
            "whoever waits is let go when the service stops"
        );
    }
}
