//! One SQL text, and the engine it runs on.
//!
//! A service opens its [`Database`] and gives it closures: [`Database::write`] for what changes, [`Database::read`] for
//! what only looks. The engine today is SQLite, with **group commit**: one writer thread per file takes all waiting
//! closures, runs them in one transaction, commits (and syncs) once, and only then answers them all. A closure that fails is
//! undone alone: the group is rolled back and runs once more, each closure in a savepoint of its own.
//!
//! A write is `Fn`, not `FnOnce`: an engine may have to run it again (another one of its group failed, a full disk took the
//! whole group's transaction with it, a serialization failure on a distributed engine). So a closure has no effect but
//! through its [`Tx`].
//!
//! SQL is written once, in the subset that SQLite and PostgreSQL share: `$n` parameters, `ON CONFLICT`, `RETURNING`,
//! BIGINT for money (minor units) and time (microseconds), TEXT for ids. [`dialect`] translates what must differ.

pub mod dialect;
mod error;
mod migrate;
mod reader;
mod sqlite;
mod tx;
mod value;
mod writer;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

pub use error::StoreError;
pub use migrate::Migration;
pub use tx::{Row, Snapshot, Tx};
pub use value::{ColumnRef, FromColumn, Param, ToParam};

/// Where a database is and what its tables look like.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file; made (mode 0600) with its folder (0700) when missing.
    pub path: PathBuf,
    /// All migrations ever released, in order.
    pub migrations: Vec<Migration>,
    /// Threads, each with a connection, that serve [`Database::read`].
    pub readers: usize,
}

impl Options {
    /// A database file with the usual number of readers.
    pub fn new(path: PathBuf, migrations: &[Migration]) -> Self {
        Self {
            path,
            migrations: migrations.to_vec(),
            readers: 2,
        }
    }

    /// Adds the migrations of a shared part (the outbox, say) behind the service's own.
    pub fn with_migrations(mut self, more: &[Migration]) -> Self {
        self.migrations.extend_from_slice(more);
        self
    }
}

/// An open database. Cheap to clone; [`Database::close`] ends it for all clones.
#[derive(Clone)]
pub struct Database {
    writer: Arc<writer::Writer>,
    readers: Arc<reader::Readers>,
    _lock: Arc<File>,
}

impl Database {
    /// Opens the file, applies what migrations are missing, and starts the engine's threads. Blocks.
    ///
    /// Fails when another process has the file open, or when a migration that was applied has been edited since.
    pub fn open(options: &Options) -> Result<Self, StoreError> {
        let lock = sqlite::lock_file(&options.path)?;
        let mut connection = sqlite::open_writer(&options.path)?;
        migrate::apply(&mut connection, &options.migrations)?;
        sqlite::watch_references(&connection)?;
        let name = options
            .path
            .file_stem()
            .map_or_else(|| "store".into(), |stem| stem.to_string_lossy().into_owned());
        let readers = reader::Readers::start(&name, &options.path, options.readers)?;
        let writer = writer::Writer::start(&name, connection)?;
        Ok(Self {
            writer: Arc::new(writer),
            readers: Arc::new(readers),
            _lock: Arc::new(lock),
        })
    }

    /// Runs `work` in a write transaction and answers when what it did is synced to disk.
    ///
    /// The work is done even when the caller stops waiting. `Err` from `work` rolls it back.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run(work).await
    }

    /// Runs `work` on a consistent snapshot of what is committed.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Snapshot<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.readers.run(work).await
    }

    /// Lets waiting work finish, writes the log back into the file, and ends the threads.
    /// Later calls of any clone fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        self.readers.refuse();
        self.writer.refuse();
        // Readers first: the writer, closing last, can then remove the log's files.
        self.readers.ended().await;
        self.writer.ended().await;
    }
}
