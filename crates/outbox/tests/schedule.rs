//! When what failed is tried again, and when it is given up.

mod common;

use std::time::Duration;

use common::{Script, World, lane, message, retry, until};
use outbox::{Outcome, Schedule};

#[tokio::test]
async fn a_merchant_gets_ten_attempts_at_their_times_and_then_the_message_is_parked() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| {
        if message.payload == "dead" {
            retry()
        } else {
            Outcome::Delivered
        }
    });
    let world = World::start(folder.path(), vec![lane("a", Schedule::Merchant, script.clone())]);
    world
        .send("a", &[message("order-1", "dead"), message("order-1", "next")])
        .await;
    for attempt in 1..10 {
        until(async || attempts_of_waiting(&world).await == Some(attempt)).await;
        let pause = Schedule::Merchant.pause(attempt).unwrap();
        // A little before its time nothing happens …
        world.clock.advance(pause - Duration::from_secs(1));
        world.pass("a", &script).await;
        assert_eq!(script.attempts_at("dead"), attempt as usize);
        // … and after it, jitter included, the next attempt does.
        world.clock.advance(pause.mul_f64(0.1) + Duration::from_secs(2));
        world.outbox.nudge("a");
        until(async || script.attempts_at("dead") == attempt as usize + 1).await;
    }
    world.until(0, 1).await;
    assert_eq!(
        script.delivered("order-1"),
        ["next"],
        "what is parked no longer holds up what follows"
    );
    world.clock.advance(Duration::from_secs(100 * 24 * 3_600));
    world.pass("a", &script).await;
    assert_eq!(script.attempts_at("dead"), 10);
    assert_eq!(parked_reason(&world).await, "not now");
    world.end().await;
}

async fn attempts_of_waiting(world: &World) -> Option<u32> {
    let found = world.database.read(|snapshot| {
        snapshot.query_opt(
            "SELECT attempts FROM outbox WHERE payload = 'dead' AND state = 'WAITING'",
            &[],
            |row| row.get::<u32>(0),
        )
    });
    found.await.unwrap()
}

async fn parked_reason(world: &World) -> String {
    let found = world.database.read(|snapshot| {
        snapshot.query_one("SELECT last_error FROM outbox WHERE state = 'PARKED'", &[], |row| {
            row.get::<String>(0)
        })
    });
    found.await.unwrap()
}

#[tokio::test]
async fn our_own_receivers_are_never_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| {
        if message.attempts < 40 {
            retry()
        } else {
            Outcome::Delivered
        }
    });
    let world = World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, script.clone())]);
    world.send("a", &[message("k", "x")]).await;
    until(async || {
        world.clock.advance(Duration::from_secs(31));
        world.outbox.nudge("a");
        world.counts().await == (0, 0)
    })
    .await;
    assert_eq!(script.attempts_at("x"), 41);
    let counted: Vec<u32> = script.seen().iter().map(|seen| seen.attempts).collect();
    assert_eq!(counted, (0..41).collect::<Vec<u32>>());
    world.end().await;
}

#[tokio::test]
async fn a_receiver_may_ask_for_a_longer_pause_and_for_no_shorter_one() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| match (message.attempts, message.payload.parse()) {
        (0, Ok(seconds)) => Outcome::Retry {
            reason: "later".into(),
            after: Some(Duration::from_secs(seconds)),
        },
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![lane("a", Schedule::Merchant, script.clone())]);
    world.send("a", &[message("long", 3_600), message("short", 0)]).await;
    until(async || script.attempts_at("3600") == 1 && script.attempts_at("0") == 1).await;
    world.pass("a", &script).await;
    assert_eq!((script.attempts_at("3600"), script.attempts_at("0")), (1, 1));
    world.clock.advance(Duration::from_secs(6));
    world.outbox.nudge("a");
    until(async || script.attempts_at("0") == 2).await;
    world.clock.advance(Duration::from_secs(3_500));
    world.pass("a", &script).await;
    assert_eq!(script.attempts_at("3600"), 1);
    world.clock.advance(Duration::from_secs(100));
    world.outbox.nudge("a");
    world.until(0, 0).await;
    world.end().await;
}

#[tokio::test]
async fn what_can_never_be_delivered_is_parked_at_once_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| match message.payload.as_str() {
        "gone" => Outcome::Park {
            reason: "ü".repeat(5_000),
        },
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, script.clone())]);
    world.send("a", &[message("k", "gone"), message("k", "next")]).await;
    world.until(0, 1).await;
    assert_eq!(script.delivered("k"), ["next"]);
    assert_eq!(parked_reason(&world).await, "ü".repeat(300));
    world.end().await;
}

#[tokio::test]
async fn watchers_learn_of_a_delivery_and_only_of_that() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| match (message.payload.as_str(), message.attempts) {
        ("late", 0) => retry(),
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, script.clone())]);
    assert!(world.outbox.watch("b", "k").is_none());
    world.outbox.nudge("b");

    let (first, second) = (
        world.outbox.watch("a", "k").unwrap(),
        world.outbox.watch("a", "k").unwrap(),
    );
    let other = world.outbox.watch("a", "other").unwrap();
    let late = world.outbox.watch("a", "late").unwrap();
    let dropped = world.outbox.watch("a", "k").unwrap();
    drop(dropped);
    world.send("a", &[message("k", "x"), message("late", "late")]).await;
    let patience = Duration::from_secs(600);
    assert!(first.within(patience).await);
    assert!(second.within(patience).await);
    until(async || script.attempts_at("late") == 1).await;
    world.pass("a", &script).await;
    assert!(!other.within(Duration::ZERO).await, "nothing of that key was delivered");
    assert!(!late.within(Duration::ZERO).await, "it was tried, not delivered");

    let late = world.outbox.watch("a", "late").unwrap();
    world.clock.advance(Duration::from_secs(60));
    world.outbox.nudge("a");
    assert!(late.within(patience).await);
    world.end().await;
}
