//! PIN or password before much money moves.

use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{Browser, SESSION, WALLET, World, profile, session, wallet};

fn checkout() -> String {
    format!("/checkout/{SESSION}")
}

/// A bill just above the limit, and a buyer who can pay it.
async fn large(has_pin: bool) -> (World, Browser) {
    let world = World::new();
    world.data("checkoutSession", session(&json!({ "amount": 1_000_000.01 })));
    world.data("myWallets", json!([wallet(WALLET, 2_000_000)]));
    world.data("myProfile", profile(has_pin));
    let browser = world.buyer().await;
    (world, browser)
}

fn asked(world: &World) -> Vec<Value> {
    let calls = world.calls("confirmIdentity");
    calls.into_iter().map(|call| call.variables).collect()
}

#[tokio::test]
async fn a_large_payment_is_not_sent_without_a_confirmation() {
    let (world, mut browser) = large(true).await;
    world.refuse("confirmIdentity", "BAD_USER_INPUT", json!({ "field": "pin" }));
    let page = browser.get(&checkout()).await;
    assert!(page.body.contains("Rp 1.000.000,01"), "{}", page.body);
    let action = format!("{}/pay", checkout());
    let answer = browser.send(&page, &action, &[("wallet", WALLET)]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = browser
        .send(&page, &action, &[("wallet", WALLET), ("pin", "111111")])
        .await;
    assert!(answer.body.contains("PIN salah."), "{}", answer.body);
    assert!(world.calls("payPaymentSession").is_empty());
    world.data("confirmIdentity", json!(true));
    let answer = browser
        .send(&page, &action, &[("wallet", WALLET), ("pin", "280419")])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(world.calls("payPaymentSession").len(), 1);
}

#[tokio::test]
async fn a_typed_pin_counts_and_no_password_field_waits_to_be_filled() {
    let (world, mut browser) = large(true).await;
    world.data("confirmIdentity", json!(false));
    let page = browser.get(&checkout()).await;
    assert!(!page.body.contains("name=\"password\""), "{}", page.body);
    let link = format!("{}?with=password", checkout());
    assert!(page.body.contains(&format!("href=\"{link}\"")), "{}", page.body);
    let action = format!("{}/pay", checkout());
    let both = [("wallet", WALLET), ("pin", "111111"), ("password", "remembered")];
    browser.send(&page, &action, &both).await;
    assert_eq!(asked(&world), [json!({ "pin": "111111" })]);
    let page = browser.get(&link).await;
    assert!(page.body.contains("name=\"password\"") && !page.body.contains("name=\"pin\""));
    let answer = browser
        .send(&page, &action, &[("wallet", WALLET), ("password", "wrong")])
        .await;
    assert!(answer.body.contains("Kata sandi salah."), "{}", answer.body);
    assert!(answer.body.contains("name=\"password\""), "it can be mended");
    assert_eq!(asked(&world)[1], json!({ "password": "wrong" }));
}

#[tokio::test]
async fn whoever_has_no_pin_is_asked_for_the_password() {
    let (_world, mut browser) = large(false).await;
    let page = browser.get(&checkout()).await;
    assert!(page.body.contains("name=\"password\"") && !page.body.contains("name=\"pin\""));
    assert!(!page.body.contains("?with="), "there is no other way");
}
