//! The documents of clients that are out there, exactly as they stand there.

use serde_json::{Value, json};

use crate::world::*;

#[tokio::test]
async fn the_documents_of_the_contract_work() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let created = world
        .ask(
            &ani,
            r#"mutation { createWallet(walletName: "Tabungan Utama") { walletId walletName balance status } }"#,
            json!(null),
        )
        .await;
    let wallet = &created.data()["createWallet"];
    assert!(text(&wallet["walletId"]).starts_with("wal_"));
    assert_eq!(wallet["walletName"], json!("Tabungan Utama"));
    assert_eq!(wallet["balance"].to_string(), "0");
    assert_eq!(wallet["status"], json!("ACTIVE"));
    let listed = world
        .ask(&ani, "query { myWallets { walletName balance status } }", json!({}))
        .await;
    assert_eq!(
        listed.data()["myWallets"],
        json!([{ "walletName": "Tabungan Utama", "balance": 0, "status": "ACTIVE" }])
    );
    world.end().await;
}

#[tokio::test]
async fn the_documents_of_deployed_clients_work_with_their_variables_typed_as_there() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let create = "mutation BuatDompet($nama: String!) { createWallet(walletName: $nama) { walletId userId walletName balance status } }";
    let created = world.ask(&ani, create, json!({ "nama": "Belanja" })).await;
    let wallet = created.data()["createWallet"].clone();
    assert_eq!(wallet["userId"], json!("usr_ani"));
    let wallet_id = wallet["walletId"].clone();

    let topup = "mutation TopUp($walletId: String!, $amount: Decimal!) { topupWallet(walletId: $walletId, amount: $amount) { walletId userId walletName balance status } }";
    let topped = world
        .ask(&ani, topup, json!({ "walletId": wallet_id, "amount": 500_000 }))
        .await;
    assert_eq!(topped.data()["topupWallet"]["balance"], json!(500_000));

    let deduct = "mutation Deduct($walletId: String!, $amount: Decimal!) { deductWallet(walletId: $walletId, amount: $amount) { walletId balance } }";
    let deducted = world
        .ask(&ani, deduct, json!({ "walletId": wallet_id, "amount": 20_000.5 }))
        .await;
    assert_eq!(deducted.data()["deductWallet"]["balance"].to_string(), "479999.5");

    let mine = "query { myWallets { walletId userId walletName balance status } }";
    let listed = world.ask(&ani, mine, json!({})).await;
    let expect = json!({ "walletId": wallet_id, "userId": "usr_ani", "walletName": "Belanja", "balance": 479_999.5, "status": "ACTIVE" });
    assert_eq!(listed.data()["myWallets"], json!([expect]));

    let delete = "mutation HapusDompet($walletId: String!) { deleteWallet(walletId: $walletId) { success message } }";
    let refused = world.ask(&ani, delete, json!({ "walletId": wallet_id })).await;
    assert_eq!(refused.data()["deleteWallet"]["success"], json!(false));
    world
        .ask(&ani, deduct, json!({ "walletId": wallet_id, "amount": "479999.50" }))
        .await
        .data();
    let closed = world.ask(&ani, delete, json!({ "walletId": wallet_id })).await;
    assert_eq!(closed.data()["deleteWallet"]["success"], json!(true));
    assert!(!text(&closed.data()["deleteWallet"]["message"]).is_empty());
    assert_eq!(world.ask(&ani, mine, json!({})).await.data()["myWallets"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn history_is_told_of_what_was_moved_by_hand_once_each() {
    let world = World::sandbox().await;
    let ani = world.person("usr_ani");
    let wallet_id = world.wallet_with(&ani, 0).await;
    let merchant = world.merchant_wallet("mrc_01ARZ3NDEKTSV4RRFFQ69G5FAV").await;
    for _ in 0..2 {
        let topup = json!({ "walletId": wallet_id, "amount": "250.75", "key": "sekali" });
        world.ask(&ani, TOPUP, topup).await.data();
    }
    world
        .ask(
            &world.admin(),
            DEDUCT,
            json!({ "walletId": wallet_id, "amount": 50.75 }),
        )
        .await
        .data();
    world
        .ask(&world.admin(), TOPUP, json!({ "walletId": merchant, "amount": 10 }))
        .await
        .data();

    let mut entries = world.told(2).await;
    entries.sort_by_key(|entry| entry["kind"].to_string());
    let facts = |entry: &Value| {
        let names = [
            "userId",
            "amountMinor",
            "currency",
            "kind",
            "status",
            "direction",
            "walletId",
            "failureCode",
        ];
        names.map(|name| entry[name].clone()).to_vec()
    };
    let known = |amount: i64, kind: &str, direction: &str| {
        json!(["usr_ani", amount, "IDR", kind, "SUCCESS", direction, wallet_id, null])
    };
    assert_eq!(json!(facts(&entries[0])), known(5_075, "DEDUCT", "OUT"));
    assert_eq!(json!(facts(&entries[1])), known(25_075, "TOPUP", "IN"));
    assert_eq!(
        entries.len(),
        2,
        "a merchant has no history here, and a repeated call tells nothing"
    );
    assert_ne!(entries[0]["entryKey"], entries[1]["entryKey"]);
    world.end().await;
}
