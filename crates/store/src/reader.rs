//! Reads: a few threads, each with a connection that cannot write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};

use crate::error::StoreError;
use crate::sqlite::{self, Session};
use crate::tx::Snapshot;

const WAITING_MAX: usize = 1_024;

type Job = Box<dyn FnOnce(&Session) + Send>;

pub(crate) struct Readers {
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    pub(crate) fn start(name: &str, database: &Path, count: usize) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel::<Job>(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::with_capacity(count);
        for number in 0..count.max(1) {
            let session = Session::new(sqlite::open_reader(database)?);
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new()
                .name(format!("{name}-read-{number}"))
                .spawn(move || read_until_closed(&session, &waiting))
                .map_err(|source| StoreError::File {
                    path: name.to_owned(),
                    source,
                })?;
            threads.push(thread);
        }
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            threads: Mutex::new(threads),
        })
    }

    pub(crate) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Snapshot<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let queue = self
            .queue
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone();
        let Some(queue) = queue else {
            return Err(StoreError::Closed.into());
        };
        let (caller, answer) = oneshot::channel();
        let job: Job = Box::new(move |session| {
            let _ = caller.send(read_snapshot(session, work));
        });
        if queue.send(job).await.is_err() {
            return Err(StoreError::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }

    /// Takes no more work.
    pub(crate) fn refuse(&self) {
        self.queue
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .take();
    }

    /// Waits until what was taken is done and the connections are closed.
    pub(crate) async fn ended(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let joined = move || threads.into_iter().for_each(|thread| drop(thread.join()));
        let _ = tokio::task::spawn_blocking(joined).await;
    }
}

fn read_until_closed(session: &Session, waiting: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = waiting
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .blocking_recv();
        let Some(job) = job else { return };
        // A panicking closure drops its caller's channel, which answers `Panicked`; the thread lives on.
        let _ = catch_unwind(AssertUnwindSafe(|| job(session)));
        if !session.connection().is_autocommit() {
            let _ = session.execute("ROLLBACK", &[]);
        }
    }
}

/// One transaction around the closure, so that several statements see the same state.
fn read_snapshot<T, E, F>(session: &Session, work: F) -> Result<T, E>
where
    F: FnOnce(&Snapshot<'_>) -> Result<T, E>,
    E: From<StoreError>,
{
    session.execute("BEGIN", &[])?;
    let result = work(&Snapshot::new(session));
    session.execute("COMMIT", &[])?;
    result
}
