//! A full disk: who is affected is told so, nobody else is, and it passes.

mod common;

use std::process::Command;

use common::{World, insert, settle};
use store::{Database, StoreError};
use tokio::task::JoinHandle;

/// A statement with a number in it, made once per test.
fn statement(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Lets the file grow by this many pages from what it has now, and no further.
async fn limit_growth(database: &Database, pages: i64) {
    let has: i64 = pragma(database, "PRAGMA page_count").await;
    let limit = statement(format!("PRAGMA max_page_count = {}", has + pages));
    assert_eq!(pragma(database, limit).await, has + pages);
}

async fn pragma(database: &Database, sql: &'static str) -> i64 {
    let value = database.write(move |tx| tx.query_one(sql, &[], |row| row.get::<i64>(0)));
    value.await.unwrap()
}

fn add(database: &Database, id: i64, bytes: usize) -> JoinHandle<Result<(), StoreError>> {
    let database = database.clone();
    tokio::spawn(async move {
        database
            .write(move |tx| {
                insert(tx, id, &id.to_string())?;
                let data = vec![7_u8; bytes];
                tx.execute("UPDATE notes SET data = $2 WHERE id = $1", &[&id, &data])?;
                Ok(())
            })
            .await
    })
}

#[tokio::test]
async fn only_the_write_that_does_not_fit_fails() {
    let world = World::new("full");
    limit_growth(&world.database, 4).await;
    let blocked = world.block_writer().await;
    let writes = [
        add(&world.database, 1, 10),
        add(&world.database, 2, 1_000_000),
        add(&world.database, 3, 10),
    ];
    settle().await;
    blocked.release().await;
    let [first, second, third] = writes;
    first.await.unwrap().unwrap();
    let error = second.await.unwrap().unwrap_err();
    assert!(matches!(error, StoreError::DiskFull), "{error:?}");
    assert!(error.is_transient());
    third.await.unwrap().unwrap();
    assert_eq!(world.texts_on_disk(), ["1", "3"]);

    // As long as there is no room it goes on like this, and once there is, all is well.
    for id in 4..8 {
        assert!(matches!(
            add(&world.database, id, 1_000_000).await.unwrap(),
            Err(StoreError::DiskFull)
        ));
    }
    limit_growth(&world.database, 10_000).await;
    add(&world.database, 8, 1_000_000).await.unwrap().unwrap();
    assert_eq!(world.texts_on_disk(), ["1", "3", "8"]);
    assert_eq!(integrity(&world), "ok");
}

#[tokio::test]
async fn a_closure_that_overlooks_the_failure_is_not_half_kept() {
    let world = World::new("overlooked");
    limit_growth(&world.database, 4).await;
    let outcome = world.database.write(|tx| {
        insert(tx, 1, "before")?;
        let data = vec![7_u8; 1_000_000];
        let overlooked = tx.execute("UPDATE notes SET data = $1 WHERE id = 1", &[&data]);
        assert!(matches!(overlooked, Err(StoreError::DiskFull)));
        insert(tx, 2, "after")?;
        Ok::<_, StoreError>(())
    });
    // Whether the engine undid the statement or the transaction is up to it; never may one note be there alone.
    let expect: &[&str] = if outcome.await.is_ok() {
        &["before", "after"]
    } else {
        &[]
    };
    assert_eq!(world.texts_on_disk(), expect);
}

fn integrity(world: &World) -> String {
    let connection = rusqlite::Connection::open(&world.path).unwrap();
    connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}

const LIMITED: &str = "STORE_TEST_FILE_SIZE_IS_LIMITED";

/// The commit itself fails here, for everybody in the group: no file of this process may grow beyond the limit that
/// the parent set, so the log has no room for the whole group.
#[tokio::test]
async fn a_commit_that_fails_is_tried_again_for_each_alone() {
    if std::env::var_os(LIMITED).is_none() {
        // A limit can only be set for a process: this test runs itself once more, below one.
        let program = std::env::current_exe().unwrap();
        let script = "trap '' XFSZ; ulimit -f 800; exec \"$0\" --exact a_commit_that_fails_is_tried_again_for_each_alone --nocapture";
        let output = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .env(LIMITED, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        return;
    }
    let world = World::new("limited");
    let blocked = world.block_writer().await;
    // 800 blocks of half a kilobyte (or one, as the shell likes): the first does not fit, alone or with others; the others do, but not behind it.
    let too_large = add(&world.database, 1, 2_000_000);
    let others: Vec<_> = (2..8).map(|id| add(&world.database, id, 20_000)).collect();
    settle().await;
    blocked.release().await;
    let error = too_large.await.unwrap().unwrap_err();
    assert!(
        matches!(error, StoreError::DiskFull | StoreError::Engine(_)),
        "{error:?}"
    );
    for other in others {
        other.await.unwrap().unwrap();
    }
    assert_eq!(world.texts_on_disk(), ["2", "3", "4", "5", "6", "7"]);
    world.add(9, "later").await.unwrap();
    assert_eq!(world.texts_on_disk().len(), 7);
    assert_eq!(integrity(&world), "ok");
}
