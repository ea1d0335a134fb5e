//! Questions about the schema, answered by the gateway.

mod common;

use common::{Fake, ask, gateway, gateway_with};
use serde_json::{Value, json};

/// What GraphiQL and code generators ask.
const STANDARD: &str = include_str!("introspection.graphql");

fn services() -> (Fake, Fake) {
    (
        Fake::answering(r#"{"data":{"rate":1}}"#),
        Fake::answering(r#"{"data":{"myHistory":[]}}"#),
    )
}

#[tokio::test]
async fn the_standard_introspection_query_is_answered_without_any_service() {
    let (wallet, history) = services();
    let router = gateway(&wallet, &history);
    let answer = ask(&router, STANDARD, Value::Null).await;
    let json = answer.json();
    assert_eq!(json.get("errors"), None, "{}", answer.text());
    let schema = &json["data"]["__schema"];
    assert_eq!(
        (&schema["queryType"]["name"], &schema["mutationType"]["name"]),
        (&json!("Query"), &json!("Mutation"))
    );
    let types: Vec<_> = schema["types"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ty| ty["name"].as_str().unwrap())
        .collect();
    for name in ["Query", "Wallet", "Entry", "Decimal", "TopupInput", "Status"] {
        assert_eq!(types.iter().filter(|known| **known == name).count(), 1, "{name}");
    }
    assert_eq!(ask(&router, STANDARD, Value::Null).await.body, answer.body);
    assert_eq!(wallet.asked_count() + history.asked_count(), 0);
}

#[tokio::test]
async fn meta_fields_mix_with_services_fields() {
    let (wallet, history) = services();
    let router = gateway(&wallet, &history);
    let answer = ask(
        &router,
        "{ __typename rate t: __type(name: \"Entry\") { name } }",
        Value::Null,
    )
    .await;
    assert_eq!(
        answer.text(),
        r#"{"data":{"__typename":"Query","rate":1,"t":{"name":"Entry"}}}"#
    );
    assert_eq!(wallet.queries(), ["{ rate }"]);

    let query =
        "query($n: String!, $no: Boolean!) { __type(name: $n) { ...T } s: __schema @include(if: $no) { description } }
                 fragment T on __Type { kind fields { name } }";
    let answer = ask(&router, query, json!({ "n": "Entry", "no": false })).await;
    let fields = json!([{ "name": "id" }, { "name": "amount" }, { "name": "kind" }]);
    assert_eq!(
        answer.json(),
        json!({ "data": { "__type": { "kind": "OBJECT", "fields": fields } } })
    );
    let answer = ask(&router, "{ __typename }", Value::Null).await;
    assert_eq!(answer.text(), r#"{"data":{"__typename":"Query"}}"#);
    let answer = ask(&router, "mutation { __typename }", Value::Null).await;
    assert_eq!(answer.text(), r#"{"data":{"__typename":"Mutation"}}"#);
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let (wallet, history) = services();
    let router = gateway_with(&wallet, &history, |config| config.introspection = false);
    for query in [
        "{ __schema { description } }",
        "{ rate ...F } fragment F on Query { t: __type(name: \"X\") { name } }",
    ] {
        assert_eq!(
            ask(&router, query, Value::Null).await.code(0),
            "GRAPHQL_VALIDATION_FAILED"
        );
    }
    assert_eq!(
        ask(&router, "{ __typename rate }", Value::Null).await.text(),
        r#"{"data":{"__typename":"Query","rate":1}}"#
    );
}

#[tokio::test]
async fn circular_questions_about_types_are_refused() {
    let (wallet, history) = services();
    let router = gateway(&wallet, &history);
    let query =
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    assert_eq!(
        ask(&router, query, Value::Null).await.code(0),
        "GRAPHQL_VALIDATION_FAILED"
    );
    let many = (0..5)
        .map(|n| format!("a{n}: __schema {{ description }} "))
        .collect::<String>();
    assert_eq!(
        ask(&router, &format!("{{ {many} }}"), Value::Null).await.code(0),
        "GRAPHQL_VALIDATION_FAILED"
    );
}
