//! Idempotency keys of money moved by hand (I4): in the argument or in the header.

use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn a_repeated_call_moves_nothing_more() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    let topup = json!({ "walletId": wallet_id, "amount": 100, "key": "isi-1" });
    for _ in 0..3 {
        let answer = world.ask(&ani, TOPUP, topup.clone()).await;
        assert_eq!(answer.data()["topupWallet"]["balance"], json!(100));
    }
    // Written another way it is the same amount, and the header is as good as the argument.
    let other_way = json!({ "walletId": wallet_id, "amount": "100.00" });
    let answer = world.ask_with_key(&ani, b"isi-1", TOPUP, &other_way).await;
    assert_eq!(answer["data"]["topupWallet"]["balance"], json!(100), "{answer}");
    for round in 1..3 {
        let answer = world.ask_with_key(&ani, b"isi-2", TOPUP, &other_way).await;
        assert_eq!(
            answer["data"]["topupWallet"]["balance"],
            json!(200),
            "{round}: {answer}"
        );
    }
    // The argument goes before the header.
    let both = json!({ "walletId": wallet_id, "amount": 100, "key": "isi-3" });
    let answer = world.ask_with_key(&ani, b"isi-2", TOPUP, &both).await;
    assert_eq!(answer["data"]["topupWallet"]["balance"], json!(300));
    // Without any key, every call is a new one.
    for balance in [310, 320] {
        let answer = world
            .ask(&ani, TOPUP, json!({ "walletId": wallet_id, "amount": 10 }))
            .await;
        assert_eq!(answer.data()["topupWallet"]["balance"], json!(balance));
    }
    world.end().await;
}

#[tokio::test]
async fn the_same_key_for_something_else_is_refused() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let (first, second) = (world.wallet_with(&ani, 0).await, world.wallet_with(&ani, 0).await);
    let topup = |wallet_id: &str, amount: i64| json!({ "walletId": wallet_id, "amount": amount, "key": "kunci" });
    world.ask(&ani, TOPUP, topup(&first, 100)).await.data();
    for (document, variables) in [
        (TOPUP, topup(&first, 101)),
        (TOPUP, topup(&second, 100)),
        (DEDUCT, topup(&first, 100)),
    ] {
        let answer = world.ask(&ani, document, variables).await;
        assert_eq!(answer.code(), "IDEMPOTENCY_KEY_REUSED", "{}", answer.body);
    }
    assert_eq!(world.balances(&first).await.0, json!(100));
    assert_eq!(world.balances(&second).await.0, json!(0));
    world.end().await;
}

#[tokio::test]
async fn a_key_is_its_callers_own() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    let (first, second) = (world.wallet_with(&ani, 0).await, world.wallet_with(&budi, 0).await);
    for (person, wallet_id) in [(&ani, &first), (&budi, &second), (&world.admin(), &first)] {
        let variables = json!({ "walletId": wallet_id, "amount": 7, "key": "sama" });
        world.ask(person, TOPUP, variables).await.data();
    }
    assert_eq!(world.balances(&first).await.0, json!(14));
    assert_eq!(world.balances(&second).await.0, json!(7));
    world.end().await;
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_rather_than_overlooked() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    let variables = |key: Value| json!({ "walletId": wallet_id, "amount": 7, "key": key });
    for key in ["", " ", "a b", "kunci\n", "ключ", &"x".repeat(129)] {
        let answer = world.ask(&ani, TOPUP, variables(json!(key))).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{key:?}");
    }
    for key in [&b""[..], b"a b", "ключ".as_bytes(), b"\xff\xfe", &[b'x'; 129]] {
        let answer = world.ask_with_key(&ani, key, TOPUP, &variables(json!(null))).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            json!("BAD_USER_INPUT"),
            "{key:?} {answer}"
        );
    }
    assert_eq!(world.balances(&wallet_id).await.0, json!(0));
    let longest = "x".repeat(128);
    world.ask(&ani, TOPUP, variables(json!(longest))).await.data();
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_with_one_key_move_money_once() {
    let world = std::sync::Arc::new(World::sandbox().await);
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 0).await;
    let asked: Vec<_> = (0..100)
        .map(|number| {
            let (world, wallet_id) = (std::sync::Arc::clone(&world), wallet_id.clone());
            tokio::spawn(async move {
                let key = format!("key-{}", number % 4);
                let variables = json!({ "walletId": wallet_id, "amount": 5, "key": key });
                world
                    .ask(&world.person("usr_ani"), TOPUP, variables)
                    .await
                    .code()
                    .to_owned()
            })
        })
        .collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), "OK");
    }
    assert_eq!(world.balances(&wallet_id).await.0, json!(20));
    assert_eq!(world.told(4).await.len(), 4);
    std::sync::Arc::into_inner(world).unwrap().end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_never_take_more_than_there_is() {
    let world = std::sync::Arc::new(World::sandbox().await);
    let wallet_id = world.wallet_with(&world.person("usr_ani"), 100).await;
    let asked: Vec<_> = (0..100)
        .map(|_| {
            let (world, wallet_id) = (std::sync::Arc::clone(&world), wallet_id.clone());
            tokio::spawn(async move {
                let variables = json!({ "walletId": wallet_id, "amount": 7 });
                world
                    .ask(&world.person("usr_ani"), DEDUCT, variables)
                    .await
                    .code()
                    .to_owned()
            })
        })
        .collect();
    let mut taken = 0;
    for answer in asked {
        match answer.await.unwrap().as_str() {
            "OK" => taken += 1,
            other => assert_eq!(other, "CONFLICT"),
        }
    }
    assert_eq!(taken, 14);
    assert_eq!(world.balances(&wallet_id).await.0, json!(2));
    std::sync::Arc::into_inner(world).unwrap().end().await;
}
