//! What other sites, old tabs and hostile input get.

use axum::body::Body;
use http::{StatusCode, header};
use serde_json::json;

use crate::world::{SESSION, World, form, session};

const LOGIN: &str = "/app/login";

#[tokio::test]
async fn a_form_is_taken_only_from_a_page_of_ours_in_this_browser() {
    let world = World::new();
    let mut browser = world.browser();
    let page = browser.get(LOGIN).await;
    let token = page.hidden(LOGIN)[0].1.clone();
    let body = format!("form_token={token}&email=a%40b.example&password=password123");
    let send = async |request: http::request::Builder, body: String| {
        let mut browser = browser.clone();
        browser.request(request.body(Body::from(body)).unwrap()).await.status
    };
    let plain = || {
        http::Request::post(LOGIN)
            .header(header::HOST, "pay.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    };
    let refused = StatusCode::FORBIDDEN;
    assert_eq!(send(form(LOGIN), String::new()).await, refused, "without a token");
    let origin = |origin: &str| plain().header(header::ORIGIN, origin);
    for other in [
        "http://evil.example",
        "http://pay.example.evil.example",
        "null",
        "http://pay.example:81",
    ] {
        assert_eq!(send(origin(other), body.clone()).await, refused, "{other}");
    }
    for site in ["cross-site", "same-site", "none"] {
        let request = plain().header("sec-fetch-site", site);
        assert_eq!(send(request, body.clone()).await, refused, "{site}");
    }
    let mut stranger = world.browser();
    stranger.get(LOGIN).await;
    let answer = stranger
        .request(form(LOGIN).body(Body::from(body.clone())).unwrap())
        .await;
    assert_eq!(answer.status, refused, "another browser");
    assert!(world.calls("loginUser").is_empty(), "nobody was asked");
    assert_eq!(
        send(plain(), body.clone()).await,
        StatusCode::SEE_OTHER,
        "an old browser, with its token"
    );
    assert_eq!(send(form(LOGIN), body).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_from_before_the_sign_in_is_worth_nothing_after() {
    let world = World::new();
    let mut browser = world.browser();
    let old = browser.get(LOGIN).await;
    let fields = [("email", "a@b.example"), ("password", "password123")];
    assert_eq!(browser.send(&old, LOGIN, &fields).await.location(), "/app");
    let answer = browser.send(&old, LOGIN, &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("Halaman ini sudah usang"), "{}", answer.body);
}

#[tokio::test]
async fn forms_are_small() {
    let world = World::new();
    let mut browser = world.browser();
    let page = browser.get(LOGIN).await;
    let long = "x".repeat(20_000);
    let answer = browser.send(&page, LOGIN, &[("email", &long)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let json = http::Request::post(LOGIN).header(header::CONTENT_TYPE, "application/json");
    let answer = browser.request(json.body(Body::from("{}")).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn nothing_leads_anywhere_else() {
    let world = World::new();
    for next in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/app/../..//evil.example",
    ] {
        let mut browser = world.browser();
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = browser.get(&format!("{LOGIN}?next={query}")).await;
        assert_eq!(page.hidden(LOGIN)[1].1, "/app", "{next}");
        let fields = [("next", next), ("email", "a@b.example"), ("password", "password123")];
        let token = page.hidden(LOGIN)[0].1.clone();
        let fields = [&[("form_token", token.as_str())][..], &fields].concat();
        assert_eq!(browser.post(LOGIN, &fields).await.location(), "/app", "{next}");
        let lang = browser.get(&format!("/lang?to=en&back={query}")).await;
        assert_eq!(lang.location(), "/app", "{next}");
    }
    // Even a gateway that was talked into it does not get script into a link.
    world.data(
        "checkoutSession",
        session(&json!({ "returnUrl": "javascript:alert(1)", "cancelUrl": "data:text/html,x" })),
    );
    let page = world.browser().get(&format!("/checkout/{SESSION}")).await;
    assert!(
        !page.body.contains("javascript:") && !page.body.contains("data:text"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn what_others_wrote_is_text() {
    let world = World::new();
    let evil = "<script>alert(1)</script>\"'&";
    let items = json!([{ "name": evil, "quantity": 1, "price": 1 }]);
    world.data(
        "checkoutSession",
        session(&json!({ "merchantName": evil, "description": evil, "orderId": evil, "items": items })),
    );
    let page = world.browser().get(&format!("/checkout/{SESSION}")).await;
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert!(page.body.contains("&lt;script&gt;alert(1)"), "{}", page.body);
}

#[tokio::test]
async fn every_page_has_the_headers_that_keep_it_to_itself() {
    let world = World::new();
    let mut browser = world.browser();
    for path in [
        LOGIN,
        "/app",
        "/pay",
        "/nowhere",
        &format!("/checkout/{SESSION}"),
        "/lang?to=id",
    ] {
        let page = browser.get(path).await;
        let header = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(
            !page.body.contains(" style=") && !page.body.contains("<style"),
            "{path}: a style within"
        );
        assert!(!page.body.contains(" onclick="), "{path}: script within");
    }
}

#[tokio::test]
async fn style_and_script_are_kept_for_ever_and_weigh_little() {
    let world = World::new();
    let mut browser = world.browser();
    let page = browser.get(&format!("/checkout/{SESSION}")).await;
    let assets = page
        .body
        .split("\"/assets/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let paths: Vec<String> = assets.map(|file| format!("/assets/{file}")).collect();
    assert_eq!(paths.len(), 3, "{paths:?}");
    let mut bytes = page.body.len();
    for path in &paths {
        let asset = browser.get(path).await;
        assert_eq!(
            asset.headers[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        bytes += asset.body.len();
    }
    assert!(bytes < 28 * 1024, "{bytes} bytes before any compression");
    assert!(
        !page.body.contains("src=\"http") && !page.body.contains("<img"),
        "only what is ours"
    );
    assert_eq!(
        browser.get("/assets/pages-000000000000.css").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_program_that_asks_where_nothing_is_hears_so() {
    let world = World::new();
    let request = http::Request::post("/internal/graphql").header(header::CONTENT_TYPE, "application/json");
    let answer = world.browser().request(request.body(Body::from("{}")).unwrap()).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_FOUND, ""));
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    // A form that a page of ours once sent and none takes any more is no page either.
    let answer = world
        .browser()
        .request(form("/app/gone").body(Body::empty()).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
