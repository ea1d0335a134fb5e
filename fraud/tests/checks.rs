//! Checks: by hand, by the orchestrator, again, together.

mod common;

use std::time::Duration;

use common::{CHECK, START, World, payment};
use serde_json::{Value, json};

#[tokio::test]
async fn check_fraud_answers_as_the_contract_says() {
    let world = World::start().await;
    let cases = [
        ("10000000", "SAFE", false),
        ("10000000.01", "SUSPICIOUS", false),
        ("50000000", "SUSPICIOUS", false),
        ("50000000.01", "FRAUD", true),
        ("\"60000000\"", "FRAUD", true),
    ];
    for (number, (amount, status, is_fraud)) in cases.into_iter().enumerate() {
        let document = format!(
            r#"mutation {{ checkFraud(userId: "usr_{number}", amount: {amount}) {{ is_fraud status reason }} }}"#
        );
        let answer = world.as_admin(&document).await;
        let check = &answer.data()["checkFraud"];
        assert_eq!(check["status"], status, "{amount}");
        assert_eq!(check["is_fraud"], is_fraud, "{amount}");
        assert!(!check["reason"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_contracts_list_document_works_as_written() {
    let world = World::start().await;
    world
        .check(vec![
            payment("t-1", "usr_1", 20_000),
            payment("t-2", "usr_2", 60_000_000),
        ])
        .await;
    let answer = world
        .as_admin("query    { getFraudLogs { logId userId amount status reason } }")
        .await;
    let logs = answer.data()["getFraudLogs"].as_array().unwrap().clone();
    let users: Vec<&str> = logs.iter().map(|log| log["userId"].as_str().unwrap()).collect();
    assert_eq!(users, ["usr_2", "usr_1"]);
    assert_eq!(logs[0]["amount"], json!(60_000_000));
    assert_eq!(logs[0]["status"], "FRAUD");
    assert_eq!(logs[1]["reason"], "no rule fired");
}

#[tokio::test]
async fn a_transaction_checked_again_keeps_its_decision_and_counts_once() {
    let mut world = World::start().await;
    let first = world.check(vec![payment("t-1", "usr_1", 9_000_000)]).await;
    for _ in 0..20 {
        assert_eq!(world.check(vec![payment("t-1", "usr_1", 9_000_000)]).await, first);
    }
    // The same within one list, and with other content: the first decision stays.
    let again = world
        .check(vec![
            payment("t-1", "usr_1", 9_000_000),
            payment("t-1", "usr_1", 60_000_000),
        ])
        .await;
    assert_eq!(again, [first[0].clone(), first[0].clone()]);
    world.restart().await;
    assert_eq!(world.check(vec![payment("t-1", "usr_1", 9_000_000)]).await, first);

    // Had it counted more than once, this one would be above the sum per minute.
    let second = world.check(vec![payment("t-2", "usr_1", 9_000_000)]).await;
    assert_eq!(second[0]["status"], "SAFE");
    let answer = world.as_admin("{ getFraudLogs { transactionId } }").await;
    assert_eq!(
        answer.data()["getFraudLogs"],
        json!([{ "transactionId": "t-2" }, { "transactionId": "t-1" }])
    );
    let found = world
        .as_service(
            r#"{ fraudDecision(transactionId: "t-1") { transactionId logId status action reviewExpiresAt score rules reasons reason } }"#,
            json!({}),
        )
        .await;
    assert_eq!(found.data()["fraudDecision"], first[0]);
    let missing = world
        .as_service(r#"{ fraudDecision(transactionId: "t-9") { logId } }"#, json!({}))
        .await;
    assert_eq!(missing.data()["fraudDecision"], Value::Null);
}

#[tokio::test]
async fn velocity_counts_every_check_and_survives_a_restart() {
    let mut world = World::start().await;
    for number in 0..10 {
        let decision = world.check(vec![payment(&format!("t-{number}"), "usr_1", 1_000)]).await;
        assert_eq!(decision[0]["status"], "SAFE");
    }
    world.restart().await;
    let by_hand = world
        .as_admin(r#"mutation { checkFraud(userId: "usr_1", amount: 1000) { status reason } }"#)
        .await;
    assert_eq!(by_hand.data()["checkFraud"]["status"], "SUSPICIOUS");
    assert_eq!(
        by_hand.data()["checkFraud"]["reason"],
        "11 payments in a minute are more than 10"
    );
    let other = world.check(vec![payment("t-other", "usr_2", 1_000)]).await;
    assert_eq!(other[0]["status"], "SAFE");
    world.clock.advance(Duration::from_secs(60));
    let later = world.check(vec![payment("t-later", "usr_1", 1_000)]).await;
    assert_eq!(later[0]["status"], "SAFE");
}

#[tokio::test]
async fn new_accounts_and_failures_raise_suspicion() {
    let world = World::start().await;
    let mut new_account = payment("t-1", "usr_1", 6_000_000);
    new_account["accountCreatedAt"] = json!(START - 3_600_000_000);
    let mut unknown_age = payment("t-2", "usr_2", 6_000_000);
    unknown_age["accountCreatedAt"] = Value::Null;
    let mut failing = payment("t-3", "usr_3", 1);
    failing["recentFailures"] = json!(6);
    failing["kind"] = json!("TRANSFER");
    let decisions = world.check(vec![new_account, unknown_age, failing]).await;
    let rules: Vec<&Value> = decisions.iter().map(|decision| &decision["rules"]).collect();
    assert_eq!(
        rules,
        [
            &json!(["new_account_large_amount"]),
            &json!([]),
            &json!(["failures_per_hour_above_limit"])
        ]
    );
    assert_eq!(
        decisions[0]["reason"],
        "the account is 1 h old and the amount 6000000 is above 5000000"
    );
}

#[tokio::test]
async fn concurrent_checks_of_one_user_are_all_counted() {
    let world = World::start().await;
    let checks = (0..40).map(|number| {
        let api = world.api.clone();
        let token = world.service.clone();
        tokio::spawn(async move {
            let inputs: Vec<Value> = (0..5)
                .map(|part| payment(&format!("t-{number}-{part}"), "usr_1", 1))
                .collect();
            api.internal(Some(&token), CHECK, json!({ "inputs": inputs })).await
        })
    });
    for check in checks.collect::<Vec<_>>() {
        assert_eq!(check.await.unwrap().code(), "OK");
    }
    // 200 so far; the limit of a day is 200.
    let next = world.check(vec![payment("t-last", "usr_1", 1)]).await;
    assert!(
        next[0]["reason"]
            .as_str()
            .unwrap()
            .contains("201 payments in a day are more than 200")
    );
}

#[tokio::test]
async fn a_clock_that_goes_back_loses_no_check() {
    let mut world = World::start().await;
    world.clock.advance(Duration::from_secs(600));
    world.check(vec![payment("t-1", "usr_1", 34_000_000)]).await;
    // A clock is not turned back by `advance`, so the service starts again with one that is ten minutes behind.
    world.clock = service::Clock::manual(service::Timestamp::from_micros(START));
    world.restart().await;
    let decisions = world
        .check(vec![
            payment("t-2", "usr_1", 9_000_000),
            payment("t-3", "usr_1", 9_000_000),
        ])
        .await;
    // The minute started again; the hour still has what it had: 34 + 9 million, then 9 more.
    assert_eq!(decisions[0]["rules"], json!([]));
    assert_eq!(decisions[1]["rules"], json!(["sum_per_hour_above_limit"]));
}

#[tokio::test]
async fn hostile_inputs_are_refused_and_nothing_is_logged() {
    let world = World::start().await;
    let too_long = "x".repeat(65);
    let by_hand = [
        ("", "5"),
        (too_long.as_str(), "5"),
        ("a b", "5"),
        ("a\\u0000", "5"),
        ("usr_1", "0"),
        ("usr_1", "-1"),
        ("usr_1", "0.001"),
        ("usr_1", "1e400"),
        ("usr_1", "\"NaN\""),
        ("usr_1", "12345678901234567890"),
    ];
    for (user, amount) in by_hand {
        let document = format!(r#"mutation {{ checkFraud(userId: "{user}", amount: {amount}) {{ status }} }}"#);
        let answer = world.as_admin(&document).await;
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"].contains(&answer.code()),
            "{document}: {}",
            answer.body
        );
    }
    let with = |field: &str, value: Value| {
        let mut input = payment("t-1", "usr_1", 5);
        input[field] = value;
        input
    };
    let by_service = [
        with("transactionId", json!("")),
        with("transactionId", json!("x".repeat(65))),
        with("userId", json!("ü")),
        with("amountMinor", json!(0)),
        with("amountMinor", json!(-5)),
        with("amountMinor", json!(i64::MAX)),
        with("amountMinor", json!(1.5)),
        with("currency", json!("USD")),
        with("kind", json!("DEPOSIT")),
        with("recentFailures", json!(-1)),
        with("accountCreatedAt", json!("yesterday")),
    ];
    for input in by_service {
        // A good one beside it is not logged either: the list is one.
        let inputs = json!({ "inputs": [payment("t-2", "usr_1", 5), input] });
        let answer = world.as_service(CHECK, inputs).await;
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&answer.code()),
            "{input}: {}",
            answer.body
        );
    }
    let many: Vec<Value> = (0..513)
        .map(|number| payment(&format!("t-{number}"), "usr_1", 5))
        .collect();
    assert_eq!(
        world.as_service(CHECK, json!({ "inputs": many })).await.code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(
        world.as_admin("{ getFraudLogs { logId } }").await.data()["getFraudLogs"],
        json!([])
    );
    assert_eq!(world.check(many[..512].to_vec()).await.len(), 512);
}
