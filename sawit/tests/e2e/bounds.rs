//! I6, I7: what is slow or huge stays its own problem.

use std::time::Duration;

use serde_json::json;
use testkit::marketplace::Behaviour;
use testkit::provider::{RunMode, UP};
use testkit::wait::eventually;

use crate::world::{World, assert_failed, assert_success, long_tests};

#[tokio::test]
async fn i6_a_slow_marketplace_holds_up_its_own_bills_and_nothing_else() {
    let world = World::start(RunMode::Up).await;
    let (payer, other) = (
        world.person("naruto", 1_000_000).await,
        world.person("sasuke", 1_000_000).await,
    );
    world.marketplace.bill_everything(1_000);
    world.marketplace.bills(Behaviour::Slow(Duration::from_secs(3_600)));
    let slow: Vec<_> = (0..12)
        .map(|number| {
            let (payer, va_number) = (payer.clone(), format!("DS-8800{number:05}"));
            tokio::spawn(async move { payer.transact(payer.payment(&va_number, 1_000, None)).await })
        })
        .collect();
    eventually("the slow ones are under way", async || {
        (payer.transactions().await.len() == 13).then_some(())
    })
    .await;
    for _ in 0..10 {
        other.deposit(1_000).await;
        assert_success(&other.transact(other.transfer(&payer.wallet_id, 1_000, None)).await);
    }
    let under_way = payer
        .transactions()
        .await
        .iter()
        .filter(|made| made["status"] == "PENDING")
        .count();
    assert_eq!(under_way, 12, "the others did not wait for the slow ones to end");
    for made in slow {
        assert_failed(&made.await.expect("the task ends"), "MERCHANT_UNAVAILABLE");
    }
    assert_eq!(payer.balance().await, 1_010_000);
    world.close().await;
}

#[tokio::test]
async fn i7_memory_stays_bounded_whatever_strangers_send() {
    if !long_tests("i7_memory_stays_bounded_whatever_strangers_send") {
        return;
    }
    let world = World::start(RunMode::Up).await;
    let person = world.person("naruto", 1_000).await;
    let resident = || world.provider.resident_bytes(UP);
    let flood = async |round: usize| {
        let requests = (0..64).map(|number| {
            let (api, id) = (person.api.clone(), round * 64 + number);
            async move {
                // Every document, token, key and number is one that was never seen before.
                let padding = "x".repeat(40_000);
                let document = format!("query Q{id} {{ myWallets {{ a{id}: walletName }} }} # {padding}");
                api.send(&document, json!({})).await;
                let stranger = api.with_token(format!("{id}.{}.{}", &padding[..1_500], &padding[..1_500]));
                stranger.send("{ myWallets { walletId } }", json!({})).await;
                let login = "mutation($t: String!) { refreshSession(refreshToken: $t) { access_token } }";
                stranger
                    .send(login, json!({ "t": format!("{id}{}", &padding[..10_000]) }))
                    .await;
            }
        });
        futures::future::join_all(requests).await;
    };
    for round in 0..4 {
        flood(round).await;
    }
    let before = resident();
    for round in 4..16 {
        flood(round).await;
    }
    let grown = resident().saturating_sub(before);
    // Some 30 MB of documents went through, and twice that of syntax trees; what is beyond the caches must be gone.
    assert!(grown < 48 << 20, "{} MB more than after the first rounds", grown >> 20);
    world.close().await;
}
