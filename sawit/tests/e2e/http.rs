//! The gateway's edge: what is no proper request gets its status and does nothing.

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::json;
use testkit::client::Client;
use testkit::provider::RunMode;

use crate::world::World;

#[tokio::test]
async fn requests_of_the_wrong_shape_get_their_status() {
    let world = World::start(RunMode::Up).await;
    let person = world.person("naruto", 1_000).await;
    let (http, url) = (person.api.http().clone(), person.api.url().to_owned());
    let token = person.api.token().expect("a token").to_owned();
    let status = async |request: reqwest::RequestBuilder| {
        request
            .bearer_auth(&token)
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    let post = |body: &str| {
        http.post(&url)
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_owned())
    };

    let by_get = |document: &str| reqwest::Url::parse_with_params(&url, [("query", document)]).expect("a URL");
    let mutation = "mutation { createWallet(walletName: \"by GET\") { walletId } }";
    assert_eq!(
        status(http.get(by_get(mutation)).header(ACCEPT, "application/json")).await,
        405
    );
    let query = "query { myWallets { walletName } }";
    assert_eq!(
        status(http.get(by_get(query)).header(ACCEPT, "application/json")).await,
        200
    );
    assert_eq!(status(http.put(&url)).await, 405);
    assert_eq!(status(http.delete(&url)).await, 405);
    for bad in [
        "",
        "{",
        "[]",
        "null",
        "\"query\"",
        "{\"query\": 1}",
        "{\"variables\": {}}",
        "{\"query\":\"{myWallets{walletId}}\",\"variables\":[]}",
        "\u{0}",
    ] {
        assert_eq!(status(post(bad)).await, 400, "{bad:?}");
    }
    assert_eq!(
        status(http.post(&url).header(CONTENT_TYPE, "text/plain").body("{}")).await,
        415
    );
    let big = json!({ "query": format!("query {{ myWallets {{ walletName }} }} # {}", "x".repeat(400_000)) });
    assert_eq!(status(post(&big.to_string())).await, 413);
    let endless = futures::stream::iter((0..2_000).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_024])));
    let endless = http
        .post(&url)
        .header(CONTENT_TYPE, "application/json")
        .body(reqwest::Body::wrap_stream(endless));
    // It may also hang up while the body is still coming; it must not read on for ever.
    if let Ok(answer) = endless.bearer_auth(&token).send().await {
        assert_eq!(answer.status().as_u16(), 413);
    }
    assert_eq!(
        status(http.get(format!("{}/nowhere", world.provider.base_url("gateway")))).await,
        404
    );

    let wallets = person.api.send("query { myWallets { walletName } }", json!({})).await;
    assert_eq!(
        wallets.data()["myWallets"].as_array().map(Vec::len),
        Some(1),
        "no wallet was opened by GET"
    );
    world.close().await;
}

#[tokio::test]
async fn documents_that_are_none_or_do_not_fit_are_told_apart() {
    let world = World::start(RunMode::Up).await;
    let person = world.person("naruto", 1_000).await;
    for (document, code) in [
        ("query {", "GRAPHQL_PARSE_FAILED"),
        ("hello", "GRAPHQL_PARSE_FAILED"),
        ("query { noSuchField }", "GRAPHQL_VALIDATION_FAILED"),
        ("query { myWallets }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { createWallet { walletId } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "query { myWallets { walletId } } query { myWallets { balance } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query { ...F } fragment F on Query { ...F }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        assert_eq!(person.api.send(document, json!({})).await.code(), code, "{document}");
    }
    world.close().await;
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_says_nothing_of_our_insides() {
    let world = World::start(RunMode::Served).await;
    let person = world.person("naruto", 1_000).await;
    let body = json!({ "query": "query { myWallets { walletName } }" });
    for base in ["gateway", "wallet"] {
        let api = Client::new(format!("{}/graphql", world.provider.base_url(base)))
            .with_token(person.api.token().expect("a token"));
        let answer = api.post().json(&body).send().await.expect("an answer");
        assert!(
            answer.headers().contains_key("x-request-id"),
            "{base}: {:?}",
            answer.headers()
        );
        assert!(!answer.headers().contains_key("server"), "{base}");
    }
    for base in testkit::provider::SERVED {
        for path in ["healthz", "readyz", "metrics"] {
            let url = format!("{}/{path}", world.provider.base_url(base));
            assert_eq!(
                person
                    .api
                    .http()
                    .get(&url)
                    .send()
                    .await
                    .expect("an answer")
                    .status()
                    .as_u16(),
                200,
                "{url}"
            );
        }
    }
    let health = world
        .provider
        .run(&["health", &format!("{}/readyz", world.provider.base_url("gateway"))])
        .await;
    assert!(health.status.success());
    let nobody = format!("http://127.0.0.1:{}/readyz", testkit::ports::free_port());
    assert!(!world.provider.run(&["health", &nobody]).await.status.success());
    world.close().await;
}
