//! Group commit: one thread writes, many wait for one sync.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::error::StoreError;
use crate::sqlite::Session;
use crate::tx::Tx;

/// Closures that may wait. Beyond it callers wait to be let in, so memory stays bounded.
const WAITING_MAX: usize = 1_024;
/// Closures in one commit. More would make the first wait long for the last.
const GROUP_MAX: usize = 256;

/// The writer thread's front: a queue.
pub(crate) struct Writer {
    queue: Mutex<Option<mpsc::Sender<Box<dyn Job>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A closure with its caller. Erases its types so that a queue can hold all kinds.
trait Job: Send {
    /// Runs the closure and keeps its result; `false` means its changes must be undone.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Answers the caller: with the result kept, or with the commit's failure.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

struct Task<T, E, F> {
    work: F,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> Job for Task<T, E, F>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        // The closure reaches nothing but `tx`, whose changes are rolled back: no broken state survives the panic.
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        let result = result.unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let result = match (self.result, commit) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        // A caller that stopped waiting does not mind.
        let _ = self.caller.send(result);
    }
}

impl Writer {
    pub(crate) fn start(name: &str, connection: Connection) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(WAITING_MAX);
        let label = name.to_owned();
        let thread = std::thread::Builder::new()
            .name(format!("{name}-write"))
            .spawn(move || write_until_closed(&label, connection, waiting))
            .map_err(|source| StoreError::File {
                path: name.to_owned(),
                source,
            })?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
        })
    }

    pub(crate) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
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
        let job: Box<dyn Job> = Box::new(Task {
            work,
            result: None,
            caller,
        });
        if queue.send(job).await.is_err() {
            return Err(StoreError::Closed.into());
        }
        answer.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    /// Takes no more work.
    pub(crate) fn refuse(&self) {
        self.queue
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .take();
    }

    /// Waits until what was taken is committed and the log is written back.
    pub(crate) async fn ended(&self) {
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .take();
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn write_until_closed(name: &str, connection: Connection, mut waiting: mpsc::Receiver<Box<dyn Job>>) {
    let session = Session::new(connection);
    let size = metrics::histogram!("sawit_store_group_size", "database" => name.to_owned());
    let commits = metrics::counter!("sawit_store_commits_total", "database" => name.to_owned());
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        size.record(group.len() as f64);
        commits.increment(1);
        commit_group(&session, std::mem::take(&mut group));
    }
    if let Err(error) = session.connection().execute_batch("PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(database = name, %error, "the write-ahead log could not be written back; the next start does it");
    }
}

fn commit_group(session: &Session, mut group: Vec<Box<dyn Job>>) {
    match run_group(session, &mut group) {
        Ok(()) => group.into_iter().for_each(|job| job.answer(Ok(()))),
        Err(error) if group.len() == 1 => {
            if let Some(job) = group.pop() {
                job.answer(Err(error));
            }
        }
        // What one of them did cost the whole group its transaction (a full disk does that): each gets its own.
        Err(error) => {
            tracing::warn!(%error, size = group.len(), "a group commit failed; its members are tried one by one");
            group.into_iter().for_each(|job| commit_group(session, vec![job]));
        }
    }
}

/// Runs all jobs in one transaction. After an error nothing of them is in the database.
fn run_group(session: &Session, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let outcome = run_bare(session, group).and_then(|are_kept| match (are_kept, group.len()) {
        (true, _) => session.execute("COMMIT", &[]).map(drop),
        // There is nothing beside it that would have to be kept.
        (false, 1) => roll_back(session),
        (false, _) => run_apart(session, group).and_then(|()| session.execute("COMMIT", &[]).map(drop)),
    });
    if outcome.is_err()
        && let Err(error) = roll_back(session)
    {
        tracing::error!(%error, "a transaction could not be rolled back; the next group tries again");
    }
    outcome
}

/// Begins a transaction. One may be open when an earlier rollback failed; what is in it was never answered with success.
fn begin(session: &Session) -> Result<(), StoreError> {
    roll_back(session)?;
    session.execute("BEGIN IMMEDIATE", &[]).map(drop)
}

fn roll_back(session: &Session) -> Result<(), StoreError> {
    if !session.connection().is_autocommit() {
        session.execute("ROLLBACK", &[])?;
    }
    Ok(())
}

/// Runs the jobs as if none could fail, because few do: within a savepoint the engine would copy each page before the job
/// that first writes to it. `false` when one of them must be undone, and with it all that was done beside it.
fn run_bare(session: &Session, group: &mut [Box<dyn Job>]) -> Result<bool, StoreError> {
    begin(session)?;
    for job in group {
        if !run_one(session, job)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs the jobs anew, each in a savepoint of its own, so that one that fails is undone alone.
fn run_apart(session: &Session, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    begin(session)?;
    for job in group {
        session.execute("SAVEPOINT job", &[])?;
        if !run_one(session, job)? {
            session.execute("ROLLBACK TO job", &[])?;
        }
        session.execute("RELEASE job", &[])?;
    }
    Ok(())
}

/// `false` when what the job did must be undone.
fn run_one(session: &Session, job: &mut Box<dyn Job>) -> Result<bool, StoreError> {
    let keep = job.run(&mut Tx::new(session));
    if session.connection().is_autocommit() {
        // The engine gave up the whole transaction while the job ran.
        return Err(StoreError::DiskFull);
    }
    Ok(keep)
}
