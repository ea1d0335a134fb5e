//! Documents that span services.

mod common;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{Fake, ask, gateway, gateway_with, post_body, send};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

fn wallet() -> Fake {
    Fake::answering(r#"{"data":{"myWallets":[{"id":"w1","balance":0.10}],"w":{"id":"w2"},"rate":1.500}}"#)
}

fn history() -> Fake {
    Fake::answering(r#"{"data":{"myHistory":[{"id":"h1"}],"h":[]}}"#)
}

#[tokio::test]
async fn each_service_gets_its_part_and_the_answer_keeps_the_documents_order() {
    let (wallet, history) = (wallet(), history());
    let router = gateway(&wallet, &history);
    let query = "query Mine($n: Int, $id: String!, $s: Status, $yes: Boolean = true) {
        rate
        myHistory(first: $n) { ...E @include(if: $yes) }
        ...Wallets
        w: wallet(id: $id) { ... on Wallet { id } }
    }
    fragment E on Entry { id }
    fragment Wallets on Query { ... on Query { myWallets(first: 7, status: $s) { id ...Deep } } }
    fragment Deep on Wallet { balance }";
    let answer = ask(&router, query, json!({ "n": 3, "id": "w2", "s": "ACTIVE" })).await;
    assert_eq!(
        answer.text(),
        r#"{"data":{"rate":1.500,"myHistory":[{"id":"h1"}],"myWallets":[{"id":"w1","balance":0.10}],"w":{"id":"w2"}}}"#
    );
    assert_eq!(
        wallet.queries(),
        [
            "query Mine($id: String!, $s: Status) { rate myWallets(first: 7, status: $s) { id ...Deep } \
          w: wallet(id: $id) { ... on Wallet { id } } } fragment Deep on Wallet { balance }"
        ]
    );
    assert_eq!(wallet.variables(0), json!({ "id": "w2", "s": "ACTIVE" }));
    assert_eq!(
        history.queries(),
        [
            "query Mine($n: Int, $yes: Boolean = true) { myHistory(first: $n) { ...E @include(if: $yes) } } \
          fragment E on Entry { id }"
        ]
    );
    assert_eq!(history.variables(0), json!({ "n": 3, "yes": true }));
}

#[tokio::test]
async fn conditions_at_the_root_decide_who_is_asked() {
    let query = "query($a: Boolean!, $b: Boolean = false) {
        myWallets @skip(if: $a) { id }
        ... @include(if: $b) { ...H }
        rate @include(if: true)
    }
    fragment H on Query { myHistory @skip(if: false) { id } myWallets { balance } }";
    for (variables, keys, wallets, histories) in [
        (json!({ "a": true }), vec!["rate"], vec!["query { rate }"], vec![]),
        (
            json!({ "a": false }),
            vec!["myWallets", "rate"],
            vec!["query { myWallets { id } rate }"],
            vec![],
        ),
        (
            json!({ "a": false, "b": true }),
            vec!["myWallets", "myHistory", "rate"],
            vec!["query { myWallets { id balance } rate }"],
            vec!["query { myHistory { id } }"],
        ),
        (
            json!({ "a": true, "b": true }),
            vec!["myHistory", "myWallets", "rate"],
            vec!["query { myWallets { balance } rate }"],
            vec!["query { myHistory { id } }"],
        ),
    ] {
        let (wallet, history) = (wallet(), history());
        let answer = ask(&gateway(&wallet, &history), query, variables.clone()).await;
        let asked: Vec<String> = wallet
            .queries()
            .iter()
            .map(|query| query.replace("query {", "{"))
            .collect();
        let expected: Vec<String> = wallets.iter().map(|query| query.replace("query {", "{")).collect();
        assert_eq!(asked, expected, "{variables}");
        assert_eq!(history.asked_count(), histories.len(), "{variables}");
        let positions: Vec<usize> = keys
            .iter()
            .map(|key| answer.text().find(&format!("\"{key}\":")).unwrap())
            .collect();
        assert!(positions.is_sorted(), "{variables}: {}", answer.text());
        assert_eq!(
            answer.json()["data"].as_object().unwrap().len(),
            keys.len(),
            "{variables}"
        );
    }
}

#[tokio::test]
async fn nothing_left_to_ask_is_an_empty_answer() {
    let (wallet, history) = (wallet(), history());
    let router = gateway(&wallet, &history);
    let query = "query($no: Boolean!) { rate @include(if: $no) myHistory @skip(if: true) { id } }";
    assert_eq!(
        ask(&router, query, json!({ "no": false })).await.text(),
        r#"{"data":{}}"#
    );
    assert_eq!(wallet.asked_count() + history.asked_count(), 0);
    let answer = ask(&router, query, json!({})).await;
    assert_eq!(
        (answer.code(0).as_str(), answer.json().get("data")),
        ("BAD_USER_INPUT", None)
    );
}

#[tokio::test]
async fn mutations_keep_their_order_across_services() {
    let journal = Arc::new(Mutex::new(Vec::new()));
    let wallet = Fake::with(|answer| {
        answer.body = r#"{"data":{"a":{"id":"1"},"b":{"id":"2"},"d":{"id":"3"},"a2":{"id":"4"}}}"#.into();
        answer.delay = Duration::from_millis(30);
    })
    .sharing(&journal);
    let history = Fake::answering(r#"{"data":{"c":true,"e":true}}"#).sharing(&journal);
    let query = r#"mutation($x: String!) {
        a: createWallet(name: $x) { id }
        b: createWallet(name: "b") { id }
        ...F
        d: createWallet(name: "d") { id }
        e: addEntry(kind: "e")
        a: createWallet(name: $x) { name }
        __typename
    }
    fragment F on Mutation { c: addEntry(kind: $x) }"#;
    let answer = ask(&gateway(&wallet, &history), query, json!({ "x": "y" })).await;
    assert_eq!(
        *journal.lock().unwrap(),
        [
            r#"mutation($x: String!) { a: createWallet(name: $x) { id name } b: createWallet(name: "b") { id } }"#,
            r#"mutation($x: String!) { c: addEntry(kind: $x) }"#,
            r#"mutation { d: createWallet(name: "d") { id } }"#,
            r#"mutation { e: addEntry(kind: "e") }"#,
        ]
    );
    assert_eq!(
        answer.text(),
        r#"{"data":{"a":{"id":"1"},"b":{"id":"2"},"c":true,"d":{"id":"3"},"e":true,"__typename":"Mutation"}}"#
    );
}

#[tokio::test]
async fn queries_run_at_the_same_time() {
    let slow = |body: &'static str| {
        Fake::with(|answer| {
            answer.body = body.into();
            answer.delay = Duration::from_millis(400);
        })
    };
    let (wallet, history) = (slow(r#"{"data":{"rate":1}}"#), slow(r#"{"data":{"myHistory":[]}}"#));
    let started = Instant::now();
    let answer = ask(&gateway(&wallet, &history), "{ rate myHistory { id } }", Value::Null).await;
    assert_eq!(answer.text(), r#"{"data":{"rate":1,"myHistory":[]}}"#);
    assert!(
        started.elapsed() < Duration::from_millis(750),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn one_service_down_leaves_the_others_data() {
    for broken in [
        Fake::answering("<html>"),
        Fake::answering(r#"{"data":{}}"#),
        Fake::answering(r#"{"data":{"somethingElse":1}}"#),
        Fake::with(|answer| answer.panics = true),
        Fake::with(|answer| answer.delay = Duration::from_secs(60)),
    ] {
        let router = gateway_with(&wallet(), &broken, |config| config.timeout = Duration::from_millis(300));
        let answer = ask(&router, "{ h: myHistory { id }\n rate }", Value::Null).await;
        let json = answer.json();
        assert_eq!(answer.status, 200);
        assert_eq!(json["data"], json!({ "h": null, "rate": 1.5 }));
        assert_eq!(json["errors"].as_array().unwrap().len(), 1);
        assert_eq!(json["errors"][0]["path"], json!(["h"]));
        assert_eq!(
            json["errors"][0]["extensions"],
            json!({ "code": "SERVICE_UNAVAILABLE", "service": "history" })
        );
    }
}

#[tokio::test]
async fn errors_keep_their_paths_and_get_the_clients_places() {
    let wallet = Fake::answering(
        r#"{"data":{"myWallets":[{"id":"1"},null]},"errors":[
            {"message":"gone","path":["myWallets",1,"balance"],"locations":[{"line":99,"column":99}],
             "extensions":{"code":"NOT_FOUND","more":[1.0]}},
            {"message":"in general"}]}"#,
    );
    let history = Fake::with(|answer| {
        answer.status = StatusCode::UNAUTHORIZED;
        answer.body = r#"{"errors":[{"message":"log in","extensions":{"code":"UNAUTHENTICATED"}}]}"#.into();
        answer
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
    });
    let query = "{\n  myWallets { balance }\n  a: myHistory { id }\n  b: myHistory { id }\n}";
    let answer = ask(&gateway(&wallet, &history), query, Value::Null).await;
    assert_eq!(
        answer.json(),
        json!({
            "data": { "myWallets": [{ "id": "1" }, null], "a": null, "b": null },
            "errors": [
                { "message": "gone", "path": ["myWallets", 1, "balance"], "locations": [{ "line": 2, "column": 3 }],
                  "extensions": { "code": "NOT_FOUND", "more": [1.0] } },
                { "message": "in general" },
                { "message": "log in", "path": ["a"], "locations": [{ "line": 3, "column": 3 }],
                  "extensions": { "code": "UNAUTHENTICATED" } },
                { "message": "log in", "path": ["b"], "locations": [{ "line": 4, "column": 3 }],
                  "extensions": { "code": "UNAUTHENTICATED" } },
            ]
        })
    );
    assert_eq!(answer.headers[header::RETRY_AFTER], "3");
}

#[tokio::test]
async fn a_null_answer_of_one_service_is_null_for_its_fields_alone() {
    let wallet = Fake::answering(r#"{"data":null,"errors":[{"message":"no","path":["rate"]}]}"#);
    let answer = ask(
        &gateway(&wallet, &history()),
        "{ rate myHistory { id } myWallets { id } }",
        Value::Null,
    )
    .await;
    let json = answer.json();
    assert_eq!(
        json["data"],
        json!({ "rate": null, "myHistory": [{ "id": "h1" }], "myWallets": null })
    );
    assert_eq!(
        json["errors"],
        json!([{ "message": "no", "path": ["rate"], "locations": [{ "line": 1, "column": 3 }] }])
    );
}

#[tokio::test]
async fn after_its_time_a_mutation_asks_nobody_any_more() {
    let wallet = Fake::with(|answer| answer.delay = Duration::from_secs(60));
    let history = history();
    let router = gateway_with(&wallet, &history, |config| config.timeout = Duration::from_millis(200));
    let query = r#"mutation { createWallet(name: "x") { id } addEntry(kind: "e") }"#;
    let answer = ask(&router, query, Value::Null).await;
    assert_eq!(answer.json()["data"], json!({ "createWallet": null, "addEntry": null }));
    assert!(
        answer.json()["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("unknown")
    );
    assert!(
        answer.json()["errors"][1]["message"]
            .as_str()
            .unwrap()
            .contains("was not asked")
    );
    assert_eq!(history.asked_count(), 0);
}

#[tokio::test]
async fn one_of_several_operations_is_taken_out_of_a_document() {
    let (wallet, history) = (wallet(), history());
    let router = gateway(&wallet, &history);
    let query = "query A { rate } query B { myHistory { ...E } } fragment E on Entry { id }";
    let body = |name: Value| json!({ "query": query, "operationName": name }).to_string();
    assert_eq!(
        send(&router, post_body(body(json!("A")))).await.text(),
        r#"{"data":{"rate":1.500}}"#
    );
    assert_eq!(wallet.queries(), ["query A { rate }"]);
    assert_eq!(
        send(&router, post_body(body(json!("B")))).await.text(),
        r#"{"data":{"myHistory":[{"id":"h1"}]}}"#
    );
    assert_eq!(
        history.queries(),
        ["query B { myHistory { ...E } } fragment E on Entry { id }"]
    );
    for name in [Value::Null, json!("C"), json!("")] {
        assert_eq!(send(&router, post_body(body(name))).await.code(0), "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn variables_are_checked_before_anything_is_done() {
    let (wallet, history) = (wallet(), history());
    let router = gateway(&wallet, &history);
    let query = r#"mutation($k: String!) { createWallet(name: "x") { id } addEntry(kind: $k) }"#;
    for variables in [json!({}), json!({ "k": 7 }), json!({ "k": null })] {
        let answer = ask(&router, query, variables).await;
        assert_eq!(
            (answer.code(0).as_str(), answer.json().get("data")),
            ("BAD_USER_INPUT", None)
        );
    }
    assert_eq!(wallet.asked_count() + history.asked_count(), 0);
}

/// Executors exist that know no defaults in `@skip` and answer null when everything is skipped.
#[tokio::test]
async fn what_is_to_be_skipped_by_default_is_skipped() {
    let (wallet, history) = (wallet(), history());
    let router = gateway(&wallet, &history);
    let query = r#"mutation($dry: Boolean = true) { createWallet(name: "x") @skip(if: $dry) { id } }"#;
    assert_eq!(ask(&router, query, Value::Null).await.text(), r#"{"data":{}}"#);
    let query = "query($no: Boolean!) { rate @include(if: $no) }";
    assert_eq!(
        ask(&router, query, json!({ "no": false })).await.text(),
        r#"{"data":{}}"#
    );
    assert_eq!(wallet.asked_count(), 0);
    let query = "query($deep: Boolean = true) { myWallets { id balance @include(if: $deep) } }";
    ask(&router, query, Value::Null).await;
    assert_eq!(wallet.variables(0), json!({ "deep": true }));
}

/// Executors exist that carry a field out as often as it stands in the document.
#[tokio::test]
async fn a_mutation_that_stands_there_twice_is_asked_once() {
    let wallet = Fake::answering(r#"{"data":{"a":{"id":"1"},"b":{"id":"2"}}}"#);
    let router = gateway(&wallet, &history());
    let twice = "mutation($x: String!) { a: createWallet(name: $x) { id } ...F } \
                 fragment F on Mutation { a: createWallet(name: $x) { name } }";
    ask(&router, twice, json!({ "x": "y" })).await;
    let perhaps = "mutation($x: String!, $p: Boolean!) { a: createWallet(name: $x) { id } \
                   ... @include(if: $p) { a: createWallet(name: $x) { name } b: createWallet(name: $x) { id } } }";
    ask(&router, perhaps, json!({ "x": "y", "p": true })).await;
    assert_eq!(
        wallet.queries(),
        [
            "mutation($x: String!) { a: createWallet(name: $x) { id name } }",
            "mutation($x: String!) { a: createWallet(name: $x) { id name } b: createWallet(name: $x) { id } }",
        ]
    );
}
