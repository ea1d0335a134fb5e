//! GraphQL over HTTP: methods, media types, statuses and limits, and the routes beside `/graphql`.

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use common::{Fake, ask, gateway, gateway_with, post_body, schema, send};
use futures::StreamExt;
use gateway::{Config, Limits, router_for};
use http::{Method, Request, header};
use metrics_exporter_prometheus::PrometheusBuilder;
use peer::Upstream;
use serde_json::{Value, json};
use service::ServiceName;

fn services() -> (Fake, Fake) {
    (
        Fake::answering(r#"{"data":{"rate":1}}"#),
        Fake::answering(r#"{"data":{"myHistory":[]}}"#),
    )
}

fn router() -> Router {
    let (wallet, history) = services();
    gateway(&wallet, &history)
}

#[tokio::test]
async fn statuses_follow_graphql_over_http() {
    const SPEC: &str = "application/graphql-response+json";
    const JSON: &str = "application/json";
    let router = router();
    let check =
        async |method: Method, uri: &str, content_type: &str, accept: &str, body: &str, status: u16, answered: &str| {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .header(header::CONTENT_TYPE, content_type);
            let request = request
                .header(header::ACCEPT, accept)
                .body(Body::from(body.to_owned()))
                .unwrap();
            let answer = send(&router, request).await;
            let media_type = answer.headers[header::CONTENT_TYPE].to_str().unwrap().to_owned();
            assert_eq!(answer.status, status, "{uri} {accept} {body}: {}", answer.text());
            assert_eq!(
                media_type,
                format!("{answered}; charset=utf-8"),
                "{uri} {accept} {body}"
            );
            assert!(answer.headers.contains_key("x-request-id"));
            assert_eq!(
                answer.json().get("data").is_some(),
                status == 200 && answer.json().get("errors").is_none()
            );
        };
    let good = r#"{"query":"{ rate }"}"#;
    let invalid = r#"{"query":"{ unknown }"}"#;
    let no_graphql = r#"{"query":"{"}"#;
    let variables = r#"{"query":"query($a: String!) { wallet(id: $a) { id } }"}"#;
    let post = Method::POST;
    check(post.clone(), "/graphql", JSON, SPEC, good, 200, SPEC).await;
    check(post.clone(), "/graphql", JSON, JSON, good, 200, JSON).await;
    check(
        post.clone(),
        "/graphql",
        "application/json; charset=utf-8",
        "*/*",
        good,
        200,
        JSON,
    )
    .await;
    for bad in [invalid, no_graphql, variables] {
        check(post.clone(), "/graphql", JSON, SPEC, bad, 400, SPEC).await;
        check(post.clone(), "/graphql", JSON, JSON, bad, 200, JSON).await;
    }
    check(post.clone(), "/graphql", JSON, SPEC, "{", 400, SPEC).await;
    check(post.clone(), "/graphql", JSON, JSON, "{", 400, JSON).await;
    check(post.clone(), "/graphql", JSON, JSON, &format!("[{good}]"), 400, JSON).await;
    check(post.clone(), "/graphql", "text/plain", JSON, good, 415, JSON).await;
    check(
        post.clone(),
        "/graphql",
        "application/x-www-form-urlencoded",
        JSON,
        "query={rate}",
        415,
        JSON,
    )
    .await;
    check(post.clone(), "/graphql", JSON, "text/html", good, 406, JSON).await;
    check(Method::PUT, "/graphql", JSON, JSON, good, 405, JSON).await;
    check(Method::DELETE, "/graphql", JSON, JSON, "", 405, JSON).await;
    check(Method::OPTIONS, "/graphql", JSON, JSON, "", 405, JSON).await;
    check(
        Method::GET,
        "/graphql?query=%7Brate%7D",
        "text/plain",
        SPEC,
        "",
        200,
        SPEC,
    )
    .await;
    check(
        Method::GET,
        "/graphql?query=%7Brate%7D",
        "text/plain",
        "text/html, */*;q=0.1",
        "",
        200,
        JSON,
    )
    .await;
    check(Method::GET, "/graphql", "text/plain", JSON, "", 400, JSON).await;
    check(
        Method::GET,
        "/graphql?query=%7B__typename",
        "text/plain",
        SPEC,
        "",
        400,
        SPEC,
    )
    .await;
    check(
        Method::GET,
        "/graphql?query=mutation%7B__typename%7D",
        "text/plain",
        SPEC,
        "",
        405,
        SPEC,
    )
    .await;
    check(
        Method::GET,
        "/graphql?query=%7Brate%7D&variables=%5B1%5D",
        "text/plain",
        JSON,
        "",
        400,
        JSON,
    )
    .await;
}

#[tokio::test]
async fn a_mutation_by_get_is_refused_before_it_happens() {
    let (wallet, history) = services();
    let uri = "/graphql?query=mutation%7BaddEntry(kind%3A%22x%22)%7D";
    let answer = send(
        &gateway(&wallet, &history),
        Request::get(uri).body(Body::empty()).unwrap(),
    )
    .await;
    assert_eq!(
        (answer.status, answer.headers[header::ALLOW].to_str().unwrap()),
        (405, "POST")
    );
    assert_eq!(history.asked_count(), 0);
}

#[tokio::test]
async fn documents_over_a_limit_are_refused() {
    let router = router();
    let deep = format!(
        "{{ wallet(id: \"x\") {}{{ id }}{} }}",
        "{ self ".repeat(20),
        "}".repeat(20)
    );
    let aliases = format!("{{ {} }}", (0..51).map(|n| format!("a{n}: rate ")).collect::<String>());
    let roots = format!("{{ {} }}", "rate ".repeat(51));
    let tokens = format!("{{ wallet(id: \"x\") {{ {} }} }}", "id ".repeat(2000));
    let bomb = (0..20)
        .map(|n| format!("fragment F{n} on Wallet {{ ...F{0} ...F{0} }} ", n + 1))
        .collect::<String>();
    let bomb = format!("{{ wallet(id: \"x\") {{ ...F0 }} }} {bomb} fragment F20 on Wallet {{ id name }}");
    let nested = format!("{{ wallet(id: {}1{}) {{ id }} }}", "[".repeat(5000), "]".repeat(5000));
    let braces = "{".repeat(1900);
    let cycle =
        "{ wallet(id: \"x\") { ...A } } fragment A on Wallet { self { ...B } } fragment B on Wallet { self { ...A } }";
    for document in [&deep, &aliases, &roots, &tokens, &bomb, &nested, &braces, cycle] {
        let answer = ask(&router, document, Value::Null).await;
        let start: String = document.chars().take(60).collect();
        assert!(answer.code(0).starts_with("GRAPHQL_"), "{start}: {}", answer.text());
        assert!(answer.body.len() < 16 * 1024, "{start}: {} bytes", answer.body.len());
        assert_eq!(answer.json().get("data"), None, "{start}");
    }
}

#[tokio::test]
async fn many_mistakes_are_told_with_their_places_but_not_all() {
    let router = router();
    let document = format!("{{\n{}}}", (0..45).map(|n| format!("  x{n}\n")).collect::<String>());
    let json = ask(&router, &document, Value::Null).await.json();
    let errors = json["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 20);
    assert_eq!(errors[1]["locations"], json!([{ "line": 3, "column": 3 }]));
    let long = format!("{{ {} }}", "x".repeat(100_000));
    assert!(ask(&router, &long, Value::Null).await.body.len() < 2_000);
}

#[tokio::test]
async fn bodies_are_bounded_in_size_and_time() {
    let (wallet, history) = services();
    let router = gateway_with(&wallet, &history, |config| {
        config.limits = Limits {
            body_timeout: Duration::from_millis(100),
            ..Limits::default()
        };
    });
    let large = format!(
        r#"{{"query":"{{ rate }}","variables":{{"x":"{}"}}}}"#,
        "x".repeat(256 * 1024)
    );
    assert_eq!(send(&router, post_body(large.clone())).await.status, 413);
    let chunks = futures::stream::iter(vec![Bytes::from(vec![b' '; 64 * 1024]); 5]).map(Ok::<_, std::io::Error>);
    assert_eq!(send(&router, post_body(Body::from_stream(chunks))).await.status, 413);
    let stalled =
        futures::stream::once(async { Ok::<_, std::io::Error>(Bytes::from("{")) }).chain(futures::stream::pending());
    assert_eq!(send(&router, post_body(Body::from_stream(stalled))).await.status, 408);
    let fits = format!(
        r#"{{"query":"{{ rate }}","extensions":{{"x":"{}"}}}}"#,
        "x".repeat(200 * 1024)
    );
    assert_eq!(send(&router, post_body(fits)).await.status, 200);
    assert_eq!(wallet.asked_count(), 1);
}

#[tokio::test]
async fn more_at_once_than_allowed_is_refused_and_not_queued() {
    let wallet = Fake::with(|answer| {
        answer.body = r#"{"data":{"rate":1}}"#.into();
        answer.delay = Duration::from_millis(200);
    });
    let router = gateway_with(&wallet, &services().1, |config| {
        config.limits = Limits {
            in_flight: 2,
            ..Limits::default()
        };
    });
    let answers = futures::future::join_all((0..5).map(|_| ask(&router, "{ rate }", Value::Null))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 503, 503, 503]);
    assert_eq!(ask(&router, "{ rate }", Value::Null).await.status, 200);
}

#[tokio::test]
async fn health_says_which_services_are_up() {
    let (wallet, _) = services();
    let down = || Upstream::http("http://127.0.0.1:9").unwrap();
    let check = async |wallet: Upstream, status: u16, expect: Value| {
        let config = Config::new(vec![(ServiceName::Wallet, wallet), (ServiceName::History, down())]);
        let router = router_for(schema(), config).unwrap();
        let ready = send(&router, Request::get("/readyz").body(Body::empty()).unwrap()).await;
        assert_eq!((ready.status, ready.json()["services"].clone()), (status, expect));
        let live = send(&router, Request::get("/healthz").body(Body::empty()).unwrap()).await;
        assert_eq!((live.status, live.text().as_str()), (200, "ok"));
    };
    check(
        Upstream::in_process(wallet.router()),
        200,
        json!({ "wallet": "up", "history": "down" }),
    )
    .await;
    check(down(), 503, json!({ "wallet": "down", "history": "down" })).await;
}

#[tokio::test]
async fn browsers_get_a_page_that_runs_nothing_unexpected() {
    let (wallet, history) = services();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let router = gateway_with(&wallet, &history, |config| config.graphiql_assets = Some(path));
    let browse = async |uri: &str| {
        let request = Request::get(uri).header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
        send(&router, request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(browse("/").await.headers[header::LOCATION], "/graphql");

    let page = browse("/graphql").await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        page.text()
            .contains("https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.js\" integrity=\"sha384-")
    );
    assert!(policy.starts_with("default-src 'none'; script-src 'self' https://cdn.jsdelivr.net;"));
    assert_eq!(browse("/graphiql/graphiql-4.1.2.min.js").await.status, 404);
    for file in [
        "graphiql-4.1.2.min.css",
        "graphiql-4.1.2.min.js",
        "react-18.3.1.production.min.js",
        "react-dom-18.3.1.production.min.js",
    ] {
        std::fs::write(folder.path().join(file), file).unwrap();
    }
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    let page = browse("/graphql").await;
    assert!(!page.text().contains("https://") && page.text().contains("/graphiql/graphiql-4.1.2.min.js\" integrity"));
    assert!(
        !page.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap()
            .contains("https://")
    );
    let script = browse("/graphiql/graphiql-4.1.2.min.js").await;
    assert_eq!(script.headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert_eq!(script.text(), "graphiql-4.1.2.min.js");
    assert_eq!(browse("/graphiql/page.js").await.status, 200);
    for hidden in [
        "/graphiql/secret",
        "/graphiql/..%2Fsecret",
        "/graphiql/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    ] {
        assert_eq!(browse(hidden).await.status, 404, "{hidden}");
    }
}

#[tokio::test]
async fn the_example_of_the_page_fits_the_products_schema() {
    let canned = Fake::answering(r#"{"data":{}}"#);
    let upstreams = ServiceName::ALL.map(|service| (service, Upstream::in_process(canned.router())));
    let router = gateway::router(Config::new(upstreams.to_vec())).unwrap();
    let example = send(
        &router,
        Request::get("/graphiql/example.graphql").body(Body::empty()).unwrap(),
    )
    .await
    .text();
    let body = json!({ "query": example, "operationName": "Overview" }).to_string();
    let answer = send(&router, post_body(body)).await;
    assert!(answer.json().get("data").is_some(), "{}", answer.text());
}

#[tokio::test]
async fn requests_and_plans_are_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let router = router();
    for _ in 0..2 {
        for query in ["{ rate }", "{ rate myHistory { id } }", "{ __typename }", "{ unknown }"] {
            ask(&router, query, Value::Null).await;
        }
    }
    let text = recorder.handle().render();
    for line in [
        r#"sawit_gateway_requests_total{path="fast",outcome="ok"} 2"#,
        r#"sawit_gateway_requests_total{path="split",outcome="ok"} 2"#,
        r#"sawit_gateway_requests_total{path="local",outcome="ok"} 2"#,
        r#"sawit_gateway_requests_total{path="local",outcome="refused"} 2"#,
        "sawit_gateway_plan_cache_hits_total 4",
        "sawit_gateway_plan_cache_misses_total 4",
        r#"sawit_gateway_request_seconds_count{path="fast"} 2"#,
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
