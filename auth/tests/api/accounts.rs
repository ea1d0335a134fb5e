use serde_json::json;

use crate::world::{PASSWORD, World, tokens};

#[tokio::test]
async fn the_documented_examples_work_as_they_are_written() {
    let world = World::start().await;
    let registered = world
        .ask(
            None,
            r#"mutation { registerUser(username: "narto", fullname: "Naruto Uzumaki", email: "naruto@gmail.com", password: "password123") }"#,
            json!({}),
        )
        .await;
    let user_id = registered.data()["registerUser"].as_str().unwrap();
    assert!(user_id.starts_with("usr_"), "{user_id}");
    let login = world
        .ask(
            None,
            r#"mutation { loginUser(email: "naruto@gmail.com", password: "password123") { access_token user { username role } } }"#,
            json!({}),
        )
        .await;
    let session = &login.data()["loginUser"];
    assert_eq!(session["user"], json!({"username": "narto", "role": "Nasabah"}));
    let token = session["access_token"].as_str().unwrap();

    let whole = "user_id username fullname email role";
    let expect = json!({
        "user_id": user_id, "username": "narto", "fullname": "Naruto Uzumaki", "email": "naruto@gmail.com", "role": "Nasabah",
    });
    let by_header = world
        .ask(Some(token), &format!("query {{ myProfile {{ {whole} }} }}"), json!({}))
        .await;
    assert_eq!(by_header.data()["myProfile"], expect);
    let by_argument = world
        .ask(
            None,
            &format!("query Profil($token: String) {{ myProfile(token: $token) {{ {whole} }} }}"),
            json!({"token": token}),
        )
        .await;
    assert_eq!(by_argument.data()["myProfile"], expect);
    // The argument counts, also when it is bad and the header is good; null is no argument.
    let query = "query ($token: String) { myProfile(token: $token) { role } }";
    let bad = world.ask(Some(token), query, json!({"token": "x"})).await;
    assert_eq!(bad.code(), "UNAUTHENTICATED");
    assert!(bad.body["data"]["myProfile"].is_null());
    world.ask(Some(token), query, json!({"token": null})).await.data();
}

#[tokio::test]
async fn deployed_clients_send_variables_of_these_types() {
    let world = World::start().await;
    let variables =
        json!({"username": "sasuke", "fullname": "Sasuke", "email": "sasuke@gmail.com", "password": PASSWORD});
    let document = "mutation R($username: String!, $fullname: String!, $email: String!, $password: String!) \
        { registerUser(username: $username, fullname: $fullname, email: $email, password: $password) }";
    world.ask(None, document, variables).await.data();
    let login = world.login("sasuke@gmail.com", PASSWORD).await;
    let session = &login.data()["loginUser"];
    assert_eq!(session["token_type"], "Bearer");
    assert_eq!(session["expires_in"], 900);
    assert_eq!(session["user"]["createdAt"], "2026-11-21T05:00:00.000000Z");
    assert!(session["refresh_token"].as_str().unwrap().starts_with("sawit_rt_"));
}

#[tokio::test]
async fn register_opens_a_session_at_once() {
    let world = World::start().await;
    let answer = world
        .ask(
            None,
            "mutation { register(username: \"kakashi\", fullname: \"Kakashi\", email: \"k@x.id\", password: \"icha icha paradise\") \
             { access_token refresh_token user { username } } }",
            json!({}),
        )
        .await;
    let (access, refresh) = tokens(&answer, "register");
    assert_eq!(world.profile(&access).await.data()["myProfile"]["username"], "kakashi");
    world.refresh(&refresh).await.data();
}

#[tokio::test]
async fn names_are_unique_whatever_their_case() {
    let world = World::start().await;
    world.register("Naruto").await;
    let again = world.try_register("nARUTO", "other@gmail.com").await;
    assert_eq!((again.code(), again.message()), ("CONFLICT", "this username is taken"));
    let again = world.try_register("other", "NARUTO@Gmail.com").await;
    assert_eq!(
        (again.code(), again.message()),
        ("CONFLICT", "this e-mail address is taken")
    );
    assert_eq!(again.body["errors"][0]["extensions"]["field"], "email");
    world.login("NaRuTo@GMAIL.com ", PASSWORD).await.data();
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer_for_the_same_work() {
    let world = World::start().await;
    world.register("naruto").await;
    let before = world.auth().passwords_computed();
    let wrong = world.login("naruto@gmail.com", "not the password").await;
    let after_wrong = world.auth().passwords_computed();
    let unknown = world.login("nobody@gmail.com", "not the password").await;
    let after_unknown = world.auth().passwords_computed();
    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.code(), "UNAUTHENTICATED");
    assert_eq!((after_wrong - before, after_unknown - after_wrong), (1, 1));
}

#[tokio::test]
async fn changing_the_password_needs_the_old_one_and_ends_the_other_sessions() {
    let world = World::start().await;
    world.register("naruto").await;
    let (here, here_refresh) = world.session("naruto").await;
    let (there, there_refresh) = world.session("naruto").await;
    let change = "mutation ($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }";
    let to = |current: &str, new: &str| json!({"c": current, "n": new});

    let refused = world
        .ask(Some(&here), change, to("wrong password", "believe it, dattebayo"))
        .await;
    assert_eq!(refused.code(), "BAD_USER_INPUT");
    assert_eq!(
        world.ask(Some(&here), change, to(PASSWORD, "short")).await.code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(
        world.ask(Some(&here), change, to(PASSWORD, PASSWORD)).await.code(),
        "BAD_USER_INPUT"
    );
    assert_eq!(
        world
            .ask(None, change, to(PASSWORD, "believe it, dattebayo"))
            .await
            .code(),
        "UNAUTHENTICATED"
    );

    let changed = world
        .ask(Some(&here), change, to(PASSWORD, "believe it, dattebayo"))
        .await;
    assert_eq!(changed.data()["changePassword"], true);
    world.profile(&here).await.data();
    world.refresh(&here_refresh).await.data();
    assert_eq!(world.profile(&there).await.code(), "UNAUTHENTICATED");
    assert_eq!(world.refresh(&there_refresh).await.code(), "UNAUTHENTICATED");
    assert_eq!(
        world.login("naruto@gmail.com", PASSWORD).await.code(),
        "UNAUTHENTICATED"
    );
    world.login("naruto@gmail.com", "believe it, dattebayo").await.data();
}

/// As it was made before the parameters were raised.
pub fn weak_hash(secret: &str) -> String {
    use argon2::password_hash::PasswordHasher as _;
    use argon2::password_hash::phc::PasswordHash;
    let weak = argon2::Argon2::new(
        argon2::Algorithm::Argon2id,
        argon2::Version::V0x13,
        argon2::Params::new(8 * 1024, 1, 1, None).unwrap(),
    );
    let weak: PasswordHash = weak.hash_password(secret.as_bytes()).unwrap();
    weak.to_string()
}

#[tokio::test]
async fn hashes_made_with_old_parameters_are_replaced_at_login() {
    let mut world = World::start().await;
    world.register("naruto").await;
    world.down().await;
    let database = rusqlite::Connection::open(world.database()).unwrap();
    let changed = database
        .execute(
            "UPDATE users SET password_hash = ?1 WHERE username = 'naruto'",
            [weak_hash(PASSWORD)],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(database);

    world.up().await.unwrap();
    world.session("naruto").await;
    world.session("naruto").await;
    world.down().await;
    let database = rusqlite::Connection::open(world.database()).unwrap();
    let hash: String = database
        .query_row("SELECT password_hash FROM users WHERE username = 'naruto'", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

#[tokio::test]
async fn a_restart_keeps_accounts_sessions_and_tokens() {
    let mut world = World::start().await;
    let user_id = world.register("naruto").await;
    let (access, refresh) = world.session("naruto").await;
    world.restart().await;
    assert_eq!(world.profile(&access).await.data()["myProfile"]["user_id"], user_id);
    world.refresh(&refresh).await.data();
    world.login("naruto@gmail.com", PASSWORD).await.data();
}

#[tokio::test]
async fn nothing_secret_is_in_the_file() {
    let mut world = World::start().await;
    world.register("naruto").await;
    let (access, refresh) = world.session("naruto").await;
    world.down().await;
    let file = std::fs::read(world.database()).unwrap();
    for secret in [PASSWORD, &access, &refresh, crate::world::ADMIN_PASSWORD] {
        let found = file.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret}");
    }
}
