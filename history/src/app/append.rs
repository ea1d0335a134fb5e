//! Adds entries to the trail, each key once.

use ids::HistoryId;
use service::ApiError;
use store::{StoreError, Tx};

use super::App;
use super::checkpoint::ENTRIES_BETWEEN;
use crate::domain::chain::Head;
use crate::domain::{Entry, EntryInput, InputError, merkle};
use crate::store::tree::{self, Growth};
use crate::store::{entries, head};

/// Entries in one call.
const ENTRIES_MAX: usize = 512;

/// What became of one entry.
#[derive(Clone, Debug)]
pub enum Appended {
    /// It is in the trail now, under this id.
    New(String),
    /// The key has an entry, which stays.
    Known {
        /// That entry.
        first: Box<Entry>,
        /// Whether it says what was told now.
        same: bool,
    },
}

impl App {
    /// Adds all of these in one commit and in their order; answers their ids. A key that has an entry keeps it.
    pub async fn append(&self, inputs: Vec<EntryInput>) -> Result<Vec<String>, ApiError> {
        if inputs.len() > ENTRIES_MAX {
            return Err(ApiError::bad_input(format!(
                "at most {ENTRIES_MAX} entries in one call"
            )));
        }
        if inputs.is_empty() {
            return Ok(Vec::new());
        }
        let entries = inputs
            .into_iter()
            .map(|input| self.entry(input))
            .collect::<Result<Vec<Entry>, InputError>>()?;
        let appended = self.append_entries(entries).await?;
        Ok(appended
            .into_iter()
            .map(|appended| match appended {
                Appended::New(history_id) => history_id,
                Appended::Known { first, same } => {
                    if !same {
                        tracing::warn!(
                            first.entry_key,
                            first.history_id,
                            "told again with other content; the first entry stays"
                        );
                    }
                    first.history_id
                }
            })
            .collect())
    }

    /// Checks an input and names the entry it becomes.
    pub(super) fn entry(&self, input: EntryInput) -> Result<Entry, InputError> {
        input.into_entry(HistoryId::generate().to_string(), self.clock.now().micros())
    }

    pub(super) async fn append_entries(&self, entries: Vec<Entry>) -> Result<Vec<Appended>, StoreError> {
        let (appended, end) = self.database.write(move |tx| append_all(tx, &entries)).await?;
        let new = appended
            .iter()
            .filter(|appended| matches!(appended, Appended::New(_)))
            .count();
        metrics::counter!("sawit_history_entries_total").increment(new as u64);
        let before = end.sequence - new as i64;
        if before / ENTRIES_BETWEEN < end.sequence / ENTRIES_BETWEEN {
            self.many_are_new.notify_one();
        }
        Ok(appended)
    }
}

/// Two statements per entry, its row and its leaf, and the end of the chain read and moved once.
fn append_all(tx: &mut Tx<'_>, new: &[Entry]) -> Result<(Vec<Appended>, Head), StoreError> {
    let start = head::read(tx)?;
    let mut end = start;
    let size = tree::size(tx)?;
    // A tree that lacks entries that the chain has goes without these, too: the next start brings them in, in order.
    let mut growth = (tree::integer(size) == start.sequence).then(|| Growth::from_size(size));
    let mut buffer = Vec::with_capacity(512);
    let mut appended = Vec::with_capacity(new.len());
    for entry in new {
        let next = end.extend(entry, &mut buffer);
        if entries::insert(tx, entry, &next)? {
            end = next;
            if let Some(growth) = &mut growth {
                growth.add(tx, merkle::leaf_hash(&buffer))?;
            }
            appended.push(Appended::New(entry.history_id.clone()));
            continue;
        }
        let known = entries::find_by_key(tx, &entry.entry_key)?.ok_or(StoreError::NoRow)?;
        appended.push(Appended::Known {
            same: known.says_the_same(entry),
            first: Box::new(known),
        });
    }
    if end != start {
        head::advance(tx, &start, &end)?;
    }
    Ok((appended, end))
}

#[cfg(test)]
mod tests {
    use money::MinorUnits;
    use service::{Clock, Timestamp};
    use store::{Database, Options};

    use super::*;

    fn input(key: &str) -> EntryInput {
        EntryInput {
            entry_key: key.to_owned(),
            transaction_id: "trx_1".into(),
            user_id: "usr_1".into(),
            amount: MinorUnits(5),
            currency: "IDR".into(),
            kind: "PAYMENT".into(),
            status: "SUCCESS".into(),
            va_number: None,
            direction: "OUT".into(),
            wallet_id: None,
            counterparty: None,
            failure_code: None,
            occurred_at: 5,
        }
    }

    #[tokio::test]
    async fn a_closure_that_fails_within_a_group_leaves_no_gap() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options::new(folder.path().join("history.db"), crate::store::MIGRATIONS);
        let database = Database::open(&options).unwrap();
        let clock = Clock::manual(Timestamp::from_micros(7));
        let keys = folder.path().join("keys");
        let signer = crate::keys::Signer::load_or_make(&keys, clock.now()).unwrap();
        let app = App::start(database.clone(), clock, signer, Vec::new()).await.unwrap();
        // All wait for the same writer, so they share commits; every third one fails after it has added its entries.
        let writes = (0..60).map(|number| {
            let added = (0..3)
                .map(|part| app.entry(input(&format!("key-{number}-{part}"))).unwrap())
                .collect::<Vec<_>>();
            let database = database.clone();
            tokio::spawn(async move {
                database
                    .write(move |tx| {
                        let appended = append_all(tx, &added)?;
                        if number % 3 == 0 {
                            return Err(StoreError::NoRow);
                        }
                        Ok(appended)
                    })
                    .await
            })
        });
        let mut failed = 0;
        for write in writes.collect::<Vec<_>>() {
            failed += usize::from(write.await.unwrap().is_err());
        }
        assert_eq!(failed, 20);
        assert_eq!(app.audit_head().await.unwrap().sequence, 120);
        let verdict = app.verify(0, Some(10_000)).await.unwrap();
        assert_eq!((verdict.broken, verdict.reached, verdict.complete), (None, 120, true));
        let leaves = database.read(tree::size).await.unwrap();
        assert_eq!(leaves, 120);
    }
}
