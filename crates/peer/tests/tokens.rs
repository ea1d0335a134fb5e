//! Service tokens: asked for once, shared, renewed in time.

mod common;

use std::time::Duration;

use common::{call, kind, peer, tokens};
use futures::future::join_all;
use serde_json::json;
use testkit::peers::{FakePeer, Reply};

fn fake() -> FakePeer {
    FakePeer::always(Reply::Data(json!({ "echo": "halo" })))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_callers_share_one_token() {
    let fake = fake();
    let peer = peer(&fake);
    let calls = (0..200).map(|_| {
        let peer = peer.clone();
        tokio::spawn(async move { kind(&call(&peer).await) })
    });
    for outcome in join_all(calls).await {
        assert_eq!(outcome.unwrap(), "ok");
    }
    assert_eq!(fake.tokens_issued(), 1);
    assert_eq!(fake.calls().len(), 200);
}

#[tokio::test]
async fn a_token_that_has_ended_is_not_used() {
    let fake = fake();
    fake.tokens_last(0);
    let tokens = tokens(&fake);
    let first = tokens.get().await.unwrap();
    let second = tokens.get().await.unwrap();
    assert_ne!(first, second);
    fake.tokens_last(900);
    let third = tokens.get().await.unwrap();
    assert_eq!(tokens.get().await.unwrap(), third);
    assert_eq!(tokens.current(), Some(third));
}

#[tokio::test]
async fn a_token_is_renewed_in_the_background_while_it_still_serves() {
    let fake = fake();
    // Two thirds of three seconds: time for a new one after two.
    fake.tokens_last(3);
    let tokens = tokens(&fake);
    let first = tokens.get().await.unwrap();
    fake.tokens_last(900);
    loop {
        let now = tokens.get().await.unwrap();
        if now != first {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(fake.tokens_issued(), 2);
}

#[tokio::test]
async fn when_auth_is_down_the_token_in_hand_still_serves() {
    let fake = fake();
    fake.tokens_last(3_000);
    let tokens = tokens(&fake);
    let token = tokens.get().await.unwrap();
    fake.answer_tokens_with(Some(Reply::Raw(503, String::new())));
    for _ in 0..10 {
        assert_eq!(tokens.get().await.unwrap(), token);
    }
}

#[tokio::test]
async fn a_wrong_secret_does_not_hammer_auth() {
    let fake = fake();
    fake.answer_tokens_with(Some(Reply::Error("UNAUTHENTICATED")));
    let tokens = tokens(&fake);
    let outcomes = join_all((0..100).map(|_| tokens.get())).await;
    assert!(outcomes.iter().all(Result::is_err));
    let asked = fake.tokens_issued();
    assert!((1..100).contains(&asked), "{asked}");
    fake.answer_tokens_with(None);
    while tokens.get().await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn an_auth_that_panics_does_not_end_the_renewals() {
    let fake = fake();
    fake.answer_tokens_with(Some(Reply::Panic));
    let tokens = tokens(&fake);
    assert!(tokens.get().await.is_err());
    assert_eq!(tokens.current(), None);
    fake.answer_tokens_with(None);
    // Only the background renews here.
    while tokens.current().is_none() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_token_is_not_shown() {
    let fake = fake();
    let token = tokens(&fake).get().await.unwrap();
    assert!(token.is_sensitive());
    assert!(!format!("{token:?}").contains("token-1"));
    fake.answer_tokens_with(Some(Reply::Data(
        json!({ "issueServiceToken": { "token": "a\nb", "expiresIn": 900 } }),
    )));
    assert!(
        tokens(&fake).get().await.is_err(),
        "what is no header value is no token"
    );
}
