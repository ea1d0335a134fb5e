//! What rests in a table until it is taken up again: transactions' sagas, operations on payments.

use std::fmt;
use std::hash::Hash;

use service::Timestamp;
use store::{Snapshot, StoreError, Tx};

/// When something unfinished is taken up.
#[derive(Clone, Copy, Debug)]
pub struct Rest {
    /// How often it was taken up again.
    pub attempts: u32,
    /// Not before then.
    pub next_attempt_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
}

/// A row of something that is not finished.
pub trait Unfinished: Clone + Send + Sync + Sized + 'static {
    /// What it is known by.
    type Id: Copy + Eq + Hash + fmt::Display + Send + Sync + 'static;
    /// What it is, for the log.
    const WHAT: &'static str;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// When it is taken up.
    fn rest(&self) -> Rest;

    /// When it is given up, where that is not the usual time after its beginning.
    fn given_up_at(&self) -> Option<Timestamp> {
        None
    }

    /// Those that are due, the longest waiting first. One that cannot be read must not hide the others.
    fn due(snapshot: &Snapshot<'_>, now: Timestamp, limit: i64) -> Result<Vec<Result<Self, StoreError>>, StoreError>;

    /// Notes that one could not go on, and when to try again.
    fn postpone(tx: &mut Tx<'_>, id: Self::Id, next_attempt_at: Timestamp, error: &str) -> Result<(), StoreError>;

    /// Makes all of them due: at start nobody else can be running one.
    fn make_all_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64, StoreError>;
}
