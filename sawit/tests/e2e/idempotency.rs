//! I4: one key, one transaction, whatever happens.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::person::{Person, open_wallet};
use testkit::provider::RunMode;

use crate::world::{World, assert_failed, assert_success};

async fn many_at_once(payer: &Person, input: &Value, count: usize) -> Vec<Value> {
    let requests = (0..count).map(|_| payer.transact(input.clone()));
    futures::future::join_all(requests).await
}

#[track_caller]
fn assert_one(transactions: &[Value]) -> &Value {
    let ids: BTreeSet<&str> = transactions
        .iter()
        .filter_map(|made| made["transactionId"].as_str())
        .collect();
    assert_eq!(ids.len(), 1, "{transactions:#?}");
    assert!(
        transactions.iter().all(|made| made == &transactions[0]),
        "{transactions:#?}"
    );
    &transactions[0]
}

async fn one_key(mode: RunMode) {
    let mut world = World::start(mode).await;
    let payer = world.person("naruto", 100_000).await;
    let second = open_wallet(&payer.api, "Ramen").await;
    let bill = payer.invoice(10_000).await;

    let payment = payer.payment(&bill, 10_000, Some("payment"));
    let transfer = payer.transfer(&second, 10_000, Some("transfer"));
    let refusal = payer.transfer(&second, 900_000, Some("refusal"));
    let deposit =
        json!({ "walletId": payer.wallet_id, "amount": 10_000, "type": "DEPOSIT", "idempotencyKey": "deposit" });
    let mut answers = Vec::new();
    for (input, status) in [
        (&payment, "SUCCESS"),
        (&transfer, "SUCCESS"),
        (&refusal, "FAILED"),
        (&deposit, "SUCCESS"),
    ] {
        let made = many_at_once(&payer, input, 32).await;
        let one = assert_one(&made);
        assert_eq!(one["status"], status, "{one:#}");
        answers.push((input, one.clone()));
    }
    assert_eq!(payer.balance().await, 90_000);
    assert_eq!(payer.transactions().await.len(), 5);

    world.settle().await;
    world.provider.kill_all().await;
    world.provider.start_all().await;
    // The refusal is remembered like everything else, also when it would succeed now.
    payer.deposit(1_000_000).await;
    for (input, answer) in answers {
        assert_eq!(payer.transact(input.clone()).await, answer);
    }
    assert_eq!(payer.balance().await, 1_090_000);
    world.close().await;
}

#[tokio::test]
async fn i4_one_key_is_one_transaction_with_everything_in_one_process() {
    one_key(RunMode::Up).await;
}

#[tokio::test]
async fn i4_one_key_is_one_transaction_with_six_processes() {
    one_key(RunMode::Served).await;
}

#[tokio::test]
async fn i4_a_key_with_other_input_is_refused_and_says_where_it_differs() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 100_000).await;
    let (second, third) = (
        open_wallet(&payer.api, "Ramen").await,
        open_wallet(&payer.api, "Dango").await,
    );
    let first = payer.transfer(&second, 1_000, Some("k"));
    assert_success(&payer.transact(first.clone()).await);
    let changed = |changes: Value| {
        let mut input = first.clone();
        for (name, value) in changes.as_object().expect("an object") {
            input[name] = value.clone();
        }
        input
    };
    for (changes, fields) in [
        (json!({ "amount": 1_001 }), json!(["amount"])),
        (json!({ "targetWalletId": third }), json!(["targetWalletId"])),
        (json!({ "description": "lunch" }), json!(["description"])),
        (
            json!({ "amount": 2_000, "targetWalletId": third }),
            json!(["amount", "targetWalletId"]),
        ),
        (
            json!({ "type": "DEPOSIT", "targetWalletId": null }),
            json!(["type", "targetWalletId"]),
        ),
        (json!({ "walletId": third }), json!(["walletId"])),
    ] {
        let answer = payer.ask_transact(changed(changes.clone())).await;
        assert_eq!(answer.code(), "IDEMPOTENCY_KEY_REUSED", "{changes}: {:#}", answer.body);
        assert_eq!(answer.body["errors"][0]["extensions"]["fields"], fields, "{changes}");
    }
    // The same amount in other words is the same input.
    for amount in [json!("1000"), json!(1_000.0), json!("1000.00")] {
        assert_success(&payer.transact(changed(json!({ "amount": amount }))).await);
    }
    assert_eq!(payer.balance().await, 99_000);
    // Another user's key of the same name is another key.
    let other = world.person("sasuke", 100_000).await;
    assert_success(&other.transact(other.transfer(&payer.wallet_id, 5_000, Some("k"))).await);
    assert_eq!(payer.balance().await, 104_000);
    world.close().await;
}

#[tokio::test]
async fn i4_the_header_is_a_key_like_the_field() {
    let world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    let second = open_wallet(&payer.api, "Ramen").await;
    let document = "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status } }";
    let without_key = json!({ "input": payer.transfer(&second, 1_000, None) });
    let first = payer
        .api
        .send_with_key("from-the-header", document, without_key.clone())
        .await;
    let again = payer
        .api
        .send_with_key("from-the-header", document, without_key.clone())
        .await;
    assert_eq!(first.data(), again.data());
    let as_field = payer
        .transact(payer.transfer(&second, 1_000, Some("from-the-header")))
        .await;
    assert_eq!(
        as_field["transactionId"],
        first.data()["createTransaction"]["transactionId"]
    );
    // The field counts where there are both.
    let with_field = json!({ "input": payer.transfer(&second, 1_000, Some("from-the-field")) });
    let other = payer.api.send_with_key("from-the-header", document, with_field).await;
    assert_ne!(other.data(), first.data());
    assert_eq!(payer.balance().await, 98_000);
    // A key that protects from nothing is refused.
    for key in ["", " ", "x y", &"x".repeat(129), "ключ"] {
        let answer = payer.ask_transact(payer.transfer(&second, 1_000, Some(key))).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{key:?}");
    }
    assert_eq!(payer.balance().await, 98_000);
    world.close().await;
}

#[tokio::test]
async fn i4_a_refused_payment_stays_refused_under_its_key_and_succeeds_under_a_new_one() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 0).await;
    let bill = payer.invoice(10_000).await;
    let poor = payer.transact(payer.payment(&bill, 10_000, Some("first"))).await;
    assert_failed(&poor, "INSUFFICIENT_FUNDS");
    payer.deposit(10_000).await;
    assert_eq!(payer.transact(payer.payment(&bill, 10_000, Some("first"))).await, poor);
    assert_success(&payer.transact(payer.payment(&bill, 10_000, Some("second"))).await);
    assert_eq!(payer.balance().await, 0);
    world.close().await;
}

#[tokio::test]
async fn i4_topping_up_by_hand_with_a_key_happens_once() {
    let world = World::start(RunMode::Up).await;
    let person = world.person("naruto", 0).await;
    let document = "mutation($id: String!, $key: String) { topupWallet(walletId: $id, amount: 1000, idempotencyKey: $key) { balance } }";
    let variables = json!({ "id": person.wallet_id, "key": "salary" });
    let requests = (0..16).map(|_| person.api.send(document, variables.clone()));
    for answer in futures::future::join_all(requests).await {
        answer.data();
    }
    assert_eq!(person.balance().await, 1_000);
    world.close().await;
}
