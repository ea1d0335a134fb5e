//! The second factor: beginning, confirming and ending it, and what it takes to log in with it.

use serde_json::{Value, json};
use totp_rs::{Builder, Secret};

use crate::limits::join_all;
use crate::world::{ADMIN_PASSWORD, Answer, PASSWORD, World, tokens};

const BEGIN: &str = "mutation ($p: String!) { beginTotp(currentPassword: $p) { secret uri } }";
const CONFIRM: &str = "mutation ($code: String!) { confirmTotp(code: $code) }";
const DISABLE: &str = "mutation ($p: String!, $code: String!) { disableTotp(currentPassword: $p, code: $code) }";
const RESET: &str =
    "mutation ($id: String!, $reason: String!) { resetTotp(userId: $id, reason: $reason) { totpEnabled } }";
const LOGIN: &str = "mutation ($e: String!, $p: String!, $code: String) { loginUser(email: $e, password: $p, totpCode: $code) \
    { access_token refresh_token user { totpEnabled } } }";
const STEP: u64 = 30;

/// An authenticator app.
struct Phone(String);

impl Phone {
    fn code(&self, world: &World) -> String {
        let totp = Builder::new()
            .with_secret(Secret::try_from_base32(&self.0).unwrap())
            .with_account_name("x")
            .build()
            .unwrap();
        totp.generate(u64::try_from(world.clock.now().seconds()).unwrap())
            .to_string()
    }
}

async fn login(world: &World, password: &str, code: Option<&str>) -> Answer {
    let variables = json!({"e": "naruto@gmail.com", "p": password, "code": code});
    world.ask(None, LOGIN, variables).await
}

async fn begin(world: &World, token: &str, password: &str) -> Answer {
    world.ask(Some(token), BEGIN, json!({"p": password})).await
}

async fn confirm(world: &World, token: &str, code: &str) -> Answer {
    world.ask(Some(token), CONFIRM, json!({"code": code})).await
}

async fn is_enabled(world: &World, token: &str) -> Value {
    let profile = world.ask(Some(token), "{ myProfile { totpEnabled } }", json!({})).await;
    profile.data()["myProfile"]["totpEnabled"].clone()
}

#[track_caller]
fn field(answer: &Answer) -> &str {
    answer.body["errors"][0]["extensions"]["field"].as_str().unwrap_or("")
}

fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 500_000) % 1_000_000)
}

/// Naruto with a second factor: his session, his phone and his recovery codes. Half a minute has passed since.
async fn enrolled(world: &World) -> (String, Phone, Vec<String>) {
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    let setup = begin(world, &token, PASSWORD).await;
    let phone = Phone(setup.data()["beginTotp"]["secret"].as_str().unwrap().to_owned());
    let confirmed = confirm(world, &token, &phone.code(world)).await;
    let codes = confirmed.data()["confirmTotp"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    world.pass(STEP);
    (token, phone, codes)
}

#[tokio::test]
async fn a_second_factor_is_begun_with_the_password_and_confirmed_with_a_code() {
    let mut world = World::start().await;
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    let (_, elsewhere) = world.session("naruto").await;
    assert_eq!(confirm(&world, &token, "123456").await.code(), "CONFLICT");
    let guessed = begin(&world, &token, "a wild guess").await;
    assert_eq!((guessed.code(), field(&guessed)), ("BAD_USER_INPUT", "currentPassword"));

    let first = begin(&world, &token, PASSWORD).await;
    let second = begin(&world, &token, PASSWORD).await;
    let phone = |setup: &Answer| Phone(setup.data()["beginTotp"]["secret"].as_str().unwrap().to_owned());
    let (replaced, phone) = (phone(&first), phone(&second));
    let uri = second.data()["beginTotp"]["uri"].as_str().unwrap();
    assert!(uri.starts_with("otpauth://totp/Sawit:naruto%40gmail.com?"), "{uri}");
    assert!(uri.contains(&phone.0), "{uri}");

    // What was only begun is not asked for.
    assert_eq!(is_enabled(&world, &token).await, false);
    login(&world, PASSWORD, None).await.data();
    let old = confirm(&world, &token, &replaced.code(&world)).await;
    assert_eq!((old.code(), field(&old)), ("BAD_USER_INPUT", "code"));

    let confirmed = confirm(&world, &token, &phone.code(&world)).await;
    let mut codes: Vec<&str> = confirmed.data()["confirmTotp"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 10);
    assert_eq!(is_enabled(&world, &token).await, true);
    assert_eq!(
        world.refresh(&elsewhere).await.code(),
        "UNAUTHENTICATED",
        "a session that was opened without the second factor goes on"
    );
    for again in [
        begin(&world, &token, PASSWORD).await,
        confirm(&world, &token, &phone.code(&world)).await,
    ] {
        assert_eq!(again.code(), "CONFLICT");
    }

    // Neither the secret nor a recovery code stands in the file.
    let secret = Secret::try_from_base32(&phone.0).unwrap();
    let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
    world.down().await;
    let file = std::fs::read(world.database()).unwrap();
    let has = |bytes: &[u8]| file.windows(bytes.len()).any(|window| window == bytes);
    assert!(!has(secret.as_bytes()) && !has(phone.0.as_bytes()));
    for code in codes {
        assert!(!has(code.as_bytes()) && !has(code.replace('-', "").as_bytes()));
    }
}

#[tokio::test]
async fn what_was_begun_long_ago_is_not_confirmed() {
    let world = World::start().await;
    world.register("naruto").await;
    let (token, _) = world.session("naruto").await;
    let setup = begin(&world, &token, PASSWORD).await;
    let phone = Phone(setup.data()["beginTotp"]["secret"].as_str().unwrap().to_owned());
    world.pass(61 * 60);
    let (token, _) = world.session("naruto").await;
    assert_eq!(confirm(&world, &token, &phone.code(&world)).await.code(), "CONFLICT");
    assert_eq!(is_enabled(&world, &token).await, false);
}

#[tokio::test]
async fn who_has_a_second_factor_logs_in_with_a_code_that_works_once() {
    let mut world = World::start().await;
    let (_, phone, _) = enrolled(&world).await;

    let missing = login(&world, PASSWORD, None).await;
    assert_eq!((missing.code(), field(&missing)), ("TOTP_REQUIRED", "totpCode"));
    assert_eq!(login(&world, PASSWORD, Some(" ")).await.code(), "TOTP_REQUIRED");
    // Only who knows the password learns that there is a second factor.
    assert_eq!(login(&world, "a wild guess", None).await.code(), "UNAUTHENTICATED");
    let guessed = login(&world, "a wild guess", Some(&phone.code(&world))).await;
    assert_eq!((guessed.code(), field(&guessed)), ("UNAUTHENTICATED", ""));
    let other = login(&world, PASSWORD, Some(&wrong(&phone.code(&world)))).await;
    assert_eq!((other.code(), field(&other)), ("UNAUTHENTICATED", "totpCode"));

    let code = phone.code(&world);
    let inside = login(&world, PASSWORD, Some(&code)).await;
    assert_eq!(inside.data()["loginUser"]["user"]["totpEnabled"], true);
    let (_, refresh) = tokens(&inside, "loginUser");
    let again = login(&world, PASSWORD, Some(&code)).await;
    assert_eq!((again.code(), field(&again)), ("UNAUTHENTICATED", "totpCode"));
    world.restart().await;
    assert_eq!(login(&world, PASSWORD, Some(&code)).await.code(), "UNAUTHENTICATED");
    // A session that was opened with it goes on by itself.
    world.refresh(&refresh).await.data();

    // The code before and the code after the present one count, unless one after them was used.
    world.pass(STEP);
    let before = phone.code(&world);
    world.pass(STEP);
    login(&world, PASSWORD, Some(&before)).await.data();
    let present = phone.code(&world);
    login(&world, PASSWORD, Some(&present)).await.data();
    world.pass(2 * STEP);
    let old = phone.code(&world);
    world.pass(2 * STEP);
    assert_eq!(login(&world, PASSWORD, Some(&old)).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn of_many_who_present_one_code_at_once_one_gets_in() {
    let world = World::start().await;
    let (_, phone, recovery) = enrolled(&world).await;
    for code in [phone.code(&world), recovery[0].clone()] {
        let all = join_all((0..4).map(|_| login(&world, PASSWORD, Some(&code)))).await;
        let inside = all.iter().filter(|answer| answer.body.get("errors").is_none()).count();
        assert_eq!(inside, 1, "{code}");
    }
}

#[tokio::test]
async fn a_recovery_code_is_good_once_however_it_is_typed() {
    let world = World::start().await;
    let (_, phone, codes) = enrolled(&world).await;
    login(&world, PASSWORD, Some(&codes[0])).await.data();
    assert_eq!(login(&world, PASSWORD, Some(&codes[0])).await.code(), "UNAUTHENTICATED");
    let typed = codes[1].to_uppercase().replace('-', " ");
    login(&world, PASSWORD, Some(&typed)).await.data();
    login(&world, PASSWORD, Some(&phone.code(&world))).await.data();
    // Somebody else's is none.
    world.register("sasuke").await;
    let (token, _) = world.session("sasuke").await;
    let setup = begin(&world, &token, PASSWORD).await;
    let other = Phone(setup.data()["beginTotp"]["secret"].as_str().unwrap().to_owned());
    confirm(&world, &token, &other.code(&world)).await.data();
    let variables = json!({"e": "sasuke@gmail.com", "p": PASSWORD, "code": codes[2]});
    assert_eq!(world.ask(None, LOGIN, variables).await.code(), "UNAUTHENTICATED");
    login(&world, PASSWORD, Some(&codes[2])).await.data();
}

#[tokio::test]
async fn wrong_codes_have_to_wait_and_the_password_does_not_end_it() {
    let world = World::start().await;
    let (token, phone, recovery) = enrolled(&world).await;
    for _ in 0..5 {
        let guess = wrong(&phone.code(&world));
        assert_eq!(login(&world, PASSWORD, Some(&guess)).await.code(), "UNAUTHENTICATED");
    }
    let right = login(&world, PASSWORD, Some(&phone.code(&world))).await;
    assert_eq!((right.code(), right.retry_after()), ("RATE_LIMITED", 60));
    assert_eq!(login(&world, PASSWORD, Some(&recovery[0])).await.code(), "RATE_LIMITED");
    let end = json!({"p": PASSWORD, "code": phone.code(&world)});
    assert_eq!(world.ask(Some(&token), DISABLE, end).await.code(), "RATE_LIMITED");
    let confirmed = "mutation ($p: String!) { confirmIdentity(password: $p) }";
    world.ask(Some(&token), confirmed, json!({"p": PASSWORD})).await.data();
    assert_eq!(
        login(&world, PASSWORD, Some(&phone.code(&world))).await.code(),
        "RATE_LIMITED"
    );
    // Somebody who only knows the e-mail keeps nobody waiting for codes.
    world.pass(60);
    login(&world, PASSWORD, Some(&phone.code(&world))).await.data();
    world.pass(STEP);
    login(&world, PASSWORD, Some(&phone.code(&world))).await.data();

    // What cannot be a code is a slip of the finger and no guess.
    for _ in 0..10 {
        assert_eq!(login(&world, PASSWORD, Some("12345")).await.code(), "UNAUTHENTICATED");
    }
    world.pass(STEP);
    login(&world, PASSWORD, Some(&phone.code(&world))).await.data();
}

#[tokio::test]
async fn a_second_factor_ends_with_password_and_code() {
    let world = World::start().await;
    let (token, phone, codes) = enrolled(&world).await;
    let end = |password: &'static str, code: String| {
        let (world, token) = (&world, &token);
        async move {
            world
                .ask(Some(token), DISABLE, json!({"p": password, "code": code}))
                .await
        }
    };
    let guessed = end("a wild guess", phone.code(&world)).await;
    assert_eq!((guessed.code(), field(&guessed)), ("BAD_USER_INPUT", "currentPassword"));
    let other = end(PASSWORD, wrong(&phone.code(&world))).await;
    assert_eq!((other.code(), field(&other)), ("BAD_USER_INPUT", "code"));
    assert_eq!(is_enabled(&world, &token).await, true);
    end(PASSWORD, codes[3].clone()).await.data();
    assert_eq!(is_enabled(&world, &token).await, false);
    login(&world, PASSWORD, None).await.data();
    assert_eq!(end(PASSWORD, codes[4].clone()).await.code(), "CONFLICT");
}

#[tokio::test]
async fn an_admin_ends_the_second_factor_of_who_has_lost_it() {
    let mut world = World::start().await;
    let (token, _, codes) = enrolled(&world).await;
    let (_, refresh) = tokens(&login(&world, PASSWORD, Some(&codes[0])).await, "loginUser");
    let id = world.profile(&token).await.data()["myProfile"]["user_id"].clone();
    let admin = world.admin_token().await;
    let reset = |token: &str, id: &Value, reason: &'static str| {
        let (world, token, variables) = (&world, token.to_owned(), json!({"id": id, "reason": reason}));
        async move { world.ask(Some(&token), RESET, variables).await }
    };
    assert_eq!(reset(&token, &id, "mine").await.code(), "FORBIDDEN");
    assert_eq!(reset(&admin, &id, "  ").await.code(), "BAD_USER_INPUT");
    let own = world.profile(&admin).await.data()["myProfile"]["user_id"].clone();
    assert_eq!(reset(&admin, &own, "lost").await.code(), "FORBIDDEN");
    assert_eq!(reset(&admin, &json!("nobody"), "lost").await.code(), "NOT_FOUND");

    let done = reset(&admin, &id, "lost their phone, seen in person").await;
    assert_eq!(done.data()["resetTotp"]["totpEnabled"], false);
    assert_eq!(world.refresh(&refresh).await.code(), "UNAUTHENTICATED");
    login(&world, PASSWORD, None).await.data();
    // Once more changes nothing and notes nothing.
    reset(&admin, &id, "again").await.data();
    let noted = "query ($id: String!) { authActions(object: $id) { actor action object reason } }";
    let noted = world.ask(Some(&admin), noted, json!({"id": id})).await;
    let expect =
        json!([{"actor": own, "action": "resetTotp", "object": id, "reason": "lost their phone, seen in person"}]);
    assert_eq!(noted.data()["authActions"], expect);

    // And the one admin who has lost theirs has the file.
    let setup = begin(&world, &admin, ADMIN_PASSWORD).await;
    let phone = Phone(setup.data()["beginTotp"]["secret"].as_str().unwrap().to_owned());
    confirm(&world, &admin, &phone.code(&world)).await.data();
    let email = world.auth().admin().email;
    world.down().await;
    let by_hand = |email: String| {
        let database = world.database();
        async move { auth::reset_totp_in(&database, &email).await.unwrap() }
    };
    assert_eq!(by_hand("nobody@x.id".to_owned()).await, None);
    assert_eq!(by_hand(email.to_uppercase()).await, Some(true));
    assert_eq!(by_hand(email).await, Some(false));
    world.up().await.unwrap();
    world.admin_token().await;
}
