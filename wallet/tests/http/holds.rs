//! Holds as other services ask for them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::*;

async fn authorize(world: &World, input: Value) -> (Value, Value) {
    let answer = world.tell(AUTHORIZE, json!({ "inputs": [input] })).await;
    let held = &answer.data()["authorizeHolds"][0];
    (held["state"].clone(), held["refusal"].clone())
}

async fn capture(world: &World, number: u32, hold: u32, lines: &[(&str, i64)]) -> Value {
    let mut input = transfer(&transfer_id(number), Some("usr_ani"), lines);
    input["holdId"] = json!(hold_id(hold));
    let answer = world.tell(POST, json!({ "inputs": [input] })).await;
    let outcome = &answer.data()["postTransfers"][0];
    if outcome["posted"] == json!(true) {
        json!("POSTED")
    } else {
        outcome["refusal"].clone()
    }
}

async fn void(world: &World, number: u32) -> Value {
    let answer = world.tell(VOID, json!({ "ids": [hold_id(number)] })).await;
    let voided = &answer.data()["voidHolds"][0];
    json!([voided["state"], voided["capturedMinor"]])
}

fn in_an_hour(world: &World) -> i64 {
    world.in_seconds(3_600)
}

#[tokio::test]
async fn held_money_stays_visible_and_cannot_be_spent() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 100).await;
    let merchant = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    let input = hold(1, &wallet_id, "usr_ani", 6_000, in_an_hour(&world));
    for _ in 0..2 {
        assert_eq!(authorize(&world, input.clone()).await, (json!("PENDING"), json!(null)));
        assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(40)));
    }
    let deduct = world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": 40.01 }))
        .await;
    assert_eq!(
        deduct.body["errors"][0]["extensions"]["failureCode"],
        json!("INSUFFICIENT_FUNDS")
    );
    assert_eq!(
        authorize(&world, hold(2, &wallet_id, "usr_ani", 4_001, in_an_hour(&world)))
            .await
            .1,
        json!("INSUFFICIENT_FUNDS")
    );
    world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": 40 }))
        .await
        .data();

    assert_eq!(
        capture(
            &world,
            1,
            1,
            &[(&wallet_id, -2_500), (&merchant, 2_400), ("fees:IDR", 100)]
        )
        .await,
        json!("POSTED")
    );
    assert_eq!(world.balances(&wallet_id).await, (json!(35), json!(0)));
    assert_eq!(
        capture(&world, 2, 1, &[(&wallet_id, -3_501), (&merchant, 3_501)]).await,
        json!("HOLD_EXCEEDED")
    );
    assert_eq!(
        capture(&world, 3, 1, &[(&merchant, -2_000), (&wallet_id, 2_000)]).await,
        json!("WALLET_NOT_OWNED")
    );
    assert_eq!(void(&world, 1).await, json!(["CAPTURED", 2_500]));
    assert_eq!(world.balances(&wallet_id).await, (json!(35), json!(35)));
    assert_eq!(
        capture(&world, 4, 1, &[(&wallet_id, -1), (&merchant, 1)]).await,
        json!("HOLD_NOT_PENDING")
    );
    assert_eq!(
        authorize(&world, input).await.0,
        json!("CAPTURED"),
        "asked again, it tells where it stands"
    );
    world.end().await;
}

#[tokio::test]
async fn a_void_gives_everything_back_and_can_be_repeated() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    authorize(&world, hold(1, &wallet_id, "usr_ani", 10_000, in_an_hour(&world))).await;
    assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(0)));
    for _ in 0..3 {
        assert_eq!(void(&world, 1).await, json!(["VOIDED", 0]));
        assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(100)));
    }
    let unknown = world.tell(VOID, json!({ "ids": [hold_id(9)] })).await;
    assert_eq!(unknown.code(), "NOT_FOUND");
    world.end().await;
}

#[tokio::test]
async fn an_overdue_hold_cannot_be_captured_and_is_let_go_by_itself() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    authorize(&world, hold(1, &wallet_id, "usr_ani", 6_000, in_an_hour(&world))).await;
    let never = hold(2, &wallet_id, "usr_ani", 1, world.clock.now().micros());
    assert_eq!(
        authorize(&world, never).await,
        (json!("REFUSED"), json!("HOLD_NOT_PENDING"))
    );
    world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        capture(&world, 1, 1, &[(&wallet_id, -6_000), ("fees:IDR", 6_000)]).await,
        json!("HOLD_NOT_PENDING")
    );
    while world.balances(&wallet_id).await.1 != json!(100) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(void(&world, 1).await, json!(["EXPIRED", 0]));
    world.end().await;
}

#[tokio::test]
async fn holds_are_refused_for_what_is_not_theirs_and_ids_are_used_once() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    let merchant = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    let ends = in_an_hour(&world);
    let refused = |code: &str| (json!("REFUSED"), json!(code));
    assert_eq!(
        authorize(&world, hold(1, &wallet_id, "usr_budi", 1, ends)).await,
        refused("WALLET_NOT_OWNED")
    );
    let owner = "mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    assert_eq!(
        authorize(&world, hold(2, &merchant, owner, 1, ends)).await,
        refused("WALLET_NOT_FOUND")
    );
    let nowhere = "wal_01ARZ3NDEKTSV4RRFFQ69G5FAX";
    assert_eq!(
        authorize(&world, hold(3, nowhere, "usr_ani", 1, ends)).await,
        refused("WALLET_NOT_FOUND")
    );
    // A refusal stands, whatever became possible since.
    assert_eq!(
        authorize(&world, hold(4, &wallet_id, "usr_ani", 10_001, ends)).await,
        refused("INSUFFICIENT_FUNDS")
    );
    world
        .ask(&world.admin(), TOPUP, json!({ "walletId": wallet_id, "amount": 100 }))
        .await
        .data();
    assert_eq!(
        authorize(&world, hold(4, &wallet_id, "usr_ani", 10_001, ends)).await,
        refused("INSUFFICIENT_FUNDS")
    );

    for other in [
        hold(4, &wallet_id, "usr_ani", 1, ends),
        hold(4, &wallet_id, "usr_ani", 10_001, ends + 1),
        hold(4, &wallet_id, "usr_budi", 10_001, ends),
    ] {
        let answer = world.tell(AUTHORIZE, json!({ "inputs": [other] })).await;
        assert_eq!(answer.code(), "IDEMPOTENCY_KEY_REUSED");
    }
    for minor in [0, -1, 1_000_000_000_000_000] {
        let answer = world
            .tell(
                AUTHORIZE,
                json!({ "inputs": [hold(5, &wallet_id, "usr_ani", minor, ends)] }),
            )
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{minor}");
    }
    assert_eq!(
        capture(&world, 1, 8, &[(&wallet_id, -1), ("fees:IDR", 1)]).await,
        json!("HOLD_NOT_FOUND")
    );
    assert_eq!(world.balances(&wallet_id).await, (json!(200), json!(200)));
    world.end().await;
}
