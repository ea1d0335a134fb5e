//! Money between wallets, and what each side sees of it.

use serde_json::json;
use testkit::person::open_wallet;
use testkit::provider::RunMode;

use crate::world::{World, assert_failed, assert_success};

#[tokio::test]
async fn i2_a_transfer_to_somebody_else_is_in_both_histories_once() {
    let world = World::start(RunMode::Served).await;
    let (naruto, sasuke) = (world.person("naruto", 100_000).await, world.person("sasuke", 0).await);
    let made = naruto.transact(naruto.transfer(&sasuke.wallet_id, 30_000, None)).await;
    assert_success(&made);
    assert_eq!((naruto.balance().await, sasuke.balance().await), (70_000, 30_000));
    let transaction_id = made["transactionId"].as_str().expect("an id");
    for (person, direction) in [(&naruto, "OUT"), (&sasuke, "IN")] {
        let entries = person.history_of(transaction_id).await;
        assert_eq!(entries.len(), 1, "{entries:#?}");
        let entry = &entries[0];
        assert_eq!(
            (
                &entry["direction"],
                &entry["amount"],
                &entry["status"],
                &entry["userId"]
            ),
            (
                &json!(direction),
                &json!(30_000),
                &json!("SUCCESS"),
                &json!(person.user_id)
            )
        );
    }
    // The receiver did not ask for it, so it is not among their transactions, and its id tells them nothing.
    assert!(sasuke.transactions().await.is_empty());
    assert!(sasuke.transaction(transaction_id).await.is_none());
    world.close().await;
}

#[tokio::test]
async fn i3_a_transfer_that_fails_is_in_the_history_of_the_one_who_tried() {
    let world = World::start(RunMode::Up).await;
    let (naruto, sasuke) = (world.person("naruto", 1_000).await, world.person("sasuke", 0).await);
    let poor = naruto.transact(naruto.transfer(&sasuke.wallet_id, 1_001, None)).await;
    assert_failed(&poor, "INSUFFICIENT_FUNDS");
    let entries = naruto.history_of(poor["transactionId"].as_str().expect("an id")).await;
    assert_eq!((entries.len(), &entries[0]["status"]), (1, &json!("FAILED")));
    world.settle().await;
    assert!(
        sasuke.history().await.is_empty(),
        "an attempt is nobody else's business"
    );
    assert_eq!((naruto.balance().await, sasuke.balance().await), (1_000, 0));
    world.close().await;
}

#[tokio::test]
async fn i3_frozen_and_closed_wallets_move_nothing() {
    let world = World::start(RunMode::Up).await;
    let (naruto, sasuke) = (
        world.person("naruto", 10_000).await,
        world.person("sasuke", 10_000).await,
    );
    let admin = world.provider.admin().await;
    let closed = open_wallet(&sasuke.api, "Old").await;
    let close = "mutation($id: String!) { deleteWallet(walletId: $id) { success message } }";
    assert_eq!(
        sasuke.api.send(close, json!({ "id": closed })).await.data()["deleteWallet"]["success"],
        json!(true)
    );
    // One with money in it is not closed.
    let kept = sasuke.api.send(close, json!({ "id": sasuke.wallet_id })).await.data()["deleteWallet"].clone();
    assert_eq!(kept["success"], json!(false), "{kept}");
    let freeze = "mutation($id: String!) { freezeWallet(walletId: $id) { status } }";
    admin.send(freeze, json!({ "id": sasuke.wallet_id })).await.data();

    assert_failed(
        &naruto.transact(naruto.transfer(&closed, 1_000, None)).await,
        "WALLET_CLOSED",
    );
    assert_failed(
        &naruto.transact(naruto.transfer(&sasuke.wallet_id, 1_000, None)).await,
        "WALLET_FROZEN",
    );
    assert_failed(
        &sasuke.transact(sasuke.transfer(&naruto.wallet_id, 1_000, None)).await,
        "WALLET_FROZEN",
    );
    let bill = sasuke.invoice(1_000).await;
    assert_failed(
        &sasuke.transact(sasuke.payment(&bill, 1_000, None)).await,
        "WALLET_FROZEN",
    );
    let deposit = json!({ "walletId": sasuke.wallet_id, "amount": 1_000, "type": "DEPOSIT" });
    assert_failed(&sasuke.transact(deposit).await, "WALLET_FROZEN");
    assert_eq!((naruto.balance().await, sasuke.balance().await), (10_000, 10_000));

    let unfreeze = "mutation($id: String!) { unfreezeWallet(walletId: $id) { status } }";
    admin.send(unfreeze, json!({ "id": sasuke.wallet_id })).await.data();
    assert_success(&sasuke.transact(sasuke.payment(&bill, 1_000, None)).await);
    world.close().await;
}

#[tokio::test]
async fn i3_fraud_above_the_limit_is_refused_and_logged_and_exactly_the_limit_is_not() {
    let world = World::start(RunMode::Served).await;
    let (naruto, sasuke) = (
        world.person("naruto", 200_000_000).await,
        world.person("sasuke", 0).await,
    );
    assert_success(
        &naruto
            .transact(naruto.transfer(&sasuke.wallet_id, 50_000_000, None))
            .await,
    );
    assert_failed(
        &naruto
            .transact(naruto.transfer(&sasuke.wallet_id, 50_000_001, None))
            .await,
        "FRAUD_BLOCKED",
    );
    let mut cents = naruto.transfer(&sasuke.wallet_id, 0, None);
    cents["amount"] = json!("50000000.01");
    assert_failed(&naruto.transact(cents).await, "FRAUD_BLOCKED");
    assert_eq!(sasuke.balance().await, 50_000_000);
    let admin = world.provider.admin().await;
    let logs = admin
        .send("query { getFraudLogs { userId status amount } }", json!({}))
        .await;
    let of = |status: &str| {
        let logs = logs.data()["getFraudLogs"].as_array().expect("a list");
        logs.iter()
            .filter(|log| log["status"] == status && log["userId"] == naruto.user_id)
            .count()
    };
    assert_eq!((of("FRAUD"), of("SUSPICIOUS")), (2, 1));
    world.close().await;
}
