//! Proofs: that an entry is in the history, and that a larger history begins with a smaller one.

use ids::HistoryId;
use service::page::page_size;
use service::{ApiError, ErrorCode};
use store::{Snapshot, StoreError};

use super::App;
use crate::domain::checkpoint::VerifierKey;
use crate::domain::merkle::{self, Hash};
use crate::domain::receipt::Proof;
use crate::domain::{Entry, bytes};
use crate::store::checkpoints::{self, StoredCheckpoint};
use crate::store::{entries, tree};

/// Whose entries a caller may see.
#[derive(Clone, Debug)]
pub enum Sees {
    /// Their own.
    Own(String),
    /// Staff, who has this id: everybody's, and of one transaction rather their own.
    All(String),
}

impl Sees {
    fn allows(&self, entry: &Entry) -> bool {
        match self {
            Self::Own(user_id) => *user_id == entry.user_id,
            Self::All(_) => true,
        }
    }

    fn is_own(&self, entry: &Entry) -> bool {
        let (Self::Own(user_id) | Self::All(user_id)) = self;
        *user_id == entry.user_id
    }
}

/// The proof that the history of `to` entries begins with that of `from`.
#[derive(Clone, Debug)]
pub struct Consistency {
    /// The smaller history.
    pub from: i64,
    /// The larger one.
    pub to: i64,
    /// The proof, lowest first.
    pub path: Vec<Hash>,
}

impl App {
    /// The proof for one entry, in the first checkpoint that covers it.
    pub async fn prove_entry(&self, history_id: &str, sees: Sees) -> Result<Proof, ApiError> {
        // Somebody else's entry is answered like none at all.
        let missing = || ApiError::not_found("history record");
        let history_id = HistoryId::parse(history_id).map_err(|_| missing())?;
        let found = self
            .database
            .read(move |snapshot| entries::find(snapshot, history_id.as_str()))
            .await?;
        let (sequence, entry) = found.filter(|(_, entry)| sees.allows(entry)).ok_or_else(missing)?;
        self.prove(sequence, &entry).await
    }

    /// The receipt of a transaction: the proof for the caller's last entry of it. For staff it is anybody's last.
    pub async fn receipt(&self, transaction_id: String, sees: Sees) -> Result<String, ApiError> {
        let proof = self.prove_transaction(transaction_id, sees).await?;
        proof.to_receipt().ok_or_else(broken)
    }

    /// The same receipt as a code. `None` when it is too long for one.
    pub async fn receipt_code(&self, transaction_id: String, sees: Sees) -> Result<Option<String>, ApiError> {
        let proof = self.prove_transaction(transaction_id, sees).await?;
        Ok(proof.to_code())
    }

    async fn prove_transaction(&self, transaction_id: String, sees: Sees) -> Result<Proof, ApiError> {
        let found = self
            .database
            .read(move |snapshot| entries::of_transaction(snapshot, &transaction_id))
            .await?;
        let mut seen = found.into_iter().filter(|(_, entry)| sees.allows(entry));
        // What succeeded says more than an attempt before or a hold that ended after it.
        let by_worth = |(sequence, entry): &(i64, Entry)| (sees.is_own(entry), entry.status == "SUCCESS", *sequence);
        let first = seen.next();
        let (sequence, entry) = first
            .into_iter()
            .chain(seen)
            .max_by_key(by_worth)
            .ok_or_else(|| ApiError::not_found("transaction"))?;
        self.prove(sequence, &entry).await
    }

    async fn prove(&self, sequence: i64, entry: &Entry) -> Result<Proof, ApiError> {
        let leaf = tree::number(sequence - 1);
        let StoredCheckpoint { size, note, .. } = self.checkpoint_covering(leaf).await?;
        let path = self
            .database
            .read(move |snapshot| merkle::inclusion_path(leaf, size, |node| tree::node(snapshot, node)))
            .await?;
        let mut canonical = Vec::with_capacity(512);
        bytes::write(sequence, &entry.as_raw(), &mut canonical);
        let proof = Proof {
            entry: canonical,
            leaf,
            size,
            path,
            note,
        };
        // What does not convince us convinces nobody. A key that was replaced signed the older ones.
        let root = crate::domain::checkpoint::read(&proof.note).map(|checkpoint| checkpoint.root);
        let hash = merkle::leaf_hash(&proof.entry);
        if root.is_some_and(|root| merkle::verify_inclusion(hash, leaf, size, &proof.path, &root)) {
            return Ok(proof);
        }
        tracing::error!(sequence, "this entry or the tree was changed; see `sawit audit verify`");
        Err(broken())
    }

    /// The proof that nothing was changed between two sizes of the history.
    pub async fn consistency(&self, from: i64, to: i64) -> Result<Consistency, ApiError> {
        self.database
            .read(move |snapshot| {
                let size = tree::size(snapshot)?;
                if from < 1 || from > to || tree::number(to) > size {
                    return Err(ApiError::bad_input(format!(
                        "1 ≤ `fromSize` ≤ `toSize` ≤ {size} is expected"
                    )));
                }
                let path = path_between(snapshot, from, to)?;
                Ok(Consistency { from, to, path })
            })
            .await
    }

    /// Checkpoints, newest first, those of fewer entries than `after`.
    pub async fn list_checkpoints(
        &self,
        first: Option<i32>,
        after: Option<i64>,
    ) -> Result<Vec<StoredCheckpoint>, ApiError> {
        let limit = page_size(first)?;
        let below = after.unwrap_or(i64::MAX);
        let read = self
            .database
            .read(move |snapshot| checkpoints::list(snapshot, below, limit));
        Ok(read.await?)
    }

    /// The newest checkpoint, if there is one.
    pub async fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, ApiError> {
        Ok(self.database.read(checkpoints::latest).await?)
    }

    /// The key that signs now.
    pub fn public_key(&self) -> &VerifierKey {
        self.signer.public()
    }

    /// All keys that have ever signed, newest first, as far as they are kept.
    pub fn public_keys(&self) -> &[VerifierKey] {
        &self.published
    }
}

fn path_between(snapshot: &Snapshot<'_>, from: i64, to: i64) -> Result<Vec<Hash>, StoreError> {
    merkle::consistency_path(tree::number(from), tree::number(to), |node| tree::node(snapshot, node))
}

fn broken() -> ApiError {
    ApiError::new(ErrorCode::Internal, "something went wrong on our side")
}
