//! Transfers as other services post and fence them.

use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn a_payment_goes_to_the_merchant_and_the_fees_and_repeating_it_is_harmless() {
    let world = World::sandbox().await;
    let buyer = world.wallet_with(&world.person("usr_ani"), 1_000).await;
    let merchant = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    assert_eq!(merchant, "wal_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    assert_eq!(world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await, merchant);
    let payment = transfer(
        &transfer_id(1),
        Some("usr_ani"),
        &[(&buyer, -20_000), (&merchant, 19_860), ("fees:IDR", 140)],
    );
    for _ in 0..3 {
        assert_eq!(world.post(std::slice::from_ref(&payment)).await, ["POSTED"]);
    }
    assert_eq!(world.post(&[payment.clone(), payment]).await, ["POSTED", "POSTED"]);
    assert_eq!(world.balances(&buyer).await.0, json!(800));
    assert_eq!(world.balances(&merchant).await.0, json!(198.6));
    world.end().await;
}

#[tokio::test]
async fn each_transfer_of_a_request_stands_for_itself_and_a_refusal_is_remembered() {
    let world = World::sandbox().await;
    let (ani, budi) = (
        world.wallet_with(&world.person("usr_ani"), 100).await,
        world.wallet_with(&world.person("usr_budi"), 0).await,
    );
    let pay = |number, user, minor: i64| transfer(&transfer_id(number), Some(user), &[(&ani, -minor), (&budi, minor)]);
    let batch = [
        pay(1, "usr_ani", 6_000),
        pay(2, "usr_ani", 6_000),
        pay(3, "usr_budi", 1),
        pay(4, "usr_ani", 4_000),
    ];
    let expect = ["POSTED", "INSUFFICIENT_FUNDS", "WALLET_NOT_OWNED", "POSTED"];
    assert_eq!(world.post(&batch).await, expect);
    // With money there now, the answers are the same: whoever asked first has acted on them.
    world
        .ask(&world.admin(), TOPUP, json!({ "walletId": ani, "amount": 1_000 }))
        .await
        .data();
    assert_eq!(world.post(&batch).await, expect);
    assert_eq!(world.balances(&ani).await.0, json!(1_000));
    world.end().await;
}

#[tokio::test]
async fn one_id_with_two_inputs_is_refused_and_nothing_of_the_request_is_kept() {
    let world = World::sandbox().await;
    let (ani, budi) = (
        world.wallet_with(&world.person("usr_ani"), 100).await,
        world.wallet_with(&world.person("usr_budi"), 0).await,
    );
    let pay = |number, minor: i64| transfer(&transfer_id(number), None, &[(&ani, -minor), (&budi, minor)]);
    assert_eq!(world.post(&[pay(1, 100)]).await, ["POSTED"]);
    let answer = world.tell(POST, json!({ "inputs": [pay(2, 100), pay(1, 101)] })).await;
    assert_eq!(answer.code(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(world.balances(&ani).await.0, json!(99));
    assert_eq!(
        world.post(&[pay(2, 200)]).await,
        ["POSTED"],
        "the second was never seen"
    );
    world.end().await;
}

#[tokio::test]
async fn a_fence_is_final() {
    let world = World::sandbox().await;
    let (ani, budi) = (
        world.wallet_with(&world.person("usr_ani"), 100).await,
        world.wallet_with(&world.person("usr_budi"), 0).await,
    );
    let pay = |number, minor: i64| transfer(&transfer_id(number), None, &[(&ani, -minor), (&budi, minor)]);
    let fence = async |ids: &[u32]| {
        let ids: Vec<String> = ids.iter().map(|&number| transfer_id(number)).collect();
        let answer = world.tell(FENCE, json!({ "ids": ids })).await;
        let outcomes = answer.data()["fenceTransfers"].as_array().unwrap().clone();
        outcomes
            .iter()
            .map(|outcome| (outcome["posted"] == json!(true), outcome["refusal"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        world.post(&[pay(1, 100), pay(2, 1_000_000)]).await,
        ["POSTED", "INSUFFICIENT_FUNDS"]
    );
    let cancelled = || (false, json!("TRANSFER_CANCELLED"));
    let expect = [
        (true, json!(null)),
        (false, json!("INSUFFICIENT_FUNDS")),
        cancelled(),
        cancelled(),
    ];
    assert_eq!(fence(&[1, 2, 3, 3]).await, expect);
    assert_eq!(world.post(&[pay(3, 100)]).await, ["TRANSFER_CANCELLED"]);
    assert_eq!(world.post(&[pay(3, 200)]).await, ["TRANSFER_CANCELLED"]);
    assert_eq!(fence(&[1, 2, 3, 3]).await, expect);
    assert_eq!(world.balances(&ani).await.0, json!(99));
    world.end().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_the_callers_mistake() {
    let world = World::sandbox().await;
    let ani = world.wallet_with(&world.person("usr_ani"), 100).await;
    let good = || transfer(&transfer_id(1), None, &[(&ani, -100), ("fees:IDR", 100)]);
    let with = |name: &str, value: Value| {
        let mut input = good();
        input[name] = value;
        input
    };
    let line = |account_id: &str, minor: Value| json!({ "accountId": account_id, "amountMinor": minor });
    for input in [
        with("transferId", json!("x")),
        with("transferId", json!(hold_id(1))),
        with("kind", json!("")),
        with("kind", json!("payment")),
        with("currency", json!("USD")),
        with("holdId", json!("x")),
        with("postings", json!([])),
        with("postings", json!([line(&ani, json!(-100))])),
        with(
            "postings",
            json!([line(&ani, json!(-100)), line("fees:IDR", json!(99))]),
        ),
        with("postings", json!([line(&ani, json!(-100)), line(&ani, json!(100))])),
        with("postings", json!([line(&ani, json!(0)), line("fees:IDR", json!(0))])),
        with(
            "postings",
            json!([line("usr_ani", json!(-100)), line("fees:IDR", json!(100))]),
        ),
        with(
            "postings",
            json!([line(&ani, json!(-100)), line("fees:USD", json!(100))]),
        ),
        with(
            "postings",
            json!([
                line(&ani, json!(-1_000_000_000_000_000_i64)),
                line("fees:IDR", json!(1_000_000_000_000_000_i64))
            ]),
        ),
    ] {
        let answer = world.tell(POST, json!({ "inputs": [input] })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{input} {}", answer.body);
    }
    for minor in [
        json!(1.5),
        json!("100"),
        json!(18_446_744_073_709_551_615_u64),
        json!(null),
    ] {
        let input = with("postings", json!([line(&ani, minor), line("fees:IDR", json!(100))]));
        let answer = world.tell(POST, json!({ "inputs": [input] })).await;
        assert_ne!(answer.code(), "OK", "{input}");
    }
    let many: Vec<Value> = (0..513)
        .map(|number| transfer(&transfer_id(number), None, &[(&ani, -1), ("fees:IDR", 1)]))
        .collect();
    assert_eq!(
        world.tell(POST, json!({ "inputs": many })).await.code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(world.balances(&ani).await.0, json!(100));
    assert_eq!(world.post(&many[..512]).await.len(), 512);
    assert_eq!(world.balances(&ani).await.0, json!(94.88));
    world.end().await;
}

#[tokio::test]
async fn nobody_is_debited_in_somebody_elses_name() {
    let world = World::sandbox().await;
    let ani = world.wallet_with(&world.person("usr_ani"), 100).await;
    let merchant = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    world
        .ask(&world.admin(), TOPUP, json!({ "walletId": merchant, "amount": 100 }))
        .await
        .data();
    let batch = [
        transfer(&transfer_id(1), Some("usr_budi"), &[(&ani, -100), (&merchant, 100)]),
        transfer(&transfer_id(2), Some("usr_ani"), &[(&merchant, -100), (&ani, 100)]),
        transfer(&transfer_id(3), Some(""), &[(&ani, -100), (&merchant, 100)]),
        transfer(
            &transfer_id(4),
            Some("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            &[(&merchant, -100), (&ani, 100)],
        ),
        transfer(
            &transfer_id(5),
            Some("usr_ani"),
            &[("bank_clearing:IDR", -100), (&ani, 100)],
        ),
    ];
    let not_owned = "WALLET_NOT_OWNED";
    assert_eq!(
        world.post(&batch).await,
        [not_owned, not_owned, not_owned, "POSTED", "POSTED"]
    );
    world.end().await;
}

#[tokio::test]
async fn other_services_learn_whose_a_wallet_is_and_what_is_in_it() {
    let world = World::sandbox().await;
    let ani = world.wallet_with(&world.person("usr_ani"), 100).await;
    let held = hold(1, &ani, "usr_ani", 2_500, world.in_seconds(60));
    world.tell(AUTHORIZE, json!({ "inputs": [held] })).await.data();
    let merchant = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    let ids = json!([merchant, "x", ani, "wal_01ARZ3NDEKTSV4RRFFQ69G5FAX", ani]);
    let answer = world.tell(WALLETS, json!({ "ids": ids })).await;
    let facts = |wallet_id: &str, owner_id: &str, name: &str| json!({ "walletId": wallet_id, "ownerId": owner_id, "name": name, "currency": "IDR", "status": "ACTIVE", "balanceMinor": 0, "heldMinor": 0 });
    let mut anis = facts(&ani, "usr_ani", "Dompet");
    anis["balanceMinor"] = json!(10_000);
    anis["heldMinor"] = json!(2_500);
    let shops = facts(&merchant, "mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV", "Toko");
    assert_eq!(answer.data()["wallets"], json!([shops, null, anis, null, anis]));
    world.end().await;
}
