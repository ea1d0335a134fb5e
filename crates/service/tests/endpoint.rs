//! The GraphQL endpoint over HTTP: methods, media types, limits, error codes, and whom it believes.

mod common;

use std::net::SocketAddr;

use async_graphql::{Context, EmptySubscription, Object, Result, Schema, ValidationMode};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use common::{Key, NOW, claims};
use serde_json::{Value, json};
use service::endpoint::{ClientAddress, IdempotencyKeyHeader, require_service, router};
use service::token::{PublicKeys, TokenVerifier, caller};
use service::{ApiError, Clock, ErrorCode, ServiceName, Timestamp};
use tempfile::TempDir;
use tower::ServiceExt as _;

struct Public;
struct PublicMutation;
struct Internal;
struct InternalMutation;

#[Object]
impl Public {
    async fn who(&self, context: &Context<'_>) -> Result<Option<String>> {
        Ok(Some(caller(context).authenticated()?.role.to_string()))
    }

    async fn address(&self, context: &Context<'_>) -> Option<String> {
        context
            .data_unchecked::<ClientAddress>()
            .0
            .map(|address| address.to_string())
    }

    async fn key(&self, context: &Context<'_>) -> Option<String> {
        context.data_unchecked::<IdempotencyKeyHeader>().0.clone()
    }

    async fn echo(&self, text: String) -> Option<String> {
        Some(text)
    }

    async fn amount(&self, amount: money::Decimal) -> Option<money::Decimal> {
        Some(amount)
    }

    async fn fail(&self) -> Result<Option<bool>> {
        Err(ApiError::new(ErrorCode::RateLimited, "slow down")
            .with("retryAfterSeconds", 7)
            .into())
    }

    async fn leak(&self) -> Result<Option<bool>> {
        Err(std::io::Error::other("/secret/path: permission denied").into())
    }

    async fn leak_database(&self) -> Result<Option<bool>> {
        Err(store::StoreError::UniqueViolation("users.password".into()).into())
    }

    async fn too_much(&self) -> Result<Option<bool>> {
        Err(money::MoneyError::Overflow.into())
    }

    async fn again(&self) -> Option<Public> {
        Some(Public)
    }
}

#[Object]
impl PublicMutation {
    async fn change(&self) -> Option<bool> {
        Some(true)
    }
}

#[Object]
impl Internal {
    async fn size(&self, context: &Context<'_>, text: String) -> Result<usize> {
        require_service(context)?;
        Ok(text.len())
    }
}

#[Object]
impl InternalMutation {
    async fn change(&self, context: &Context<'_>) -> Result<bool> {
        require_service(context)?;
        Ok(true)
    }
}

struct World {
    router: Router,
    key: Key,
    _folder: TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::generate("key");
        key.publish(folder.path());
        let clock = Clock::manual(Timestamp::from_micros(NOW * 1_000_000));
        let verifier = TokenVerifier::new(PublicKeys::in_keys_dir(folder.path()), clock);
        let public = Schema::build(Public, PublicMutation, EmptySubscription).finish();
        let internal = |validation: ValidationMode| {
            let schema = Schema::build(Internal, InternalMutation, EmptySubscription);
            schema.validation_mode(validation).finish()
        };
        Self {
            router: router(ServiceName::Wallet, &verifier, public, internal),
            key,
            _folder: folder,
        }
    }

    fn bearer(&self, role: &str) -> String {
        format!("Bearer {}", self.key.sign(&self.key.header(), &claims(role)))
    }

    async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).unwrap();
        let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    async fn post(&self, headers: &[(&str, &str)], query: &str) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(Method::POST, "/graphql", &all, json!({ "query": query }).to_string())
            .await
    }
}

impl Answer {
    fn code(&self) -> &str {
        self.body
            .pointer("/errors/0/extensions/code")
            .and_then(Value::as_str)
            .unwrap_or("OK")
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

fn encoded(query: &str) -> String {
    url::form_urlencoded::byte_serialize(query.as_bytes()).collect()
}

#[tokio::test]
async fn queries_may_come_by_get_and_nothing_else_may() {
    let world = World::new();
    let check = async |query: &str, more: &str, status: u16, code: &str| {
        let uri = format!("/graphql?query={}{more}", encoded(query));
        let answer = world.send(Method::GET, &uri, &[], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{query} {more} {}",
            answer.body
        );
        answer
    };
    check("{ echo(text: \"a\") }", "", 200, "OK").await;
    check(
        "query A { echo(text: \"a\") } mutation B { change }",
        "&operationName=A",
        200,
        "OK",
    )
    .await;
    let variables = format!("&variables={}", encoded("{\"t\":\"b\"}"));
    let answer = check("query($t: String!) { echo(text: $t) }", &variables, 200, "OK").await;
    assert_eq!(answer.body["data"]["echo"], json!("b"));
    let answer = check("mutation { change }", "", 405, "BAD_USER_INPUT").await;
    assert_eq!((answer.header("allow"), answer.body.get("data")), ("POST", None));
    check(
        "query A { echo(text: \"a\") } mutation B { change }",
        "&operationName=B",
        405,
        "BAD_USER_INPUT",
    )
    .await;
    // Without a name neither is chosen, and nothing is done.
    let answer = world
        .send(
            Method::GET,
            &format!(
                "/graphql?query={}",
                encoded("query A { echo(text: \"a\") } mutation B { change }")
            ),
            &[],
            "",
        )
        .await;
    assert_ne!(answer.code(), "OK");
    check("subscription { x }", "", 405, "BAD_USER_INPUT").await;
    let answer = world.send(Method::GET, "/graphql", &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "BAD_USER_INPUT"));
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = world
            .send(
                method.clone(),
                "/graphql",
                &[("content-type", "application/json")],
                "{\"query\":\"{a}\"}",
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "GET, POST"),
            "{method}"
        );
    }
}

#[tokio::test]
async fn the_answer_is_labelled_as_the_client_asked() {
    let world = World::new();
    const SPEC: &str = "application/graphql-response+json; charset=utf-8";
    const JSON: &str = "application/json; charset=utf-8";
    let check = async |accept: Option<&str>, good: u16, bad: u16, content_type: &str| {
        let headers: Vec<(&str, &str)> = accept.iter().map(|value| ("accept", *value)).collect();
        for (query, status) in [("{ echo(text: \"a\") }", good), ("{ unknown }", bad), ("{", bad)] {
            let answer = world.post(&headers, query).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-type")),
                (status, content_type),
                "{accept:?} {query}"
            );
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    };
    check(None, 200, 200, JSON).await;
    check(Some("*/*"), 200, 200, JSON).await;
    check(Some("application/json"), 200, 200, JSON).await;
    check(Some("application/graphql-response+json"), 200, 400, SPEC).await;
    check(
        Some("application/graphql-response+json; charset=utf-8, application/json; q=0.5"),
        200,
        400,
        SPEC,
    )
    .await;
    check(Some("text/html, application/json;q=0.1"), 200, 200, JSON).await;
    check(Some("text/html"), 406, 406, JSON).await;
    // A field that fails is no failed request, whatever the media type.
    let answer = world
        .post(
            &[("accept", "application/graphql-response+json")],
            "{ fail echo(text: \"a\") }",
        )
        .await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(answer.body["data"], json!({ "fail": null, "echo": "a" }));
}

#[tokio::test]
async fn what_is_no_request_is_refused_with_its_status() {
    let world = World::new();
    let check = async |content_type: &str, body: &str, status: u16| {
        let answer = world
            .send(
                Method::POST,
                "/graphql",
                &[("content-type", content_type)],
                body.to_owned(),
            )
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, "BAD_USER_INPUT"),
            "{content_type} {body}"
        );
    };
    const JSON: &str = "application/json";
    let query = "{\"query\":\"{ echo(text: 1) }\"}";
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "",
    ] {
        check(content_type, query, 415).await;
    }
    let deep = format!(
        "{{\"query\":\"{{who}}\",\"variables\":{{\"a\":{}1{}}}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"{ who }\"",
        "{}",
        "{\"query\":null}",
        "{\"query\":1}",
        "[{\"query\":\"{who}\"}]",
        "{\"query\":\"{who}\",\"variables\":[]}",
        "{\"query\":\"{who}\",\"operationName\":5}",
        "\u{feff}{}",
        &deep,
    ] {
        check(JSON, body, 400).await;
    }
    let answer = world
        .send(
            Method::POST,
            "/graphql",
            &[("content-type", JSON)],
            vec![0xff_u8, 0xfe, b'{'],
        )
        .await;
    assert_eq!(answer.status.as_u16(), 400);
}

#[tokio::test]
async fn bodies_are_bounded_and_internal_ones_may_be_larger() {
    let world = World::new();
    let service = world.bearer("Service");
    let headers = [
        ("content-type", "application/json"),
        ("authorization", service.as_str()),
    ];
    let body = |length: usize| {
        let query = "query($text: String!) { size(text: $text) }";
        json!({ "query": query, "variables": { "text": "x".repeat(length) } }).to_string()
    };
    let public = world.send(Method::POST, "/graphql", &headers, body(300 * 1024)).await;
    assert_eq!((public.status.as_u16(), public.code()), (413, "BAD_USER_INPUT"));
    let internal = world
        .send(Method::POST, "/internal/graphql", &headers, body(300 * 1024))
        .await;
    assert_eq!(internal.body["data"]["size"], json!(300 * 1024));
    let internal = world
        .send(Method::POST, "/internal/graphql", &headers, body(9 * 1024 * 1024))
        .await;
    assert_eq!(internal.status.as_u16(), 413);

    // What takes memory is for services alone, whoever else finds the door.
    let user = world.bearer("Admin");
    for headers in [&headers[..1], &[headers[0], ("authorization", user.as_str())]] {
        let stranger = world
            .send(Method::POST, "/internal/graphql", headers, body(300 * 1024))
            .await;
        assert_eq!(stranger.status.as_u16(), 413);
    }
}

#[tokio::test]
async fn more_requests_than_can_be_borne_are_refused_at_once() {
    let world = World::new();
    let headers = [("content-type", "application/json")];
    let silence = || Body::from_stream(futures::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let waiting = (0..2_048).map(|_| world.send(Method::POST, "/graphql", &headers, silence()));
    let mut waiting = Box::pin(futures::future::join_all(waiting));
    assert!(futures::poll!(&mut waiting).is_pending());
    let refused = world.post(&[], "{ echo(text: \"hi\") }").await;
    assert_eq!((refused.status.as_u16(), refused.code()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(refused.header("retry-after"), "1");
    drop(waiting);
    assert_eq!(world.post(&[], "{ echo(text: \"hi\") }").await.code(), "OK");
}

#[tokio::test]
async fn every_error_has_its_code_and_none_tells_of_our_insides() {
    let world = World::new();
    let check = async |query: &str, code: &str| {
        let answer = world.post(&[], query).await;
        assert_eq!(answer.code(), code, "{query} {}", answer.body);
        answer
    };
    for query in ["{", "", "query {", "{ who", "}{", "{ who } }", "not graphql"] {
        check(query, "GRAPHQL_PARSE_FAILED").await;
    }
    for query in [
        "{ unknown }",
        "{ echo }",
        "{ echo(text: 5) }",
        "{ who { x } }",
        "mutation { unknown }",
        "subscription { x }",
    ] {
        check(query, "GRAPHQL_VALIDATION_FAILED").await;
    }
    check("{ who }", "UNAUTHENTICATED").await;
    check("{ amount(amount: \"x\") }", "BAD_USER_INPUT").await;
    check("{ tooMuch }", "BAD_USER_INPUT").await;
    let limited = check("{ fail }", "RATE_LIMITED").await;
    assert_eq!(
        limited.body["errors"][0]["extensions"],
        json!({ "code": "RATE_LIMITED", "retryAfterSeconds": 7 })
    );
    assert_eq!(limited.body["errors"][0]["path"], json!(["fail"]));
    for query in ["{ leak }", "{ leakDatabase }"] {
        let answer = check(query, "INTERNAL").await;
        let text = answer.body.to_string();
        assert!(
            !text.contains("secret") && !text.contains("password") && !text.contains("unique"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn documents_that_are_too_deep_are_refused_and_nothing_breaks() {
    let world = World::new();
    let nested =
        |open: &str, close: &str, count: usize| format!("{{ {} who {} }}", open.repeat(count), close.repeat(count));
    for query in [
        nested("again {", "}", 200),
        nested("again {", "}", 20_000),
        nested("... {", "}", 20_000),
        format!("{{ echo(text: {}1{}) }}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("{{ echo(text: {}1{}) }}", "{a:".repeat(50_000), "}".repeat(50_000)),
        format!("query($a: {}Int{}) {{ who }}", "[".repeat(100_000), "]".repeat(100_000)),
        "{".repeat(200_000),
        "query A { ...F } fragment F on Public { ...G } fragment G on Public { ...F }".to_owned(),
    ] {
        let answer = world.post(&[], &query).await;
        assert_ne!(answer.code(), "OK", "{}", &query[..query.len().min(60)]);
    }
    let answer = world
        .post(&[], "{ again { again { again { echo(text: \"a\") } } } }")
        .await;
    assert_eq!(answer.code(), "OK");
}

#[tokio::test]
async fn a_client_address_is_believed_only_when_a_service_vouches_for_it() {
    let world = World::new();
    let (service, admin, nobody) = (world.bearer("Service"), world.bearer("Admin"), "Bearer x".to_owned());
    let check = async |headers: &[(&str, &str)], expect: &str| {
        let answer = world.post(headers, "{ address }").await;
        assert_eq!(answer.body["data"]["address"], json!(expect), "{headers:?}");
    };
    const VOUCHER: &str = "x-sawit-service-authorization";
    const TOLD: &str = "x-sawit-client-address";
    check(&[], "192.0.2.7").await;
    check(&[(TOLD, "198.51.100.1")], "192.0.2.7").await;
    check(&[(TOLD, "198.51.100.1"), (VOUCHER, &nobody)], "192.0.2.7").await;
    check(&[(TOLD, "198.51.100.1"), (VOUCHER, &admin)], "192.0.2.7").await;
    check(&[(TOLD, "198.51.100.1"), ("authorization", &service)], "192.0.2.7").await;
    check(&[(TOLD, "198.51.100.1"), (VOUCHER, &service)], "198.51.100.1").await;
    check(&[(TOLD, "2001:db8::1"), (VOUCHER, &service)], "2001:db8::1").await;
    check(&[(TOLD, "everybody"), (VOUCHER, &service)], "192.0.2.7").await;
    check(&[("x-forwarded-for", "198.51.100.1"), (VOUCHER, &service)], "192.0.2.7").await;
    // The gateway's own token gives its bearer's client no rights.
    let answer = world.post(&[(VOUCHER, &service)], "{ who }").await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn what_is_internal_asks_for_a_services_token() {
    let world = World::new();
    let (service, admin, user) = (world.bearer("Service"), world.bearer("Admin"), world.bearer("Nasabah"));
    for (authorization, code) in [
        (None, "UNAUTHENTICATED"),
        (Some("Bearer x"), "UNAUTHENTICATED"),
        (Some("Basic x"), "UNAUTHENTICATED"),
        (Some(user.as_str()), "FORBIDDEN"),
        (Some(admin.as_str()), "FORBIDDEN"),
        (Some(service.as_str()), "OK"),
        (Some(service.replacen("Bearer", "bearer", 1).as_str()), "OK"),
    ] {
        for query in ["{ size(text: \"a\") }", "mutation { change }"] {
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(authorization.map(|value| ("authorization", value)));
            let body = json!({ "query": query }).to_string();
            let answer = world.send(Method::POST, "/internal/graphql", &headers, body).await;
            assert_eq!(answer.code(), code, "{query} {authorization:?}");
        }
    }
}

#[tokio::test]
async fn request_ids_and_keys_are_carried_and_health_is_told() {
    let world = World::new();
    let answer = world
        .post(&[("x-request-id", "order-4711"), ("idempotency-key", "k-1")], "{ key }")
        .await;
    assert_eq!(
        (answer.header("x-request-id"), &answer.body["data"]["key"]),
        ("order-4711", &json!("k-1"))
    );
    let answer = world.post(&[("x-request-id", "<b>")], "{ key }").await;
    assert_eq!(
        (answer.header("x-request-id").len(), &answer.body["data"]["key"]),
        (32, &Value::Null)
    );
    let answer = world
        .send(Method::PUT, "/graphql", &[("x-request-id", "order-4711")], "")
        .await;
    assert_eq!(answer.header("x-request-id"), "order-4711");
    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.send(Method::GET, path, &[], "").await.status.as_u16(), 200);
    }
    assert_eq!(world.send(Method::GET, "/internal", &[], "").await.status.as_u16(), 404);
}
