//! The lane to history: what history says of an entry is final, what it says of anything else passes.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{World, until};
use outbox::history::{Direction, HistoryEntry, LANE, lane, message};
use peer::{Peer, ServiceTokens, Upstream};
use serde_json::{Value, json};
use service::{Secret, ServiceName};
use testkit::peers::{Call, FakePeer, Reply};

fn entry(number: i64) -> HistoryEntry {
    HistoryEntry {
        entry_key: format!("trx-{number}:SUCCESS:usr"),
        transaction_id: format!("trx-{number}"),
        user_id: "usr".into(),
        amount_minor: number,
        currency: "IDR".into(),
        kind: "PAYMENT".into(),
        status: "SUCCESS".into(),
        va_number: Some("DS-88001".into()),
        direction: Direction::Out,
        wallet_id: None,
        counterparty: None,
        failure_code: None,
        occurred_at: 1_800_000_000_000_000,
    }
}

async fn send(world: &World, count: i64) {
    let messages: Vec<(String, String)> = (0..count)
        .map(|number| message(&entry(number)))
        .map(|message| (message.ordering_key, message.payload))
        .collect();
    world.send(LANE, &messages).await;
}

fn start(folder: &std::path::Path, history: &FakePeer) -> World {
    let upstream = Upstream::in_process(history.router());
    let tokens = ServiceTokens::new(upstream.clone(), "wallet", Secret::new("secret"));
    World::start(folder, vec![lane(Peer::new(ServiceName::History, upstream, tokens))])
}

fn amounts(call: &Call) -> Vec<i64> {
    let inputs = call.variables["inputs"].as_array().unwrap();
    inputs
        .iter()
        .map(|input| input["amountMinor"].as_i64().unwrap())
        .collect()
}

fn accepted(call: &Call) -> Reply {
    Reply::Data(json!({ "appendEntries": vec!["hst"; amounts(call).len()] }))
}

/// Drives the clock until everything is delivered or parked.
async fn drain(world: &World, parked: i64) {
    until(async || {
        world.clock.advance(Duration::from_secs(60));
        world.outbox.nudge(LANE);
        world.counts().await == (0, parked)
    })
    .await;
}

#[tokio::test]
async fn entries_arrive_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let history = FakePeer::new(accepted);
    let world = start(folder.path(), &history);
    send(&world, 1).await;
    drain(&world, 0).await;
    let calls = history.calls();
    let expect = json!([{
        "entryKey": "trx-0:SUCCESS:usr", "transactionId": "trx-0", "userId": "usr", "amountMinor": 0, "currency": "IDR",
        "kind": "PAYMENT", "status": "SUCCESS", "vaNumber": "DS-88001", "direction": "OUT", "walletId": null,
        "counterparty": null, "failureCode": null, "occurredAt": 1_800_000_000_000_000_i64,
    }]);
    assert_eq!(calls[0].variables["inputs"], expect);
    assert_eq!(calls[0].authorization.as_deref(), Some("Bearer token-1"));
    world.end().await;
}

#[tokio::test]
async fn one_entry_that_is_refused_is_parked_alone() {
    for code in ["BAD_USER_INPUT", "CONFLICT", "IDEMPOTENCY_KEY_REUSED"] {
        let folder = tempfile::tempdir().unwrap();
        let history = FakePeer::new(move |call| {
            if amounts(call).contains(&3) {
                Reply::Error(code)
            } else {
                accepted(call)
            }
        });
        let world = start(folder.path(), &history);
        send(&world, 10).await;
        drain(&world, 1).await;
        world.end().await;
    }
}

#[tokio::test]
async fn trouble_that_is_not_the_entrys_parks_nothing() {
    let troubles = [
        Reply::Error("UNAUTHENTICATED"),
        Reply::Error("FORBIDDEN"),
        Reply::Error("INTERNAL"),
        Reply::Error("GRAPHQL_VALIDATION_FAILED"),
        Reply::Error("SERVICE_UNAVAILABLE"),
        Reply::Error(""),
        Reply::Raw(500, String::new()),
        Reply::Raw(200, "<html>".into()),
        Reply::Raw(200, "{}".into()),
        Reply::Panic,
    ];
    for trouble in troubles {
        let folder = tempfile::tempdir().unwrap();
        let troubled = Arc::new(AtomicBool::new(true));
        let history = FakePeer::new({
            let (troubled, trouble) = (Arc::clone(&troubled), trouble.clone());
            move |call| {
                if troubled.load(Ordering::SeqCst) {
                    trouble.clone()
                } else {
                    accepted(call)
                }
            }
        });
        let world = start(folder.path(), &history);
        send(&world, 3).await;
        until(async || attempts(&world).await > 0).await;
        assert_eq!(world.counts().await, (3, 0), "{trouble:?}");
        troubled.store(false, Ordering::SeqCst);
        drain(&world, 0).await;
        world.end().await;
    }
}

#[tokio::test]
async fn when_auth_gives_no_token_nothing_is_parked() {
    for trouble in [
        Reply::Error("UNAUTHENTICATED"),
        Reply::Error("BAD_USER_INPUT"),
        Reply::Raw(200, "x".into()),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let history = FakePeer::new(accepted);
        history.answer_tokens_with(Some(trouble.clone()));
        let world = start(folder.path(), &history);
        send(&world, 3).await;
        until(async || attempts(&world).await > 0).await;
        assert_eq!(
            (world.counts().await, history.calls().len()),
            ((3, 0), 0),
            "{trouble:?}"
        );
        history.answer_tokens_with(None);
        drain(&world, 0).await;
        world.end().await;
    }
}

#[tokio::test]
async fn an_entry_that_breaks_history_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let history = FakePeer::new(|call| {
        if amounts(call).contains(&3) {
            Reply::Error("INTERNAL")
        } else {
            accepted(call)
        }
    });
    let world = start(folder.path(), &history);
    send(&world, 10).await;
    world.until(1, 0).await;
    world.end().await;
}

#[tokio::test]
async fn what_is_no_entry_is_parked_and_the_others_go_out() {
    let folder = tempfile::tempdir().unwrap();
    let history = FakePeer::new(accepted);
    let world = start(folder.path(), &history);
    world
        .commit(LANE, &[("x".into(), "no JSON".into()), ("y".into(), "{}".into())])
        .await;
    send(&world, 2).await;
    drain(&world, 2).await;
    let told: Vec<Value> = history.calls().iter().flat_map(amounts).map(Value::from).collect();
    assert_eq!(told, [0, 1]);
    world.end().await;
}

async fn attempts(world: &World) -> i64 {
    let most = world.database.read(|snapshot| {
        snapshot.query_one("SELECT COALESCE(MIN(attempts), 0) FROM outbox", &[], |row| {
            row.get::<i64>(0)
        })
    });
    most.await.unwrap()
}
