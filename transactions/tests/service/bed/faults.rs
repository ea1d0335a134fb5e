//! What goes wrong, and where: shared by all fakes of a bed, by the name of the operation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

/// How an operation goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Status 503.
    Unavailable,
    /// Status 200 and something that is no GraphQL.
    Rubbish,
    /// A GraphQL error with this code.
    Refused(&'static str),
    /// No answer, ever.
    Silence,
    /// Exactly this status and body.
    Raw(u16, String),
    /// A redirect to this address.
    Redirect(String),
    /// The connection breaks within the body.
    BrokenOff,
}

/// On which side of the operation's effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The effect does not happen.
    Before,
    /// It has happened, but the answer is lost.
    After,
}

/// All faults and gates of a bed. Clones are the same.
#[derive(Clone, Default)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    planned: HashMap<(&'static str, Side), (Fault, usize)>,
    gates: HashMap<(&'static str, Side), Gate>,
    calls: HashMap<&'static str, usize>,
}

#[derive(Clone)]
struct Gate {
    open: watch::Receiver<bool>,
    arrived: Arc<watch::Sender<usize>>,
}

/// Requests stop here until it is dropped.
pub struct Held {
    open: watch::Sender<bool>,
    arrived: watch::Receiver<usize>,
}

impl Held {
    /// Waits until this many requests have come here.
    pub async fn arrived(&mut self, count: usize) {
        self.arrived.wait_for(|arrived| *arrived >= count).await.unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.open.send(true);
    }
}

impl Faults {
    /// The next `times` calls of the operation go wrong.
    pub fn plan(&self, operation: &'static str, side: Side, fault: Fault, times: usize) {
        self.lock().planned.insert((operation, side), (fault, times));
    }

    /// Every call of the operation goes wrong, until [`Faults::heal`].
    pub fn break_down(&self, operation: &'static str, fault: Fault) {
        self.plan(operation, Side::Before, fault, usize::MAX);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.lock().planned.clear();
    }

    /// Calls of the operation stop on this side of its effect.
    pub fn hold(&self, operation: &'static str, side: Side) -> Held {
        let (open, opens) = watch::channel(false);
        let (arrives, arrived) = watch::channel(0);
        let gate = Gate {
            open: opens,
            arrived: Arc::new(arrives),
        };
        self.lock().gates.insert((operation, side), gate);
        Held { open, arrived }
    }

    /// How often the operation was called.
    pub fn calls(&self, operation: &str) -> usize {
        self.lock().calls.get(operation).copied().unwrap_or_default()
    }

    pub(super) fn count(&self, operation: &'static str) {
        *self.lock().calls.entry(operation).or_default() += 1;
    }

    pub(super) async fn pass(&self, operation: &'static str, side: Side) -> Option<Fault> {
        let gate = self.lock().gates.get(&(operation, side)).cloned();
        if let Some(mut gate) = gate {
            gate.arrived.send_modify(|arrived| *arrived += 1);
            let _ = gate.open.wait_for(|open| *open).await;
        }
        let mut inner = self.lock();
        let (fault, left) = inner.planned.get_mut(&(operation, side))?;
        if *left == 0 {
            return None;
        }
        *left -= 1;
        Some(fault.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
