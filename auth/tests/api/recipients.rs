//! Whom money can be sent to: who may ask, what is told, and how often.

use serde_json::{Value, json};

use crate::limits::join_all;
use crate::world::{Answer, World};

const RECIPIENT: &str = "query ($login: String!) { recipient(login: $login) { userId username fullname } }";

async fn find(world: &World, token: &str, login: &str) -> Answer {
    world.ask(Some(token), RECIPIENT, json!({"login": login})).await
}

#[tokio::test]
async fn somebody_is_found_by_their_whole_e_mail_or_username_in_any_case() {
    let world = World::start().await;
    let sasuke = world.register("Sasuke.U").await;
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    let expect = json!({"userId": sasuke, "username": "Sasuke.U", "fullname": "Somebody"});
    for login in ["Sasuke.U", "sasuke.u", "SASUKE.U@GMAIL.COM", " sasuke.u@gmail.com "] {
        assert_eq!(find(&world, &token, login).await.data()["recipient"], expect, "{login}");
    }
    let huge = "x".repeat(100_000);
    let nobody = [
        "",
        " ",
        "sasuke",
        "sasuke.u@",
        "@gmail.com",
        "%",
        "sasuke_u",
        "sasuke.u\0",
        "' OR '1'='1",
        &sasuke,
        &huge,
    ];
    for login in nobody {
        let answer = find(&world, &token, login).await;
        assert_eq!(answer.data()["recipient"], Value::Null, "{login:.40}");
    }
    let (own, _) = world.session("Sasuke.U").await;
    assert_eq!(find(&world, &own, "sasuke.u").await.data()["recipient"], expect);
    // Nothing else is told.
    for field in ["email", "role", "status", "createdAt", "hasPin"] {
        let document = format!("{{ recipient(login: \"sasuke.u\") {{ {field} }} }}");
        let answer = world.ask(Some(&token), &document, json!({})).await;
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED", "{field}");
    }
}

#[tokio::test]
async fn a_disabled_account_is_nobody_until_it_is_enabled() {
    let world = World::start().await;
    let sasuke = world.register("sasuke").await;
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    let admin = world.admin_token().await;
    for (change, found) in [("disableUser", false), ("enableUser", true)] {
        let document = format!("mutation ($id: String!) {{ {change}(userId: $id) {{ status }} }}");
        world.ask(Some(&admin), &document, json!({"id": sasuke})).await.data();
        for login in ["sasuke", "sasuke@gmail.com"] {
            let answer = find(&world, &token, login).await;
            assert_eq!(answer.data()["recipient"].is_object(), found, "{change} {login}");
        }
    }
}

#[tokio::test]
async fn only_people_who_are_signed_in_may_ask() {
    let world = World::start().await;
    let naruto = world.register("naruto").await;
    let (token, refresh) = world.session("naruto").await;
    let service = world.service_token("transactions").await;
    let login = json!({"login": "naruto"});
    for (token, code) in [
        (None, "UNAUTHENTICATED"),
        (Some("nonsense"), "UNAUTHENTICATED"),
        (Some("sk_live_0123456789abcdefghijklmnopqrstuvwxyz"), "FORBIDDEN"),
        (Some(service.as_str()), "FORBIDDEN"),
    ] {
        let answer = world.ask(token, RECIPIENT, login.clone()).await;
        assert_eq!(answer.code(), code, "{token:?}");
        assert!(answer.body["data"]["recipient"].is_null());
    }
    let admin = world.admin_token().await;
    assert_eq!(
        find(&world, &admin, "naruto").await.data()["recipient"]["userId"],
        naruto
    );
    let logout = "mutation ($t: String) { logout(refreshToken: $t) }";
    world.ask(None, logout, json!({"t": refresh})).await.data();
    assert_eq!(find(&world, &token, "naruto").await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn one_user_asks_thirty_times_a_minute_and_nobody_else_waits_for_it() {
    let mut world = World::start().await;
    world.register("naruto").await;
    world.register("sasuke").await;
    let (token, _) = world.session("naruto").await;
    let (other, _) = world.session("sasuke").await;
    // At once, or as aliases in one document: each counts, found or not.
    let aliases: String = (0..10)
        .map(|n| format!("a{n}: recipient(login: \"guess{n}\") {{ userId }} "))
        .collect();
    world
        .ask(Some(&token), &format!("{{ {aliases} }}"), json!({}))
        .await
        .data();
    let answers = join_all((0..25).map(|_| find(&world, &token, "sasuke"))).await;
    let refused: Vec<&Answer> = answers
        .iter()
        .filter(|answer| answer.body.get("errors").is_some())
        .collect();
    assert_eq!(refused.len(), 5);
    for answer in refused {
        assert_eq!((answer.code(), answer.retry_after()), ("RATE_LIMITED", 60));
        assert!(answer.body["data"]["recipient"].is_null());
    }
    // Another session of the same user does not help, nor a restart.
    let (second, _) = world.session("naruto").await;
    assert_eq!(find(&world, &second, "sasuke").await.code(), "RATE_LIMITED");
    world.restart().await;
    world.pass(20);
    let refused = find(&world, &token, "sasuke").await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 40));
    find(&world, &other, "naruto").await.data();
    world.pass(40);
    find(&world, &token, "sasuke").await.data();
}

#[tokio::test]
async fn switched_off_everybody_asks_as_often_as_they_like() {
    let world = World::start_with(&[("SAWIT_RATE_LIMITS", "off")]).await;
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    for _ in 0..40 {
        find(&world, &token, "naruto").await.data();
    }
}
