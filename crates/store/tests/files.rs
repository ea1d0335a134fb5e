//! Files, their history, and how they are opened and closed.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{MIGRATIONS, World, insert, open, settle, texts_on_disk};
use store::{Database, Migration, StoreError, Tx};

const FIRST: Migration = MIGRATIONS[0];
const SECOND: Migration = Migration {
    name: "0002_colours.sql",
    sql: "CREATE TABLE colours (\n    name TEXT PRIMARY KEY\n);\nALTER TABLE notes ADD COLUMN colour TEXT;\n",
};

/// Opens, closes, and says what came of it.
async fn try_open(path: &Path, migrations: &[Migration]) -> Result<(), StoreError> {
    let database = open(path, migrations)?;
    database.close().await;
    Ok(())
}

fn tables(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn migrations_are_applied_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    try_open(&path, &[FIRST]).await.unwrap();
    assert_eq!(tables(&path), ["notes", "schema_migrations"]);
    try_open(&path, &[FIRST]).await.unwrap();
    try_open(&path, &[FIRST, SECOND]).await.unwrap();
    assert_eq!(tables(&path), ["colours", "notes", "schema_migrations"]);
    try_open(&path, &[FIRST, SECOND]).await.unwrap();
}

#[tokio::test]
async fn a_history_that_does_not_fit_is_refused_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    try_open(&path, &[FIRST]).await.unwrap();

    let check = async |migrations: &[Migration], expect: &str| {
        let error = try_open(&path, migrations).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Migration(_) | StoreError::Engine(_)),
            "{error:?}"
        );
        assert!(error.to_string().contains(expect), "{error}");
        assert_eq!(tables(&path), ["notes", "schema_migrations"], "{expect}");
    };
    let edited = Migration {
        sql: "CREATE TABLE notes (\n    id BIGINT\n);\n",
        ..FIRST
    };
    check(&[edited, SECOND], "0001_notes.sql was edited").await;
    check(&[SECOND], "which this program does not know").await;
    check(&[], "which this program does not know").await;
    let failing = Migration {
        name: "0003_fails.sql",
        sql: "CREATE TABLE halfway (\n    id BIGINT\n);\nINSERT INTO nowhere VALUES (1);\n",
    };
    check(&[FIRST, SECOND, failing], "").await;

    try_open(&path, &[FIRST, SECOND]).await.unwrap();
}

/// Pages and the books they are in.
const BOOKS: Migration = Migration {
    name: "0001_books.sql",
    sql: "CREATE TABLE books (\n    name TEXT PRIMARY KEY,\n    kind TEXT NOT NULL CHECK (kind IN ('ROMAN', 'ESSAY', 'SONGS'))\n);\n\
          CREATE TABLE pages (\n    book TEXT NOT NULL REFERENCES books (name)\n);\n\
          INSERT INTO books VALUES ('a', 'ROMAN');\nINSERT INTO pages VALUES ('a');\n",
};

#[tokio::test]
async fn a_table_that_others_refer_to_can_be_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    try_open(&path, &[BOOKS]).await.unwrap();
    let numbered = Migration {
        name: "0002_numbers.sql",
        sql: "CREATE TABLE numbered (\n    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n    name TEXT NOT NULL UNIQUE\n);\n\
              INSERT INTO numbered (name) SELECT name FROM books;\nDROP TABLE books;\nALTER TABLE numbered RENAME TO books;\n",
    };
    let emptied = Migration {
        name: "0003_emptied.sql",
        sql: "DELETE FROM books;\n",
    };
    let error = try_open(&path, &[BOOKS, numbered, emptied]).await.unwrap_err();
    assert!(
        error.to_string().contains("rows of pages would refer to rows of books"),
        "{error}"
    );

    let database = open(&path, &[BOOKS, numbered]).unwrap();
    let delete = |tx: &mut Tx<'_>| -> Result<u64, StoreError> { tx.execute("DELETE FROM books", &[]) };
    let refused = database.write(delete).await;
    assert!(
        matches!(refused, Err(StoreError::ConstraintViolation(_))),
        "{refused:?}"
    );
    database.close().await;
}

#[tokio::test]
async fn a_check_of_words_is_written_out_and_refuses_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    try_open(&path, &[BOOKS]).await.unwrap();
    // As it was written before.
    let before = rusqlite::Connection::open(&path).unwrap();
    before
        .execute_batch(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema SET sql = replace(sql, '(kind = ''ROMAN'' OR kind = ''ESSAY'' OR kind = ''SONGS'')',
                 'kind IN (''ROMAN'', ''ESSAY'', ''SONGS'')') WHERE name = 'books' AND sql NOT LIKE '% IN (%';",
        )
        .unwrap();
    assert_eq!(before.changes(), 1);
    drop(before);

    for _ in 0..2 {
        let database = open(&path, &[BOOKS]).unwrap();
        let insert = async |name: &'static str, kind: &'static str| {
            let insert = move |tx: &mut Tx<'_>| -> Result<u64, StoreError> {
                tx.execute(
                    "INSERT INTO books (name, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                    &[&name, &kind],
                )
            };
            database.write(insert).await
        };
        insert("b", "SONGS").await.unwrap();
        let refused = insert("c", "DIARY").await;
        assert!(
            matches!(refused, Err(StoreError::ConstraintViolation(_))),
            "{refused:?}"
        );
        database.close().await;
    }
    let after = rusqlite::Connection::open(&path).unwrap();
    let sql: String = after
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'books'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(
        sql.contains("CHECK ((kind = 'ROMAN' OR kind = 'ESSAY' OR kind = 'SONGS'))"),
        "{sql}"
    );
    let sound: String = after.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[tokio::test]
async fn plans_do_not_depend_on_how_many_rows_there_were_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let plan = async || {
        let database = open(&path, &[FIRST]).unwrap();
        let steps = database.read(|snapshot| -> Result<Vec<String>, StoreError> {
            snapshot.query(
                "EXPLAIN QUERY PLAN SELECT a.id FROM notes a LEFT JOIN notes b ON b.data = a.data WHERE b.id IS NULL",
                &[],
                |row| row.get(3),
            )
        });
        let steps = steps.await.unwrap();
        let insert = |tx: &mut Tx<'_>| insert(tx, 1, "one").or(Ok::<_, StoreError>(()));
        database.write(insert).await.unwrap();
        database.close().await;
        steps
    };
    let planned = plan().await;
    assert!(planned.iter().any(|step| step.contains("AUTOMATIC")), "{planned:?}");
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute_batch("ANALYZE; INSERT INTO sqlite_stat1 VALUES ('notes', NULL, '3');")
        .unwrap();
    drop(file);
    assert_eq!(plan().await, planned);
    let file = rusqlite::Connection::open(&path).unwrap();
    let known: i64 = file
        .query_row("SELECT COUNT(*) FROM sqlite_stat1", [], |row| row.get(0))
        .unwrap();
    assert_eq!(known, 0);
}

#[tokio::test]
async fn a_file_is_opened_by_one_at_a_time() {
    let world = World::new("lonely");
    for _ in 0..2 {
        let error = open(&world.path, MIGRATIONS).err().unwrap();
        assert!(
            matches!(&error, StoreError::InUse(path) if path.ends_with("lonely.db")),
            "{error:?}"
        );
    }
    world.add(1, "the first goes on").await.unwrap();

    world.database.close().await;
    assert!(matches!(world.add(2, "too late").await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn a_closed_file_can_be_opened_again_with_all_that_was_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    for round in 1..4_i64 {
        let database = open(&path, MIGRATIONS).unwrap();
        database
            .write(move |tx| insert(tx, round, &round.to_string()))
            .await
            .unwrap();
        database.close().await;
    }
    assert_eq!(texts_on_disk(&path), ["1", "2", "3"]);
}

#[tokio::test]
async fn closing_waits_for_what_was_accepted_and_writes_the_log_back() {
    let world = World::new("closing");
    let blocked = world.block_writer().await;
    let waiting: Vec<_> = (0..50)
        .map(|id| {
            let database = world.database.clone();
            tokio::spawn(async move { database.write(move |tx| insert(tx, id, &id.to_string())).await })
        })
        .collect();
    settle().await;
    let closing = tokio::spawn({
        let database = world.database.clone();
        async move { database.close().await }
    });
    settle().await;
    assert!(matches!(world.add(99, "too late").await, Err(StoreError::Closed)));
    let read = world.database.read(|_| Ok::<_, StoreError>(()));
    assert!(matches!(read.await, Err(StoreError::Closed)));
    blocked.release().await;
    closing.await.unwrap();
    for write in waiting {
        write.await.unwrap().unwrap();
    }
    let mut log = world.path.clone().into_os_string();
    log.push("-wal");
    let left = std::fs::metadata(&log).map_or(0, |log| log.len());
    assert_eq!(left, 0, "the log was not written back");
    // Without its log the file alone has everything.
    let copy = world.path.with_file_name("copy.db");
    std::fs::copy(&world.path, &copy).unwrap();
    let connection = rusqlite::Connection::open(&copy).unwrap();
    let count: i64 = connection
        .query_row("SELECT COUNT(*) FROM notes", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 50);
    world.database.close().await;
}

#[tokio::test]
async fn files_are_for_their_owner_alone() {
    let world = World::new("private");
    world.add(1, "so that there is a log").await.unwrap();
    let folder = world.path.parent().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(
        names,
        ["private.db", "private.db-shm", "private.db-wal", "private.db.lock"]
    );
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let world = World::new("readonly");
    for sql in [
        "INSERT INTO notes (id, text) VALUES (1, 'by a reader') RETURNING id",
        "DELETE FROM notes RETURNING id",
        "PRAGMA query_only = OFF",
    ] {
        let _ = world
            .database
            .read(move |snapshot| snapshot.query(sql, &[], |row| row.get::<i64>(0)))
            .await;
        let written = world.database.read(|snapshot| {
            snapshot.query(
                "INSERT INTO notes (id, text) VALUES (2, 'x') RETURNING id",
                &[],
                |row| row.get::<i64>(0),
            )
        });
        assert!(matches!(written.await, Err(StoreError::Engine(_))), "after {sql}");
    }
    assert!(world.texts_on_disk().is_empty());
    world.add(1, "by a writer").await.unwrap();
}

#[tokio::test]
async fn a_snapshot_does_not_change_while_it_is_read() {
    let world = World::new("snapshot");
    world.add(1, "before").await.unwrap();
    let writer = world.database.clone();
    let seen = world.database.read(move |snapshot| {
        let count = || snapshot.query_one("SELECT COUNT(*) FROM notes", &[], |row| row.get::<i64>(0));
        let first = count()?;
        let inner = tokio::runtime::Builder::new_current_thread().build().unwrap();
        inner.block_on(writer.write(|tx| insert(tx, 2, "meanwhile")))?;
        Ok::<_, StoreError>((first, count()?))
    });
    assert_eq!(seen.await.unwrap(), (1, 1));
    assert_eq!(world.texts_on_disk().len(), 2);
}

#[test]
fn what_is_no_database_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let text = "Dear diary, this is not a database at all. ".repeat(50);
    std::fs::write(&path, &text).unwrap();
    assert!(matches!(open(&path, MIGRATIONS).err(), Some(StoreError::Engine(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let nowhere = Path::new("/dev/null/data/a.db");
    assert!(matches!(open(nowhere, MIGRATIONS).err(), Some(StoreError::File { .. })));
    fn is_shareable<T: Clone + Send + Sync>() {}
    is_shareable::<Database>();
}
