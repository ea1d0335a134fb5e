//! Signs how far the trail has come.

use std::time::Duration;

use service::{ApiError, ErrorCode, Timestamp};
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::domain::checkpoint::Checkpoint;
use crate::domain::{checkpoint, merkle};
use crate::keys::Signer;
use crate::store::checkpoints::{self, StoredCheckpoint};
use crate::store::tree;

/// A checkpoint at least every so many entries.
pub(super) const ENTRIES_BETWEEN: i64 = 1_000;
/// And this often when there is something new.
const TIME_BETWEEN: Duration = Duration::from_secs(60);

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The database does not take or give it.
    #[error("the history database")]
    Store(#[from] StoreError),
    /// What was signed before is not what stands in the file now. Signing that would make it look right.
    #[error("the tree of the first {size} entries is not the one that was signed for")]
    Contradiction {
        /// The size that was signed for.
        size: u64,
    },
}

impl From<CheckpointError> for ApiError {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::Store(error) => error.into(),
            CheckpointError::Contradiction { size } => {
                tracing::error!(size, "no checkpoint is signed: {error}; see `sawit audit verify`");
                Self::new(ErrorCode::Internal, "something went wrong on our side")
            }
        }
    }
}

impl App {
    /// The first checkpoint that covers a leaf; signed now if there is none yet.
    pub(super) async fn checkpoint_covering(&self, leaf: u64) -> Result<StoredCheckpoint, CheckpointError> {
        let found = self
            .database
            .read(move |snapshot| checkpoints::covering(snapshot, leaf))
            .await?;
        match found {
            Some(found) => Ok(found),
            None => self.sign_checkpoint(leaf).await?.ok_or(StoreError::NoRow.into()),
        }
    }

    /// Signs the tree as it is now, if it has something that no checkpoint covers.
    pub async fn checkpoint_what_is_new(&self) -> Result<(), CheckpointError> {
        let size = self.database.read(tree::size).await?;
        if size > 0 {
            self.sign_checkpoint(size - 1).await?;
        }
        Ok(())
    }

    async fn sign_checkpoint(&self, leaf: u64) -> Result<Option<StoredCheckpoint>, CheckpointError> {
        let (signer, now) = (self.signer.clone(), self.clock.now());
        self.database
            .write(move |tx| sign_covering(tx, &signer, leaf, now))
            .await
    }

    /// Signs whatever is new, in time, until `shutdown`.
    pub async fn keep_checkpoints(self, shutdown: CancellationToken) {
        let mut minute = tokio::time::interval(TIME_BETWEEN);
        minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = minute.tick() => {}
                () = self.many_are_new.notified() => {}
            }
            if let Err(error) = self.checkpoint_what_is_new().await {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "no checkpoint could be signed"
                );
            }
        }
    }
}

/// In one commit, so that callers that come together get one checkpoint.
fn sign_covering(
    tx: &mut Tx<'_>,
    signer: &Signer,
    leaf: u64,
    now: Timestamp,
) -> Result<Option<StoredCheckpoint>, CheckpointError> {
    if let Some(found) = checkpoints::covering(tx, leaf)? {
        return Ok(Some(found));
    }
    let size = tree::size(tx)?;
    if size <= leaf {
        return Ok(None);
    }
    let root_of = |size| merkle::root(size, |node| tree::node(tx, node));
    if let Some(before) = checkpoints::latest(tx)? {
        let signed = checkpoint::read(&before.note);
        if signed.is_none_or(|signed| signed.size != before.size)
            || signed.map(|signed| signed.root) != Some(root_of(before.size)?)
        {
            return Err(CheckpointError::Contradiction { size: before.size });
        }
    }
    let signed = Checkpoint {
        size,
        root: root_of(size)?,
        time: now,
    };
    let new = StoredCheckpoint {
        size,
        created_at: now,
        note: signer.sign(&signed),
    };
    checkpoints::insert(tx, &new)?;
    Ok(Some(new))
}
