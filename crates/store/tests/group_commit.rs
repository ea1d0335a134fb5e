//! Many writes share one commit, and none of them notices the others.

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use common::{World, insert, settle};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use store::{StoreError, ToParam};

/// Counts commits per database.
struct Commits;

static COUNTS: LazyLock<Mutex<HashMap<String, Arc<AtomicU64>>>> = LazyLock::new(Mutex::default);

impl Recorder for Commits {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let database = key.labels().map(|label| label.value().to_owned()).collect::<String>();
        let count = COUNTS.lock().unwrap().entry(database).or_default().clone();
        Counter::from_arc(count)
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

fn commits_of(database: &str) -> u64 {
    COUNTS
        .lock()
        .unwrap()
        .get(database)
        .map_or(0, |count| count.load(Ordering::SeqCst))
}

fn counted(name: &str) -> World {
    // The second test of this program finds it installed already.
    let _ = metrics::set_global_recorder(Commits);
    World::new(name)
}

#[tokio::test]
async fn writes_that_wait_together_share_one_commit_and_are_all_durable() {
    let world = counted("together");
    let blocked = world.block_writer().await;
    let waiting: Vec<_> = (0..200)
        .map(|id| {
            let database = world.database.clone();
            tokio::spawn(async move { database.write(move |tx| insert(tx, id, &format!("note {id:03}"))).await })
        })
        .collect();
    settle().await;
    blocked.release().await;
    for write in waiting {
        write.await.unwrap().unwrap();
    }
    assert_eq!(commits_of("together"), 2, "one for the blocker, one for all the others");
    let expect: Vec<String> = (0..200).map(|id| format!("note {id:03}")).collect();
    assert_eq!(world.texts_on_disk(), expect);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_storm_of_writes_makes_fewer_commits_than_writes() {
    let world = counted("storm");
    let writers: Vec<_> = (0..16)
        .map(|writer| {
            let (database, path) = (world.database.clone(), world.path.clone());
            tokio::spawn(async move {
                for round in 0..20 {
                    let id = writer * 100 + round;
                    let text = format!("{id:04}");
                    let kept = text.clone();
                    database.write(move |tx| insert(tx, id, &kept)).await.unwrap();
                    if round == 19 {
                        let found = common::texts_on_disk(&path);
                        assert!(found.contains(&text), "answered but not on disk: {text}");
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(world.texts_on_disk().len(), 320);
    let commits = commits_of("storm");
    assert!((1..320).contains(&commits), "{commits} commits for 320 writes");
}

#[tokio::test]
async fn a_closure_that_fails_is_rolled_back_alone() {
    let world = counted("alone");
    let blocked = world.block_writer().await;
    let spawn = |id: i64, text: &'static str, fails: bool| {
        let database = world.database.clone();
        tokio::spawn(async move {
            database
                .write(move |tx| {
                    insert(tx, id, text)?;
                    tx.execute("UPDATE notes SET text = text || '!' WHERE id < $1", &[&id])?;
                    if fails { Err(StoreError::NoRow) } else { Ok(()) }
                })
                .await
        })
    };
    let writes = [
        spawn(1, "first", false),
        spawn(2, "gives up", true),
        spawn(3, "first!", false),
        spawn(4, "fourth", false),
    ];
    settle().await;
    blocked.release().await;
    let mut outcomes = Vec::new();
    for write in writes {
        outcomes.push(write.await.unwrap());
    }
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert!(matches!(outcomes[1], Err(StoreError::NoRow)), "{outcomes:?}");
    // Its UPDATE would make two notes equal: the third's own failure, undone with its INSERT.
    assert!(
        matches!(outcomes[2], Err(StoreError::UniqueViolation(_))),
        "{outcomes:?}"
    );
    assert!(outcomes[3].is_ok(), "{outcomes:?}");
    assert_eq!(world.texts_on_disk(), ["first!", "fourth"]);
    assert_eq!(commits_of("alone"), 2);
}

#[tokio::test]
async fn each_closure_sees_what_those_before_it_kept_and_nothing_else() {
    let world = counted("isolated");
    let blocked = world.block_writer().await;
    let writes: Vec<_> = (0..60_i64)
        .map(|id| {
            let database = world.database.clone();
            tokio::spawn(async move {
                database
                    .write(move |tx| {
                        let seen: i64 = tx.query_one("SELECT COUNT(*) FROM notes", &[], |row| row.get(0))?;
                        insert(tx, id, &id.to_string())?;
                        if id % 3 == 0 { Err(StoreError::NoRow) } else { Ok(seen) }
                    })
                    .await
                    .ok()
            })
        })
        .collect();
    settle().await;
    blocked.release().await;
    let mut seen = Vec::new();
    for write in writes {
        seen.extend(write.await.unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..40).collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_closure_that_panics_harms_nobody() {
    let world = counted("panic");
    let blocked = world.block_writer().await;
    let spawn = |id: i64, panics: bool| {
        let database = world.database.clone();
        tokio::spawn(async move {
            database
                .write(move |tx| {
                    insert(tx, id, &id.to_string())?;
                    assert!(!panics, "on purpose");
                    Ok::<_, StoreError>(())
                })
                .await
        })
    };
    let writes = [spawn(1, false), spawn(2, true), spawn(3, false)];
    settle().await;
    blocked.release().await;
    let [first, second, third] = writes;
    first.await.unwrap().unwrap();
    assert!(matches!(second.await.unwrap(), Err(StoreError::Panicked)));
    third.await.unwrap().unwrap();
    assert_eq!(world.texts_on_disk(), ["1", "3"]);
    world.add(4, "4").await.unwrap();

    let read = world
        .database
        .read(|_| -> Result<(), StoreError> { panic!("on purpose") });
    assert!(matches!(read.await, Err(StoreError::Panicked)));
    for _ in 0..8 {
        let count = world
            .database
            .read(|snapshot| snapshot.query_one("SELECT COUNT(*) FROM notes", &[], |row| row.get::<i64>(0)));
        assert_eq!(count.await.unwrap(), 3, "the readers live on");
    }
}

#[tokio::test]
async fn what_a_caller_asked_for_is_done_even_when_it_stops_waiting() {
    let world = counted("dropped");
    let blocked = world.block_writer().await;
    let database = world.database.clone();
    let dropped = tokio::spawn(async move { database.write(|tx| insert(tx, 1, "still done")).await });
    settle().await;
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    blocked.release().await;
    world.add(2, "after").await.unwrap();
    assert_eq!(world.texts_on_disk(), ["still done", "after"]);
}

#[tokio::test]
async fn nobody_reads_what_is_not_committed() {
    let world = counted("reads");
    let (database, reader) = (world.database.clone(), world.database.clone());
    let handle = tokio::runtime::Handle::current();
    let write = tokio::task::spawn_blocking(move || {
        handle.block_on(database.write(move |tx| {
            insert(tx, 1, "half done")?;
            let inner = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let seen = inner.block_on(
                reader.read(|snapshot| snapshot.query("SELECT text FROM notes", &[], |row| row.get::<String>(0))),
            )?;
            Ok::<_, StoreError>(seen)
        }))
    });
    assert_eq!(write.await.unwrap().unwrap(), Vec::<String>::new());
    assert_eq!(world.texts_on_disk(), ["half done"]);
}

#[tokio::test]
async fn parameters_are_bound_by_their_number() {
    let world = counted("params");
    let found = world.database.write(|tx| {
        tx.execute("INSERT INTO notes (text, id) VALUES ($2, $1)", &[&7_i64, &"seven"])?;
        let swapped = tx.query_one(
            "SELECT $2, $1, $2 FROM notes WHERE text = $1 AND id = $2",
            &[&"seven", &7_i64],
            |row| Ok((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<i64>(2)?)),
        )?;
        let many: [i64; 12] = std::array::from_fn(|index| index as i64 + 1);
        let params: Vec<&dyn ToParam> = many.iter().map(|value| value as &dyn ToParam).collect();
        let last = tx.query_one(
            "SELECT $12, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11",
            &params,
            |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
        )?;
        Ok::<_, StoreError>((swapped, last))
    });
    assert_eq!(found.await.unwrap(), ((7, "seven".to_owned(), 7), (12, 1)));
}

#[tokio::test]
async fn a_wrong_number_of_parameters_is_refused() {
    let world = counted("miscounted");
    for params in [&[] as &[&(dyn ToParam + Sync)], &[&1_i64], &[&1_i64, &"a", &2_i64]] {
        let params: Vec<&'static (dyn ToParam + Sync)> = params.to_vec();
        let outcome = world.database.write(move |tx| {
            let params: Vec<&dyn ToParam> = params.iter().map(|param| *param as &dyn ToParam).collect();
            tx.execute("INSERT INTO notes (id, text) VALUES ($1, $2)", &params)
        });
        assert!(matches!(outcome.await, Err(StoreError::Engine(_))));
    }
    assert!(world.texts_on_disk().is_empty());
}

#[tokio::test]
async fn values_come_back_as_they_went_in() {
    let world = counted("values");
    let found = world.database.write(|tx| {
        tx.query_one(
            "SELECT $1, $2, $3, $4, $5",
            &[&i64::MIN, &"a\u{0}ü'$1", &vec![0_u8, 255], &None::<i64>, &true],
            |row| {
                assert!(matches!(
                    row.get::<String>(0),
                    Err(StoreError::Column { column: 0, .. })
                ));
                assert!(matches!(row.get::<i64>(3), Err(StoreError::Column { column: 3, .. })));
                assert!(matches!(row.get::<u32>(0), Err(StoreError::Column { column: 0, .. })));
                assert!(matches!(
                    row.get::<[u8; 3]>(2),
                    Err(StoreError::Column { column: 2, .. })
                ));
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            },
        )
    });
    let found: (i64, String, [u8; 2], Option<i64>, bool) = found.await.unwrap();
    assert_eq!(found, (i64::MIN, "a\u{0}ü'$1".to_owned(), [0, 255], None, true));
    let missing = world
        .database
        .read(|snapshot| snapshot.query_one("SELECT id FROM notes", &[], |row| row.get::<i64>(0)));
    assert!(matches!(missing.await, Err(StoreError::NoRow)));
}
