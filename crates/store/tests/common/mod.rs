//! What the store's tests share. Not every test program uses all of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use store::{Database, Migration, Options, StoreError, Tx};
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// One table for everything.
pub const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_notes.sql",
    sql: "CREATE TABLE notes (\n    id BIGINT PRIMARY KEY,\n    text TEXT NOT NULL UNIQUE,\n    data BYTEA\n);\n",
}];

/// A database in a folder that goes away with it.
pub struct World {
    /// The database.
    pub database: Database,
    /// Its file.
    pub path: PathBuf,
    _folder: TempDir,
}

impl World {
    /// A new, empty database. Its name is told to the metrics, so tests that count have names of their own.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data").join(format!("{name}.db"));
        let database = open(&path, MIGRATIONS).unwrap();
        Self {
            database,
            path,
            _folder: folder,
        }
    }

    /// Adds a note.
    pub async fn add(&self, id: i64, text: &str) -> Result<(), StoreError> {
        let text = text.to_owned();
        self.database.write(move |tx| insert(tx, id, &text)).await
    }

    /// Keeps the writer busy, so that what is written meanwhile waits.
    pub async fn block_writer(&self) -> Blocked {
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::sync_channel::<()>(1);
        let shared = std::sync::Mutex::new((Some(started), released));
        let database = self.database.clone();
        let task = tokio::spawn(async move {
            database
                .write(move |_| {
                    let mut shared = shared.lock().unwrap();
                    if let Some(started) = shared.0.take() {
                        let _ = started.send(());
                        // Ends with an error when the blocker is dropped: that releases, too.
                        let _ = shared.1.recv();
                    }
                    Ok::<_, StoreError>(())
                })
                .await
        });
        has_started.await.unwrap();
        Blocked { release, task }
    }

    /// All texts, by id, as another program would see them.
    pub fn texts_on_disk(&self) -> Vec<String> {
        texts_on_disk(&self.path)
    }
}

/// A writer that waits.
pub struct Blocked {
    release: mpsc::SyncSender<()>,
    task: JoinHandle<Result<(), StoreError>>,
}

impl Blocked {
    /// Lets it go.
    pub async fn release(self) {
        self.release.send(()).unwrap();
        self.task.await.unwrap().unwrap();
    }
}

/// Opens a file with these migrations.
pub fn open(path: &Path, migrations: &[Migration]) -> Result<Database, StoreError> {
    Database::open(&Options::new(path.to_owned(), migrations))
}

/// Adds a note in a transaction.
pub fn insert(tx: &mut Tx<'_>, id: i64, text: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO notes (id, text) VALUES ($1, $2)",
        &[&id, text_param(&text)],
    )?;
    Ok(())
}

const fn text_param<'a>(text: &'a &'a str) -> &'a dyn store::ToParam {
    text
}

/// All texts, by id, seen through a connection of its own.
pub fn texts_on_disk(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut statement = connection.prepare("SELECT text FROM notes ORDER BY id").unwrap();
    let texts = statement.query_map([], |row| row.get(0)).unwrap();
    texts.collect::<Result<_, _>>().unwrap()
}

/// Lets every task that can run do so; on a single-threaded runtime they have all reached the queue then.
pub async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}
