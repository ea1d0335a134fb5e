//! One call: what is tried again, what is final, and what is unknown.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use common::{Echo, call, kind, peer, peer_with_auth};
use peer::{Peer, PeerError, Upstream, UpstreamError};
use serde_json::{Value, json};
use service::{ApiError, ErrorCode, ServiceName};
use testkit::peers::{FakePeer, Reply};

fn echoed() -> Reply {
    Reply::Data(json!({ "echo": "halo" }))
}

/// A fake that answers its first calls with these, and all later ones well.
fn first(replies: Vec<Reply>) -> FakePeer {
    let count = AtomicUsize::new(0);
    FakePeer::new(move |_| {
        replies
            .get(count.fetch_add(1, Ordering::SeqCst))
            .cloned()
            .unwrap_or_else(echoed)
    })
}

#[tokio::test]
async fn a_call_carries_document_variables_and_token() {
    let fake = FakePeer::always(echoed());
    assert_eq!(call(&peer(&fake)).await.unwrap(), json!({ "echo": "halo" }));
    let calls = fake.calls();
    assert_eq!(calls.len(), 1);
    assert!(calls[0].is("query Echo("));
    assert_eq!(calls[0].variables, json!({ "text": "halo" }));
    assert_eq!(calls[0].authorization.as_deref(), Some("Bearer token-1"));
}

#[tokio::test]
async fn what_is_only_unavailable_is_tried_three_times() {
    for trouble in [
        Reply::Error("SERVICE_UNAVAILABLE"),
        Reply::Error("RATE_LIMITED"),
        Reply::Raw(500, "oops".into()),
        Reply::Raw(503, String::new()),
        Reply::Raw(429, "{}".into()),
        Reply::Panic,
    ] {
        let fake = first(vec![trouble.clone(), trouble.clone()]);
        assert_eq!(kind(&call(&peer(&fake)).await), "ok", "{trouble:?}");
        assert_eq!(fake.calls().len(), 3, "{trouble:?}");
        let fake = FakePeer::always(trouble.clone());
        assert_eq!(kind(&call(&peer(&fake)).await), "unavailable", "{trouble:?}");
        assert_eq!(fake.calls().len(), 3, "{trouble:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    for code in [
        "BAD_USER_INPUT",
        "NOT_FOUND",
        "FORBIDDEN",
        "IDEMPOTENCY_KEY_REUSED",
        "CONFLICT",
        "GRAPHQL_VALIDATION_FAILED",
    ] {
        let fake = FakePeer::always(Reply::Error(code));
        let outcome = call(&peer(&fake)).await;
        assert!(
            matches!(&outcome, Err(PeerError::Refused { code: found, message, .. }) if found == code && message.contains(code)),
            "{outcome:?}"
        );
        assert_eq!(fake.calls().len(), 1, "{code}");
    }
}

#[tokio::test]
async fn what_broke_inside_or_makes_no_sense_is_unknown_and_not_asked_again() {
    for answer in [
        Reply::Error("INTERNAL"),
        Reply::Error(""),
        Reply::Raw(200, String::new()),
        Reply::Raw(200, "null".into()),
        Reply::Raw(200, "[]".into()),
        Reply::Raw(200, "{}".into()),
        Reply::Raw(200, "{\"data\":null}".into()),
        Reply::Raw(200, "{\"data\":{\"echo\":".into()),
        Reply::Raw(200, "<html>hello</html>".into()),
        Reply::Raw(200, "{\"errors\":\"many\"}".into()),
        Reply::Raw(200, "{\"errors\":[{\"message\":\"no code\"}]}".into()),
        Reply::Raw(404, "not found".into()),
        Reply::Raw(302, String::new()),
        Reply::Raw(200, format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000))),
    ] {
        let fake = FakePeer::always(answer.clone());
        assert_eq!(kind(&call(&peer(&fake)).await), "malformed", "{answer:?}");
        assert_eq!(fake.calls().len(), 1, "{answer:?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_taken_in() {
    let text = "x".repeat(17 * 1024 * 1024);
    let fake = FakePeer::always(Reply::Raw(200, format!("{{\"data\":{{\"echo\":\"{text}\"}}}}")));
    assert_eq!(kind(&call(&peer(&fake)).await), "malformed");
    assert_eq!(fake.calls().len(), 1, "asked again, it would be as large");
    let request = Request::post("/internal/graphql")
        .header("content-type", "application/json")
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    let answer = Upstream::in_process(fake.router())
        .send(request, Duration::from_secs(60))
        .await;
    assert!(matches!(answer, Err(UpstreamError::AnswerTooLarge)), "{answer:?}");
    let large = "x".repeat(1024 * 1024);
    let fake = FakePeer::always(Reply::Data(json!({ "echo": large })));
    assert_eq!(kind(&call(&peer(&fake)).await), "ok");
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    let fake = FakePeer::always(Reply::Silence);
    let request = Request::post("/internal/graphql")
        .header("content-type", "application/json")
        .body(Bytes::from_static(b"{}"))
        .unwrap();
    let answer = Upstream::in_process(fake.router())
        .send(request, Duration::from_millis(30))
        .await;
    assert!(matches!(answer, Err(UpstreamError::Timeout(_))), "{answer:?}");
}

#[tokio::test]
async fn the_breaker_spares_a_peer_that_keeps_failing_and_lets_go_when_it_is_well() {
    let count = Arc::new(AtomicUsize::new(0));
    let well = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let fake = FakePeer::new({
        let (count, well) = (Arc::clone(&count), Arc::clone(&well));
        move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            if well.load(Ordering::SeqCst) {
                echoed()
            } else {
                Reply::Raw(503, String::new())
            }
        }
    });
    let peer = peer(&fake);
    let calls = (0..100).map(|_| call(&peer));
    let outcomes = futures::future::join_all(calls).await;
    assert!(outcomes.iter().all(|outcome| kind(outcome) == "unavailable"));
    let reached = count.load(Ordering::SeqCst);
    assert!(reached < 300, "100 calls of three attempts each all came through");
    well.store(true, Ordering::SeqCst);
    while call(&peer).await.is_err() {}
    let reached = count.load(Ordering::SeqCst);
    for _ in 0..20 {
        assert_eq!(kind(&call(&peer).await), "ok");
    }
    assert_eq!(count.load(Ordering::SeqCst), reached + 20, "one attempt each");
}

#[tokio::test]
async fn refusals_do_not_open_the_breaker() {
    let fake = FakePeer::always(Reply::Error("BAD_USER_INPUT"));
    let peer = peer(&fake);
    for _ in 0..20 {
        assert_eq!(kind(&call(&peer).await), "refused");
    }
    assert_eq!(fake.calls().len(), 20);
}

#[tokio::test]
async fn trouble_with_auth_is_not_the_peers_answer() {
    for trouble in [
        Reply::Error("UNAUTHENTICATED"),
        Reply::Error("BAD_USER_INPUT"),
        Reply::Error("INTERNAL"),
        Reply::Raw(200, "{}".into()),
        Reply::Panic,
    ] {
        let (fake, auth) = (FakePeer::always(echoed()), FakePeer::always(Reply::Panic));
        auth.answer_tokens_with(Some(trouble.clone()));
        let peer = peer_with_auth(&fake, &auth);
        assert_eq!(kind(&call(&peer).await), "unavailable", "{trouble:?}");
        assert!(fake.calls().is_empty());
        auth.answer_tokens_with(None);
        while call(&peer).await.is_err() {}
    }
}

#[tokio::test]
async fn a_token_that_a_peer_does_not_accept_is_replaced() {
    let count = AtomicUsize::new(0);
    let fake = FakePeer::new(move |call| {
        // The keys are replaced after the first call.
        let old = call.authorization.as_deref() == Some("Bearer token-1");
        let replaced = count.fetch_add(1, Ordering::SeqCst) > 0;
        if old && replaced {
            Reply::Error("UNAUTHENTICATED")
        } else {
            echoed()
        }
    });
    let peer = peer(&fake);
    for _ in 0..5 {
        assert_eq!(kind(&call(&peer).await), "ok");
    }
    assert_eq!(fake.tokens_issued(), 2);
    let used: Vec<Option<String>> = fake.calls().into_iter().map(|call| call.authorization).collect();
    let bearer = |number: u32| Some(format!("Bearer token-{number}"));
    assert_eq!(used, [bearer(1), bearer(1), bearer(2), bearer(2), bearer(2), bearer(2)]);
}

#[tokio::test]
async fn a_peer_that_accepts_no_token_does_not_make_us_hammer_auth() {
    let fake = FakePeer::always(Reply::Error("UNAUTHENTICATED"));
    let peer = peer(&fake);
    let calls = (0..50).map(|_| call(&peer));
    let outcomes = futures::future::join_all(calls).await;
    assert!(outcomes.iter().all(|outcome| kind(outcome) == "unavailable"));
    let issued = fake.tokens_issued();
    assert!(issued < 50, "{issued} tokens for 50 calls");
}

#[tokio::test]
async fn over_a_socket_it_is_the_same() {
    let fake = FakePeer::always(echoed());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = fake.router();
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    for base in [format!("http://{address}"), format!("http://{address}/")] {
        let upstream = Upstream::http(&base).unwrap();
        let peer = Peer::new(ServiceName::Wallet, upstream, common::tokens(&fake));
        assert_eq!(kind(&call(&peer).await), "ok");
    }
    server.abort();
    let _ = server.await;
    // Nobody listens there now.
    let peer = Peer::new(
        ServiceName::Wallet,
        Upstream::http(&format!("http://{address}")).unwrap(),
        common::tokens(&fake),
    );
    let outcome = peer.call::<Echo>(Value::Null).await;
    assert!(
        matches!(
            &outcome,
            Err(PeerError::Unavailable {
                peer: "wallet",
                cause: Some(_)
            })
        ),
        "{outcome:?}"
    );
    for address in [
        "",
        "localhost:8002",
        "https://localhost:8002",
        "ftp://x",
        "http://",
        "/graphql",
    ] {
        assert!(
            matches!(Upstream::http(address), Err(UpstreamError::Address(_))),
            "{address:?}"
        );
    }
}

#[tokio::test]
async fn clients_learn_only_that_it_failed() {
    let outcome = call(&peer(&FakePeer::always(Reply::Error("NOT_FOUND")))).await;
    let shown = ApiError::from(outcome.unwrap_err());
    assert_eq!(shown.code(), ErrorCode::Internal);
    assert!(!shown.to_string().contains("NOT_FOUND"));
    let outcome = call(&peer(&FakePeer::always(Reply::Raw(503, "disk 7 is broken".into())))).await;
    let shown = ApiError::from(outcome.unwrap_err());
    assert_eq!(shown.code(), ErrorCode::ServiceUnavailable);
    assert!(!shown.to_string().contains("disk"));
}
