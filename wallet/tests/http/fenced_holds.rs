//! Holds that were given up before they came.

use serde_json::{Value, json};

use crate::world::*;

async fn fence(world: &World, numbers: &[u32]) -> Vec<Value> {
    let ids: Vec<String> = numbers.iter().map(|&number| hold_id(number)).collect();
    let answer = world.tell(FENCE_HOLDS, json!({ "ids": ids })).await;
    let facts = answer.data()["fenceHolds"].as_array().unwrap().clone();
    let named: Vec<&Value> = facts.iter().map(|fact| &fact["holdId"]).collect();
    assert_eq!(named, ids.iter().collect::<Vec<_>>(), "in the order of the question");
    facts
}

async fn authorize(world: &World, input: &Value) -> (Value, Value) {
    let answer = world.tell(AUTHORIZE, json!({ "inputs": [input] })).await;
    let held = &answer.data()["authorizeHolds"][0];
    (held["state"].clone(), held["refusal"].clone())
}

fn cancelled() -> (Value, Value) {
    (json!("REFUSED"), json!("TRANSFER_CANCELLED"))
}

#[tokio::test]
async fn a_hold_that_comes_after_its_fence_is_refused_and_holds_nothing() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    let fenced_at = world.clock.now().micros();
    let expect = json!({
        "holdId": hold_id(1), "state": "REFUSED", "refusal": "TRANSFER_CANCELLED", "amountMinor": 0, "capturedMinor": 0,
        "remainingMinor": 0, "expiresAt": fenced_at,
    });
    assert_eq!(fence(&world, &[1, 1]).await, [expect.clone(), expect.clone()]);
    world.clock.advance(std::time::Duration::from_secs(60));
    // Whatever it asks for, however often, and whether it could have been granted or not.
    for minor in [6_000, 6_000, 1, 10_001] {
        for user in ["usr_ani", "usr_budi"] {
            let input = hold(1, &wallet_id, user, minor, world.in_seconds(60));
            assert_eq!(authorize(&world, &input).await, cancelled());
        }
    }
    assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(100)));
    assert_eq!(fence(&world, &[1]).await, [expect], "the fence says the same for ever");
    let voided = world.tell(VOID, json!({ "ids": [hold_id(1)] })).await;
    let voided = &voided.data()["voidHolds"][0];
    assert_eq!((&voided["state"], &voided["refusal"]), (&cancelled().0, &cancelled().1));
    let mut capture = transfer(&transfer_id(1), None, &[(&wallet_id, -1), ("fees:IDR", 1)]);
    capture["holdId"] = json!(hold_id(1));
    assert_eq!(world.post(&[capture]).await, ["HOLD_NOT_FOUND"]);
    world.end().await;
}

#[tokio::test]
async fn a_hold_that_was_answered_keeps_its_answer() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    let ends = world.in_seconds(3_600);
    let granted = hold(1, &wallet_id, "usr_ani", 6_000, ends);
    let refused = hold(2, &wallet_id, "usr_ani", 60_000, ends);
    assert_eq!(authorize(&world, &granted).await.0, json!("PENDING"));
    assert_eq!(authorize(&world, &refused).await.1, json!("INSUFFICIENT_FUNDS"));
    let state = |fact: &Value| {
        (
            text(&fact["state"]),
            fact["amountMinor"].clone(),
            fact["remainingMinor"].clone(),
        )
    };
    for _ in 0..2 {
        let facts = fence(&world, &[1, 2]).await;
        assert_eq!(state(&facts[0]), ("PENDING".to_owned(), json!(6_000), json!(6_000)));
        assert_eq!(facts[0]["expiresAt"], json!(ends));
        assert_eq!(state(&facts[1]), ("REFUSED".to_owned(), json!(60_000), json!(0)));
        assert_eq!(facts[1]["refusal"], json!("INSUFFICIENT_FUNDS"));
        assert_eq!(world.balances(&wallet_id).await, (json!(100), json!(40)));
    }
    // It is no less a hold for that: it is captured, and what is left let go.
    let mut capture = transfer(
        &transfer_id(1),
        Some("usr_ani"),
        &[(&wallet_id, -2_000), ("fees:IDR", 2_000)],
    );
    capture["holdId"] = json!(hold_id(1));
    assert_eq!(world.post(&[capture]).await, ["POSTED"]);
    let facts = fence(&world, &[1]).await;
    assert_eq!(state(&facts[0]), ("PENDING".to_owned(), json!(6_000), json!(4_000)));
    assert_eq!(facts[0]["capturedMinor"], json!(2_000));
    world.tell(VOID, json!({ "ids": [hold_id(1)] })).await.data();
    let facts = fence(&world, &[1]).await;
    assert_eq!(state(&facts[0]), ("CAPTURED".to_owned(), json!(6_000), json!(0)));
    assert_eq!(world.balances(&wallet_id).await, (json!(80), json!(80)));
    world.end().await;
}

#[tokio::test]
async fn of_a_fence_and_a_hold_that_meet_one_wins_and_both_say_which() {
    let world = std::sync::Arc::new(World::sandbox().await);
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 1_000).await;
    let ends = world.in_seconds(60);
    let mut granted = 0;
    for number in 0..40 {
        let input = hold(number, &wallet_id, "usr_ani", 100, ends);
        let (asking, fencing) = (std::sync::Arc::clone(&world), std::sync::Arc::clone(&world));
        let asked = tokio::spawn(async move { authorize(&asking, &input).await });
        let fenced = tokio::spawn(async move { fence(&fencing, &[number]).await.remove(0) });
        let (asked, fenced) = (asked.await.unwrap(), fenced.await.unwrap());
        assert_eq!(asked, (fenced["state"].clone(), fenced["refusal"].clone()));
        granted += i64::from(asked.0 == json!("PENDING"));
    }
    assert_eq!(world.balances(&wallet_id).await, (json!(1_000), json!(1_000 - granted)));
    std::sync::Arc::into_inner(world).unwrap().end().await;
}

#[tokio::test]
async fn what_is_no_hold_is_the_callers_mistake_and_nothing_of_the_request_is_kept() {
    let world = World::sandbox().await;
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    for ids in [
        json!([hold_id(1), "x"]),
        json!([hold_id(1), transfer_id(1)]),
        json!([hold_id(1), ""]),
        json!([hold_id(1), format!("{}\0", hold_id(1))]),
        json!((0..513).map(hold_id).collect::<Vec<_>>()),
    ] {
        assert_eq!(
            world.tell(FENCE_HOLDS, json!({ "ids": ids })).await.code(),
            "BAD_USER_INPUT"
        );
    }
    let input = hold(1, &wallet_id, "usr_ani", 100, world.in_seconds(60));
    assert_eq!(authorize(&world, &input).await.0, json!("PENDING"));
    assert_eq!(fence(&world, &[]).await, [] as [Value; 0]);
    let many: Vec<u32> = (1_000..1_512).collect();
    assert_eq!(fence(&world, &many).await.len(), 512);
    world.end().await;
}
