//! The whole file, verified from outside: whatever was changed in it is named.

mod common;

use std::path::{Path, PathBuf};

use common::{World, payment, refused};
use history::audit::{AuditError, Report, verify};
use history::evidence::VerifierKey;
use serde_json::json;

const UNLOCK: &str = "DROP TRIGGER entries_are_never_changed; DROP TRIGGER entries_are_never_removed;
                      DROP TRIGGER tree_nodes_are_never_changed; DROP TRIGGER tree_nodes_are_never_removed;
                      DROP TRIGGER checkpoints_are_never_changed; DROP TRIGGER checkpoints_are_never_removed;";

/// A running service with ten entries, the seventh of which has all that an entry can have, and two checkpoints, of 6
/// and 10.
async fn ten_entries() -> World {
    let world = World::start().await;
    world.append((1..=6).map(payment).collect()).await;
    checkpoint(&world, 6).await;
    world.append(vec![refused(7)]).await;
    world.append((8..=10).map(payment).collect()).await;
    checkpoint(&world, 10).await;
    world
}

/// Has the trail signed up to the transaction of this number, and answers the newest checkpoint.
async fn checkpoint(world: &World, number: i64) -> String {
    let document = format!(r#"{{ receipt(transactionId: "trx_{number}") }}"#);
    assert_eq!(world.ask(&world.narto, &document).await.code(), "OK");
    let answer = world
        .api
        .public(None, "{ historyCheckpoint { note } }", json!({}))
        .await;
    answer.data()["historyCheckpoint"]["note"].as_str().unwrap().to_owned()
}

fn file_of(world: &World) -> PathBuf {
    world.folder.path().join("data/history.db")
}

fn keys_of(world: &World) -> Vec<VerifierKey> {
    let keys = history::keys::show(&world.folder.path().join("keys")).unwrap();
    keys.into_iter().map(|key| key.public).collect()
}

/// A copy in one file, as a back-up has it.
fn copy(world: &World, name: &str) -> PathBuf {
    let to = world.folder.path().join(name);
    let from = rusqlite::Connection::open(file_of(world)).unwrap();
    from.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
    to
}

/// The number of the first bad entry, if there is one.
fn first_bad(path: &Path, keys: &[VerifierKey]) -> Option<i64> {
    let report = verify(path, keys, None).unwrap();
    report.findings.first().map(|finding| finding.sequence)
}

#[tokio::test]
async fn a_good_file_verifies_while_the_service_runs_and_goes_on() {
    let world = ten_entries().await;
    let keys = keys_of(&world);
    let report = verify(&file_of(&world), &keys, None).unwrap();
    assert_eq!(
        (report.entries, report.checkpoints, &report.findings[..]),
        (10, 2, &[][..])
    );
    let newest = keys[0].verify(&report.newest.unwrap()).unwrap();
    assert_eq!((newest.size, Some(newest.root)), (10, report.root));

    let empty = World::start().await;
    let report = verify(&file_of(&empty), &keys_of(&empty), None).unwrap();
    assert_eq!((report.entries, report.findings, report.newest), (0, vec![], None));

    // Appended to all the while: what is there is always right.
    let tasks = (0..20_i64).map(|number| {
        let (api, token) = (world.api.clone(), world.service.clone());
        tokio::spawn(async move {
            let inputs: Vec<_> = (0..20).map(|part| payment(100 + number * 20 + part)).collect();
            api.internal(Some(&token), common::APPEND, json!({ "inputs": inputs }))
                .await;
        })
    });
    let tasks: Vec<_> = tasks.collect();
    for _ in 0..10 {
        let (path, keys) = (file_of(&world), keys.clone());
        let report: Report = tokio::task::spawn_blocking(move || verify(&path, &keys, None).unwrap())
            .await
            .unwrap();
        assert_eq!(report.findings, []);
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(verify(&file_of(&world), &keys, None).unwrap().entries, 410);
}

/// Flips one bit of every byte in a stretch of the file.
fn flip_each(file: &Path, within: std::ops::Range<usize>, check: impl Fn(&Path, usize)) {
    let good = std::fs::read(file).unwrap();
    let changed = file.with_extension("changed");
    for at in within {
        let mut bytes = good.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&changed, bytes).unwrap();
        check(&changed, at);
    }
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    let mut found = bytes
        .windows(part.len())
        .enumerate()
        .filter(|(_, window)| *window == part);
    let (at, _) = found.next().unwrap();
    assert!(found.next().is_none(), "it stands there twice");
    at
}

#[tokio::test]
async fn a_byte_that_is_flipped_anywhere_in_a_stored_entry_is_named() {
    let world = ten_entries().await;
    let (keys, file) = (keys_of(&world), copy(&world, "copy.db"));
    let connection = rusqlite::Connection::open(&file).unwrap();
    for sequence in [1, 7, 10] {
        let (id, key, hash): (String, String, Vec<u8>) = connection
            .query_row(
                "SELECT history_id, entry_key, hash FROM entries WHERE sequence = ?1",
                [sequence],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .unwrap();
        let bytes = std::fs::read(&file).unwrap();
        // The number and the version take no room of their own in the record's body; its header is right before it and
        // begins with its length, and before that stands the number.
        let body = position(&bytes, format!("{id}{key}").as_bytes());
        let header = (18..60)
            .find(|length| bytes[body - length] as usize == *length)
            .unwrap();
        let end = body + bytes[body..].windows(32).position(|part| part == hash).unwrap() + 32;
        flip_each(&file, body - header - 1..end, |changed, at| {
            assert_eq!(
                first_bad(changed, &keys),
                Some(sequence),
                "entry {sequence}, byte {at} (body {body})"
            );
        });
    }
}

#[tokio::test]
async fn a_byte_that_is_flipped_anywhere_in_a_node_or_checkpoint_is_named() {
    let world = ten_entries().await;
    let (keys, file) = (keys_of(&world), copy(&world, "copy.db"));
    let connection = rusqlite::Connection::open(&file).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    for leaf in [0, 3, 7, 9] {
        let sql = "SELECT hashes FROM tree_nodes WHERE leaf = ?1";
        let hashes: Vec<u8> = connection.query_row(sql, [leaf], |row| row.get(0)).unwrap();
        let at = position(&bytes, &hashes);
        flip_each(&file, at..at + hashes.len(), |changed, at| {
            assert_eq!(first_bad(changed, &keys), Some(leaf + 1), "leaf {leaf}, byte {at}");
        });
    }
    for size in [6, 10] {
        let sql = "SELECT note FROM checkpoints WHERE tree_size = ?1";
        let note: String = connection.query_row(sql, [size], |row| row.get(0)).unwrap();
        let at = position(&bytes, note.as_bytes());
        flip_each(&file, at..at + note.len(), |changed, at| {
            assert_eq!(first_bad(changed, &keys), Some(size), "checkpoint {size}, byte {at}");
        });
    }
}

#[tokio::test]
async fn whatever_else_is_changed_is_named() {
    let world = ten_entries().await;
    let (keys, file) = (keys_of(&world), copy(&world, "copy.db"));
    let changed = file.with_extension("changed");
    for (sql, bad) in [
        ("DELETE FROM entries WHERE sequence = 3", 3),
        ("DELETE FROM entries WHERE sequence >= 9", 9),
        ("DELETE FROM entries", 1),
        ("UPDATE entries SET sequence = 700 WHERE sequence = 7", 7),
        (
            "UPDATE entries SET sequence = 4611686018427387904 WHERE sequence = 10",
            10,
        ),
        ("UPDATE entries SET counterparty = NULL WHERE sequence = 2", 2),
        ("UPDATE entries SET version = 2 WHERE sequence = 2", 2),
        ("UPDATE entries SET hash = zeroblob(31) WHERE sequence = 5", 5),
        ("UPDATE chain_head SET sequence = 8", 9),
        ("UPDATE chain_head SET sequence = 12", 11),
        ("UPDATE chain_head SET hash = zeroblob(32)", 10),
        ("DELETE FROM tree_nodes WHERE leaf = 4", 5),
        ("DELETE FROM tree_nodes WHERE leaf >= 8", 9),
        (
            "UPDATE tree_nodes SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE leaf = 5",
            6,
        ),
        ("UPDATE tree_nodes SET hashes = substr(hashes, 1, 32) WHERE leaf = 5", 6),
        ("INSERT INTO tree_nodes VALUES (10, zeroblob(32))", 11),
        (
            "UPDATE checkpoints SET created_at = created_at + 1 WHERE tree_size = 6",
            6,
        ),
        ("UPDATE checkpoints SET tree_size = 7 WHERE tree_size = 6", 7),
    ] {
        std::fs::copy(&file, &changed).unwrap();
        let connection = rusqlite::Connection::open(&changed).unwrap();
        connection.execute_batch(UNLOCK).unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
        drop(connection);
        assert_eq!(first_bad(&changed, &keys), Some(bad), "{sql}");
    }
    let stranger = World::start().await;
    assert_eq!(first_bad(&file, &keys_of(&stranger)), Some(6), "signed by another key");
}

/// Whoever has the key and rewrites everything is found by a checkpoint that somebody kept, and by that alone.
#[tokio::test]
async fn a_rewritten_history_is_found_by_a_checkpoint_that_was_kept() {
    let mut world = ten_entries().await;
    let kept = checkpoint(&world, 10).await;
    let keys = keys_of(&world);
    assert_eq!(verify(&file_of(&world), &keys, Some(&kept)).unwrap().findings, []);
    let rewrite =
        "DROP TABLE tree_nodes; DROP TABLE checkpoints; DELETE FROM schema_migrations WHERE name LIKE '%tree%';
                   DELETE FROM entries; UPDATE chain_head SET sequence = 0, hash = zeroblob(32);";
    world
        .restart(|file| {
            file.execute_batch("DROP TRIGGER entries_are_never_removed").unwrap();
            file.execute_batch(rewrite).unwrap();
        })
        .await;
    let named = |kept: &str| {
        let report = verify(&file_of(&world), &keys, Some(kept)).unwrap();
        report.findings.first().map(|finding| finding.sequence)
    };
    world.append((1..=9).map(payment).collect()).await;
    assert_eq!(named(&kept), Some(10), "too short");
    world.append(vec![payment(10), payment(11)]).await;
    assert_eq!(
        first_bad(&file_of(&world), &keys),
        None,
        "by itself it is without a fault"
    );
    assert_eq!(named(&kept), Some(10), "another one");
    assert_eq!(named("no checkpoint"), Some(0));
}

#[tokio::test]
async fn what_is_no_history_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    assert!(matches!(verify(&missing, &[], None), Err(AuditError::Unreadable(_))));
    let empty = folder.path().join("empty.db");
    rusqlite::Connection::open(&empty)
        .unwrap()
        .execute_batch("CREATE TABLE entries (x)")
        .unwrap();
    assert!(matches!(verify(&empty, &[], None), Err(AuditError::Outdated)));
}
