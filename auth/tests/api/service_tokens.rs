use serde_json::{Value, json};
use service::token::Role;

use crate::world::{Answer, ISSUE, World};

async fn issue(world: &World, client: &str, secret: &str) -> Answer {
    world
        .internal(None, ISSUE, json!({"id": client, "secret": secret}))
        .await
}

#[tokio::test]
async fn a_client_with_its_secret_gets_a_service_token() {
    let world = World::start().await;
    for client in auth::keys::CLIENTS {
        let token = world.service_token(client).await;
        let claims = world.verifier().verify(&token).unwrap();
        assert_eq!((claims.sub.as_str(), claims.role), (client, Role::Service));
        assert_eq!(
            (claims.exp - claims.iat, &claims.sid, claims.account_created_at),
            (900, &None, None)
        );
    }
    let secret = auth::keys::client_secret(&world.settings.keys_dir, "wallet").unwrap();
    let answer = issue(&world, "wallet", secret.expose()).await;
    assert_eq!(answer.data()["issueServiceToken"]["expiresIn"], 900);
    // Auth itself needs no secret, only the hashes.
    for client in auth::keys::CLIENTS {
        std::fs::remove_file(world.settings.keys_dir.join(format!("clients/{client}.secret"))).unwrap();
    }
    issue(&world, "wallet", secret.expose()).await.data();
}

#[tokio::test]
async fn others_are_refused_and_after_fifty_tries_for_a_while() {
    let world = World::start().await;
    let secret = auth::keys::client_secret(&world.settings.keys_dir, "wallet").unwrap();
    let hash = std::fs::read_to_string(world.settings.keys_dir.join("clients/wallet.sha256")).unwrap();
    let long = "x".repeat(1_000);
    for (client, secret) in [
        ("fraud", secret.expose()),
        ("auth", secret.expose()),
        ("../clients/wallet", secret.expose()),
        ("wallet", "x"),
        ("wallet", ""),
        ("wallet", hash.trim()),
        ("wallet", &long),
        ("", ""),
    ] {
        assert_eq!(
            issue(&world, client, secret).await.code(),
            "UNAUTHENTICATED",
            "{client}"
        );
    }
    for _ in 8..50 {
        issue(&world, "wallet", "x").await;
    }
    assert_eq!(issue(&world, "wallet", secret.expose()).await.code(), "RATE_LIMITED");
    world.pass(15 * 60);
    issue(&world, "wallet", secret.expose()).await.data();
}

#[tokio::test]
async fn user_facts_are_for_services() {
    let world = World::start().await;
    let naruto = world.register("Naruto").await;
    let sasuke = world.register("sasuke").await;
    let (customer, _) = world.session("sasuke").await;
    let admin = world.admin_token().await;
    let service = world.service_token("transactions").await;
    let users = "query ($ids: [String!]!) { users(userIds: $ids) { userId username fullname createdAt status } }";
    let ids = json!({"ids": [sasuke, "nobody", "usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", naruto]});
    assert_eq!(world.internal(None, users, ids.clone()).await.code(), "UNAUTHENTICATED");
    for token in [&customer, &admin] {
        assert_eq!(
            world.internal(Some(token), users, ids.clone()).await.code(),
            "FORBIDDEN"
        );
    }
    let answer = world.internal(Some(&service), users, ids).await;
    let found = answer.data()["users"].as_array().unwrap().clone();
    assert_eq!(found.len(), 4);
    assert_eq!(
        (&found[0]["userId"], &found[3]["username"]),
        (&json!(sasuke), &json!("Naruto"))
    );
    assert!(found[1].is_null() && found[2].is_null());
    let many: Vec<Value> = vec![json!(naruto); 501];
    let refused = world.internal(Some(&service), users, json!({"ids": many})).await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");

    let by_login = "query ($login: String!) { userByLogin(login: $login) { userId } }";
    for (login, expect) in [
        ("nArUtO", json!({"userId": naruto})),
        (" NARUTO@gmail.com", json!({"userId": naruto})),
        ("nobody", Value::Null),
        ("%", Value::Null),
    ] {
        let answer = world.internal(Some(&service), by_login, json!({"login": login})).await;
        assert_eq!(answer.data()["userByLogin"], expect, "{login}");
    }
    assert_eq!(
        world
            .internal(Some(&customer), by_login, json!({"login": "x"}))
            .await
            .code(),
        "FORBIDDEN"
    );
    // A service is nobody's user.
    assert_eq!(world.profile(&service).await.code(), "FORBIDDEN");
}
