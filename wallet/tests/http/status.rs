//! Frozen and closed wallets.

use serde_json::json;

use crate::world::*;

async fn failure_of(world: &World, document: &str, wallet_id: &str) -> String {
    let answer = world
        .ask(&world.admin(), document, json!({ "walletId": wallet_id, "amount": 1 }))
        .await;
    assert_eq!(answer.code(), "CONFLICT", "{}", answer.body);
    text(&answer.body["errors"][0]["extensions"]["failureCode"])
}

#[tokio::test]
async fn a_frozen_wallet_keeps_its_money_and_moves_none() {
    let world = World::sandbox().await;
    let (ani, admin) = (world.person("usr_ani"), world.admin());
    let wallet_id = world.wallet_with(&ani, 100).await;
    let other = world.wallet_with(&ani, 100).await;
    let this = json!({ "walletId": wallet_id });
    for _ in 0..2 {
        let frozen = world.ask(&admin, FREEZE, this.clone()).await;
        assert_eq!(frozen.data()["freezeWallet"]["status"], json!("FROZEN"));
    }
    assert_eq!(failure_of(&world, TOPUP, &wallet_id).await, "WALLET_FROZEN");
    assert_eq!(failure_of(&world, DEDUCT, &wallet_id).await, "WALLET_FROZEN");
    for (number, lines) in [
        [(&*wallet_id, -100), (&*other, 100)],
        [(&*other, -100), (&*wallet_id, 100)],
    ]
    .iter()
    .enumerate()
    {
        let inputs = json!([transfer(&transfer_id(number as u32), Some("usr_ani"), lines)]);
        let posted = world.tell(POST, json!({ "inputs": inputs })).await;
        assert_eq!(posted.data()["postTransfers"][0]["refusal"], json!("WALLET_FROZEN"));
    }
    let hold = json!({ "holdId": hold_id(1), "walletId": wallet_id, "onBehalfOf": "usr_ani", "amountMinor": 1, "expiresAt": 3_000_000_000_000_000_i64 });
    let held = world.tell(AUTHORIZE, json!({ "inputs": [hold] })).await;
    assert_eq!(held.data()["authorizeHolds"][0]["refusal"], json!("WALLET_FROZEN"));

    let mine = world.ask(&ani, MINE, json!({})).await;
    assert_eq!(
        mine.data()["myWallets"][0]["status"],
        json!("FROZEN"),
        "its owner still sees it"
    );
    let deleted = world.ask(&ani, DELETE, this.clone()).await;
    assert_eq!(deleted.data()["deleteWallet"]["success"], json!(false));
    assert_eq!(world.balances(&wallet_id).await.0, json!(100));

    for _ in 0..2 {
        let freed = world.ask(&admin, UNFREEZE, this.clone()).await;
        assert_eq!(freed.data()["unfreezeWallet"]["status"], json!("ACTIVE"));
    }
    let deducted = world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": 100 }))
        .await;
    assert_eq!(deducted.data()["deductWallet"]["balance"], json!(0));
    world.end().await;
}

#[tokio::test]
async fn a_closed_wallet_is_closed_for_good() {
    let world = World::sandbox().await;
    let (ani, admin) = (world.person("usr_ani"), world.admin());
    let wallet_id = world.wallet_with(&ani, 0).await;
    let this = json!({ "walletId": wallet_id });
    for _ in 0..2 {
        let closed = world.ask(&ani, DELETE, this.clone()).await;
        assert_eq!(closed.data()["deleteWallet"]["success"], json!(true));
    }
    assert_eq!(failure_of(&world, TOPUP, &wallet_id).await, "WALLET_CLOSED");
    assert_eq!(failure_of(&world, DEDUCT, &wallet_id).await, "WALLET_CLOSED");
    assert_eq!(world.ask(&admin, FREEZE, this.clone()).await.code(), "CONFLICT");
    assert_eq!(world.ask(&admin, UNFREEZE, this.clone()).await.code(), "CONFLICT");
    assert_eq!(world.ask(&ani, MINE, json!({})).await.data()["myWallets"], json!([]));
    let seen = world.ask(&ani, ONE, this).await;
    assert_eq!(
        seen.data()["wallet"]["status"],
        json!("CLOSED"),
        "by its id its owner still finds it"
    );
    world.end().await;
}

#[tokio::test]
async fn a_wallet_with_money_in_it_or_held_is_not_closed() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 1).await;
    let close = async || {
        let closed = world.ask(&ani, DELETE, json!({ "walletId": wallet_id })).await;
        closed.data()["deleteWallet"]["success"].clone()
    };
    assert_eq!(close().await, json!(false));
    world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": 0.99 }))
        .await
        .data();
    assert_eq!(close().await, json!(false), "a sen is money, too");
    world
        .ask(&ani, DEDUCT, json!({ "walletId": wallet_id, "amount": 0.01 }))
        .await
        .data();
    assert_eq!(close().await, json!(true));
    world.end().await;
}

#[tokio::test]
async fn unknown_wallets_are_not_found_whoever_asks() {
    let world = World::sandbox().await;
    for wallet_id in [
        "",
        "1",
        "wal_",
        "wal_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "bank_clearing:IDR",
        "fees:IDR",
    ] {
        for document in [TOPUP, DEDUCT, DELETE, FREEZE, UNFREEZE] {
            let answer = world
                .ask(&world.admin(), document, json!({ "walletId": wallet_id, "amount": 1 }))
                .await;
            assert_eq!(answer.code(), "NOT_FOUND", "{wallet_id:?} {document}");
        }
        let seen = world.ask(&world.admin(), ONE, json!({ "walletId": wallet_id })).await;
        assert_eq!(seen.data()["wallet"], json!(null));
    }
    world.end().await;
}
