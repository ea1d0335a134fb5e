//! Where somebody takes money that is sent to them.

use serde_json::{Value, json};

use crate::world::*;

async fn receiving(world: &World, person: &Person, user_id: &str) -> Value {
    let answer = world.ask(person, RECEIVING, json!({ "userId": user_id })).await;
    answer.data()["receivingWallet"].clone()
}

#[tokio::test]
async fn money_goes_to_the_oldest_wallet_that_takes_any() {
    let world = World::sandbox().await;
    let (ani, budi) = (world.person("usr_ani"), world.person("usr_budi"));
    assert_eq!(receiving(&world, &budi, "usr_ani").await, json!(null));
    let mut wallets = Vec::new();
    for _ in 0..3 {
        wallets.push(world.wallet_with(&ani, 0).await);
    }
    let is = |wallet_id: &str| json!({ "walletId": wallet_id, "currency": "IDR" });
    for asking in [&budi, &ani, &world.merchant("usr_toko"), &world.admin()] {
        assert_eq!(receiving(&world, asking, "usr_ani").await, is(&wallets[0]));
    }
    let first = json!({ "walletId": wallets[0] });
    world.ask(&world.admin(), FREEZE, first.clone()).await.data();
    assert_eq!(receiving(&world, &budi, "usr_ani").await, is(&wallets[1]));
    world.ask(&ani, DELETE, json!({ "walletId": wallets[1] })).await.data();
    assert_eq!(receiving(&world, &budi, "usr_ani").await, is(&wallets[2]));
    world.ask(&world.admin(), UNFREEZE, first).await.data();
    assert_eq!(receiving(&world, &budi, "usr_ani").await, is(&wallets[0]));

    let lines = [("bank_clearing:IDR", -100), (&*wallets[0], 100)];
    assert_eq!(world.post(&[transfer(&transfer_id(1), None, &lines)]).await, ["POSTED"]);
    world.end().await;
}

#[tokio::test]
async fn only_users_have_one_and_nothing_else_of_it_is_told() {
    let world = World::sandbox().await;
    let budi = world.person("usr_budi");
    let ani = world.wallet_with(&world.person("usr_ani"), 100).await;
    let merchant = "mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let shop = world.merchant_wallet(merchant).await;
    // The provider's own accounts have no owner; the bank's is there since the top-up.
    let huge = "x".repeat(100_000);
    for nobody in [
        merchant,
        &shop,
        &ani,
        "",
        "usr_",
        "USR_ANI",
        "usr_ani ",
        "%",
        "usr_ani\0",
        "' OR '1'='1",
        &huge,
    ] {
        assert_eq!(receiving(&world, &budi, nobody).await, json!(null), "{nobody:.40}");
    }
    for field in [
        "balance",
        "availableBalance",
        "walletName",
        "userId",
        "status",
        "createdAt",
    ] {
        let document = format!("{{ receivingWallet(userId: \"usr_ani\") {{ {field} }} }}");
        let answer = world.ask(&budi, &document, json!({})).await;
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{field}");
    }
    // To know where it is opens nothing.
    assert_eq!(
        world.ask(&budi, ONE, json!({ "walletId": ani })).await.data()["wallet"],
        json!(null)
    );
    let theft = world.ask(&budi, DEDUCT, json!({ "walletId": ani, "amount": 1 })).await;
    assert_eq!(theft.code(), "NOT_FOUND");
    world.end().await;
}

#[tokio::test]
async fn who_runs_a_merchant_has_no_hand_in_its_settlement_wallet() {
    let world = World::sandbox().await;
    let owner = world.merchant("usr_toko");
    let shop = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    world
        .ask(&world.admin(), TOPUP, json!({ "walletId": shop, "amount": 100 }))
        .await
        .data();
    assert_eq!(
        world.ask(&owner, ONE, json!({ "walletId": shop })).await.data()["wallet"],
        json!(null)
    );
    for (document, code) in [
        (TOPUP, "NOT_FOUND"),
        (DEDUCT, "NOT_FOUND"),
        (DELETE, "NOT_FOUND"),
        (FREEZE, "FORBIDDEN"),
    ] {
        let variables = json!({ "walletId": shop, "amount": 1 });
        let variables = if [TOPUP, DEDUCT].contains(&document) {
            variables
        } else {
            json!({ "walletId": shop })
        };
        assert_eq!(world.ask(&owner, document, variables).await.code(), code, "{document}");
    }
    assert_eq!(world.balances(&shop).await.0, json!(100));
    world.end().await;
}
