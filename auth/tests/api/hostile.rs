use axum::http::StatusCode;
use serde_json::json;

use crate::world::{HOME, PASSWORD, World};

#[tokio::test]
async fn hostile_registrations_are_refused_or_taken_literally() {
    let world = World::start_with(&[("SAWIT_RATE_LIMITS", "off")]).await;
    let document = "mutation ($u: String!, $f: String!, $e: String!, $p: String!) \
        { registerUser(username: $u, fullname: $f, email: $e, password: $p) }";
    let huge = "x".repeat(100_000);
    let bad: [(&str, &str, &str, &str); 15] = [
        ("na\0ruto", "N", "a@x.id", PASSWORD),
        ("naruto🍥", "N", "a@x.id", PASSWORD),
        ("' OR '1'='1", "N", "a@x.id", PASSWORD),
        ("ab", "N", "a@x.id", PASSWORD),
        (&huge, "N", "a@x.id", PASSWORD),
        ("naruto", "N\0", "a@x.id", PASSWORD),
        ("naruto", "line\nbreak", "a@x.id", PASSWORD),
        ("naruto", "  ", "a@x.id", PASSWORD),
        ("naruto", &huge, "a@x.id", PASSWORD),
        ("naruto", "N", "a@x.id\0", PASSWORD),
        ("naruto", "N", "not an address", PASSWORD),
        ("naruto", "N", &huge, PASSWORD),
        ("naruto", "N", "a@x.id", "seven77"),
        ("naruto", "N", "a@x.id", &huge),
        ("naruto", "N", "a@x.id", "nul\0nul\0nul"),
    ];
    for (username, fullname, email, password) in bad {
        let variables = json!({"u": username, "f": fullname, "e": email, "p": password});
        let answer = world.ask(None, document, variables).await;
        assert_eq!(
            answer.code(),
            "BAD_USER_INPUT",
            "{:.80} {:.80} {:.80}",
            username,
            fullname,
            email
        );
        assert!(answer.message().len() < 200, "the input is not echoed");
    }
    assert_eq!(
        world.auth().passwords_computed(),
        1,
        "only the admin's: what is refused costs no hash"
    );

    let name = "Robert'); DROP TABLE users;-- 🍥 \u{200D}";
    let email = "o'neil+sql\"@x.id";
    let refused = json!({"u": "robert", "f": name, "e": email, "p": PASSWORD});
    assert_eq!(world.ask(None, document, refused).await.code(), "BAD_USER_INPUT");
    let odd_password = "パスワード'; --🍥🍥";
    let taken = json!({"u": "robert", "f": name, "e": "o'neil+sql@x.id", "p": odd_password});
    world.ask(None, document, taken).await.data();
    let login = world.login("o'neil+sql@x.id", odd_password).await;
    assert_eq!(login.data()["loginUser"]["user"]["fullname"], name);
}

#[tokio::test]
async fn hostile_logins_are_just_wrong() {
    let world = World::start_with(&[("SAWIT_RATE_LIMITS", "off")]).await;
    let huge = "x".repeat(100_000);
    for (email, password) in [
        ("", ""),
        ("\0", "\0"),
        ("' OR 1=1 --", "x"),
        ("admin@sawit.example", &huge),
        (&huge, "x"),
        ("ADMIN@SAWIT.EXAMPLE\0", "x"),
        ("%", "%"),
    ] {
        assert_eq!(
            world.login(email, password).await.code(),
            "UNAUTHENTICATED",
            "{email:.40}"
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_request_are_refused() {
    let world = World::start().await;
    let invalid_utf8 = b"{\"query\":\"{ myProfile(token: \\\"\xff\xfe\\\") { role } }\"}".to_vec();
    let deep = format!("{{\"query\":{}1{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let too_long = format!("{{\"query\":\"{}\"}}", "x".repeat(300 * 1024));
    for (body, status) in [
        (invalid_utf8, StatusCode::BAD_REQUEST),
        (Vec::new(), StatusCode::BAD_REQUEST),
        (b"null".to_vec(), StatusCode::BAD_REQUEST),
        (deep.into_bytes(), StatusCode::BAD_REQUEST),
        (too_long.into_bytes(), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = world.send("/graphql", None, HOME, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let aliases: String = (0..600).map(|n| format!("a{n}: myProfile {{ role }} ")).collect();
    let answer = world.ask(None, &format!("{{ {aliases} }}"), json!({})).await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn introspection_as_tools_send_it_passes_the_limits() {
    let world = World::start().await;
    let document = include_str!("introspection.graphql");
    let answer = world.ask(None, document, json!({})).await;
    assert_eq!(answer.data()["__schema"]["queryType"]["name"], "Query");
}
