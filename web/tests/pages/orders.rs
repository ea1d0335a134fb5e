//! Transfers and top-ups: what is sent once, and what becomes of an answer that did not come.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{Browser, PAYMENT, Page, SESSION, WALLET, World, profile, session, wallet};

const CONFIRM: &str = "/app/transfer/confirm";
const AGAIN: (&str, &str) = ("Periksa dan coba lagi dengan aman", "Check and try again safely");

async fn sender() -> (World, Browser) {
    let world = World::new();
    let recipient = json!({ "userId": "usr_2", "username": "sasuke", "fullname": "Sasuke Uchiha" });
    world.data("recipient", recipient);
    world.data(
        "receivingWallet",
        json!({ "walletId": "wal_01M7YA8DWM618HY59GXD4SY2PT" }),
    );
    world.data("myProfile", profile(true));
    world.data("createTransaction", crate::world::payment("SUCCESS"));
    world.data("myWallets", json!([wallet(WALLET, 5_000_000)]));
    let browser = world.buyer().await;
    (world, browser)
}

async fn checked(browser: &mut Browser, amount: &str) -> Page {
    let page = browser.get("/app/transfer").await;
    let fields = [
        ("login", "sasuke"),
        ("amount", amount),
        ("wallet", WALLET),
        ("note", "ramen"),
    ];
    browser.send(&page, "/app/transfer", &fields).await
}

fn inputs(world: &World) -> Vec<Value> {
    let calls = world.calls("createTransaction");
    calls.iter().map(|call| call.variables["input"].clone()).collect()
}

/// The page offers the same order and the history, and no way to a fresh one.
#[track_caller]
fn assert_unknown(page: &Page, lang: &str) {
    let (title, again) = match lang {
        "id" => ("Hasilnya belum diketahui", AGAIN.0),
        _ => ("The outcome is not known yet", AGAIN.1),
    };
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    for part in [title, again, "href=\"/app/history\"", "back=%2Fapp%2Fhistory\""] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    for way in ["href=\"/app/transfer", "href=\"/app/topup", "href=\"/checkout"] {
        assert!(!page.body.contains(way), "{way}: {}", page.body);
    }
}

#[tokio::test]
async fn a_transfer_without_an_answer_is_sent_again_as_the_same_order() {
    let (world, mut browser) = sender().await;
    let page = checked(&mut browser, "50.000").await;
    assert!(page.body.contains("Sasuke Uchiha") && page.body.contains("Kirim Rp 50.000"));
    world.down("createTransaction");
    let mut page = browser.send(&page, CONFIRM, &[]).await;
    assert_unknown(&page, "id");
    browser.get("/lang?to=en").await;
    // Whatever the second answer is, the first may have been a yes.
    for code in ["SERVICE_UNAVAILABLE", "CONFLICT", "FORBIDDEN", "RATE_LIMITED"] {
        world.refuse("createTransaction", code, json!({}));
        page = browser.send(&page, CONFIRM, &[]).await;
        assert_unknown(&page, "en");
    }
    // Longer than a form is good for.
    world.data("refreshSession", crate::world::login("access-2", "refresh-2"));
    world.clock.advance(Duration::from_secs(60 * 60));
    world.data("createTransaction", crate::world::payment("SUCCESS"));
    let answer = browser.send(&page, CONFIRM, &[]).await;
    assert_eq!(answer.location(), format!("/app/done?payment={PAYMENT}"));
    let inputs = inputs(&world);
    assert_eq!(inputs.len(), 6);
    assert!(inputs.iter().all(|input| input == &inputs[0]), "{inputs:?}");
}

#[tokio::test]
async fn an_old_order_leads_to_the_history_and_not_to_a_new_one() {
    let (world, mut browser) = sender().await;
    world.data("refreshSession", crate::world::login("access-2", "refresh-2"));
    let page = checked(&mut browser, "50.000").await;
    world.clock.advance(Duration::from_secs(16 * 60));
    let answer = browser.send(&page, CONFIRM, &[]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("href=\"/app/history\""), "{}", answer.body);
    assert!(!answer.body.contains("href=\"/app/transfer"), "{}", answer.body);
    assert!(inputs(&world).is_empty());
}

#[tokio::test]
async fn a_refused_transfer_may_be_made_anew() {
    let (world, mut browser) = sender().await;
    let page = checked(&mut browser, "50.000").await;
    world.refuse("createTransaction", "FORBIDDEN", json!({}));
    let answer = browser.send(&page, CONFIRM, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("action=\"/app/transfer\""), "{}", answer.body);
}

#[tokio::test]
async fn a_top_up_without_an_answer_is_sent_again_with_the_same_key() {
    let (world, mut browser) = sender().await;
    world.data("checkoutSession", session(&json!({ "amount": 900_000 })));
    world.data("myWallets", json!([wallet(WALLET, 5)]));
    for (place, action) in [
        ("/app/topup".to_owned(), "/app/topup".to_owned()),
        (format!("/checkout/{SESSION}"), format!("/checkout/{SESSION}/topup")),
    ] {
        let before = inputs(&world).len();
        browser.get("/lang?to=id").await;
        let page = browser.get(&place).await;
        world.down("createTransaction");
        let fields = [("wallet", WALLET), ("amount", "900.000")];
        let page = browser.send(&page, &action, &fields).await;
        assert_unknown(&page, "id");
        browser.get("/lang?to=en").await;
        let page = browser.send(&page, &action, &[]).await;
        assert_unknown(&page, "en");
        world.data("createTransaction", crate::world::payment("SUCCESS"));
        let answer = browser.send(&page, &action, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let inputs = inputs(&world).split_off(before);
        assert_eq!(inputs.len(), 3);
        assert!(inputs.iter().all(|input| input == &inputs[0]), "{inputs:?}");
    }
}

#[tokio::test]
async fn a_large_transfer_is_confirmed_like_a_large_payment() {
    let (world, mut browser) = sender().await;
    let small = checked(&mut browser, "1.000.000").await;
    assert!(!small.body.contains("name=\"pin\""), "{}", small.body);
    let page = checked(&mut browser, "1.000.000,01").await;
    assert!(page.body.contains("name=\"pin\"") && !page.body.contains("name=\"password\""));
    let answer = browser.send(&page, CONFIRM, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.data("confirmIdentity", json!(false));
    let answer = browser
        .send(&page, CONFIRM, &[("pin", "111111"), ("password", "remembered")])
        .await;
    assert!(answer.body.contains("PIN salah."), "{}", answer.body);
    assert_eq!(world.calls("confirmIdentity")[0].variables, json!({ "pin": "111111" }));
    let other = answer.body.rsplit_once("<form").unwrap().1;
    assert!(other.contains("name=\"ask\" value=\"password\""), "{other}");
    let answer = browser.send(&answer, CONFIRM, &[("ask", "password")]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("name=\"password\"") && !answer.body.contains("name=\"pin\""));
    world.down("confirmIdentity");
    let answer = browser.send(&answer, CONFIRM, &[("password", "password123")]).await;
    assert!(answer.body.contains("Layanan sedang tidak menjawab"), "{}", answer.body);
    assert!(inputs(&world).is_empty(), "nothing was sent");
    world.data("confirmIdentity", json!(true));
    let answer = browser.send(&answer, CONFIRM, &[("password", "password123")]).await;
    assert_eq!(answer.location(), format!("/app/done?payment={PAYMENT}"));
    let inputs = inputs(&world);
    assert_eq!((inputs.len(), &inputs[0]["amount"]), (1, &json!("1000000.01")));
}
