//! Amounts are exact from the client's digits to the ledger and back.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::person::{Person, open_wallet};
use testkit::provider::RunMode;

use crate::world::{World, assert_success};

/// The answer's own characters: a parsed number would hide what a float did to it.
async fn raw(api: &Client, document: &str) -> String {
    let answer = api
        .post()
        .json(&json!({ "query": document }))
        .send()
        .await
        .expect("an answer");
    answer.text().await.expect("text")
}

async fn deposit(person: &Person, amount: Value) {
    let input = json!({ "walletId": person.wallet_id, "amount": amount, "type": "DEPOSIT" });
    assert_success(&person.transact(input).await);
}

#[tokio::test]
async fn amounts_keep_their_digits_on_every_path() {
    let world = World::start(RunMode::Served).await;
    let person = world.person("naruto", 0).await;
    deposit(&person, json!(0.1)).await;
    deposit(&person, json!("0.2")).await;
    // One service, and two: the gateway's fast path and its split path.
    for document in [
        "{ myWallets { balance } }",
        "{ myWallets { balance } myTransactions { amount } }",
    ] {
        let text = raw(&person.api, document).await;
        assert!(text.contains("{\"balance\":0.3}"), "{text}");
    }
    for _ in 0..7 {
        deposit(&person, json!(0.1)).await;
    }
    assert_eq!(person.balance().await, 1, "ten times 0.1 is one");
    deposit(&person, json!("9999999999998.99")).await;
    let text = raw(&person.api, "{ myWallets { balance } myHistory(first: 1) { amount } }").await;
    assert!(text.contains("{\"balance\":9999999999999.99}"), "{text}");
    assert!(text.contains("{\"amount\":9999999999998.99}"), "{text}");
    world.close().await;
}

#[tokio::test]
async fn what_a_directive_leaves_out_does_not_happen() {
    let world = World::start(RunMode::Served).await;
    let person = world.person("naruto", 10_000).await;
    let second = open_wallet(&person.api, "Ramen").await;
    let transfer = "createTransaction(input: { walletId: $w, amount: 100, type: TRANSFER, targetWalletId: $t })";
    let document = format!(
        "mutation($w: String!, $t: String!, $no: Boolean!, $yes: Boolean!) {{
            a: {transfer} @include(if: $no) {{ status }}
            b: {transfer} @skip(if: $yes) {{ status }}
            c: topupWallet(walletId: $w, amount: 5) @skip(if: true) {{ balance }}
            ...F @include(if: $no)
            ... on Mutation @skip(if: $yes) {{ e: {transfer} {{ status }} }}
            f: topupWallet(walletId: $w, amount: 7) {{ balance }}
            g: {transfer} @include(if: $yes) {{ status }}
        }}
        fragment F on Mutation {{ d: {transfer} {{ status }} }}"
    );
    let variables = json!({ "w": person.wallet_id, "t": second, "no": false, "yes": true });
    let answer = person.api.send(&document, variables).await;
    let fields: Vec<&String> = answer.data().as_object().expect("an object").keys().collect();
    assert_eq!(fields, ["f", "g"]);
    assert_eq!(person.balance().await, 10_000 + 7 - 100);
    world.close().await;
}

#[tokio::test]
async fn a_request_says_one_thing_to_the_gateway_and_to_the_services() {
    let world = World::start(RunMode::Served).await;
    let person = world.person("naruto", 0).await;
    let topup = format!(
        "mutation {{ topupWallet(walletId: \\\"{}\\\", amount: 5) {{ balance }} }}",
        person.wallet_id
    );
    // Whoever reads the first of two and whoever reads the second must not both be right.
    for body in [
        format!("{{\"query\":\"{{ myWallets {{ balance }} }}\",\"query\":\"{topup}\"}}"),
        format!("{{\"query\":\"{topup}\",\"query\":\"{{ myWallets {{ balance }} }}\"}}"),
        format!(
            "{{\"query\":\"query A {{ myWallets {{ balance }} }} {topup}\",\"operationName\":\"A\",\"operationName\":null}}"
        ),
    ] {
        let request = person
            .api
            .post()
            .header("content-type", "application/json")
            .body(body.clone());
        let answer = Client::read(request).await.expect("an answer");
        assert!(
            answer.status.is_client_error(),
            "{body}: {} {:#}",
            answer.status,
            answer.body
        );
    }
    assert_eq!(person.balance().await, 0);
    let two = "query A { myWallets { balance } } mutation B($w: String!) { topupWallet(walletId: $w, amount: 5) { balance } }";
    let chosen = async |name: Value| {
        let body = json!({ "query": two, "operationName": name, "variables": { "w": person.wallet_id } });
        Client::read(person.api.post().json(&body)).await.expect("an answer")
    };
    chosen(json!("A")).await.data();
    assert_ne!(chosen(Value::Null).await.code(), "OK");
    assert_ne!(chosen(json!("C")).await.code(), "OK");
    assert_eq!(person.balance().await, 0);
    chosen(json!("B")).await.data();
    assert_eq!(person.balance().await, 5);
    world.close().await;
}

#[tokio::test]
async fn amounts_with_more_digits_than_there_can_be_are_refused_and_never_rounded() {
    let world = World::start(RunMode::Up).await;
    let person = world.person("naruto", 0).await;
    for amount in [
        "999999999999.999999",
        "20000.0000000000000001",
        "0.3000000000000000001",
        "1000000000000000.1",
    ] {
        let deposit = |amount: &str| {
            let wallet_id = &person.wallet_id;
            format!(
                "mutation {{ createTransaction(input: {{ walletId: \"{wallet_id}\", amount: {amount}, type: DEPOSIT }}) {{ status amount }} }}"
            )
        };
        for written in [amount.to_owned(), format!("\"{amount}\"")] {
            let answer = person.api.send(&deposit(&written), json!({})).await;
            assert_eq!(answer.code(), "BAD_USER_INPUT", "{written}: {:#}", answer.body);
        }
        let body = format!(
            "{{\"query\":\"mutation($i: TransactionInput!) {{ createTransaction(input: $i) {{ status amount }} }}\",\"variables\":{{\"i\":{{\"walletId\":\"{}\",\"type\":\"DEPOSIT\",\"amount\":{amount}}}}}}}",
            person.wallet_id
        );
        let request = person.api.post().header("content-type", "application/json").body(body);
        let answer = Client::read(request).await.expect("an answer");
        assert_eq!(
            answer.code(),
            "BAD_USER_INPUT",
            "{amount} as a variable: {:#}",
            answer.body
        );
    }
    assert_eq!(person.balance().await, 0);
    world.close().await;
}
