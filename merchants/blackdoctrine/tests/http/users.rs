//! Accounts.

use std::os::unix::fs::PermissionsExt;

use reqwest::StatusCode;
use serde_json::json;

use crate::world::{World, code, config, data};

const REGISTER: &str = "mutation RegisterUser($nama: String!, $email: String!, $password: String!) {
  register(nama: $nama, email: $email, password: $password) { id nama email role isActive statusLabel }
}";
const LOGIN: &str = "mutation LoginUser($email: String!, $password: String!) {
  login(email: $email, password: $password) { token user { id nama email role isActive statusLabel } }
}";
const ME: &str = "{ me { id nama email } }";

#[tokio::test]
async fn register_login_me() {
    let world = World::start().await;
    let url = world.users_url();
    let person = json!({ "nama": "Naruto", "email": "Naruto@Gmail.com", "password": "password123" });
    let answer = world.ask(&url, None, REGISTER, person.clone()).await;
    let user = &data(&answer)["register"];
    assert_eq!(user["email"], "naruto@gmail.com");
    assert_eq!(
        (&user["isActive"], &user["statusLabel"]),
        (&json!(true), &json!("Aktif"))
    );

    let again = json!({ "nama": "Other", "email": "NARUTO@gmail.com", "password": "password456" });
    assert_eq!(code(&world.ask(&url, None, REGISTER, again).await), "EMAIL_TAKEN");

    let answer = world
        .ask(
            &url,
            None,
            LOGIN,
            json!({ "email": "naruto@gmail.com", "password": "password123" }),
        )
        .await;
    let login = &data(&answer)["login"];
    assert_eq!(&login["user"], user);
    let token = login["token"].as_str().unwrap();
    assert_eq!(
        data(&world.ask(&url, Some(token), ME, json!({})).await)["me"]["id"],
        user["id"]
    );
    assert!(data(&world.ask(&url, None, ME, json!({})).await)["me"].is_null());
    assert!(data(&world.ask(&url, Some("rubbish"), ME, json!({})).await)["me"].is_null());
    world.stop().await;
}

#[tokio::test]
async fn wrong_logins_look_alike_and_are_limited() {
    let world = World::start().await;
    world.buyer("naruto@gmail.com").await;
    let url = world.users_url();
    let login = async |email: &str, password: &str| {
        world
            .ask(&url, None, LOGIN, json!({ "email": email, "password": password }))
            .await
    };
    let wrong_password = login("naruto@gmail.com", "password124").await;
    let unknown_user = login("sasuke@gmail.com", "password123").await;
    assert_eq!(code(&wrong_password), "WRONG_CREDENTIALS");
    assert_eq!(wrong_password, unknown_user);
    for _ in 0..9 {
        assert_eq!(
            code(&login("naruto@gmail.com", "password124").await),
            "WRONG_CREDENTIALS"
        );
    }
    assert_eq!(code(&login("naruto@gmail.com", "password123").await), "RATE_LIMITED");
    world.stop().await;
}

#[tokio::test]
async fn bad_requests_are_told_apart() {
    let world = World::start().await;
    let url = world.users_url();
    let short = json!({ "nama": "Naruto", "email": "naruto@gmail.com", "password": "short" });
    assert_eq!(code(&world.ask(&url, None, REGISTER, short).await), "BAD_USER_INPUT");

    let post = |content_type: &'static str, body: String| {
        world
            .http
            .post(&url)
            .header("content-type", content_type)
            .body(body)
            .send()
    };
    for (content_type, body, expect) in [
        (
            "application/json; charset=utf-8",
            json!({ "query": ME }).to_string(),
            StatusCode::OK,
        ),
        (
            "text/plain",
            json!({ "query": ME }).to_string(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        ("application/json", "{".to_owned(), StatusCode::BAD_REQUEST),
        (
            "application/json",
            " ".repeat(64 * 1024 + 1),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        assert_eq!(
            post(content_type, body).await.unwrap().status(),
            expect,
            "{content_type}"
        );
    }
    // Hashing is slow on purpose: a document full of aliased logins is refused before the first.
    let many: String = (0..20)
        .map(|n| format!(r#"l{n}: login(email: "a@b.id", password: "password123") {{ token }} "#))
        .collect();
    let answer = world
        .ask(&url, None, &format!("mutation {{ {many} }}"), json!({}))
        .await;
    assert!(answer["data"].is_null() && answer["errors"].is_array(), "{answer}");
    world.stop().await;
}

#[tokio::test]
async fn accounts_and_tokens_outlive_a_restart_in_private_files() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let folder = world.stop().await;
    for name in ["blackdoctrine.db", "token.secret"] {
        let mode = std::fs::metadata(folder.path().join("shop").join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(
        std::fs::metadata(folder.path().join("shop"))
            .unwrap()
            .permissions()
            .mode()
            & 0o777,
        0o700
    );

    let world = World::in_folder(folder, config()).await;
    let answer = world.ask(&world.users_url(), Some(&token), ME, json!({})).await;
    assert_eq!(data(&answer)["me"]["email"], "naruto@gmail.com");
    world.stop().await;
}

#[tokio::test]
async fn both_endpoints_say_that_they_are_well() {
    let world = World::start().await;
    for url in [world.users_url(), world.orders_url()] {
        let response = world
            .http
            .get(url.replace("/graphql", "/healthz"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    world.stop().await;
}
