//! Which tokens are taken, and above all which are not (I5).

mod common;

use std::time::{Duration, Instant};

use aws_lc_rs::signature::{RSA_PKCS1_SHA512, RSA_PSS_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::{Key, NOW, claims, claims_with, unsigned};
use serde_json::{Value, json};
use service::token::{PublicKeys, Role, TokenError, TokenVerifier, jwks};
use service::{Clock, Timestamp};
use tempfile::TempDir;

struct World {
    folder: TempDir,
    clock: Clock,
    verifier: TokenVerifier,
    key: Key,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::generate("2026-11-21T080000Z-a");
        key.publish(folder.path());
        let clock = Clock::manual(Timestamp::from_micros(NOW * 1_000_000));
        let verifier = TokenVerifier::new(PublicKeys::in_keys_dir(folder.path()), clock.clone());
        Self {
            folder,
            clock,
            verifier,
            key,
        }
    }

    fn outcome(&self, token: &str) -> Result<Role, TokenError> {
        self.verifier.verify(token).map(|claims| claims.role)
    }
}

#[test]
fn good_tokens_are_taken() {
    let world = World::new();
    for (name, role) in [
        ("Nasabah", Role::Nasabah),
        ("Admin", Role::Admin),
        ("Service", Role::Service),
    ] {
        let token = world.key.sign(&world.key.header(), &claims(name));
        assert_eq!(world.outcome(&token), Ok(role));
        assert_eq!(world.outcome(&token), Ok(role), "remembered");
    }
    let more = claims_with("sid", json!("ses_1"));
    let token = world.key.sign(&world.key.header(), &more);
    assert_eq!(world.verifier.verify(&token).unwrap().sid.as_deref(), Some("ses_1"));
}

#[test]
fn tokens_signed_any_other_way_are_refused() {
    let world = World::new();
    let (key, good) = (&world.key, claims("Admin"));
    let header = |alg: &str| json!({ "alg": alg, "typ": "JWT", "kid": key.kid });
    let stranger = Key::generate(&key.kid);
    let unknown = Key::generate("2026-11-21T080000Z-b");
    let hs256 = |secret: &[u8]| {
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, &good, &jsonwebtoken::EncodingKey::from_secret(secret)).unwrap()
    };
    let pem = key.public_pem();
    let signed = key.sign(&key.header(), &good);
    let parts: Vec<&str> = signed.split('.').collect();
    let other_claims = URL_SAFE_NO_PAD.encode(claims_with("sub", json!("usr_2")).to_string());
    for (what, token) in [
        ("alg none", format!("{}.", unsigned(&header("none"), &good))),
        ("alg None", format!("{}.", unsigned(&header("None"), &good))),
        ("alg none, signed", key.sign(&header("none"), &good)),
        ("no signature", format!("{}.", unsigned(&key.header(), &good))),
        ("two parts", unsigned(&key.header(), &good)),
        ("HS256 by the public key", hs256(pem.as_bytes())),
        ("HS256 by the trimmed public key", hs256(pem.trim().as_bytes())),
        ("HS256 by nothing", hs256(b"")),
        ("RS512", key.sign_with(&RSA_PKCS1_SHA512, &header("RS512"), &good)),
        ("PS256", key.sign_with(&RSA_PSS_SHA256, &header("PS256"), &good)),
        (
            "RS512 that calls itself RS256",
            key.sign_with(&RSA_PKCS1_SHA512, &key.header(), &good),
        ),
        ("RS256 that calls itself ES256", key.sign(&header("ES256"), &good)),
        ("another key of the same name", stranger.sign(&key.header(), &good)),
        ("an unknown key", unknown.sign(&unknown.header(), &good)),
        ("no kid", key.sign(&json!({ "alg": "RS256", "typ": "JWT" }), &good)),
        ("no alg", key.sign(&json!({ "kid": key.kid }), &good)),
        (
            "kid as a path",
            key.sign(
                &json!({ "alg": "RS256", "kid": format!("../public/{}", key.kid) }),
                &good,
            ),
        ),
        ("empty kid", key.sign(&json!({ "alg": "RS256", "kid": "" }), &good)),
        (
            "a key of its own",
            unknown.sign(
                &json!({ "alg": "RS256", "jwk": { "kty": "RSA", "n": "AQAB", "e": "AQAB" } }),
                &good,
            ),
        ),
        ("other claims", format!("{}.{}.{}", parts[0], other_claims, parts[2])),
        ("a cut signature", signed[..signed.len() - 2].to_owned()),
        ("four parts", format!("{signed}.{}", parts[2])),
        ("a space", format!(" {signed}")),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("no base64", "!.!.!".to_owned()),
    ] {
        assert_eq!(world.outcome(&token), Err(TokenError::Invalid), "{what}");
    }
    assert_eq!(world.outcome(&signed), Ok(Role::Admin));
}

#[test]
fn tokens_that_say_the_wrong_things_are_refused() {
    let world = World::new();
    for (name, value) in [
        ("iss", json!("other")),
        ("iss", json!(["other"])),
        ("iss", Value::Null),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("exp", Value::Null),
        ("exp", json!("never")),
        ("sub", Value::Null),
        ("sub", json!(5)),
        ("role", Value::Null),
        ("role", json!("admin")),
        ("role", json!("Root")),
        ("jti", Value::Null),
        ("iat", Value::Null),
    ] {
        let token = world.key.sign(&world.key.header(), &claims_with(name, value.clone()));
        assert_eq!(world.outcome(&token), Err(TokenError::Invalid), "{name}: {value}");
    }
    let token = world.key.sign(&world.key.header(), &json!("a string"));
    assert_eq!(world.outcome(&token), Err(TokenError::Invalid));
}

#[test]
fn a_token_ends_at_its_second_remembered_or_not() {
    let world = World::new();
    let lasting = |seconds: i64| {
        world
            .key
            .sign(&world.key.header(), &claims_with("exp", json!(NOW + seconds)))
    };
    assert_eq!(world.outcome(&lasting(0)), Err(TokenError::Expired));
    assert_eq!(world.outcome(&lasting(-1_000_000)), Err(TokenError::Expired));
    assert!(world.outcome(&lasting(i64::MIN + NOW)).is_err());
    let token = lasting(60);
    assert_eq!(world.outcome(&token), Ok(Role::Nasabah));
    world.clock.advance(Duration::from_secs(59));
    assert_eq!(world.outcome(&token), Ok(Role::Nasabah));
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.outcome(&token), Err(TokenError::Expired));
    assert_eq!(world.outcome(&lasting(60)), Err(TokenError::Expired));
    assert_eq!(world.outcome(&lasting(61)), Ok(Role::Nasabah));
}

#[test]
fn a_token_that_is_too_long_is_not_even_looked_at() {
    let world = World::new();
    let padded = |length: usize| {
        world
            .key
            .sign(&world.key.header(), &claims_with("padding", json!("x".repeat(length))))
    };
    assert_eq!(world.outcome(&padded(1_000)), Ok(Role::Nasabah));
    assert_eq!(world.outcome(&padded(4_000)), Err(TokenError::Invalid));
    assert_eq!(world.outcome(&"x".repeat(10_000_000)), Err(TokenError::Invalid));
}

/// Until the verifier looks at its folder again.
fn eventually(world: &World, token: &str, expect: Result<Role, TokenError>) {
    let (started, mut waited) = (Instant::now(), Duration::ZERO);
    while world.outcome(token) != expect {
        assert!(waited < Duration::from_secs(5), "{:?}", world.outcome(token));
        std::thread::park_timeout(Duration::from_millis(20));
        waited = started.elapsed();
    }
}

#[test]
fn a_new_key_is_known_at_its_first_use_whatever_else_is_asked_for() {
    let world = World::new();
    let made_up = Key::generate("made-up");
    for n in 0..20 {
        let mut header = made_up.header();
        header["kid"] = json!(format!("made-up-{n}"));
        assert_eq!(
            world.outcome(&made_up.sign(&header, &claims("Admin"))),
            Err(TokenError::Invalid)
        );
        if n % 10 == 9 {
            let next = Key::generate(&format!("2026-11-22T080000Z-{n}"));
            next.publish(world.folder.path());
            assert_eq!(
                world.outcome(&next.sign(&next.header(), &claims("Admin"))),
                Ok(Role::Admin)
            );
        }
    }
}

#[test]
fn what_a_deleted_key_signed_is_refused_soon_remembered_or_not() {
    let world = World::new();
    let token = |id: &str| world.key.sign(&world.key.header(), &claims_with("jti", json!(id)));
    let next = Key::generate("2026-11-22T080000Z-b");
    next.publish(world.folder.path());
    let other = next.sign(&next.header(), &claims("Admin"));
    assert_eq!(world.outcome(&token("1")), Ok(Role::Nasabah));
    assert_eq!(world.outcome(&other), Ok(Role::Admin));
    let file = world.folder.path().join(format!("public/{}.pem", world.key.kid));
    std::fs::remove_file(&file).unwrap();
    eventually(&world, &token("1"), Err(TokenError::Invalid));
    assert_eq!(world.outcome(&token("2")), Err(TokenError::Invalid));
    assert_eq!(world.outcome(&other), Ok(Role::Admin));

    // Another key under the old name is another key.
    let mut impostor = Key::generate("2026-11-21T080000Z-a");
    impostor.kid.clone_from(&world.key.kid);
    impostor.publish(world.folder.path());
    eventually(
        &world,
        &impostor.sign(&impostor.header(), &claims("Admin")),
        Ok(Role::Admin),
    );
    assert_eq!(world.outcome(&token("1")), Err(TokenError::Invalid));
}

#[test]
fn after_a_rotation_new_and_old_tokens_are_taken_until_the_old_key_goes() {
    let world = World::new();
    let old = |id: &str| world.key.sign(&world.key.header(), &claims_with("jti", json!(id)));
    assert_eq!(world.outcome(&old("1")), Ok(Role::Nasabah));
    let next = Key::generate("2026-11-22T080000Z-b");
    next.publish(world.folder.path());
    assert_eq!(
        world.outcome(&next.sign(&next.header(), &claims("Admin"))),
        Ok(Role::Admin)
    );
    assert_eq!(world.outcome(&old("2")), Ok(Role::Nasabah));

    std::fs::remove_file(world.folder.path().join(format!("public/{}.pem", world.key.kid))).unwrap();
    eventually(&world, &old("3"), Err(TokenError::Invalid));
}

#[test]
fn a_folder_that_is_gone_or_full_of_rubbish_takes_no_known_key_away() {
    let world = World::new();
    let token = |id: &str| world.key.sign(&world.key.header(), &claims_with("jti", json!(id)));
    assert_eq!(world.outcome(&token("1")), Ok(Role::Nasabah));
    let public = world.folder.path().join("public");
    std::fs::write(
        public.join("broken.pem"),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    )
    .unwrap();
    std::fs::write(public.join("empty.pem"), "").unwrap();
    std::fs::write(public.join("README"), "not a key").unwrap();
    let next = Key::generate("2026-11-22T080000Z-b");
    next.publish(world.folder.path());
    eventually(&world, &next.sign(&next.header(), &claims("Admin")), Ok(Role::Admin));
    assert_eq!(world.outcome(&token("2")), Ok(Role::Nasabah));
    std::fs::remove_dir_all(&public).unwrap();
    let unknown = Key::generate("unknown");
    for _ in 0..3 {
        assert_eq!(
            world.outcome(&unknown.sign(&unknown.header(), &claims("Admin"))),
            Err(TokenError::Invalid)
        );
    }
    assert_eq!(world.outcome(&token("3")), Ok(Role::Nasabah));
}

#[test]
fn the_key_set_names_every_key_and_nothing_else() {
    let world = World::new();
    let next = Key::generate("2026-11-22T080000Z-b");
    next.publish(world.folder.path());
    std::fs::write(
        world.folder.path().join("public/broken.pem"),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n",
    )
    .unwrap();
    let set = jwks(&PublicKeys::in_keys_dir(world.folder.path()).read().unwrap());
    let keys = set["keys"].as_array().unwrap();
    let kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    assert_eq!(kids, [world.key.kid.as_str(), "2026-11-22T080000Z-b"]);
    for key in keys {
        assert_eq!(
            (&key["kty"], &key["alg"], &key["use"], &key["e"]),
            (&json!("RSA"), &json!("RS256"), &json!("sig"), &json!("AQAB"))
        );
        assert_eq!(URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap().len(), 256);
    }
    // Somebody else's library verifies with what the set says.
    let token = next.sign(&next.header(), &claims("Admin"));
    let text = |name: &str| keys[1][name].as_str().unwrap().to_owned();
    let decoding = jsonwebtoken::DecodingKey::from_rsa_components(&text("n"), &text("e")).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&["sawit"]);
    rules.validate_exp = false;
    jsonwebtoken::decode::<Value>(&token, &decoding, &rules).unwrap();
}
