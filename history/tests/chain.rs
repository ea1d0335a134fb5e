//! The chain, seen from outside: gapless, continued, and broken by any change.

mod common;

use common::{World, payment, refused};
use serde_json::json;

const UNLOCK: &str = "DROP TRIGGER entries_are_never_changed; DROP TRIGGER entries_are_never_removed;";

#[tokio::test]
async fn concurrent_appends_are_gapless() {
    let world = World::start().await;
    let appends = (0..50_i64).map(|number| {
        let (api, token) = (world.api.clone(), world.service.clone());
        tokio::spawn(async move {
            let inputs: Vec<_> = (0..4).map(|part| payment(number * 10 + part)).collect();
            api.internal(Some(&token), common::APPEND, json!({ "inputs": inputs }))
                .await
        })
    });
    for append in appends.collect::<Vec<_>>() {
        assert_eq!(append.await.unwrap().code(), "OK");
    }
    assert_eq!(world.verify().await, (true, None, 200));
}

#[tokio::test]
async fn a_restart_continues_the_chain_and_stretches_join() {
    let mut world = World::start().await;
    let head = async |world: &World| {
        let answer = world.ask(&world.admin, "{ auditHead { sequence hash } }").await;
        answer.data()["auditHead"].clone()
    };
    assert_eq!(head(&world).await, json!({ "sequence": 0, "hash": "0".repeat(64) }));
    assert_eq!(world.verify().await, (true, None, 0));
    world.append((0..5).map(payment).collect()).await;
    let before = head(&world).await;
    world.restart(|_| {}).await;
    assert_eq!(head(&world).await, before);
    world.append((5..9).map(payment).collect()).await;
    assert_eq!(world.verify().await, (true, None, 9));

    let mut after = 0;
    let mut stretches = Vec::new();
    loop {
        let document = format!(
            "{{ verifyHistory(afterSequence: {after}, first: 4) {{ ok firstBadSequence lastSequence complete }} }}"
        );
        let answer = world.ask(&world.admin, &document).await;
        let verdict = answer.data()["verifyHistory"].clone();
        assert_eq!(verdict["ok"], json!(true));
        after = verdict["lastSequence"].as_i64().unwrap();
        stretches.push(after);
        if verdict["complete"] == json!(true) {
            break;
        }
    }
    assert_eq!(stretches, [4, 8, 9]);
    for arguments in ["afterSequence: -1", "afterSequence: 10", "first: 0", "first: 10001"] {
        let answer = world
            .ask(&world.admin, &format!("{{ verifyHistory({arguments}) {{ ok }} }}"))
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}");
    }
}

#[tokio::test]
async fn the_database_refuses_to_change_or_remove_an_entry() {
    let mut world = World::start().await;
    world.append((0..3).map(payment).collect()).await;
    world
        .restart(|file| {
            for sql in [
                "UPDATE entries SET amount = 1",
                "UPDATE entries SET hash = zeroblob(32)",
                "DELETE FROM entries",
            ] {
                let error = file.execute(sql, []).unwrap_err();
                assert!(error.to_string().contains("append-only"), "{sql}: {error}");
            }
        })
        .await;
    assert_eq!(world.verify().await, (true, None, 3));
}

/// Every column of an entry, and what somebody might do to the rest: the first bad entry is named.
#[tokio::test]
async fn any_change_to_the_file_is_named() {
    let texts = [
        "history_id",
        "entry_key",
        "transaction_id",
        "user_id",
        "currency",
        "kind",
        "status",
        "va_number",
        "direction",
        "wallet_id",
        "counterparty",
        "failure_code",
    ];
    let numbers = ["version", "amount", "occurred_at", "recorded_at"];
    let mut changes: Vec<(String, i64)> = Vec::new();
    for column in texts {
        changes.push((
            format!("UPDATE entries SET {column} = coalesce({column}, '') || 'x' WHERE sequence = 4"),
            4,
        ));
        changes.push((
            format!("UPDATE entries SET {column} = CAST(x'ff' AS TEXT) WHERE sequence = 5"),
            5,
        ));
    }
    for column in numbers {
        changes.push((
            format!("UPDATE entries SET {column} = {column} + 1 WHERE sequence = 6"),
            6,
        ));
    }
    for (sql, bad) in [
        ("UPDATE entries SET va_number = NULL WHERE sequence = 7", 7),
        ("UPDATE entries SET failure_code = NULL WHERE sequence = 4", 4),
        (
            "UPDATE entries SET failure_code = 'INSUFFICIENT_FUNDT' WHERE sequence = 4",
            4,
        ),
        ("UPDATE entries SET failure_code = '' WHERE sequence = 7", 7),
        ("UPDATE entries SET hash = zeroblob(32) WHERE sequence = 7", 7),
        ("UPDATE entries SET hash = zeroblob(31) WHERE sequence = 7", 7),
        ("UPDATE entries SET sequence = 700 WHERE sequence = 7", 7),
        ("UPDATE entries SET sequence = 100 WHERE sequence = 10", 10),
        ("UPDATE entries SET sequence = -1 WHERE sequence = 1", 1),
        ("DELETE FROM entries WHERE sequence = 3", 3),
        ("DELETE FROM entries WHERE sequence >= 9", 9),
        ("DELETE FROM entries", 1),
        ("UPDATE chain_head SET sequence = 8", 9),
        ("UPDATE chain_head SET sequence = 12", 11),
        ("UPDATE chain_head SET hash = zeroblob(32)", 10),
    ] {
        changes.push((sql.to_owned(), bad));
    }
    let mut world = World::start().await;
    // Two of which no field is empty.
    let of = |number| match number {
        4 | 5 => refused(number),
        _ => payment(number),
    };
    world.append((1..=10).map(of).collect()).await;
    world.restart(|file| file.execute_batch(UNLOCK).unwrap()).await;
    let good = std::cell::RefCell::new(Vec::new());
    let path = world.folder.path().join("data/history.db");
    world
        .restart(|_| *good.borrow_mut() = std::fs::read(&path).unwrap())
        .await;
    for (sql, bad) in changes {
        world
            .restart(|file| {
                assert!(file.execute(&sql, []).unwrap() > 0, "{sql}");
            })
            .await;
        assert_eq!(world.verify().await, (false, Some(bad), bad - 1), "{sql}");
        let path = path.clone();
        let good = good.borrow().clone();
        world.restart(move |_| std::fs::write(path, good).unwrap()).await;
        assert_eq!(world.verify().await, (true, None, 10), "after undoing {sql}");
    }
}

#[tokio::test]
async fn a_broken_trail_goes_on_recording() {
    let mut world = World::start().await;
    world.append((1..=5).map(payment).collect()).await;
    world
        .restart(|file| {
            file.execute_batch(UNLOCK).unwrap();
            file.execute("UPDATE entries SET amount = amount + 1 WHERE sequence = 2", [])
                .unwrap();
        })
        .await;
    world.append((6..=8).map(payment).collect()).await;
    assert_eq!(world.list("").await.len(), 8);
    assert_eq!(world.verify().await, (false, Some(2), 1));
    // Behind the bad entry everything still holds.
    let answer = world
        .ask(
            &world.admin,
            "{ verifyHistory(afterSequence: 2) { ok lastSequence complete } }",
        )
        .await;
    assert_eq!(
        answer.data()["verifyHistory"],
        json!({ "ok": true, "lastSequence": 8, "complete": true })
    );
}
