//! Many calls, one request: what makes a busy system cheap without making a quiet one wait.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::error::PeerError;

/// Items that may wait for the next request. Beyond it callers wait to be let in.
const WAITING_MAX: usize = 2_048;

/// Gathers items into lists. An item is sent at once when nothing is under way; while a request is under way, what
/// arrives gathers into the next one. So a lone payment waits for nobody and a thousand share a request.
#[derive(Clone)]
pub struct Coalescer<I, O> {
    queue: mpsc::Sender<Waiting<I, O>>,
}

struct Waiting<I, O> {
    item: I,
    caller: oneshot::Sender<Result<O, PeerError>>,
}

impl<I, O> Coalescer<I, O>
where
    I: Clone + Send + 'static,
    O: Send + 'static,
{
    /// `call` takes a list of at most `batch_max` items and answers with one output per item, in their order.
    ///
    /// The task behind it ends when the last clone is dropped.
    pub fn start<F, A>(peer: &'static str, batch_max: usize, call: F) -> Self
    where
        F: Fn(Vec<I>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Vec<O>, PeerError>> + Send,
    {
        let (queue, mut arriving) = mpsc::channel::<Waiting<I, O>>(WAITING_MAX);
        let size = metrics::histogram!("sawit_peer_batch_size", "peer" => peer);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while arriving.recv_many(&mut batch, batch_max).await > 0 {
                size.record(batch.len() as f64);
                answer(peer, &call, std::mem::take(&mut batch)).await;
            }
        });
        Self { queue }
    }

    /// As [`Coalescer::start`], for receivers that may be slow: a request that is not answered within `patience` does
    /// not hold up the next one, but no more than `in_flight_max` are under way.
    pub fn start_patient<F, A>(
        peer: &'static str,
        batch_max: usize,
        patience: Duration,
        in_flight_max: usize,
        call: F,
    ) -> Self
    where
        F: Fn(Vec<I>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Vec<O>, PeerError>> + Send,
    {
        let (queue, mut arriving) = mpsc::channel::<Waiting<I, O>>(WAITING_MAX);
        let size = metrics::histogram!("sawit_peer_batch_size", "peer" => peer);
        let (call, room) = (Arc::new(call), Arc::new(Semaphore::new(in_flight_max)));
        tokio::spawn(async move {
            while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
                let mut batch = Vec::new();
                if arriving.recv_many(&mut batch, batch_max).await == 0 {
                    return;
                }
                size.record(batch.len() as f64);
                let call = Arc::clone(&call);
                let request = tokio::spawn(async move {
                    let _permit = permit;
                    answer(peer, call.as_ref(), batch).await;
                });
                // In time or not: the request goes on by itself and answers whoever waits for it.
                let _ = tokio::time::timeout(patience, request).await;
            }
        });
        Self { queue }
    }

    /// Sends an item with whatever else is waiting. The item is sent even when the caller stops waiting.
    pub async fn submit(&self, item: I) -> Result<O, PeerError> {
        let gone = || PeerError::Unavailable {
            peer: "the coalescer",
            cause: None,
        };
        let (caller, answer) = oneshot::channel();
        self.queue.send(Waiting { item, caller }).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

async fn answer<I, O, F, A>(peer: &'static str, call: &F, batch: Vec<Waiting<I, O>>)
where
    I: Clone,
    F: Fn(Vec<I>) -> A,
    A: Future<Output = Result<Vec<O>, PeerError>>,
{
    let items: Vec<I> = batch.iter().map(|waiting| waiting.item.clone()).collect();
    let count = items.len();
    match called(peer, call, items).await {
        Ok(outputs) if outputs.len() == count => {
            for (waiting, output) in batch.into_iter().zip(outputs) {
                let _ = waiting.caller.send(Ok(output));
            }
        }
        // One bad item must not fail its neighbours: each is asked for alone.
        Err(PeerError::Refused { .. } | PeerError::Malformed { .. }) if count > 1 => {
            for Waiting { item, caller } in batch {
                let outcome = called(peer, call, vec![item]).await;
                let outcome = outcome.and_then(|outputs| only(peer, outputs));
                let _ = caller.send(outcome);
            }
        }
        Ok(outputs) => {
            let problem = format!("{} outputs for {count} items", outputs.len());
            fail(batch, &PeerError::Malformed { peer, problem });
        }
        Err(error) => fail(batch, &error),
    }
}

/// A panic in `call` must not end the task that everybody's items go through.
async fn called<I, O, F, A>(peer: &'static str, call: &F, items: Vec<I>) -> Result<Vec<O>, PeerError>
where
    F: Fn(Vec<I>) -> A,
    A: Future<Output = Result<Vec<O>, PeerError>>,
{
    let outcome = AssertUnwindSafe(async { call(items).await }).catch_unwind().await;
    outcome.unwrap_or_else(|_| {
        Err(PeerError::Malformed {
            peer,
            problem: "the call panicked".into(),
        })
    })
}

fn only<O>(peer: &'static str, outputs: Vec<O>) -> Result<O, PeerError> {
    let count = outputs.len();
    match outputs.into_iter().next() {
        Some(output) if count == 1 => Ok(output),
        _ => Err(PeerError::Malformed {
            peer,
            problem: format!("{count} outputs for one item"),
        }),
    }
}

fn fail<I, O>(batch: Vec<Waiting<I, O>>, error: &PeerError) {
    for waiting in batch {
        let _ = waiting.caller.send(Err(error.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn what_arrives_during_a_request_shares_the_next_one() {
        let gate = Arc::new(Semaphore::new(0));
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let coalescer = Coalescer::start("test", 100, {
            let (gate, sizes) = (Arc::clone(&gate), Arc::clone(&sizes));
            move |items: Vec<u32>| {
                let (gate, sizes) = (Arc::clone(&gate), Arc::clone(&sizes));
                async move {
                    sizes.lock().unwrap().push(items.len());
                    gate.acquire().await.unwrap().forget();
                    Ok(items.into_iter().map(|item| item * 2).collect())
                }
            }
        });
        let first = tokio::spawn({
            let coalescer = coalescer.clone();
            async move { coalescer.submit(1).await.unwrap() }
        });
        while sizes.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        let others: Vec<_> = (2..12)
            .map(|item| {
                let coalescer = coalescer.clone();
                tokio::spawn(async move { coalescer.submit(item).await.unwrap() })
            })
            .collect();
        while coalescer.queue.capacity() > WAITING_MAX - 10 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(2);
        assert_eq!(first.await.unwrap(), 2);
        for (other, item) in others.into_iter().zip(2..) {
            assert_eq!(other.await.unwrap(), item * 2);
        }
        assert_eq!(*sizes.lock().unwrap(), [1, 10]);
    }

    #[tokio::test]
    async fn one_bad_item_does_not_fail_its_neighbours() {
        let refused = || PeerError::Refused {
            peer: "test",
            code: "X".into(),
            message: "no".into(),
        };
        let call = move |items: Vec<u32>| async move { if items.contains(&2) { Err(refused()) } else { Ok(items) } };
        let (waiting, answers): (Vec<_>, Vec<_>) = [1, 2, 3]
            .map(|item| {
                let (caller, answer) = oneshot::channel();
                (Waiting { item, caller }, answer)
            })
            .into_iter()
            .unzip();
        answer("test", &call, waiting).await;
        let mut outcomes = Vec::new();
        for answer in answers {
            outcomes.push(answer.await.unwrap().is_ok());
        }
        assert_eq!(outcomes, [true, false, true]);
    }

    #[tokio::test]
    async fn a_slow_request_holds_up_no_other_beyond_its_patience() {
        let started = Arc::new(Mutex::new(Vec::new()));
        let coalescer = Coalescer::start_patient("test", 1, Duration::from_millis(1), 2, {
            let started = Arc::clone(&started);
            move |items: Vec<u32>| {
                started.lock().unwrap().extend(items.iter().copied());
                async move {
                    match items[0] {
                        0..2 => std::future::pending().await,
                        _ => Ok(items),
                    }
                }
            }
        });
        let submit = |item| {
            let coalescer = coalescer.clone();
            tokio::spawn(async move { coalescer.submit(item).await })
        };
        let _stuck = submit(0);
        while started.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            submit(7).await.unwrap().unwrap(),
            7,
            "one request is stuck, there is room for another"
        );
        let _stuck_too = submit(1);
        while started.lock().unwrap().len() < 3 {
            tokio::task::yield_now().await;
        }
        let waits = submit(8);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!waits.is_finished(), "two are under way, and two is the most");
    }
}
