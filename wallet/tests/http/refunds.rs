//! Transfers that take from several merchants at once and give it back to a buyer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::world::*;

/// A buyer without money, and five merchants with so much each (in minor units).
async fn stage(minor: [i64; 5]) -> (World, String, Vec<String>) {
    let world = World::sandbox().await;
    let buyer = world.wallet_with(&world.person("usr_ani"), 0).await;
    let mut merchants = Vec::new();
    for (number, minor) in minor.into_iter().enumerate() {
        let merchant = world.merchant_wallet(&format!("mrc_{number:026}")).await;
        if minor > 0 {
            let lines = [("bank_clearing:IDR", -minor), (&*merchant, minor)];
            let settled = transfer(&transfer_id(900 + number as u32), None, &lines);
            assert_eq!(world.post(&[settled]).await, ["POSTED"]);
        }
        merchants.push(merchant);
    }
    (world, buyer, merchants)
}

/// From each merchant so much, to the buyer.
fn refund(number: u32, buyer: &str, merchants: &[String], parts: &[i64]) -> Value {
    let mut lines: Vec<(&str, i64)> = merchants
        .iter()
        .map(String::as_str)
        .zip(parts.iter().map(|part| -part))
        .collect();
    lines.push((buyer, parts.iter().sum()));
    let mut input = transfer(&transfer_id(number), None, &lines);
    input["kind"] = json!("REFUND");
    input
}

async fn balances(world: &World, wallets: &[String]) -> Vec<i64> {
    let answer = world.tell(WALLETS, json!({ "ids": wallets })).await;
    let facts = answer.data()["wallets"].as_array().unwrap().clone();
    facts
        .iter()
        .map(|fact| fact["balanceMinor"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn a_refund_takes_from_five_merchants_at_once() {
    let (world, buyer, merchants) = stage([10_000, 2_000, 300, 40, 5]).await;
    let whole = refund(1, &buyer, &merchants, &[1_000, 2_000, 300, 4, 5]);
    for _ in 0..3 {
        assert_eq!(world.post(std::slice::from_ref(&whole)).await, ["POSTED"]);
        assert_eq!(balances(&world, &merchants).await, [9_000, 0, 0, 36, 0]);
        assert_eq!(balances(&world, std::slice::from_ref(&buyer)).await, [3_309]);
    }
    // In the name of nobody: neither the buyer nor one of the merchants owns them all.
    for (number, name) in [(2, "usr_ani"), (3, "mrc_00000000000000000000000000"), (4, "")] {
        let mut input = refund(number, &buyer, &merchants, &[1, 1, 1, 1, 1]);
        input["onBehalfOf"] = json!(name);
        assert_eq!(world.post(&[input]).await, ["WALLET_NOT_OWNED"]);
    }
    world.end().await;
}

#[tokio::test]
async fn one_merchant_that_cannot_give_its_part_back_keeps_all_the_others_theirs() {
    let (world, buyer, merchants) = stage([1_000, 1_000, 999, 1_000, 1_000]).await;
    let (admin, parts) = (world.admin(), [1_000; 5]);
    let untouched = [1_000, 1_000, 999, 1_000, 1_000];
    let poor = refund(1, &buyer, &merchants, &parts);
    assert_eq!(world.post(std::slice::from_ref(&poor)).await, ["INSUFFICIENT_FUNDS"]);
    assert_eq!(balances(&world, &merchants).await, untouched);

    let lines = [("bank_clearing:IDR", -1), (merchants[2].as_str(), 1)];
    assert_eq!(world.post(&[transfer(&transfer_id(2), None, &lines)]).await, ["POSTED"]);
    assert_eq!(
        world.post(&[poor]).await,
        ["INSUFFICIENT_FUNDS"],
        "an answer stands under its id"
    );

    // The last one and the buyer: frozen wherever it stands in the transfer.
    for (number, wallet) in [(3, &merchants[4]), (4, &merchants[0]), (5, &buyer)] {
        let frozen = json!({ "walletId": wallet });
        world.ask(&admin, FREEZE, frozen.clone()).await.data();
        let input = refund(number, &buyer, &merchants, &parts);
        assert_eq!(world.post(&[input]).await, ["WALLET_FROZEN"]);
        world.ask(&admin, UNFREEZE, frozen).await.data();
    }
    assert_eq!(balances(&world, &merchants).await, [1_000; 5]);
    assert_eq!(balances(&world, std::slice::from_ref(&buyer)).await, [0]);
    assert_eq!(world.post(&[refund(6, &buyer, &merchants, &parts)]).await, ["POSTED"]);
    assert_eq!(balances(&world, &merchants).await, [0; 5]);
    world.end().await;
}

#[tokio::test]
async fn a_hundred_refunds_at_once_take_no_more_than_there_is() {
    let (world, buyer, merchants) = stage([10_000, 10_000, 5_000, 7_300, 10_000]).await;
    let world = Arc::new(world);
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let (world, input) = (Arc::clone(&world), refund(number, &buyer, &merchants, &[700; 5]));
            tokio::spawn(async move { world.post(&[input]).await.remove(0) })
        })
        .collect();
    let mut posted = 0;
    for task in tasks {
        match task.await.unwrap().as_str() {
            "POSTED" => posted += 1,
            refusal => assert_eq!(refusal, "INSUFFICIENT_FUNDS"),
        }
    }
    // The third has 50.00, which is 7.00 seven times.
    assert_eq!(posted, 7);
    assert_eq!(balances(&world, &merchants).await, [5_100, 5_100, 100, 2_400, 5_100]);
    assert_eq!(balances(&world, std::slice::from_ref(&buyer)).await, [7 * 5 * 700]);
    Arc::into_inner(world).unwrap().end().await;
}

#[tokio::test]
async fn a_merchants_wallet_is_never_negative_whoever_asks() {
    let (world, buyer, merchants) = stage([500, 0, 0, 0, 0]).await;
    let shop = merchants[0].as_str();
    let attempts = [
        transfer(&transfer_id(1), None, &[(shop, -501), (&buyer, 501)]),
        transfer(&transfer_id(2), None, &[(shop, -501), ("bank_clearing:IDR", 501)]),
        transfer(&transfer_id(3), None, &[(shop, -501), ("fees:IDR", 501)]),
        transfer(
            &transfer_id(4),
            Some("mrc_00000000000000000000000000"),
            &[(shop, -501), (&buyer, 501)],
        ),
        transfer(
            &transfer_id(5),
            None,
            &[(shop, -999_999_999_999_999), (&buyer, 999_999_999_999_999)],
        ),
        transfer(&transfer_id(6), None, &[("fees:IDR", -1), (&buyer, 1)]),
    ];
    assert_eq!(world.post(&attempts).await, ["INSUFFICIENT_FUNDS"; 6]);
    let by_hand = json!({ "walletId": shop, "amount": 5.01 });
    let refused = world.ask(&world.admin(), DEDUCT, by_hand).await;
    assert_eq!(
        refused.body["errors"][0]["extensions"]["failureCode"],
        json!("INSUFFICIENT_FUNDS")
    );
    // To the last unit is not too much.
    let all = transfer(&transfer_id(7), None, &[(shop, -500), (&buyer, 500)]);
    assert_eq!(world.post(&[all]).await, ["POSTED"]);
    assert_eq!(balances(&world, &merchants).await, [0; 5]);
    world.end().await;
}
