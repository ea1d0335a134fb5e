//! Captures as payments with splits make them: in parts, to several merchants and the fees.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::world::*;

const MERCHANTS: usize = 5;

/// A buyer with 1,000.00 of which 500.00 are held under hold 1, and five merchants.
async fn stage() -> (World, String, Vec<String>) {
    let world = World::sandbox().await;
    let buyer = world.wallet_with(&world.person("usr_ani"), 1_000).await;
    let mut merchants = Vec::new();
    for number in 0..MERCHANTS {
        merchants.push(world.merchant_wallet(&format!("mrc_{number:026}")).await);
    }
    let input = hold(1, &buyer, "usr_ani", 50_000, world.in_seconds(3_600));
    let held = world.tell(AUTHORIZE, json!({ "inputs": [input] })).await;
    assert_eq!(held.data()["authorizeHolds"][0]["state"], json!("PENDING"));
    (world, buyer, merchants)
}

/// So much for each merchant, and the fee.
fn capture(number: u32, buyer: &str, merchants: &[String], each: i64, fee: i64) -> Value {
    let total = each * merchants.len() as i64 + fee;
    let mut lines = vec![(buyer, -total), ("fees:IDR", fee)];
    lines.extend(merchants.iter().map(|merchant| (merchant.as_str(), each)));
    lines.retain(|(_, minor)| *minor != 0);
    let mut input = transfer(&transfer_id(number), None, &lines);
    input["kind"] = json!("CAPTURE");
    input["holdId"] = json!(hold_id(1));
    input
}

async fn left(world: &World) -> (Value, Value, Value) {
    let facts = world.tell(FENCE_HOLDS, json!({ "ids": [hold_id(1)] })).await;
    let facts = &facts.data()["fenceHolds"][0];
    (
        facts["state"].clone(),
        facts["capturedMinor"].clone(),
        facts["remainingMinor"].clone(),
    )
}

#[tokio::test]
async fn a_hold_is_captured_in_parts_to_five_merchants_and_the_fees() {
    let (world, buyer, merchants) = stage().await;
    let first = capture(1, &buyer, &merchants, 3_980, 100);
    for _ in 0..3 {
        assert_eq!(world.post(std::slice::from_ref(&first)).await, ["POSTED"]);
    }
    assert_eq!(left(&world).await, (json!("PENDING"), json!(20_000), json!(30_000)));
    assert_eq!(world.balances(&buyer).await, (json!(800), json!(500)));
    assert_eq!(world.balances(&merchants[4]).await.0, json!(39.8));
    // One unit more than what is left is refused, and nobody gets any of it; the rest to the last unit is not.
    let too_much = capture(2, &buyer, &merchants, 6_000, 1);
    assert_eq!(world.post(&[too_much]).await, ["HOLD_EXCEEDED"]);
    let rest = capture(3, &buyer, &merchants, 6_000, 0);
    assert_eq!(world.post(&[rest]).await, ["POSTED"]);
    assert_eq!(left(&world).await, (json!("CAPTURED"), json!(50_000), json!(0)));
    assert_eq!(
        world.post(&[capture(4, &buyer, &merchants, 1, 0)]).await,
        ["HOLD_NOT_PENDING"]
    );
    for merchant in &merchants {
        assert_eq!(world.balances(merchant).await, (json!(99.8), json!(99.8)));
    }
    assert_eq!(world.balances(&buyer).await, (json!(500), json!(500)));
    world.end().await;
}

#[tokio::test]
async fn of_a_hundred_captures_at_once_as_many_are_posted_as_the_hold_has_room_for() {
    let (world, buyer, merchants) = stage().await;
    let world = Arc::new(world);
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let (world, input) = (Arc::clone(&world), capture(number, &buyer, &merchants, 1_400, 0));
            tokio::spawn(async move { world.post(&[input]).await.remove(0) })
        })
        .collect();
    let mut posted = 0;
    for task in tasks {
        match task.await.unwrap().as_str() {
            "POSTED" => posted += 1,
            refusal => assert_eq!(refusal, "HOLD_EXCEEDED"),
        }
    }
    // 70.00 each: seven times is 490.00 of 500.00.
    assert_eq!(posted, 7);
    assert_eq!(left(&world).await, (json!("PENDING"), json!(49_000), json!(1_000)));
    world.tell(VOID, json!({ "ids": [hold_id(1)] })).await.data();
    assert_eq!(world.balances(&buyer).await, (json!(510), json!(510)));
    for merchant in &merchants {
        assert_eq!(world.balances(merchant).await.0, json!(98));
    }
    Arc::into_inner(world).unwrap().end().await;
}

#[tokio::test]
async fn one_merchant_that_cannot_take_its_part_stops_the_whole_capture() {
    let (world, buyer, merchants) = stage().await;
    let frozen = json!({ "walletId": merchants[2] });
    world.ask(&world.admin(), FREEZE, frozen.clone()).await.data();
    let input = capture(1, &buyer, &merchants, 2_000, 50);
    assert_eq!(world.post(std::slice::from_ref(&input)).await, ["WALLET_FROZEN"]);
    assert_eq!(left(&world).await, (json!("PENDING"), json!(0), json!(50_000)));
    world.ask(&world.admin(), UNFREEZE, frozen).await.data();
    assert_eq!(
        world.post(&[input]).await,
        ["WALLET_FROZEN"],
        "an answer stands under its id"
    );
    let mut nowhere = merchants.clone();
    nowhere[1] = "wal_01ARZ3NDEKTSV4RRFFQ69G5FAX".to_owned();
    assert_eq!(
        world.post(&[capture(2, &buyer, &nowhere, 2_000, 50)]).await,
        ["WALLET_NOT_FOUND"]
    );
    for merchant in &merchants {
        assert_eq!(world.balances(merchant).await.0, json!(0));
    }
    assert_eq!(world.balances(&buyer).await, (json!(1_000), json!(500)));
    assert_eq!(
        world.post(&[capture(3, &buyer, &merchants, 2_000, 50)]).await,
        ["POSTED"]
    );
    world.end().await;
}

#[tokio::test]
async fn a_capture_takes_from_the_buyer_alone_and_never_from_a_merchant() {
    let (world, buyer, merchants) = stage().await;
    let variables = json!({ "walletId": merchants[0], "amount": 100 });
    world.ask(&world.admin(), TOPUP, variables).await.data();
    let lines = [(merchants[0].as_str(), -2_000), (buyer.as_str(), 2_000)];
    let mut from_merchant = transfer(&transfer_id(1), None, &lines);
    from_merchant["holdId"] = json!(hold_id(1));
    assert_eq!(world.post(&[from_merchant]).await, ["WALLET_NOT_OWNED"]);
    let lines = [
        (buyer.as_str(), -2_000),
        (merchants[0].as_str(), -1),
        (merchants[1].as_str(), 2_001),
    ];
    let mut from_both = transfer(&transfer_id(2), None, &lines);
    from_both["holdId"] = json!(hold_id(1));
    let answer = world.tell(POST, json!({ "inputs": [from_both] })).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(world.balances(&merchants[0]).await.0, json!(100));
    world.end().await;
}
