//! I1–I4, I6: processes are killed while sixteen clients pay. What was acknowledged is in the ledger, and what was not
//! acknowledged ends all the same, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use testkit::person::{Person, is_ended};
use testkit::provider::{RunMode, UP};
use testkit::wait::eventually;
use tokio::task::JoinSet;

use crate::world::{World, assert_success, long_tests};

const CLIENTS: usize = 16;
const MONEY: i64 = 50_000_000;
const TOTAL: i64 = 1_000;

/// A payment that a client wanted, and what it was told when it was told the end.
struct Wanted {
    va_number: String,
    told: Option<Value>,
}

/// Clients that pay one bill after the other, and repeat with the same key what was not answered.
struct Load {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    clients: JoinSet<(Person, Vec<Wanted>)>,
}

impl Load {
    async fn start(world: &World) -> Self {
        world.marketplace.bill_everything(TOTAL);
        let mut load = Self {
            stop: Arc::default(),
            acknowledged: Arc::default(),
            clients: JoinSet::new(),
        };
        for number in 0..CLIENTS {
            let person = world.person(&format!("client{number}"), MONEY).await;
            let (stop, acknowledged) = (Arc::clone(&load.stop), Arc::clone(&load.acknowledged));
            load.clients.spawn(async move {
                let mut wanted = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let va_number = format!("DS-8800{number:03}{:07}", wanted.len());
                    let told = pay(&person, &va_number, &stop).await;
                    acknowledged.fetch_add(usize::from(told.is_some()), Ordering::Relaxed);
                    wanted.push(Wanted { va_number, told });
                }
                (person, wanted)
            });
        }
        load
    }

    /// Waits until this many more payments were acknowledged than now.
    async fn acknowledges(&self, more: usize) {
        let before = self.acknowledged.load(Ordering::Relaxed);
        eventually("payments are acknowledged", async || {
            (self.acknowledged.load(Ordering::Relaxed) >= before + more).then_some(())
        })
        .await;
    }

    /// Ends the load, and holds the provider to its word.
    async fn finish(self, world: &World) {
        self.stop.store(true, Ordering::Relaxed);
        let mut paid = BTreeMap::new();
        for (person, wanted) in self.clients.join_all().await {
            let count = i64::try_from(wanted.len()).expect("few");
            for payment in wanted {
                let ended = person
                    .insist(person.payment(&payment.va_number, TOTAL, Some(&payment.va_number)))
                    .await;
                // Nobody was refused anything, so in the end everything that was wanted is paid.
                assert_success(&ended);
                if let Some(told) = payment.told {
                    assert_eq!(told, ended, "what was acknowledged stays so");
                }
                paid.insert(payment.va_number, ended["transactionId"].clone());
            }
            assert_eq!(person.balance().await, MONEY - TOTAL * count);
        }
        world.settle().await;
        let notified: BTreeSet<String> = world.marketplace.all_notified().into_iter().collect();
        let mut events: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for webhook in world.marketplace.all_webhooks() {
            assert!(webhook.verified, "{webhook:?}");
            let va_number = webhook.body["data"]["vaNumber"].as_str().unwrap_or_default().to_owned();
            events.entry(va_number).or_default().insert(webhook.id);
        }
        for va_number in paid.keys() {
            assert!(notified.contains(va_number), "{va_number} was not told");
            assert_eq!(
                events.get(va_number).map(BTreeSet::len),
                Some(1),
                "{va_number}: one event"
            );
        }
        assert_eq!(events.len(), paid.len(), "nothing was told that was not paid");
    }
}

/// Pays a bill, repeating until the end is told; `None` when the load stops before.
async fn pay(person: &Person, va_number: &str, stop: &AtomicBool) -> Option<Value> {
    loop {
        let answer = person
            .try_transact(person.payment(va_number, TOTAL, Some(va_number)))
            .await;
        let told = answer.and_then(|answer| answer.body.pointer("/data/createTransaction").cloned());
        if let Some(told) = told.filter(is_ended) {
            return Some(told);
        }
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Kills `parts` under load, leaves them dead for a moment, and starts them again; twice.
async fn killed_under_load(mode: RunMode, parts: &[&str]) {
    let mut world = World::start(mode).await;
    let load = Load::start(&world).await;
    for _ in 0..2 {
        load.acknowledges(2 * CLIENTS).await;
        for part in parts {
            world.provider.kill(part).await;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        for part in parts {
            world.provider.start(part).await;
        }
    }
    load.acknowledges(2 * CLIENTS).await;
    load.finish(&world).await;
    world.close().await;
}

#[tokio::test]
async fn i1_the_wallet_is_killed_under_load() {
    killed_under_load(RunMode::Served, &["wallet"]).await;
}

#[tokio::test]
async fn i2_everything_in_one_process_is_killed_under_load() {
    killed_under_load(RunMode::Up, &[UP]).await;
}

#[tokio::test]
async fn i2_the_orchestrator_is_killed_under_load() {
    if long_tests("i2_the_orchestrator_is_killed_under_load") {
        killed_under_load(RunMode::Served, &["transactions"]).await;
    }
}

#[tokio::test]
async fn i6_history_is_killed_under_load() {
    if long_tests("i6_history_is_killed_under_load") {
        killed_under_load(RunMode::Served, &["history"]).await;
    }
}

#[tokio::test]
async fn i6_fraud_is_killed_under_load() {
    if long_tests("i6_fraud_is_killed_under_load") {
        killed_under_load(RunMode::Served, &["fraud"]).await;
    }
}

#[tokio::test]
async fn i6_auth_is_killed_under_load() {
    if long_tests("i6_auth_is_killed_under_load") {
        killed_under_load(RunMode::Served, &["auth"]).await;
    }
}

#[tokio::test]
async fn i2_wallet_and_orchestrator_are_killed_together() {
    if long_tests("i2_wallet_and_orchestrator_are_killed_together") {
        killed_under_load(RunMode::Served, &["transactions", "wallet"]).await;
    }
}

#[tokio::test]
async fn i2_all_six_are_killed_at_once() {
    let mut world = World::start(RunMode::Served).await;
    let load = Load::start(&world).await;
    for _ in 0..2 {
        load.acknowledges(2 * CLIENTS).await;
        world.provider.kill_all().await;
        world.provider.start_all().await;
    }
    load.acknowledges(2 * CLIENTS).await;
    load.finish(&world).await;
    world.close().await;
}
