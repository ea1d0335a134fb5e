//! The PIN: setting it, confirming with it, and how hard it is to guess.

use serde_json::{Value, json};

use crate::accounts::weak_hash;
use crate::limits::join_all;
use crate::world::{Answer, PASSWORD, World, tokens};

const PIN: &str = "271828";
const OTHER_PIN: &str = "314159";
const HOUR: u64 = 60 * 60;

const SET: &str = "mutation ($c: String!, $p: String!) { setPin(currentPassword: $c, pin: $p) }";
const CONFIRM: &str = "mutation ($password: String, $pin: String) { confirmIdentity(password: $password, pin: $pin) }";
const UNLOCK: &str = "mutation ($id: String!) { unlockUser(userId: $id) { user_id } }";

async fn set(world: &World, token: &str, password: &str, pin: &str) -> Answer {
    world.ask(Some(token), SET, json!({"c": password, "p": pin})).await
}

async fn confirm(world: &World, token: &str, with: Value) -> Answer {
    world.ask(Some(token), CONFIRM, with).await
}

/// The answer's code with the argument it is about; `OK` when the answer is yes.
#[track_caller]
fn outcome(answer: &Answer) -> String {
    if answer.body.get("errors").is_none() {
        let data = answer.data().as_object().unwrap();
        assert!(data.values().all(|value| *value == json!(true)), "{}", answer.body);
        return "OK".to_owned();
    }
    match answer.body["errors"][0]["extensions"]["field"].as_str() {
        Some(field) => format!("{} {field}", answer.code()),
        None => answer.code().to_owned(),
    }
}

async fn has_pin(world: &World, token: &str) -> Value {
    let profile = world.ask(Some(token), "{ myProfile { hasPin } }", json!({})).await;
    profile.data()["myProfile"]["hasPin"].clone()
}

/// Naruto, signed in, with a PIN.
async fn with_pin(world: &World) -> (String, String) {
    let user_id = world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    assert_eq!(outcome(&set(world, &token, PASSWORD, PIN).await), "OK");
    (user_id, token)
}

#[tokio::test]
async fn a_pin_is_set_with_the_password_and_confirms_from_then_on() {
    let mut world = World::start().await;
    world.register("naruto").await;
    let (token, refresh) = world.session("naruto").await;
    assert_eq!(has_pin(&world, &token).await, false);
    let none = confirm(&world, &token, json!({"pin": PIN})).await;
    assert_eq!(outcome(&none), "CONFLICT pin");

    let guessed = set(&world, &token, "a wild guess", PIN).await;
    assert_eq!(outcome(&guessed), "BAD_USER_INPUT currentPassword");
    assert_eq!(has_pin(&world, &token).await, false);
    for _ in 0..2 {
        assert_eq!(outcome(&set(&world, &token, PASSWORD, PIN).await), "OK");
        assert_eq!(has_pin(&world, &token).await, true);
    }
    for _ in 0..2 {
        assert_eq!(outcome(&confirm(&world, &token, json!({"pin": PIN})).await), "OK");
    }
    let wrong = confirm(&world, &token, json!({"pin": OTHER_PIN})).await;
    assert_eq!(outcome(&wrong), "BAD_USER_INPUT pin");
    assert!(wrong.body["data"]["confirmIdentity"].is_null(), "{}", wrong.body);
    // Nobody was signed out by that.
    world.profile(&token).await.data();
    world.refresh(&refresh).await.data();

    assert_eq!(outcome(&set(&world, &token, PASSWORD, OTHER_PIN).await), "OK");
    let former = confirm(&world, &token, json!({"pin": PIN})).await;
    assert_eq!(outcome(&former), "BAD_USER_INPUT pin");
    world.restart().await;
    assert_eq!(outcome(&confirm(&world, &token, json!({"pin": OTHER_PIN})).await), "OK");
    // It is no password, and a password is no PIN.
    assert_eq!(
        world.login("naruto@gmail.com", OTHER_PIN).await.code(),
        "UNAUTHENTICATED"
    );

    world.down().await;
    let file = std::fs::read(world.database()).unwrap();
    for secret in [PIN, OTHER_PIN] {
        let found = file.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "a PIN stands in the file");
    }
}

#[tokio::test]
async fn the_password_confirms_as_well_with_or_without_a_pin() {
    let world = World::start().await;
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    for _ in 0..2 {
        assert_eq!(
            outcome(&confirm(&world, &token, json!({"password": PASSWORD})).await),
            "OK"
        );
        let wrong = confirm(&world, &token, json!({"password": "a wild guess"})).await;
        assert_eq!(outcome(&wrong), "BAD_USER_INPUT password");
        assert_eq!(outcome(&set(&world, &token, PASSWORD, PIN).await), "OK");
    }
    let swapped = confirm(&world, &token, json!({"password": PIN})).await;
    assert_eq!(outcome(&swapped), "BAD_USER_INPUT password");
}

#[tokio::test]
async fn a_change_of_password_keeps_the_pin() {
    let world = World::start().await;
    let (_, token) = with_pin(&world).await;
    let change = "mutation ($c: String!, $n: String!) { changePassword(currentPassword: $c, newPassword: $n) }";
    let passwords = json!({"c": PASSWORD, "n": "believe it, dattebayo"});
    world.ask(Some(&token), change, passwords).await.data();
    assert_eq!(has_pin(&world, &token).await, true);
    assert_eq!(outcome(&confirm(&world, &token, json!({"pin": PIN})).await), "OK");
    let former = confirm(&world, &token, json!({"password": PASSWORD})).await;
    assert_eq!(outcome(&former), "BAD_USER_INPUT password");
}

#[tokio::test]
async fn what_is_no_pin_is_refused_and_costs_neither_a_hash_nor_an_attempt() {
    let world = World::start().await;
    let (_, token) = with_pin(&world).await;
    let computed = world.auth().passwords_computed();
    let huge = "2".repeat(100_000);
    let no_pins = [
        "",
        "27182",
        "2718281",
        "27182a",
        " 271828",
        "271828\0",
        "２７１８２８",
        "' OR 1",
        &huge,
    ];
    for pin in no_pins {
        let refused = set(&world, &token, PASSWORD, pin).await;
        assert_eq!(outcome(&refused), "BAD_USER_INPUT pin", "{pin:.20}");
        let refused = confirm(&world, &token, json!({"pin": pin})).await;
        assert_eq!(outcome(&refused), "BAD_USER_INPUT pin", "{pin:.20}");
        assert!(refused.message().len() < 100, "the input is not echoed");
    }
    for weak in ["000000", "999999", "123456", "654321", "012345", "890123"] {
        let refused = set(&world, &token, PASSWORD, weak).await;
        assert_eq!(outcome(&refused), "BAD_USER_INPUT pin", "{weak}");
    }
    for neither_or_both in [
        json!({}),
        json!({"password": null, "pin": null}),
        json!({"password": PASSWORD, "pin": PIN}),
    ] {
        let refused = confirm(&world, &token, neither_or_both).await;
        assert_eq!(outcome(&refused), "BAD_USER_INPUT");
    }
    let number = json!({"pin": 271_828});
    assert_ne!(outcome(&confirm(&world, &token, number).await), "OK");
    assert_eq!(world.auth().passwords_computed(), computed);
    // The PIN of before is still there, and not locked by all that.
    assert_eq!(outcome(&confirm(&world, &token, json!({"pin": PIN})).await), "OK");
}

#[tokio::test]
async fn only_a_person_who_is_signed_in_sets_and_confirms_and_only_their_own() {
    let world = World::start().await;
    let (user_id, token) = with_pin(&world).await;
    world.register("sasuke").await;
    let (sasuke, _) = world.session("sasuke").await;
    assert_eq!(outcome(&set(&world, &sasuke, PASSWORD, OTHER_PIN).await), "OK");
    let foreign = confirm(&world, &sasuke, json!({"pin": PIN})).await;
    assert_eq!(outcome(&foreign), "BAD_USER_INPUT pin");

    let service = world.service_token("transactions").await;
    let key = "sk_sandbox_0123456789abcdefghijklmnopqrstuvwxyz";
    let refused = [
        (None, "UNAUTHENTICATED"),
        (Some("nonsense"), "UNAUTHENTICATED"),
        (Some(key), "FORBIDDEN"),
        (Some(service.as_str()), "FORBIDDEN"),
    ];
    for (token, code) in refused {
        let answer = world.ask(token, SET, json!({"c": PASSWORD, "p": PIN})).await;
        assert_eq!(answer.code(), code, "{token:?}");
        for with in [json!({"pin": PIN}), json!({"password": PASSWORD})] {
            assert_eq!(world.ask(token, CONFIRM, with).await.code(), code, "{token:?}");
        }
    }

    let (ended, refresh) = world.session("naruto").await;
    let logout = "mutation ($t: String) { logout(refreshToken: $t) }";
    world.ask(None, logout, json!({"t": refresh})).await.data();
    assert_eq!(
        confirm(&world, &ended, json!({"pin": PIN})).await.code(),
        "UNAUTHENTICATED"
    );
    let admin = world.admin_token().await;
    let disable = "mutation ($id: String!) { disableUser(userId: $id) { status } }";
    world.ask(Some(&admin), disable, json!({"id": user_id})).await.data();
    assert_eq!(confirm(&world, &token, json!({"pin": PIN})).await.code(), "FORBIDDEN");
    assert_eq!(set(&world, &token, PASSWORD, PIN).await.code(), "FORBIDDEN");
}

/// An hour or so later, in the same session.
async fn pass(world: &World, seconds: u64, session: &mut (String, String)) {
    world.pass(seconds);
    *session = tokens(&world.refresh(&session.1).await, "refreshSession");
}

/// Naruto's session, and five wrong PINs.
async fn locked(world: &World) -> (String, String) {
    with_pin(world).await;
    let session = world.session("naruto").await;
    for _ in 0..5 {
        let wrong = confirm(world, &session.0, json!({"pin": OTHER_PIN})).await;
        assert_eq!(outcome(&wrong), "BAD_USER_INPUT pin");
    }
    let refused = confirm(world, &session.0, json!({"pin": PIN})).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", HOUR));
    session
}

#[tokio::test]
async fn five_wrong_pins_lock_the_pin_for_hours_also_across_a_restart() {
    let mut world = World::start().await;
    let mut session = locked(&world).await;
    world.restart().await;
    let refused = confirm(&world, &session.0, json!({"pin": PIN})).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", HOUR));
    assert_eq!(world.auth().passwords_computed(), 0, "who has to wait costs no hash");
    // Logins are counted apart: a wrong password is just wrong.
    let wrong = confirm(&world, &session.0, json!({"password": "a wild guess"})).await;
    assert_eq!(outcome(&wrong), "BAD_USER_INPUT password");
    assert_eq!(
        world.login("naruto@gmail.com", "a wild guess").await.code(),
        "UNAUTHENTICATED"
    );

    pass(&world, HOUR, &mut session).await;
    let wrong = confirm(&world, &session.0, json!({"pin": OTHER_PIN})).await;
    assert_eq!(outcome(&wrong), "BAD_USER_INPUT pin");
    let refused = confirm(&world, &session.0, json!({"pin": PIN})).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 2 * HOUR));
    pass(&world, 2 * HOUR, &mut session).await;
    assert_eq!(outcome(&confirm(&world, &session.0, json!({"pin": PIN})).await), "OK");
    // The right one forgets the wrong ones.
    for _ in 0..4 {
        confirm(&world, &session.0, json!({"pin": OTHER_PIN})).await;
    }
    assert_eq!(outcome(&confirm(&world, &session.0, json!({"pin": PIN})).await), "OK");
    for _ in 0..4 {
        confirm(&world, &session.0, json!({"pin": OTHER_PIN})).await;
    }
    assert_eq!(outcome(&confirm(&world, &session.0, json!({"pin": PIN})).await), "OK");
}

#[tokio::test]
async fn the_password_opens_a_locked_pin_however_it_is_given() {
    let change =
        "mutation ($c: String!) { changePassword(currentPassword: $c, newPassword: \"believe it, dattebayo\") }";
    for way in ["confirmIdentity", "setPin", "changePassword", "loginUser", "unlockUser"] {
        let world = World::start().await;
        let (token, _) = locked(&world).await;
        match way {
            "confirmIdentity" => {
                confirm(&world, &token, json!({"password": PASSWORD})).await.data();
            }
            "setPin" => {
                set(&world, &token, PASSWORD, PIN).await.data();
            }
            "changePassword" => {
                world.ask(Some(&token), change, json!({"c": PASSWORD})).await.data();
            }
            "loginUser" => {
                world.session("naruto").await;
            }
            _ => {
                let profile = world.profile(&token).await;
                let id = json!({"id": profile.data()["myProfile"]["user_id"]});
                world.ask(Some(&world.admin_token().await), UNLOCK, id).await.data();
            }
        }
        assert_eq!(
            outcome(&confirm(&world, &token, json!({"pin": PIN})).await),
            "OK",
            "{way}"
        );
    }
}

#[tokio::test]
async fn guesses_of_the_password_count_like_failed_logins() {
    let world = World::start().await;
    let (_, token) = with_pin(&world).await;
    for number in 0..5 {
        let guess = if number % 2 == 0 {
            confirm(&world, &token, json!({"password": "a wild guess"})).await
        } else {
            set(&world, &token, "a wild guess", PIN).await
        };
        assert_eq!(guess.code(), "BAD_USER_INPUT");
    }
    let refused = confirm(&world, &token, json!({"password": PASSWORD})).await;
    assert_eq!((refused.code(), refused.retry_after()), ("RATE_LIMITED", 60));
    assert_eq!(set(&world, &token, PASSWORD, OTHER_PIN).await.code(), "RATE_LIMITED");
    assert_eq!(world.login("naruto@gmail.com", PASSWORD).await.code(), "RATE_LIMITED");
    // The PIN is another matter.
    assert_eq!(outcome(&confirm(&world, &token, json!({"pin": PIN})).await), "OK");
    let refused = confirm(&world, &token, json!({"password": PASSWORD})).await;
    assert_eq!(refused.code(), "RATE_LIMITED", "a PIN opens nothing for the password");
}

#[tokio::test]
async fn parallel_pins_are_counted_one_by_one() {
    let world = World::start().await;
    let (_, token) = with_pin(&world).await;
    let before = world.auth().passwords_computed();
    let guesses = (0..20).map(|_| confirm(&world, &token, json!({"pin": OTHER_PIN})));
    let outcomes: Vec<String> = join_all(guesses).await.iter().map(outcome).collect();
    let count = |expect: &str| outcomes.iter().filter(|found| *found == expect).count();
    assert_eq!((count("BAD_USER_INPUT pin"), count("RATE_LIMITED")), (5, 15));
    assert_eq!(world.auth().passwords_computed() - before, 5);
}

#[tokio::test]
async fn aliases_in_one_document_are_counted_one_by_one_too() {
    let world = World::start().await;
    let (_, token) = with_pin(&world).await;
    let guesses: String = (0..20)
        .map(|n| format!("a{n}: confirmIdentity(pin: \"{OTHER_PIN}\") "))
        .collect();
    let answer = world
        .ask(Some(&token), &format!("mutation {{ {guesses} }}"), json!({}))
        .await;
    let errors = answer.body["errors"].as_array().unwrap();
    let count = |code: &str| {
        errors
            .iter()
            .filter(|error| error["extensions"]["code"] == code)
            .count()
    };
    assert_eq!((count("BAD_USER_INPUT"), count("RATE_LIMITED")), (5, 15));
}

#[tokio::test]
async fn switched_off_no_pin_is_locked() {
    let world = World::start_with(&[("SAWIT_RATE_LIMITS", "off")]).await;
    let (_, token) = with_pin(&world).await;
    for _ in 0..8 {
        let wrong = confirm(&world, &token, json!({"pin": OTHER_PIN})).await;
        assert_eq!(outcome(&wrong), "BAD_USER_INPUT pin");
    }
    assert_eq!(outcome(&confirm(&world, &token, json!({"pin": PIN})).await), "OK");
}

#[tokio::test]
async fn a_pin_hashed_with_old_parameters_is_brought_up_to_date_when_it_confirms() {
    let mut world = World::start().await;
    let (_, token) = with_pin(&world).await;
    world.down().await;
    change_pin_hash(&world, &weak_hash(PIN));
    world.up().await.unwrap();
    let wrong = confirm(&world, &token, json!({"pin": OTHER_PIN})).await;
    assert_eq!(outcome(&wrong), "BAD_USER_INPUT pin");
    for _ in 0..2 {
        assert_eq!(outcome(&confirm(&world, &token, json!({"pin": PIN})).await), "OK");
    }
    world.down().await;
    let hash = pin_hash(&world);
    assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
}

fn change_pin_hash(world: &World, hash: &str) {
    let database = rusqlite::Connection::open(world.database()).unwrap();
    let sql = "UPDATE users SET pin_hash = ?1 WHERE username = 'naruto'";
    assert_eq!(database.execute(sql, [hash]).unwrap(), 1);
}

fn pin_hash(world: &World) -> String {
    let database = rusqlite::Connection::open(world.database()).unwrap();
    let sql = "SELECT pin_hash FROM users WHERE username = 'naruto'";
    database.query_row(sql, [], |row| row.get(0)).unwrap()
}
