//! Every message goes out, in order per key, whoever fails, panics or restarts meanwhile.

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Script, World, lane, message, retry, until};
use outbox::{Lane, Message, Outcome, Receiver, Schedule};
use tokio::sync::Semaphore;

#[tokio::test]
async fn messages_of_one_key_go_out_in_their_order_whatever_fails() {
    let folder = tempfile::tempdir().unwrap();
    // Every third message fails at first, every ninth twice.
    let script = Script::new(|message| {
        let number: u32 = message.payload.parse().unwrap();
        let failures = if number.is_multiple_of(9) {
            2
        } else {
            u32::from(number.is_multiple_of(3))
        };
        if message.attempts < failures {
            retry()
        } else {
            Outcome::Delivered
        }
    });
    let world = World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, script.clone())]);
    let keys = ["k0", "k1", "k2", "k3", "k4", "k5", "k6"];
    for start in (0..300).step_by(30) {
        let messages: Vec<_> = (start..start + 30)
            .map(|number| message(keys[number * number % 7], number))
            .collect();
        world.send("a", &messages).await;
    }
    until(async || {
        world.clock.advance(Duration::from_secs(60));
        world.outbox.nudge("a");
        world.counts().await == (0, 0)
    })
    .await;
    for key in keys {
        let expect: Vec<String> = (0..300)
            .filter(|number| keys[number * number % 7] == key)
            .map(|number| number.to_string())
            .collect();
        assert_eq!(script.delivered(key), expect, "{key}");
        // Nor was a later one so much as tried before an earlier one had arrived.
        let tried: Vec<usize> = script
            .seen()
            .iter()
            .filter(|seen| seen.key == key)
            .map(|seen| seen.payload.parse().unwrap())
            .collect();
        assert!(tried.is_sorted(), "{key}: {tried:?}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_messages_are_drained() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::willing();
    let wide = Lane {
        batch_max: 100,
        concurrency: 4,
        ..lane("a", Schedule::UntilDelivered, script.clone())
    };
    let world = World::start(folder.path(), vec![wide]);
    for start in (0..5_000).step_by(500) {
        let messages: Vec<_> = (start..start + 500)
            .map(|number| message(&format!("key-{}", number % 700), number))
            .collect();
        world.send("a", &messages).await;
    }
    world.until(0, 0).await;
    let delivered = script.all_delivered();
    assert_eq!(delivered.values().map(Vec::len).sum::<usize>(), 5_000);
    for (key, payloads) in delivered {
        let numbers: Vec<u32> = payloads.iter().map(|payload| payload.parse().unwrap()).collect();
        assert!(numbers.is_sorted(), "{key}: {numbers:?}");
    }
    world.end().await;
}

#[test]
fn what_was_under_way_when_the_process_died_goes_out_after_the_restart() {
    let folder = tempfile::tempdir().unwrap();
    let before = Arc::new(Stuck::default());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, before.clone())]);
        let messages: Vec<_> = (0..40)
            .map(|number| message(&format!("key-{}", number % 20), number))
            .collect();
        world.send("a", &messages).await;
        until(async || before.handed_over.load(Ordering::SeqCst) > 0).await;
        // As a crash leaves it: nobody is told to stop. Only the file's lock has to go for the second life.
        world.database.close().await;
    });
    runtime.shutdown_background();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let script = Script::willing();
        let world = loop {
            let attempt = std::panic::AssertUnwindSafe(async {
                World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, script.clone())])
            });
            // The first life's threads let go of the file in their own time.
            match futures::FutureExt::catch_unwind(attempt).await {
                Ok(world) => break world,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        world.until(0, 0).await;
        let delivered = script.all_delivered();
        for number in 0..20 {
            assert_eq!(
                delivered[&format!("key-{number}")],
                [number.to_string(), (number + 20).to_string()]
            );
        }
        world.end().await;
    });
}

/// Takes messages and never answers.
#[derive(Default)]
struct Stuck {
    handed_over: AtomicUsize,
}

#[async_trait::async_trait]
impl Receiver for Stuck {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        self.handed_over.fetch_add(messages.len(), Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_lane_that_is_stuck_or_failing_holds_up_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (stuck, failing, willing) = (Arc::new(Stuck::default()), Script::new(|_| retry()), Script::willing());
    let world = World::start(
        folder.path(),
        vec![
            lane("stuck", Schedule::Merchant, stuck.clone()),
            lane("failing", Schedule::Merchant, failing.clone()),
            lane("willing", Schedule::UntilDelivered, willing.clone()),
        ],
    );
    let messages: Vec<_> = (0..100)
        .map(|number| message(&format!("key-{}", number % 10), number))
        .collect();
    for name in ["stuck", "failing", "willing"] {
        world.send(name, &messages).await;
    }
    until(async || willing.seen().len() == 100 && failing.seen().len() == 10).await;
    world.until(200, 0).await;
    assert!(stuck.handed_over.load(Ordering::SeqCst) <= 10);
    // Not `end`: the stuck one would be waited for.
    world.database.close().await;
}

#[tokio::test]
async fn a_receiver_that_panics_has_failed_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::new(|message| {
        assert!(message.payload != "bomb" || message.attempts == 2, "on purpose");
        Outcome::Delivered
    });
    let alone = Lane {
        batch_max: 1,
        ..lane("a", Schedule::UntilDelivered, script.clone())
    };
    let world = World::start(folder.path(), vec![alone]);
    world
        .send(
            "a",
            &[message("k", "bomb"), message("k", "after"), message("other", "well")],
        )
        .await;
    until(async || script.delivered("other") == ["well"]).await;
    for _ in 0..3 {
        world.pass("a", &script).await;
    }
    assert_eq!(attempts_noted(&world).await, 1, "it is not tried again before its time");
    assert!(script.delivered("k").is_empty());
    world.clock.advance(Duration::from_secs(60));
    world.outbox.nudge("a");
    until(async || attempts_noted(&world).await == 2).await;
    world.clock.advance(Duration::from_secs(60));
    world.outbox.nudge("a");
    world.until(0, 0).await;
    assert_eq!(script.delivered("k"), ["bomb", "after"]);
    world.end().await;
}

async fn attempts_noted(world: &World) -> i64 {
    let most = world.database.read(|snapshot| {
        snapshot.query_one("SELECT COALESCE(MAX(attempts), 0) FROM outbox", &[], |row| {
            row.get::<i64>(0)
        })
    });
    most.await.unwrap()
}

#[tokio::test]
async fn an_outcome_that_is_missing_is_a_failure_and_one_too_many_is_nothing() {
    struct Miscounting;
    #[async_trait::async_trait]
    impl Receiver for Miscounting {
        async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
            // At first it forgets the last one, later it invents some.
            let count = if messages[0].attempts == 0 {
                messages.len() - 1
            } else {
                messages.len() + 3
            };
            vec![Outcome::Delivered; count]
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(
        folder.path(),
        vec![lane("a", Schedule::UntilDelivered, Arc::new(Miscounting))],
    );
    world
        .send("a", &[message("k", 1), message("l", 2), message("m", 3)])
        .await;
    world.until(1, 0).await;
    until(async || attempts_noted(&world).await == 1).await;
    world.clock.advance(Duration::from_secs(60));
    world.outbox.nudge("a");
    world.until(0, 0).await;
    world.end().await;
}

/// Waits for permits, and watches how much is handed to it at once.
struct Watched {
    gate: Semaphore,
    state: Mutex<WatchedState>,
}

#[derive(Default)]
struct WatchedState {
    under_way: HashMap<String, usize>,
    deliveries: usize,
    deliveries_max: usize,
    batch_max: usize,
    taken: usize,
}

#[async_trait::async_trait]
impl Receiver for Watched {
    async fn deliver(&self, messages: &[Message]) -> Vec<Outcome> {
        {
            let mut state = self.state.lock().unwrap();
            state.deliveries += 1;
            state.deliveries_max = state.deliveries_max.max(state.deliveries);
            state.batch_max = state.batch_max.max(messages.len());
            for message in messages {
                let count = state.under_way.entry(message.ordering_key.clone()).or_default();
                *count += 1;
                assert_eq!(*count, 1, "two messages of one key are under way");
            }
        }
        self.gate.acquire().await.unwrap().forget();
        let mut state = self.state.lock().unwrap();
        state.deliveries -= 1;
        state.taken += messages.len();
        for message in messages {
            state.under_way.remove(&message.ordering_key);
        }
        vec![Outcome::Delivered; messages.len()]
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_under_way_than_the_lane_allows() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Arc::new(Watched {
        gate: Semaphore::new(0),
        state: Mutex::default(),
    });
    let narrow = Lane {
        batch_max: 4,
        concurrency: 3,
        ..lane("a", Schedule::UntilDelivered, watched.clone())
    };
    let world = World::start(folder.path(), vec![narrow]);
    let messages: Vec<_> = (0..200)
        .map(|number| message(&format!("key-{}", number % 25), number))
        .collect();
    world.send("a", &messages).await;
    until(async || watched.state.lock().unwrap().deliveries == 3).await;
    until(async || {
        world.outbox.nudge("a");
        watched.gate.add_permits(1);
        world.counts().await == (0, 0)
    })
    .await;
    let found = {
        let state = watched.state.lock().unwrap();
        (state.deliveries_max, state.batch_max, state.taken)
    };
    assert_eq!(found, (3, 4, 200));
    world.end().await;
}

#[tokio::test]
async fn stopping_lets_what_is_under_way_arrive_and_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let watched = Arc::new(Watched {
        gate: Semaphore::new(0),
        state: Mutex::default(),
    });
    let one_at_a_time = Lane {
        batch_max: 1,
        concurrency: 1,
        ..lane("a", Schedule::UntilDelivered, watched.clone())
    };
    let world = World::start(folder.path(), vec![one_at_a_time]);
    world
        .send("a", &[message("k", 1), message("l", 2), message("m", 3)])
        .await;
    until(async || watched.state.lock().unwrap().deliveries == 1).await;
    world.stop.cancel();
    watched.gate.add_permits(10);
    world.outbox.stopped().await;
    assert_eq!(watched.state.lock().unwrap().taken, 1);
    assert_eq!(world.counts().await, (2, 0));
    world.end().await;
}

#[tokio::test]
async fn without_a_nudge_messages_are_found_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let script = Script::willing();
    let world = World::start(folder.path(), vec![lane("a", Schedule::UntilDelivered, script.clone())]);
    world.commit("a", &[message("k", 1), message("k", 2)]).await;
    world.until(0, 0).await;
    assert_eq!(script.delivered("k"), ["1", "2"]);
    world.end().await;
}
