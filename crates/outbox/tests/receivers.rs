//! Receivers that share a lane: one that hangs, floods, fails or asks for rest holds up no other.

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Script, World, lane, message, retry, until};
use outbox::{Lane, Message, NewMessage, Outcome, Receiver, Schedule};
use store::StoreError;

fn shared(receiver: Arc<dyn Receiver>) -> Lane {
    Lane {
        batch_max: 1,
        concurrency: 8,
        receiver_concurrency: Some(3),
        ..lane("a", Schedule::Merchant, receiver)
    }
}

/// Never answers for `slow`, and at once for all others.
#[derive(Default)]
struct Hanging {
    called: AtomicUsize,
    taken: Mutex<HashMap<String, usize>>,
}

#[async_trait::async_trait]
impl Receiver for Hanging {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        if messages.iter().any(|message| message.receiver == "slow") {
            self.called.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<()>().await;
        }
        let mut taken = self.taken.lock().unwrap();
        for message in messages {
            *taken.entry(message.receiver.clone()).or_default() += 1;
        }
        vec![Outcome::Delivered; messages.len()]
    }
}

#[tokio::test]
async fn one_that_hangs_with_thousands_of_messages_leaves_room_for_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let hanging = Arc::new(Hanging::default());
    let world = World::start(folder.path(), vec![shared(hanging.clone())]);
    let slow: Vec<_> = (0..3_000)
        .map(|number| message(&format!("slow/{number}"), number))
        .collect();
    world.send("a", &slow).await;
    let others: Vec<_> = (0..300)
        .map(|number| message(&format!("r{}/{number}", number % 30), number))
        .collect();
    world.send("a", &others).await;
    world.until(3_000, 0).await;
    assert_eq!(hanging.called.load(Ordering::SeqCst), 3);
    let taken = hanging.taken.lock().unwrap().clone();
    assert_eq!((taken.len(), taken.values().sum::<usize>()), (30, 300));
    // Not `end`: the slow one would be waited for.
    world.database.close().await;
}

#[tokio::test]
async fn a_batch_is_for_one_receiver() {
    struct OneReceiver(Mutex<usize>);
    #[async_trait::async_trait]
    impl Receiver for OneReceiver {
        async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
            assert!(messages.iter().all(|message| message.receiver == messages[0].receiver));
            let mut largest = self.0.lock().unwrap();
            *largest = (*largest).max(messages.len());
            vec![Outcome::Delivered; messages.len()]
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let receiver = Arc::new(OneReceiver(Mutex::new(0)));
    let batches = Lane {
        batch_max: 8,
        ..shared(receiver.clone())
    };
    let world = World::start(folder.path(), vec![batches]);
    let messages: Vec<_> = (0..200)
        .map(|number| message(&format!("r{}/{number}", number % 5), number))
        .collect();
    world.send("a", &messages).await;
    world.until(0, 0).await;
    let largest = *receiver.0.lock().unwrap();
    assert!((2..=8).contains(&largest), "{largest}");
    world.end().await;
}

#[tokio::test]
async fn who_asks_for_rest_is_left_alone_and_its_other_messages_lose_no_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| match (message.payload.as_str(), message.attempts) {
        ("first", 0) => Outcome::Rest {
            reason: "too many".into(),
            after: Some(Duration::from_secs(600)),
        },
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![shared(script.clone())]);
    world.send("a", &[message("tired/1", "first")]).await;
    until(async || script.attempts_at("first") == 1).await;
    until(async || rests(&world).await == 1).await;
    world
        .send("a", &[message("tired/2", "second"), message("other/1", "other")])
        .await;
    until(async || script.delivered("other/1") == ["other"]).await;
    world.clock.advance(Duration::from_secs(599));
    world.pass("a", &script).await;
    assert_eq!(script.attempts_at("second"), 0);
    world.clock.advance(Duration::from_secs(2));
    world.outbox.nudge("a");
    world.until(0, 0).await;
    let attempts = |payload: &str| {
        let seen = script.seen();
        seen.iter().rfind(|seen| seen.payload == payload).unwrap().attempts
    };
    assert_eq!((attempts("first"), attempts("second")), (1, 0));
    assert_eq!(rests(&world).await, 0, "a delivery ends it");
    world.end().await;
}

async fn rests(world: &World) -> i64 {
    let count = world
        .database
        .read(|snapshot| snapshot.query_one("SELECT COUNT(*) FROM outbox_pauses", &[], |row| row.get::<i64>(0)));
    count.await.unwrap()
}

#[tokio::test]
async fn rests_grow_and_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|_| Outcome::Rest {
        reason: "too many".into(),
        after: None,
    });
    let world = World::start(folder.path(), vec![shared(script.clone())]);
    let messages: Vec<_> = (0..3)
        .map(|number| message(&format!("tired/{number}"), number))
        .collect();
    world.send("a", &messages).await;
    // All three may have been under way: side by side they are one strike.
    until(async || rests(&world).await == 1).await;
    world.clock.advance(Duration::from_secs(9));
    world.outbox.nudge("a");
    world.outbox.nudge("a");
    tokio::time::sleep(Duration::from_millis(50)).await;
    let before = script.seen().len();
    assert!(before <= 3, "{before}");
    world.clock.advance(Duration::from_secs(301));
    world.outbox.nudge("a");
    until(async || script.seen().len() > before).await;
    until(async || strikes(&world).await == 2).await;
    let clock = world.clock.clone();
    world.end().await;

    let awake = Script::willing();
    let world = World::start(folder.path(), vec![shared(awake.clone())]);
    world
        .clock
        .advance(clock.now().since(world.clock.now()) + Duration::from_secs(9));
    world.outbox.nudge("a");
    world.pass("a", &awake).await;
    let passed = awake.seen().iter().all(|seen| seen.payload == "pass");
    assert!(passed, "it rests still");
    world.clock.advance(Duration::from_secs(4_000));
    world.outbox.nudge("a");
    world.until(0, 0).await;
    world.end().await;
}

async fn strikes(world: &World) -> i64 {
    let most = world.database.read(|snapshot| {
        snapshot.query_one("SELECT COALESCE(MAX(strikes), 0) FROM outbox_pauses", &[], |row| {
            row.get::<i64>(0)
        })
    });
    most.await.unwrap()
}

#[tokio::test]
async fn what_is_postponed_has_lost_no_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&calls);
    let script = Script::new(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0..20 => Outcome::Postpone {
            reason: "our own fault".into(),
            after: Duration::from_secs(5),
        },
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![shared(script.clone())]);
    world.send("a", &[message("r/1", "x")]).await;
    until(async || {
        world.clock.advance(Duration::from_secs(6));
        world.outbox.nudge("a");
        world.counts().await == (0, 0)
    })
    .await;
    assert_eq!(calls.load(Ordering::SeqCst), 21, "more than a merchant's attempts");
    assert!(script.seen().iter().all(|seen| seen.attempts == 0));
    world.end().await;
}

#[tokio::test]
async fn what_waits_for_a_receiver_can_be_parked_taken_up_again_and_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| match message.attempts {
        0 if message.receiver == "r" => retry(),
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![shared(script.clone())]);
    world
        .send(
            "a",
            &[message("r/1", "one"), message("r/2", "two"), message("s/1", "three")],
        )
        .await;
    until(async || script.seen().len() == 3 && world.counts().await == (2, 0)).await;
    let now = world.clock.now();
    let parked = world
        .database
        .write(move |tx| outbox::park_waiting(tx, "a", "r", "closed", now));
    assert_eq!(parked.await.unwrap(), 2);
    world.clock.advance(Duration::from_secs(600));
    world.pass("a", &script).await;
    world.until(0, 2).await;
    assert_eq!((script.attempts_at("one"), script.attempts_at("two")), (1, 1));

    // Taken up again it begins anew; what was delivered is added once more.
    for (key, payload) in [("r/1", "one"), ("s/1", "three")] {
        let now = world.clock.now();
        let again = world.database.write(move |tx| {
            let message = NewMessage {
                lane: "a",
                ordering_key: key.into(),
                payload: payload.into(),
            };
            outbox::requeue(tx, &message, now)
        });
        again.await.unwrap();
    }
    world.outbox.nudge("a");
    until(async || script.attempts_at("one") == 2 && script.delivered("s/1").len() == 2).await;
    assert_eq!(
        script
            .seen()
            .iter()
            .rfind(|seen| seen.payload == "one")
            .unwrap()
            .attempts,
        0
    );
    until(async || world.counts().await == (1, 1)).await;

    let dropped = world.database.write(|tx| outbox::drop_all(tx, "a", "r"));
    assert_eq!(dropped.await.unwrap(), ["one", "two"]);
    assert_eq!(world.counts().await, (0, 0));
    world.end().await;
}

#[tokio::test]
async fn what_is_parked_while_it_is_under_way_stays_parked_if_it_fails() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    struct Gated(Arc<tokio::sync::Semaphore>, AtomicUsize);
    #[async_trait::async_trait]
    impl Receiver for Gated {
        async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
            self.1.fetch_add(1, Ordering::SeqCst);
            self.0.acquire().await.unwrap().forget();
            vec![retry(); messages.len()]
        }
    }
    let gated = Arc::new(Gated(Arc::clone(&gate), AtomicUsize::new(0)));
    let world = World::start(folder.path(), vec![shared(gated.clone())]);
    world.send("a", &[message("r/1", "x")]).await;
    until(async || gated.1.load(Ordering::SeqCst) == 1).await;
    let now = world.clock.now();
    let parked = world
        .database
        .write(move |tx| outbox::park_waiting(tx, "a", "r", "closed", now));
    assert_eq!(parked.await.unwrap(), 1);
    gate.add_permits(1);
    world.stop.cancel();
    world.outbox.stopped().await;
    let row = world.database.read(|snapshot| {
        snapshot.query_one("SELECT state, last_error FROM outbox", &[], |row| {
            Ok::<(String, String), StoreError>((row.get(0)?, row.get(1)?))
        })
    });
    assert_eq!(row.await.unwrap(), ("PARKED".to_owned(), "closed".to_owned()));
    world.database.close().await;
}

#[tokio::test]
async fn who_asks_for_rest_is_not_sent_what_was_taken_for_it_before() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| match message.receiver.as_str() {
        "tired" => Outcome::Rest {
            reason: "too many".into(),
            after: Some(Duration::from_secs(600)),
        },
        _ => Outcome::Delivered,
    });
    let world = World::start(folder.path(), vec![shared(script.clone())]);
    let messages: Vec<_> = (0..100)
        .map(|number| message(&format!("tired/{number}"), number))
        .collect();
    world.send("a", &messages).await;
    until(async || rests(&world).await == 1).await;
    world.pass("a", &script).await;
    let called = script
        .seen()
        .iter()
        .filter(|seen| seen.key.starts_with("tired/"))
        .count();
    assert!((1..=3).contains(&called), "{called} calls");
    world.end().await;
}

/// Takes everything, a little later, and remembers how many calls were under way at once.
#[derive(Default)]
struct Quick {
    under_way: AtomicUsize,
    most: AtomicUsize,
}

#[async_trait::async_trait]
impl Receiver for Quick {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        let under_way = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(under_way, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.under_way.fetch_sub(1, Ordering::SeqCst);
        vec![Outcome::Delivered; messages.len()]
    }
}

#[tokio::test]
async fn one_that_takes_what_it_gets_may_use_a_quarter_of_the_lane() {
    let folder = tempfile::tempdir().unwrap();
    let quick = Arc::new(Quick::default());
    let wide = Lane {
        concurrency: 32,
        receiver_concurrency: Some(1),
        ..shared(quick.clone())
    };
    let world = World::start(folder.path(), vec![wide]);
    let messages: Vec<_> = (0..400)
        .map(|number| message(&format!("big/{number}"), number))
        .collect();
    world.send("a", &messages).await;
    world.until(0, 0).await;
    assert_eq!(quick.most.load(Ordering::SeqCst), 8);
    world.end().await;
}
