use serde_json::json;

use crate::world::{World, tokens};

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session_for_good() {
    let mut world = World::start().await;
    world.register("naruto").await;
    let (access, first) = world.session("naruto").await;
    let (_, other_session) = world.session("naruto").await;
    let (_, second) = tokens(&world.refresh(&first).await, "refreshSession");
    let (newest_access, third) = tokens(&world.refresh(&second).await, "refreshSession");
    world.profile(&newest_access).await.data();

    assert_eq!(world.refresh(&first).await.code(), "UNAUTHENTICATED");
    world.restart().await;
    for token in [&first, &second, &third] {
        assert_eq!(world.refresh(token).await.code(), "UNAUTHENTICATED");
    }
    for token in [&access, &newest_access] {
        assert_eq!(world.profile(token).await.code(), "UNAUTHENTICATED");
    }
    world.refresh(&other_session).await.data();
}

#[tokio::test]
async fn refreshing_slides_the_end_but_not_beyond_ninety_days() {
    let world = World::start().await;
    world.register("naruto").await;
    let (_, idle) = world.session("naruto").await;
    let (_, mut used) = world.session("naruto").await;
    for _ in 0..3 {
        world.pass(29 * DAY);
        used = tokens(&world.refresh(&used).await, "refreshSession").1;
    }
    assert_eq!(world.refresh(&idle).await.code(), "UNAUTHENTICATED");
    world.pass(3 * DAY - 1);
    used = tokens(&world.refresh(&used).await, "refreshSession").1;
    world.pass(1);
    assert_eq!(world.refresh(&used).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn logout_ends_the_session_of_either_token() {
    let world = World::start().await;
    world.register("naruto").await;
    let (access, refresh) = world.session("naruto").await;
    assert_eq!(
        world.ask(None, "mutation { logout }", json!({})).await.code(),
        "UNAUTHENTICATED"
    );
    let out = world.ask(Some(&access), "mutation { logout }", json!({})).await;
    assert_eq!(out.data()["logout"], true);
    assert_eq!(world.refresh(&refresh).await.code(), "UNAUTHENTICATED");
    assert_eq!(world.profile(&access).await.code(), "UNAUTHENTICATED");
    assert_eq!(
        world.ask(Some(&access), "mutation { logout }", json!({})).await.code(),
        "UNAUTHENTICATED"
    );

    let (access, refresh) = world.session("naruto").await;
    let logout = "mutation ($t: String) { logout(refreshToken: $t) }";
    let out = world.ask(None, logout, json!({"t": refresh})).await;
    assert_eq!(out.data()["logout"], true);
    let again = world.ask(None, logout, json!({"t": refresh})).await;
    assert_eq!(again.data()["logout"], false);
    let rubbish = world.ask(None, logout, json!({"t": "sawit_rt_"})).await;
    assert_eq!(rubbish.data()["logout"], false);
    assert_eq!(world.profile(&access).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_alone() {
    let world = World::start().await;
    world.register("naruto").await;
    world.register("sasuke").await;
    let (_, first_refresh) = world.session("naruto").await;
    world.pass(60);
    let (second, _) = world.session("naruto").await;
    let (stranger, _) = world.session("sasuke").await;

    let list = "{ mySessions { sessionId createdAt lastUsedAt expiresAt address current } }";
    let listed = world.ask(Some(&second), list, json!({})).await;
    let sessions = listed.data()["mySessions"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        (&sessions[0]["current"], &sessions[1]["current"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(sessions[0]["address"], crate::world::HOME);
    assert_eq!(sessions[1]["createdAt"], "2026-11-21T05:00:00.000000Z");
    assert_eq!(sessions[1]["expiresAt"], "2026-12-21T05:00:00.000000Z");

    let end = "mutation ($s: String!) { endSession(sessionId: $s) }";
    let first = json!({"s": sessions[1]["sessionId"]});
    assert_eq!(world.ask(Some(&stranger), end, first.clone()).await.code(), "NOT_FOUND");
    assert_eq!(world.ask(None, end, first.clone()).await.code(), "UNAUTHENTICATED");
    assert_eq!(
        world.ask(Some(&second), end, first.clone()).await.data()["endSession"],
        true
    );
    assert_eq!(world.ask(Some(&second), end, first).await.code(), "NOT_FOUND");
    assert_eq!(
        world.ask(Some(&second), end, json!({"s": "x"})).await.code(),
        "NOT_FOUND"
    );
    assert_eq!(world.refresh(&first_refresh).await.code(), "UNAUTHENTICATED");
    world.profile(&second).await.data();
}

#[tokio::test]
async fn one_login_too_many_ends_the_oldest() {
    let world = World::start().await;
    world.register("naruto").await;
    let (_, first) = world.session("naruto").await;
    let (_, second) = world.session("naruto").await;
    for _ in 0..49 {
        world.session("naruto").await;
    }
    assert_eq!(world.refresh(&first).await.code(), "UNAUTHENTICATED");
    world.refresh(&second).await.data();
}
