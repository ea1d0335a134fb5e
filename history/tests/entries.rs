//! Entries: appended, told again, listed, hidden.

mod common;

use std::time::Duration;

use common::{MINUTE, START, World, payment, with};
use serde_json::{Value, json};
use service::Timestamp;

#[tokio::test]
async fn the_contracts_list_document_works_as_written() {
    let world = World::start().await;
    let ids = world.append(vec![payment(1)]).await;
    let answer = world
        .ask(
            &world.narto,
            "query cekHistori { myHistory { historyId transactionId amount type status createdAt } }",
        )
        .await;
    let expect = json!([{
        "historyId": ids[0], "transactionId": "trx_1", "amount": 20_000, "type": "PAYMENT", "status": "SUCCESS",
        "createdAt": "2026-11-19T09:07:40.000000Z",
    }]);
    assert_eq!(answer.data()["myHistory"], expect);
    let answer = world
        .ask(
            &world.narto,
            "{ myHistory { userId currency vaNumber direction walletId counterparty failureCode } }",
        )
        .await;
    let expect = json!([{
        "userId": "usr_narto", "currency": "IDR", "vaNumber": "DS-88001", "direction": "OUT", "walletId": "wal_1",
        "counterparty": "BlackDoctrine", "failureCode": null,
    }]);
    assert_eq!(answer.data()["myHistory"], expect);
}

const ADD: &str = "mutation ($input: HistoryInput!) { addHistory(input: $input) }";

fn told(number: i64) -> Value {
    json!({
        "transactionId": format!("trx_{number}"), "userId": "usr_narto", "amount": 20_000, "type": "PAYMENT",
        "status": "SUCCESS", "vaNumber": format!("DS-8800{number}"),
    })
}

#[tokio::test]
async fn add_history_is_idempotent_and_refuses_other_content() {
    let world = World::start().await;
    let add = async |input: Value| {
        world
            .api
            .public(Some(&world.admin), ADD, json!({ "input": input }))
            .await
    };
    for _ in 0..3 {
        assert_eq!(add(told(1)).await.data()["addHistory"], json!(true));
        world.clock.advance(Duration::from_secs(60));
    }
    for (field, value) in [
        ("amount", json!(20_000.5)),
        ("type", json!("TRANSFER")),
        ("vaNumber", Value::Null),
    ] {
        assert_eq!(add(with(told(1), field, value)).await.code(), "CONFLICT", "{field}");
    }
    // Another status or user is another record.
    add(with(told(1), "status", json!("REFUNDED"))).await.data();
    add(with(told(1), "userId", json!("usr_sasuke"))).await.data();
    add(with(with(told(2), "type", json!("DEPOSIT")), "vaNumber", json!("")))
        .await
        .data();
    let answer = world
        .ask(&world.narto, "{ myHistory { transactionId type direction vaNumber } }")
        .await;
    let expect = json!([
        { "transactionId": "trx_2", "type": "DEPOSIT", "direction": "IN", "vaNumber": null },
        { "transactionId": "trx_1", "type": "PAYMENT", "direction": "OUT", "vaNumber": "DS-88001" },
        { "transactionId": "trx_1", "type": "PAYMENT", "direction": "OUT", "vaNumber": "DS-88001" },
    ]);
    assert_eq!(answer.data()["myHistory"], expect);
}

#[tokio::test]
async fn an_entry_told_by_both_ways_is_one_entry() {
    let world = World::start().await;
    let ids = world.append(vec![payment(1)]).await;
    let add = async |input: Value| {
        world
            .api
            .public(Some(&world.service), ADD, json!({ "input": input }))
            .await
    };
    assert_eq!(add(told(1)).await.code(), "OK");
    add(told(2)).await.data();
    let later = world.append(vec![payment(2)]).await;
    let answer = world.ask(&world.narto, "{ myHistory { historyId } }").await;
    let records = answer.data()["myHistory"].as_array().unwrap();
    assert_eq!(records.len(), 2);
    for id in [&ids[0], &later[0]] {
        assert!(records.iter().any(|record| record["historyId"] == json!(id)));
    }
    assert_eq!(world.verify().await, (true, None, 2));
}

#[tokio::test]
async fn a_key_told_again_keeps_its_first_entry() {
    let mut world = World::start().await;
    let first = world.append(vec![payment(1), payment(2), payment(1)]).await;
    assert_eq!(first[0], first[2]);
    assert_ne!(first[0], first[1]);
    let changed = with(payment(1), "amountMinor", json!(5));
    let again = world.append(vec![changed, payment(3), payment(2)]).await;
    assert_eq!((&again[0], &again[2]), (&first[0], &first[1]));
    world.restart(|_| {}).await;
    assert_eq!(world.append(vec![payment(2)]).await[0], first[1]);
    assert_eq!(world.list("").await, ["trx_3", "trx_2", "trx_1"]);
    let amounts = world.ask(&world.narto, "{ myHistory { amount } }").await;
    assert_eq!(amounts.data()["myHistory"][2]["amount"], json!(20_000));
    assert_eq!(world.verify().await, (true, None, 3));
    let found = world
        .api
        .internal(
            Some(&world.service),
            r#"{ one: historyId(entryKey: "trx_2:SUCCESS:usr_narto") none: historyId(entryKey: "x") }"#,
            json!({}),
        )
        .await;
    assert_eq!(*found.data(), json!({ "one": first[1], "none": null }));
}

#[tokio::test]
async fn filters_and_times() {
    let world = World::start().await;
    let mut inputs: Vec<Value> = (0..6).map(payment).collect();
    inputs[1]["kind"] = json!("DEPOSIT");
    inputs[2]["status"] = json!("FAILED");
    inputs[2]["failureCode"] = json!("INSUFFICIENT_FUNDS");
    inputs[3]["userId"] = json!("usr_sasuke");
    // Told late, shown where it belongs.
    let late = inputs.remove(0);
    inputs.push(late);
    world.append(inputs).await;
    let check = async |arguments: &str, expect: &[&str]| {
        assert_eq!(world.list(arguments).await, expect, "{arguments}");
    };
    check("", &["trx_5", "trx_4", "trx_2", "trx_1", "trx_0"]).await;
    check("(first: 2)", &["trx_5", "trx_4"]).await;
    check(r#"(type: "DEPOSIT")"#, &["trx_1"]).await;
    check(r#"(status: "FAILED")"#, &["trx_2"]).await;
    check(r#"(type: "PAYMENT", status: "SUCCESS", first: 2)"#, &["trx_5", "trx_4"]).await;
    check(r#"(type: "REFUND")"#, &[]).await;
    let minute = |number: i64| Timestamp::from_micros(START + number * MINUTE).to_string();
    check(
        &format!(r#"(from: "{}", to: "{}")"#, minute(1), minute(4)),
        &["trx_2", "trx_1"],
    )
    .await;
    check(&format!(r#"(from: "{}")"#, minute(5)), &["trx_5"]).await;
    check(&format!(r#"(to: "{}")"#, minute(0)), &[]).await;
}

#[tokio::test]
async fn pages_meet_without_gap_or_overlap() {
    let world = World::start().await;
    let at_once = |number| with(payment(number), "occurredAt", json!(START + (number / 5) * MINUTE));
    let ids = world.append((0..17).map(at_once).collect()).await;
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let document = format!("{{ myHistory(first: 4{after}) {{ historyId transactionId }} }}");
        let answer = world.ask(&world.narto, &document).await;
        let page = answer.data()["myHistory"].as_array().unwrap().clone();
        let Some(last) = page.last() else { break };
        after = format!(", after: {}", last["historyId"]);
        seen.extend(
            page.iter()
                .map(|record| record["historyId"].as_str().unwrap().to_owned()),
        );
        world.append(vec![payment(100 + seen.len() as i64)]).await;
    }
    let expect: Vec<String> = ids.into_iter().rev().collect();
    assert_eq!(seen, expect);
}

#[tokio::test]
async fn a_deleted_record_is_hidden_from_its_owner_only_and_the_trail_keeps_it() {
    let mut world = World::start().await;
    let ids = world.append((1..=3).map(payment).collect()).await;
    let delete = async |world: &World, token: &str, id: &str| {
        let document = "mutation ($historyId: String!) { deleteHistory(historyId: $historyId) }";
        world
            .api
            .public(Some(token), document, json!({ "historyId": id }))
            .await
    };
    for id in [ids[1].as_str(), "hst_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", "", "' OR 1=1 --"] {
        assert_eq!(delete(&world, &world.sasuke, id).await.code(), "NOT_FOUND", "{id}");
    }
    assert_eq!(world.list("").await, ["trx_3", "trx_2", "trx_1"]);
    for _ in 0..2 {
        let answer = delete(&world, &world.narto, &ids[1]).await;
        assert_eq!(answer.data()["deleteHistory"], json!(true));
    }
    world.restart(|_| {}).await;
    assert_eq!(world.list("").await, ["trx_3", "trx_1"]);
    // A page may still begin after it, and telling it again does not bring it back.
    assert_eq!(world.list(&format!(r#"(after: "{}")"#, ids[1])).await, ["trx_1"]);
    assert_eq!(world.append(vec![payment(2)]).await[0], ids[1]);
    assert_eq!(world.list("").await, ["trx_3", "trx_1"]);
    assert_eq!(world.verify().await, (true, None, 3));
}

#[tokio::test]
async fn hostile_inputs_are_refused_and_nothing_is_recorded() {
    let world = World::start().await;
    let ids = world.append(vec![payment(1)]).await;
    let refused = ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"];
    for arguments in [
        "first: 0".to_owned(),
        "first: 501".to_owned(),
        r#"after: """#.to_owned(),
        r#"after: "frd_01JD2Q3V4W5X6Y7Z8A9BCDEFGH""#.to_owned(),
        r#"after: "hst_01JD2Q3V4W5X6Y7Z8A9BCDEFGH""#.to_owned(),
        r#"type: "payment""#.to_owned(),
        r#"status: "' OR 1=1 --""#.to_owned(),
        r#"from: "yesterday""#.to_owned(),
    ] {
        let answer = world
            .ask(&world.narto, &format!("{{ myHistory({arguments}) {{ historyId }} }}"))
            .await;
        assert!(refused.contains(&answer.code()), "{arguments}: {}", answer.body);
    }
    // Somebody else's record is no place to begin after.
    let foreign = format!(r#"{{ myHistory(after: "{}") {{ historyId }} }}"#, ids[0]);
    assert_eq!(world.ask(&world.sasuke, &foreign).await.code(), "BAD_USER_INPUT");

    for (field, value) in [
        ("transactionId", json!("")),
        ("userId", json!("x".repeat(65))),
        ("amount", json!(0)),
        ("amount", json!(-5)),
        ("amount", json!("0.001")),
        ("type", json!("payment")),
        ("status", json!("A".repeat(33))),
        ("vaNumber", json!("a b")),
    ] {
        let input = json!({ "input": with(told(2), field, value.clone()) });
        let answer = world.api.public(Some(&world.admin), ADD, input).await;
        assert!(refused.contains(&answer.code()), "{field} {value}: {}", answer.body);
    }
    for (field, value) in [
        ("entryKey", json!("")),
        ("amountMinor", json!(-1)),
        ("amountMinor", json!(i64::MAX)),
        ("currency", json!("USD")),
        ("direction", json!("SIDEWAYS")),
        ("counterparty", json!("\u{7}")),
        ("occurredAt", json!("now")),
        ("failureCode", json!("")),
    ] {
        // A good one beside it is not recorded either: the list is one.
        let answer = world
            .try_append(vec![payment(2), with(payment(3), field, value.clone())])
            .await;
        assert!(refused.contains(&answer.code()), "{field} {value}: {}", answer.body);
    }
    assert_eq!(
        world.try_append((0..513).map(payment).collect()).await.code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(world.verify().await, (true, None, 1));
}

#[tokio::test]
async fn a_document_may_ask_for_some_pages_and_not_for_hundreds() {
    let world = World::start().await;
    let ask = async |count: usize, arguments: &str| {
        let lists: String = (0..count)
            .map(|n| format!("p{n}: myHistory{arguments} {{ historyId transactionId amount status createdAt }} "))
            .collect();
        world.ask(&world.narto, &format!("{{ {lists} }}")).await
    };
    assert_eq!(ask(15, "(first: 500)").await.code(), "OK");
    assert_eq!(ask(90, "").await.code(), "OK");
    assert_eq!(ask(25, "(first: 500)").await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(ask(110, "").await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(ask(25, "(first: -1)").await.code(), "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(ask(1, "(first: -1)").await.code(), "BAD_USER_INPUT");
}
