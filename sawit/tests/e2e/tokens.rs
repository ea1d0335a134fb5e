//! I5: a token counts only with RS256, a known key, our issuer and audience, and in time; every service sees to it by
//! itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use service::token::{Claims, Role};
use testkit::client::Client;
use testkit::provider::RunMode;
use testkit::tokens::{Signer, claims};

use crate::world::World;

/// A token of the same content with parts exchanged.
fn forge(token: &str, header: Option<Value>, change: impl FnOnce(&mut Value), signature: Option<&str>) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let decode =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON") };
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let mut content = decode(parts[1]);
    change(&mut content);
    let header = header.unwrap_or_else(|| decode(parts[0]));
    format!(
        "{}.{}.{}",
        encode(&header),
        encode(&content),
        signature.unwrap_or(parts[2])
    )
}

#[tokio::test]
async fn i5_no_forged_token_is_accepted_by_anybody() {
    let world = World::start(RunMode::Served).await;
    let person = world.person("naruto", 1_000).await;
    let good = person.api.token().expect("a token").to_owned();
    let kid = serde_json::from_slice::<Value>(
        &URL_SAFE_NO_PAD
            .decode(good.split('.').next().expect("a header"))
            .expect("base64"),
    )
    .expect("JSON")["kid"]
        .clone();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let stranger = Signer::stranger(elsewhere.path());
    // A public key is no shared secret.
    let public = std::fs::read(
        world
            .provider
            .keys_dir()
            .join("public")
            .join(format!("{}.pem", kid.as_str().expect("text"))),
    );
    let public = public.expect("the key's file");
    let hs256 = {
        let unsigned = forge(
            &good,
            Some(json!({ "alg": "HS256", "typ": "JWT", "kid": kid })),
            |claims| claims["role"] = json!("Admin"),
            Some(""),
        );
        let unsigned = unsigned.trim_end_matches('.');
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &public);
        let tag = aws_lc_rs::hmac::sign(&key, unsigned.as_bytes());
        format!("{unsigned}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
    };
    let forged = [
        (
            "an admin by own word",
            forge(&good, None, |claims| claims["role"] = json!("Admin"), None),
        ),
        (
            "somebody else",
            forge(
                &good,
                None,
                |claims| claims["sub"] = json!("usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH"),
                None,
            ),
        ),
        (
            "without end",
            forge(&good, None, |claims| claims["exp"] = json!(4_102_444_800_i64), None),
        ),
        (
            "no algorithm",
            forge(&good, Some(json!({ "alg": "none", "kid": kid })), |_| {}, Some("")),
        ),
        (
            "no algorithm, old signature",
            forge(&good, Some(json!({ "alg": "none", "kid": kid })), |_| {}, None),
        ),
        ("the public key as a secret", hs256),
        (
            "another hash",
            forge(
                &good,
                Some(json!({ "alg": "RS512", "typ": "JWT", "kid": kid })),
                |_| {},
                None,
            ),
        ),
        ("an unknown key", stranger.user(&person.user_id, Role::Nasabah)),
        ("an unknown key, an admin", stranger.user("usr_admin", Role::Admin)),
        ("an unknown key, a service", stranger.service("transactions")),
        (
            "a key by path",
            forge(
                &good,
                Some(json!({ "alg": "RS256", "typ": "JWT", "kid": "../private/key" })),
                |_| {},
                None,
            ),
        ),
        (
            "no key named",
            forge(&good, Some(json!({ "alg": "RS256", "typ": "JWT" })), |_| {}, None),
        ),
        (
            "an embedded key",
            forge(
                &good,
                Some(json!({ "alg": "RS256", "kid": "mine", "jwk": { "kty": "RSA", "n": "AQAB", "e": "AQAB" } })),
                |_| {},
                None,
            ),
        ),
        ("cut off", good[..good.len() - 1].to_owned()),
        ("two of three parts", good.rsplit_once('.').expect("dots").0.to_owned()),
        ("nonsense", "nonsense".to_owned()),
        ("dots", "...".to_owned()),
        ("10,000 characters", "a".repeat(10_000)),
        (
            "huge with dots",
            format!("{}.{}.{}", "a".repeat(3_000), "b".repeat(3_000), "c".repeat(2_000)),
        ),
    ];
    let fields = [
        ("auth", "query { myProfile { username } }"),
        ("wallet", "query { myWallets { walletId } }"),
        ("transactions", "query { myTransactions { status } }"),
        ("fraud", "query { getFraudLogs { logId } }"),
        ("history", "query { myHistory { status } }"),
    ];
    for (what, token) in &forged {
        for (service, document) in fields {
            for base in [service, "gateway"] {
                let api = Client::new(format!("{}/graphql", world.provider.base_url(base))).with_token(token);
                let answer = api.send(document, json!({})).await;
                assert_eq!(
                    answer.code(),
                    "UNAUTHENTICATED",
                    "{what} at {base} for {service}: {:#}",
                    answer.body
                );
            }
        }
        let input = json!({ "id": person.wallet_id });
        let topup = "mutation($id: String!) { topupWallet(walletId: $id, amount: 1000000) { balance } }";
        assert_eq!(
            world.gateway().with_token(token).send(topup, input).await.code(),
            "UNAUTHENTICATED",
            "{what}"
        );
    }
    assert_eq!(person.balance().await, 1_000);
    world.close().await;
}

#[tokio::test]
async fn i5_a_key_of_ours_does_not_make_other_audiences_issuers_or_past_ends_good() {
    let world = World::start(RunMode::Up).await;
    // A key that the operator put among the public ones: it is known, so that only the rest of the token decides.
    let signer = Signer::new(world.provider.keys_dir());
    let good = claims("usr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", Role::Nasabah);
    let ask = async |claims: Claims| {
        let api = world.gateway().with_token(signer.sign(&claims));
        api.send("query { myWallets { walletId } }", json!({}))
            .await
            .code()
            .to_owned()
    };
    testkit::wait::eventually("the new key is noticed", async || {
        (ask(good.clone()).await == "OK").then_some(())
    })
    .await;
    for bad in [
        Claims {
            aud: "somebody-else".into(),
            ..good.clone()
        },
        Claims {
            iss: "https://elsewhere.example".into(),
            ..good.clone()
        },
        Claims {
            exp: 1_767_225_600,
            ..good.clone()
        },
        Claims { exp: 0, ..good.clone() },
    ] {
        assert_eq!(ask(bad.clone()).await, "UNAUTHENTICATED", "{bad:?}");
    }
    world.close().await;
}

#[tokio::test]
async fn i5_internal_operations_are_for_services_alone() {
    let world = World::start(RunMode::Served).await;
    let (person, admin) = (world.person("naruto", 1_000).await, world.provider.admin().await);
    let posting = |account: &str, amount: i64| json!({ "accountId": account, "amountMinor": amount });
    let steal = json!({ "inputs": [{ "transferId": "xfr_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", "kind": "TRANSFER", "currency": "IDR",
        "postings": [posting("bank_clearing:IDR", -100_000), posting(&person.wallet_id, 100_000)] }] });
    let operations = [
        (
            "wallet",
            "mutation($inputs: [TransferInput!]!) { postTransfers(inputs: $inputs) { posted } }",
            steal,
        ),
        (
            "fraud",
            "mutation { checkTransactions(inputs: []) { status } }",
            json!({}),
        ),
        ("history", "mutation { appendEntries(inputs: []) }", json!({})),
    ];
    for (service, document, variables) in operations {
        let url = format!("{}/internal/graphql", world.provider.base_url(service));
        for (token, expect) in [
            (None, "UNAUTHENTICATED"),
            (person.api.token(), "FORBIDDEN"),
            (admin.token(), "FORBIDDEN"),
        ] {
            let mut api = Client::new(&url);
            if let Some(token) = token {
                api = api.with_token(token);
            }
            let answer = api.send(document, variables.clone()).await;
            assert_eq!(answer.code(), expect, "{service}: {:#}", answer.body);
        }
    }
    let wrong = "mutation { issueServiceToken(clientId: \"wallet\", clientSecret: \"wrong\") { token } }";
    let auth = Client::new(format!("{}/internal/graphql", world.provider.base_url("auth")));
    assert_eq!(auth.send(wrong, json!({})).await.code(), "UNAUTHENTICATED");
    // And the gateway does not lead there.
    let gateway = Client::new(format!("{}/internal/graphql", world.provider.base_url("gateway")));
    assert_eq!(gateway.send(wrong, json!({})).await.status.as_u16(), 404);
    assert_eq!(
        world.gateway().send(wrong, json!({})).await.code(),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(person.balance().await, 1_000);
    world.close().await;
}
