//! Keys are rotated while the provider runs: nobody is signed out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use testkit::person::PASSWORD;
use testkit::provider::RunMode;
use testkit::wait::eventually;

use crate::world::World;

fn kid(token: &str) -> String {
    let header = URL_SAFE_NO_PAD
        .decode(token.split('.').next().expect("a header"))
        .expect("base64");
    let header: Value = serde_json::from_slice(&header).expect("JSON");
    assert_eq!(header["alg"], "RS256");
    header["kid"].as_str().expect("a kid").to_owned()
}

async fn kids(world: &World, base_url: &str) -> Vec<String> {
    let url = format!("{base_url}/.well-known/jwks.json");
    let keys: Value = world
        .gateway()
        .http()
        .get(url)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let keys = keys["keys"].as_array().expect("a list of keys").clone();
    for key in &keys {
        assert_eq!((&key["kty"], &key["alg"]), (&json!("RSA"), &json!("RS256")));
        assert!(key.get("d").is_none(), "a private key is shown to the world");
    }
    let mut kids: Vec<String> = keys
        .iter()
        .map(|key| key["kid"].as_str().expect("a kid").to_owned())
        .collect();
    kids.sort();
    kids
}

async fn rotation(mode: RunMode) {
    let world = World::start(mode).await;
    let person = world.person("naruto", 10_000).await;
    let old_token = person.api.token().expect("a person has a token").to_owned();
    let rotated = world.provider.run(&["keys", "rotate"]).await;
    assert!(rotated.status.success(), "{}", String::from_utf8_lossy(&rotated.stderr));

    let login = "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";
    let variables = json!({ "email": person.email, "password": PASSWORD });
    let new_token = eventually("tokens are signed by the new key", async || {
        let answer = world.gateway().send(login, variables.clone()).await;
        let token = answer.data()["loginUser"]["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        (kid(&token) != kid(&old_token)).then_some(token)
    })
    .await;
    // Every service checks both by itself.
    let document =
        "query { myProfile { username } myWallets { balance } myTransactions { status } myHistory { status } }";
    for token in [&old_token, &new_token] {
        eventually("every service accepts both tokens", async || {
            let answer = world.gateway().with_token(token).send(document, json!({})).await;
            (answer.code() == "OK").then_some(())
        })
        .await;
    }
    let mut expected = vec![kid(&old_token), kid(&new_token)];
    expected.sort();
    assert_eq!(kids(&world, &world.provider.base_url("auth")).await, expected);
    let gateway = world.provider.base_url("gateway");
    eventually("the gateway shows both keys", async || {
        (kids(&world, &gateway).await == expected).then_some(())
    })
    .await;
    let shown = world.provider.run(&["keys", "show"]).await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(&format!("{}  signs", kid(&new_token))), "{shown}");
    assert!(!shown.contains("PRIVATE"), "{shown}");
    world.close().await;
}

#[tokio::test]
async fn i5_rotated_keys_leave_old_tokens_valid_with_everything_in_one_process() {
    rotation(RunMode::Up).await;
}

#[tokio::test]
async fn i5_rotated_keys_leave_old_tokens_valid_with_six_processes() {
    rotation(RunMode::Served).await;
}
