//! The fast path: one service, nothing changed on the way.

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use common::{Fake, ask, gateway, gateway_with, post_body, send};
use http::{HeaderValue, Request, StatusCode, header};
use peer::Upstream;
use serde_json::{Value, json};

/// Odd spacing, a number that a float would round, a key the gateway does not know.
const ANSWER: &str = r#"{ "data" : {"myWallets":[ {"balance": 12345678901234.10} ]}, "extensions":{"x":1.00} }"#;

fn history() -> Fake {
    Fake::answering(r#"{"data":{"myHistory":[]}}"#)
}

#[tokio::test]
async fn bytes_pass_unchanged_both_ways() {
    let wallet = Fake::answering(ANSWER);
    let router = gateway(&wallet, &history());
    let body = r#" {"variables": {"n": 1.50, "unused": "ü"}, "query":"query($n: Int) { myWallets(first: $n) { balance } }", "extensions": {} }"#;
    let answer = send(&router, post_body(body)).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, ANSWER));
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
    assert_eq!(wallet.asked.lock().unwrap()[0].body, body.as_bytes());
}

#[tokio::test]
async fn a_get_is_forwarded_as_a_post() {
    let wallet = Fake::answering(ANSWER);
    let router = gateway(&wallet, &history());
    let uri = "/graphql?query=query%20Q(%24n%3AInt)%7BmyWallets(first%3A%24n)%7Bbalance%7D%7D&operationName=Q&variables=%7B%22n%22%3A3%7D";
    let answer = send(&router, Request::get(uri).body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, ANSWER));
    let asked = wallet.asked.lock().unwrap()[0].json();
    assert_eq!(asked["query"], "query Q($n:Int){myWallets(first:$n){balance}}");
    assert_eq!(
        (&asked["operationName"], &asked["variables"]),
        (&json!("Q"), &json!({"n": 3}))
    );
}

#[tokio::test]
async fn only_known_headers_go_on() {
    let wallet = Fake::answering(ANSWER);
    let router = gateway_with(&wallet, &history(), |config| {
        config.service_authorization = Arc::new(|| Some(HeaderValue::from_static("Bearer gateway")));
    });
    let mut request = post_body(r#"{"query":"{ myWallets { balance } }"}"#);
    for (name, value) in [
        ("authorization", "Bearer user"),
        ("idempotency-key", "key-1"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("x-request-id", "order-4711"),
        ("cookie", "session=1"),
        ("x-forwarded-for", "10.0.0.1"),
        ("x-sawit-client-address", "10.0.0.2"),
        ("x-sawit-service-authorization", "Bearer forged"),
    ] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 9], 4711))));
    let answer = send(&router, request).await;
    assert_eq!(answer.headers["x-request-id"], "order-4711");

    let asked = wallet.asked.lock().unwrap();
    let headers = &asked[0].headers;
    assert_eq!(headers["authorization"], "Bearer user");
    assert_eq!(headers["idempotency-key"], "key-1");
    assert_eq!(headers["x-request-id"], "order-4711");
    assert!(
        headers["traceparent"]
            .to_str()
            .unwrap()
            .starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    );
    assert_eq!(headers["x-sawit-client-address"], "203.0.113.9");
    assert_eq!(headers["x-sawit-service-authorization"], "Bearer gateway");
    assert!(!headers.contains_key("cookie") && !headers.contains_key("x-forwarded-for"));
}

#[tokio::test]
async fn without_a_token_of_its_own_the_gateway_vouches_for_no_address() {
    let wallet = Fake::answering(ANSWER);
    let mut request = post_body(r#"{"query":"{ myWallets { balance } }"}"#);
    request
        .headers_mut()
        .insert("x-sawit-client-address", HeaderValue::from_static("10.0.0.2"));
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 9], 4711))));
    send(&gateway(&wallet, &history()), request).await;
    assert!(
        !wallet.asked.lock().unwrap()[0]
            .headers
            .contains_key("x-sawit-client-address")
    );
}

#[tokio::test]
async fn a_services_refusal_keeps_its_status_and_its_patience() {
    let body = r#"{"errors":[{"message":"slow down","extensions":{"code":"RATE_LIMITED"}}]}"#;
    let wallet = Fake::with(|answer| {
        answer.status = StatusCode::TOO_MANY_REQUESTS;
        answer.body = body.into();
        answer
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from_static("7"));
    });
    let answer = ask(&gateway(&wallet, &history()), "{ myWallets { id } }", Value::Null).await;
    assert_eq!((answer.status, answer.text().as_str()), (429, body));
    assert_eq!(answer.headers[header::RETRY_AFTER], "7");
}

#[tokio::test]
async fn whatever_a_broken_service_does_the_answer_is_graphql() {
    let broken: Vec<(&str, Fake)> = vec![
        (
            "html",
            Fake::with(|answer| {
                answer.status = StatusCode::BAD_GATEWAY;
                answer.body = "<html>nginx</html>".into();
            }),
        ),
        ("empty", Fake::answering("")),
        ("cut off", Fake::answering(r#"{"data":{"myWallets":[{"id":"#)),
        ("other json", Fake::answering("[1,2]")),
        ("no answer", Fake::answering(r#"{"data":null}"#)),
        ("huge", Fake::answering(vec![b' '; 17 * 1024 * 1024])),
        ("slow", Fake::with(|answer| answer.delay = Duration::from_secs(60))),
        ("panic", Fake::with(|answer| answer.panics = true)),
    ];
    for (name, wallet) in broken {
        let router = gateway_with(&wallet, &history(), |config| {
            config.timeout = Duration::from_millis(300)
        });
        let answer = ask(&router, "{ mine: myWallets { id } rate }", Value::Null).await;
        let json = answer.json();
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(json["data"], json!({ "mine": null, "rate": null }), "{name}");
        assert_eq!(json["errors"][0]["path"], json!(["mine"]), "{name}");
        assert_eq!(
            json["errors"][0]["locations"],
            json!([{ "line": 1, "column": 3 }]),
            "{name}"
        );
        assert_eq!(json["errors"][1]["path"], json!(["rate"]), "{name}");
        assert_eq!(answer.code(0), "SERVICE_UNAVAILABLE", "{name}");
        assert!(
            !answer.text().contains("nginx") && !answer.text().contains("told to panic"),
            "{name}"
        );

        let answer = ask(&router, r#"mutation { createWallet(name: "x") { id } }"#, Value::Null).await;
        let message = answer.json()["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(
            message.contains("unknown") && message.contains("idempotencyKey"),
            "{name}: {message}"
        );
    }
}

#[tokio::test]
async fn a_field_that_was_to_be_skipped_is_not_reported_when_the_service_is_down() {
    let wallet = Fake::answering("rubbish");
    let router = gateway(&wallet, &history());
    let query = "query($w: Boolean!) { rate myWallets @include(if: $w) { id } }";
    let answer = ask(&router, query, json!({ "w": false })).await;
    assert_eq!(answer.json()["data"], json!({ "rate": null }));
    let answer = ask(&router, query, json!({ "w": true })).await;
    assert_eq!(answer.json()["data"], json!({ "rate": null, "myWallets": null }));
}

#[tokio::test]
async fn missing_variables_reach_no_service() {
    let wallet = Fake::answering(ANSWER);
    let router = gateway(&wallet, &history());
    let one = "mutation($i: TopupInput!) { topup(input: $i) { id } }";
    let two = "mutation($i: TopupInput!) { a: createWallet(name: \"x\") { id } topup(input: $i) { id } }";
    for (query, variables, message) in [
        (one, json!({}), "the variable $i is required"),
        (one, json!({ "i": null }), "the variable $i is required"),
        (two, json!({ "i": { "id": "w" } }), "$i.amount is required"),
        (
            two,
            json!({ "i": { "id": 7, "amount": "hunter2" } }),
            "$i.id is no String",
        ),
    ] {
        let answer = ask(&router, query, variables).await;
        assert_eq!(answer.code(0), "BAD_USER_INPUT");
        assert_eq!(answer.json()["errors"][0]["message"], message);
        assert_eq!(answer.json().get("data"), None);
    }
    assert_eq!(wallet.asked_count(), 0);
    ask(&router, two, json!({ "i": { "id": "w", "amount": "1" } })).await;
    assert_eq!(wallet.asked_count(), 1);
}

#[tokio::test]
async fn services_elsewhere_are_reached_over_http() {
    let (wallet, history) = (Fake::answering(ANSWER), history());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(axum::serve(listener, wallet.router()).into_future());
    let router = gateway_with(&wallet, &history, |config| {
        config.upstreams[0].1 = Upstream::http(&base_url).unwrap();
    });
    let answer = ask(&router, "{ myWallets { balance } }", Value::Null).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, ANSWER));

    server.abort();
    assert!(server.await.is_err());
    tokio::time::sleep(Duration::from_millis(50)).await;
    let answer = ask(&router, "{ rate myHistory { id } }", Value::Null).await;
    assert_eq!(answer.json()["data"], json!({ "rate": null, "myHistory": [] }));
    assert_eq!(answer.code(0), "SERVICE_UNAVAILABLE");
}
