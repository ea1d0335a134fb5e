//! Coming back from the checkout: the address says something, the webhook decides.

use std::fmt::Write as _;

use blackdoctrine::Config;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::browser::{Browser, Page};
use crate::world::{World, config, paid_event};

// The base64 of KEY.
const SIGNING_SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u";
const KEY: &[u8] = b"0123456789abcdefghijklmn";
const SESSION: &str = "cks_01ABC";

async fn world_that_checks() -> World {
    World::with(Config {
        signing_secret: Some(SIGNING_SECRET.to_owned()),
        ..config()
    })
    .await
}

/// The address the provider sends a buyer back to.
fn back(path: &str, order_id: &str, status: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    mac.update(format!("{SESSION}.{order_id}.{status}").as_bytes());
    let mut signature = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(signature, "{byte:02x}").unwrap();
    }
    format!("{path}?session_id={SESSION}&order_id={order_id}&status={status}&signature={signature}")
}

async fn pay(world: &World, order: &Page) {
    let event = paid_event("trx_1", order.between("<dd class=\"va\">", "<"), json!(59_000));
    assert_eq!(world.deliver("msg_1", &event).await.0, StatusCode::OK);
}

const WAITING: &str = "Kami menunggu konfirmasinya";
const PAID: &str = "pembayaran Anda sudah kami terima";
const FORGED: &str = "Tautan kembali ini tidak bisa dipercaya";

#[tokio::test]
async fn the_webhook_came_first() {
    let world = world_that_checks().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    pay(&world, &browser.get(&path).await).await;
    let page = browser.get(&back(&path, "1", "PAID")).await;
    assert!(page.says(PAID) && page.says("Lunas") && !page.says(WAITING));
    assert!(!page.says("http-equiv=\"refresh\""));
    // What the address says of an order that is known as paid changes nothing about it.
    let page = browser.get(&back(&path, "1", "CANCELLED")).await;
    assert!(page.says("Lunas") && !page.says("dibatalkan"));
    world.stop().await;
}

#[tokio::test]
async fn the_buyer_came_first_and_waits_for_the_webhook() {
    let world = world_that_checks().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let here = back(&path, "1", "PAID");
    let page = browser.get(&here).await;
    assert!(page.says(WAITING) && !page.says(PAID) && !page.says("Lunas"));
    assert!(!page.says("Bayar dengan Sawit"), "nobody is asked to pay twice");
    let va_number = page.between("<dd class=\"va\">", "<");
    assert_eq!(
        world.bill(va_number).await["paymentStatus"],
        "UNPAID",
        "the address proves nothing"
    );

    // Without scripts the page reloads itself, and counts.
    let refresh = page.between("content=\"3;url=", "\"").replace("&amp;", "&");
    assert_eq!(refresh, format!("{here}&coba=1"));
    let again = browser.get(&refresh).await;
    assert!(again.says(WAITING) && again.says("&amp;coba=2"));
    let late = browser.get(&format!("{here}&coba=60")).await;
    assert!(late.says("Konfirmasinya terlambat") && !late.says("http-equiv=\"refresh\""));

    // With scripts it asks.
    let status = page.between("data-watch=\"", "\"").to_owned();
    let ask = browser.get(&status).await;
    assert_eq!(
        serde_json::from_str::<Value>(&ask.body).unwrap(),
        json!({ "paymentStatus": "UNPAID" })
    );
    pay(&world, &page).await;
    let ask = browser.get(&status).await;
    assert_eq!(
        serde_json::from_str::<Value>(&ask.body).unwrap(),
        json!({ "paymentStatus": "PAID" })
    );
    let page = browser.get(&refresh).await;
    assert!(page.says(PAID) && page.says("Lunas") && !page.says("data-watch"));
    world.stop().await;
}

#[tokio::test]
async fn what_the_provider_did_not_sign_is_called_so() {
    let world = world_that_checks().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let good = back(&path, "1", "PAID");
    let (unsigned, signature) = good.rsplit_once("&signature=").unwrap();
    for address in [
        unsigned.to_owned(),
        format!("{path}?status=PAID"),
        format!("{unsigned}&signature="),
        format!("{unsigned}&signature={}", signature.to_uppercase()),
        format!("{unsigned}&signature={}", &signature[2..]),
        back(&path, "1", "OPEN").replace("status=OPEN", "status=PAID"),
        good.replace(SESSION, "cks_other"),
        good.replace("order_id=1", "order_id="),
        // Signed properly, for another order.
        back(&path, "2", "PAID"),
        format!("{unsigned}&signature=%22%3E%3Cscript%3E"),
    ] {
        let page = browser.get(&address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert!(
            page.says(FORGED) && page.says("Bayar dengan Sawit"),
            "{address}: {}",
            page.body
        );
        assert!(
            !page.says(WAITING) && !page.says("refresh") && !page.says("<script>"),
            "{address}"
        );
    }
    // The provider may know the order by its number, or not at all.
    let va_number = browser.get(&path).await.between("<dd class=\"va\">", "<").to_owned();
    for order_id in ["", &va_number] {
        assert!(
            browser.get(&back(&path, order_id, "PAID")).await.says(WAITING),
            "{order_id}"
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn every_outcome_has_its_words() {
    let world = world_that_checks().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    for (status, expect, can_pay) in [
        ("OPEN", "belum dibayar", true),
        ("EXPIRED", "Waktu pembayaran di Sawit sudah habis", true),
        ("CANCELLED", "Pembayaran di Sawit dibatalkan", true),
        ("AUTHORIZED", "Dana Anda sudah ditahan", false),
        ("SOMETHING", "Belum dibayar", true),
    ] {
        let page = browser.get(&back(&path, "1", status)).await;
        assert!(page.says(expect), "{status}: {}", page.body);
        assert_eq!(page.says("Bayar dengan Sawit"), can_pay, "{status}");
        assert!(!page.says("refresh") && !page.says(FORGED), "{status}");
    }
    // An address that cannot be read is as good as none.
    let page = browser.get(&format!("{path}?status=PAID&status=PAID&coba=x")).await;
    assert!(page.status == StatusCode::OK && page.says("Belum dibayar"));
    world.stop().await;
}

#[tokio::test]
async fn without_a_secret_the_word_is_taken_and_still_proves_nothing() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let page = browser
        .get(&format!("{path}?session_id=cks_1&order_id=1&status=PAID&signature=00"))
        .await;
    assert!(page.says(WAITING) && !page.says(FORGED));
    let va_number = page.between("<dd class=\"va\">", "<");
    assert_eq!(world.bill(va_number).await["paymentStatus"], "UNPAID");
    world.stop().await;
}

#[tokio::test]
async fn who_was_signed_out_meanwhile_comes_back_to_the_outcome() {
    let world = world_that_checks().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let here = back(&path, "1", "PAID");
    browser.cookies.clear();
    let sign_in = browser.get(&here).await.goes_to().to_owned();
    let page = browser.get(&sign_in).await;
    let next = page.hidden("lanjut").replace("&amp;", "&");
    assert_eq!(next, here);
    let fields = [
        ("token", page.token()),
        ("email", "naruto@gmail.com"),
        ("sandi", "password123"),
        ("lanjut", next.as_str()),
    ];
    assert_eq!(browser.post("/masuk", &fields).await.goes_to(), here);
    assert!(browser.get(&here).await.says(WAITING));
    world.stop().await;
}
