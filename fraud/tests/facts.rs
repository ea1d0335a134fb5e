//! What rules decide by: every fact is documented, and a log tells what each was.

mod common;

use common::{World, payment};
use serde_json::{Value, json};

/// `UPDATE_DOCS=1` writes the table anew.
#[tokio::test]
async fn every_fact_stands_in_the_documents() {
    let world = World::start().await;
    let facts = world.as_admin("{ fraudFacts { name type description } }").await;
    let rows = facts.data()["fraudFacts"].as_array().unwrap().clone();
    let mut table = String::from("| fact | type | what it is |\n|---|---|---|\n");
    for row in rows {
        let of = |field: &str| row[field].as_str().unwrap().to_owned();
        table.push_str(&format!(
            "| `{}` | {} | {} |\n",
            of("name"),
            of("type"),
            of("description")
        ));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/fraud.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once("<!-- facts -->\n").unwrap();
    let (found, after) = rest.split_once("<!-- end of facts -->").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(
            path,
            format!("{before}<!-- facts -->\n{table}<!-- end of facts -->{after}"),
        )
        .unwrap();
    } else {
        assert_eq!(found, table, "docs/fraud.md: UPDATE_DOCS=1 writes the table anew");
    }
}

#[tokio::test]
async fn a_log_tells_what_each_fact_was_by_the_name_that_rules_have_for_it() {
    let world = World::start().await;
    let mut input = payment("t-1", "usr_1", 15_000_000);
    input["accountCreatedAt"] = json!(common::START - 90_000_000);
    input["walletCreatedAt"] = Value::Null;
    world.check(vec![input]).await;
    let document =
        "{ fraudFacts { name } fraudLogOf(transactionId: \"t-1\") { readings { name value unit description } } }";
    let answer = world.as_admin(document).await;
    let readings = answer.data()["fraudLogOf"]["readings"].as_array().unwrap().clone();
    let names =
        |list: &Value| -> Vec<Value> { list.as_array().unwrap().iter().map(|one| one["name"].clone()).collect() };
    assert_eq!(
        names(&json!(readings)),
        names(&answer.data()["fraudFacts"]),
        "all of them, in their order"
    );
    let of = |name: &str| {
        let reading = readings.iter().find(|reading| reading["name"] == name).unwrap();
        (reading["value"].clone(), reading["unit"].as_str().unwrap().to_owned())
    };
    assert_eq!(of("amount"), (json!("15000000"), "RUPIAH".to_owned()));
    assert_eq!(of("limit_suspicious"), (json!("10000000"), "RUPIAH".to_owned()));
    assert_eq!(of("account_age"), (json!("90"), "SECONDS".to_owned()));
    assert_eq!(of("wallet_age"), (Value::Null, "SECONDS".to_owned()));
    assert_eq!(of("count_1m"), (json!("1"), "NONE".to_owned()));
    assert_eq!(of("is_first_to_payee").0, json!("false"), "nobody was named");
    assert_eq!(of("kind").0, json!("PAYMENT"));
    // What the desk had said comes behind.
    let listed = "mutation { addFraudListEntry(input: { list: ALLOW, kind: USER, value: \"usr_1\", reason: \"known\" }) { entryId } }";
    world.as_admin(listed).await.data();
    world.check(vec![payment("t-2", "usr_1", 15_000_000)]).await;
    let answer = world
        .as_admin("{ fraudLogOf(transactionId: \"t-2\") { readings { name value } } }")
        .await;
    let readings = answer.data()["fraudLogOf"]["readings"].as_array().unwrap().clone();
    assert_eq!(readings.last().unwrap()["name"], "allowed");
    assert_eq!(readings.last().unwrap()["value"], "user usr_1");
}
