//! The marketplace's own SQLite file. All SQL is in this folder, one file per table.

pub(crate) mod orders;
pub(crate) mod products;
pub(crate) mod users;
pub(crate) mod webhooks;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::Mutex;

use crate::error::Error;

/// Applied in order, each once; `PRAGMA user_version` says how many have been.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_initial.sql"),
    include_str!("../../migrations/0002_pages.sql"),
];

/// The database. One connection is enough for a shop; whoever waits for it waits as a task, not as a thread.
#[derive(Clone)]
pub(crate) struct Db {
    connection: Arc<Mutex<Connection>>,
}

impl Db {
    /// Opens the file, readable by its owner alone, and brings its tables up to date.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        OpenOptions::new()
            .create(true)
            .append(true)
            // SQLite gives its journal files the mode of the database.
            .mode(0o600)
            .open(path)
            .with_context(|| format!("cannot open {}", path.display()))?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.set_prepared_statement_cache_capacity(64);
        migrate(&mut connection)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs `work` in one transaction, kept when it succeeds. The closure is synchronous: no network call fits
    /// inside. Once begun it is finished, also when nobody waits for the answer any more.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, Error> + Send + 'static,
    {
        let mut connection = self.connection.clone().lock_owned().await;
        tokio::task::spawn_blocking(move || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = work(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        })
        .await
        .map_err(Error::internal)?
    }

    /// Whether the file answers.
    pub(crate) async fn ping(&self) -> Result<(), Error> {
        self.run(|tx| Ok(tx.query_row("SELECT 1", [], |_| Ok(()))?)).await
    }

    /// Moves the journal into the file, so that a copy of it is complete.
    pub(crate) async fn checkpoint(&self) -> Result<(), Error> {
        let connection = self.connection.clone().lock_owned().await;
        tokio::task::spawn_blocking(move || {
            connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .map_err(Error::from)
        })
        .await
        .map_err(Error::internal)?
    }
}

fn migrate(connection: &mut Connection) -> anyhow::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let applied = usize::try_from(applied)?;
    ensure!(
        applied <= MIGRATIONS.len(),
        "the database was made by a newer version of this program"
    );
    for migration in &MIGRATIONS[applied..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len())?)?;
    transaction.commit()?;
    Ok(())
}

/// Whether a statement failed because something unique is there already.
fn is_unique_violation(error: &rusqlite::Error) -> bool {
    error
        .sqlite_error()
        .is_some_and(|cause| cause.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn orders_of_the_first_version_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blackdoctrine.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(MIGRATIONS[0]).unwrap();
        old.execute_batch(
            "INSERT INTO users VALUES (1, 'Naruto', 'naruto@gmail.com', '', 'customer', 1, 0);
             INSERT INTO orders VALUES (1, 1, 1, 2, 'Jalan Konoha', 'REGULER', NULL, 25000, 9000, 59000,
                'DS-8800123456789012', 'PROCESSED', 'PAID', 0, 1, 1, 'trx_1', NULL, NULL);
             PRAGMA user_version = 1;",
        )
        .unwrap();
        drop(old);

        let db = Db::open(&path).unwrap();
        let order = db.run(|tx| orders::find_of_user(tx, 1, 1)).await.unwrap().unwrap();
        assert_eq!((order.price.total, order.refunded, order.city_id), (59_000, 0, None));
        db.run(|tx| orders::record_refund(tx, 1, 59_000)).await.unwrap();
        let too_much = db.run(|tx| orders::record_refund(tx, 1, 59_001)).await;
        assert!(too_much.is_err(), "never more than was paid");
    }
}
