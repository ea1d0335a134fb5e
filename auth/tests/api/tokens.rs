use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use service::token::{Claims, Role, TokenError};

use crate::world::World;

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn private_pem(world: &World) -> (String, Vec<u8>) {
    let report = auth::keys::show(&world.settings.keys_dir).unwrap();
    let kid = report.keys.into_iter().find(|key| key.signs).unwrap().kid;
    let path = world.settings.keys_dir.join(format!("private/{kid}.pem"));
    (kid, std::fs::read(path).unwrap())
}

#[tokio::test]
async fn an_access_token_says_what_others_rely_on() {
    let world = World::start().await;
    let user_id = world.register("naruto").await;
    world.pass(100);
    let (access, _) = world.session("naruto").await;
    let header = part(&access, 0);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
    assert_eq!(header["kid"], private_pem(&world).0);
    let claims = world.verifier().verify(&access).unwrap();
    let now = world.clock.now();
    assert_eq!(claims.sub, user_id);
    assert_eq!(claims.role, Role::Nasabah);
    assert_eq!((claims.iat, claims.exp), (now.seconds(), now.seconds() + 900));
    assert_eq!(
        claims.account_created_at,
        Some(now.before(Duration::from_secs(100)).micros())
    );
    assert!(claims.sid.as_ref().unwrap().starts_with("ses_"));
    assert!(!claims.jti.is_empty());
    world.pass(899);
    assert!(world.verifier().verify(&access).is_ok());
    world.pass(1);
    assert_eq!(world.verifier().verify(&access).unwrap_err(), TokenError::Expired);
    assert_eq!(world.profile(&access).await.code(), "UNAUTHENTICATED");
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let world = World::start().await;
    world.register("naruto").await;
    let (access, _) = world.session("naruto").await;
    let good = Claims::clone(&world.verifier().verify(&access).unwrap());
    let (kid, pem) = private_pem(&world);
    let public = std::fs::read(world.settings.keys_dir.join(format!("public/{kid}.pem"))).unwrap();
    let encode = |algorithm: Algorithm, kid: &str, claims: &Claims, key: &EncodingKey| {
        let mut header = Header::new(algorithm);
        header.kid = Some(kid.to_owned());
        jsonwebtoken::encode(&header, claims, key).unwrap()
    };
    let ours = EncodingKey::from_rsa_pem(&pem).unwrap();
    let unsigned = |header: Value| {
        let payload = access.split('.').nth(1).unwrap();
        format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header.to_string()))
    };
    let mut admin_payload = part(&access, 1);
    admin_payload["role"] = json!("Admin");
    let parts: Vec<&str> = access.split('.').collect();
    let tampered = format!(
        "{}.{}.{}",
        parts[0],
        URL_SAFE_NO_PAD.encode(admin_payload.to_string()),
        parts[2]
    );
    let with = |change: fn(&mut Claims)| {
        let mut claims = good.clone();
        change(&mut claims);
        encode(Algorithm::RS256, &kid, &claims, &ours)
    };
    let stranger = tempfile::tempdir().unwrap();
    auth::keys::generate_if_missing(stranger.path()).unwrap();
    let stranger_kid = auth::keys::show(stranger.path()).unwrap().keys.remove(0).kid;
    let stranger_pem = std::fs::read(stranger.path().join(format!("private/{stranger_kid}.pem"))).unwrap();
    let stranger_key = EncodingKey::from_rsa_pem(&stranger_pem).unwrap();

    // The control: made the same way, and good.
    assert!(world.verifier().verify(&with(|_| {})).is_ok());
    for (name, token) in [
        ("alg none", unsigned(json!({"alg": "none", "typ": "JWT", "kid": kid}))),
        (
            "HS256 with the public key",
            encode(Algorithm::HS256, &kid, &good, &EncodingKey::from_secret(&public)),
        ),
        ("RS512", encode(Algorithm::RS512, &kid, &good, &ours)),
        ("no signature", unsigned(part(&access, 0))),
        ("tampered payload", tampered),
        ("other issuer", with(|claims| claims.iss = "somebody".into())),
        ("other audience", with(|claims| claims.aud = "somebody".into())),
        ("expired", with(|claims| claims.exp = claims.iat)),
        (
            "unknown kid",
            encode(Algorithm::RS256, "20200101T000000Z-00000000", &good, &ours),
        ),
        (
            "kid that is a path",
            encode(Algorithm::RS256, "../private/x", &good, &ours),
        ),
        (
            "somebody else's key",
            encode(Algorithm::RS256, &stranger_kid, &good, &stranger_key),
        ),
        (
            "somebody else's key under our kid",
            encode(Algorithm::RS256, &kid, &good, &stranger_key),
        ),
        ("rubbish", "a.b.c".to_owned()),
        ("huge", "x".repeat(10_000)),
    ] {
        assert!(world.verifier().verify(&token).is_err(), "{name}");
        assert_eq!(world.profile(&token).await.code(), "UNAUTHENTICATED", "{name}");
    }
}

#[tokio::test]
async fn a_rotation_is_noticed_and_old_tokens_stay_valid() {
    let world = World::start().await;
    world.register("naruto").await;
    let (old, _) = world.session("naruto").await;
    world.profile(&old).await.data();
    let rotated = auth::keys::rotate(&world.settings.keys_dir).unwrap();
    // Auth looks at its folder about once a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let (new, _) = world.session("naruto").await;
    assert_eq!(part(&new, 0)["kid"], rotated.kid);
    assert_ne!(part(&old, 0)["kid"], rotated.kid);
    world.profile(&new).await.data();
    world.profile(&old).await.data();
    assert!(
        world.verifier().verify(&old).is_ok(),
        "also for who starts after the rotation"
    );
}

#[tokio::test]
async fn the_jwks_lists_every_public_key() {
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let world = World::start().await;
    auth::keys::rotate(&world.settings.keys_dir).unwrap();
    let request = Request::get("/.well-known/jwks.json").body(Body::empty()).unwrap();
    let response = world.auth().router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let set: Value = serde_json::from_slice(&body).unwrap();
    let keys = set["keys"].as_array().unwrap();
    let kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    let report = auth::keys::show(&world.settings.keys_dir).unwrap();
    assert_eq!(kids, report.keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>());
    assert_eq!(kids.len(), 2);
    for key in keys {
        assert_eq!(
            (&key["kty"], &key["alg"], &key["use"]),
            (&json!("RSA"), &json!("RS256"), &json!("sig"))
        );
        let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        assert_eq!((modulus.len(), &key["e"]), (256, &json!("AQAB")));
        assert!(key.get("d").is_none());
    }
}
