//! I6: without history, payments go on; nothing is forgotten, and only history's own fields say that it is away.

use serde_json::json;
use testkit::graphql::Answer;
use testkit::provider::RunMode;

use crate::world::{World, assert_success};

#[track_caller]
fn assert_unavailable(answer: &Answer, field: &str) {
    let error = &answer.body["errors"][0];
    assert_eq!(answer.body["data"][field], json!(null), "{:#}", answer.body);
    assert_eq!(
        (&error["extensions"]["code"], &error["path"]),
        (&json!("SERVICE_UNAVAILABLE"), &json!([field])),
        "{error:#}"
    );
    assert_eq!(
        answer.body["errors"].as_array().map(Vec::len),
        Some(1),
        "{:#}",
        answer.body
    );
}

#[tokio::test]
async fn i6_payments_go_on_without_history_and_are_there_when_it_is_back() {
    let mut world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    world.settle().await;
    world.provider.kill("history").await;

    let mut made = Vec::new();
    for _ in 0..5 {
        let paid = payer
            .transact(payer.payment(&payer.invoice(1_000).await, 1_000, None))
            .await;
        assert_success(&paid);
        made.push(paid["transactionId"].clone());
    }
    let document = "query { myHistory { historyId } myWallets { balance } myTransactions { transactionId } myProfile { username } }";
    let answer = payer.api.send(document, json!({})).await;
    assert_unavailable(&answer, "myHistory");
    let data = &answer.body["data"];
    assert_eq!(data["myWallets"], json!([{ "balance": 95_000 }]));
    assert_eq!(data["myTransactions"].as_array().map(Vec::len), Some(6));
    assert_eq!(data["myProfile"]["username"], "naruto");
    assert_unavailable(
        &payer.api.send("query { myHistory { historyId } }", json!({})).await,
        "myHistory",
    );

    world.provider.start("history").await;
    world.settle().await;
    let history = payer.history().await;
    assert_eq!(history.len(), 6, "{history:#?}");
    for transaction_id in made {
        assert_eq!(
            history
                .iter()
                .filter(|entry| entry["transactionId"] == transaction_id)
                .count(),
            1
        );
    }
    world.close().await;
}

#[tokio::test]
async fn i6_each_service_that_is_down_takes_its_own_fields_along_and_no_others() {
    let mut world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    world.settle().await;
    let fields = [
        ("auth", "myProfile", "myProfile { username }"),
        ("wallet", "myWallets", "myWallets { balance }"),
        ("transactions", "myTransactions", "myTransactions { status }"),
        ("history", "myHistory", "myHistory { status }"),
    ];
    let document = format!("query {{ {} }}", fields.map(|(_, _, selection)| selection).join(" "));
    for (service, field, _) in fields {
        world.provider.kill(service).await;
        let answer = payer.api.send(&document, json!({})).await;
        assert_unavailable(&answer, field);
        for (_, other, _) in fields.into_iter().filter(|(_, other, _)| *other != field) {
            assert!(
                !answer.body["data"][other].is_null(),
                "{service} is down: {:#}",
                answer.body
            );
        }
        world.provider.start(service).await;
    }
    let answer = payer.api.send(&document, json!({})).await;
    answer.data();
    world.close().await;
}

#[tokio::test]
async fn i6_without_fraud_a_payment_waits_and_ends_when_it_is_back() {
    let mut world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    world.provider.kill("fraud").await;
    let va_number = payer.invoice(20_000).await;
    let waiting = payer.transact(payer.payment(&va_number, 20_000, Some("once"))).await;
    assert_eq!(waiting["status"], "PENDING", "{waiting:#}");
    // A deposit does not need it.
    payer.deposit(1_000).await;
    world.provider.start("fraud").await;
    let paid = payer.ended(waiting["transactionId"].as_str().expect("an id")).await;
    assert_success(&paid);
    assert_eq!(
        payer.insist(payer.payment(&va_number, 20_000, Some("once"))).await["transactionId"],
        paid["transactionId"]
    );
    assert_eq!(payer.balance().await, 81_000);
    world.close().await;
}

#[tokio::test]
async fn i6_without_auth_those_who_are_signed_in_go_on_paying() {
    let mut world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    // Services and gateway hold their own tokens by now.
    assert_success(
        &payer
            .transact(payer.payment(&payer.invoice(1_000).await, 1_000, None))
            .await,
    );
    world.provider.kill("auth").await;
    assert_success(
        &payer
            .transact(payer.payment(&payer.invoice(1_000).await, 1_000, None))
            .await,
    );
    let login = "mutation { loginUser(email: \"x@example.com\", password: \"irrelevant\") { access_token } }";
    assert_eq!(payer.api.send(login, json!({})).await.code(), "SERVICE_UNAVAILABLE");
    world.provider.start("auth").await;
    world.close().await;
}
