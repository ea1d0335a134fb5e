//! Answers of the checkout that need something to go wrong behind it.

use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::world::{Browser, PAYMENT, Page, SESSION, WALLET, World, payment, profile, session, wallet};

const OTHER_WALLET: &str = "wal_01M7YA8DWM618HY59GXD4SY2PS";

fn checkout() -> String {
    format!("/checkout/{SESSION}")
}

async fn pay(browser: &mut Browser, page: &Page, wallet: &str) -> Page {
    browser
        .send(page, &format!("{}/pay", checkout()), &[("wallet", wallet)])
        .await
}

fn keys(world: &World) -> Vec<Value> {
    let calls = world.calls("payPaymentSession");
    calls
        .iter()
        .map(|call| call.variables["input"]["idempotencyKey"].clone())
        .collect()
}

#[tokio::test]
async fn a_form_is_one_attempt_however_often_it_is_sent_and_another_wallet_is_another() {
    let world = World::new();
    world.data(
        "myWallets",
        json!([wallet(WALLET, 100_000), wallet(OTHER_WALLET, 100_000)]),
    );
    let mut browser = world.buyer().await;
    let page = browser.get(&checkout()).await;
    for wallet in [WALLET, WALLET, OTHER_WALLET] {
        let answer = pay(&mut browser, &page, wallet).await;
        assert_eq!(answer.location(), format!("{}?payment={PAYMENT}", checkout()));
    }
    let again = browser.get(&checkout()).await;
    pay(&mut browser, &again, WALLET).await;
    let keys = keys(&world);
    assert_eq!(keys[0], keys[1], "sent twice");
    assert_ne!(keys[0], keys[2], "another wallet");
    assert_ne!(keys[0], keys[3], "another form");
    let mut changed = page.hidden(&format!("{}/pay", checkout()));
    changed
        .iter_mut()
        .find(|(name, _)| name == "attempt")
        .unwrap()
        .1
        .insert(0, 'A');
    let mut fields: Vec<(&str, &str)> = changed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("wallet", WALLET));
    let answer = browser.post(&format!("{}/pay", checkout()), &fields).await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "an attempt of somebody's own making"
    );
}

#[tokio::test]
async fn a_payment_under_way_is_watched_with_and_without_a_script() {
    let world = World::new();
    let mut browser = world.buyer().await;
    let page = browser.get(&checkout()).await;
    world.data("payPaymentSession", payment("PENDING"));
    world.data("transaction", payment("PENDING"));
    let answer = pay(&mut browser, &page, WALLET).await;
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("Pembayaran sedang diproses"), "{}", page.body);
    assert!(
        page.body
            .contains("<noscript><meta http-equiv=\"refresh\" content=\"4\">")
    );
    assert!(!page.body.contains("class=\"pay\""), "nothing to pay with");
    let status = browser.get(&format!("{}/status?payment={PAYMENT}", checkout())).await;
    let status: Value = serde_json::from_str(&status.body).unwrap();
    assert_eq!(status, json!({ "state": "OPEN", "version": 1, "payment": "PENDING" }));
    world.data("transaction", payment("SUCCESS"));
    world.data("checkoutSession", session(&json!({ "state": "PAID", "version": 2 })));
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("Pembayaran berhasil"), "{}", page.body);
    assert!(
        page.body.contains("href=\"https://shop.example/back?signature=x\""),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn money_that_is_held_is_not_called_paid() {
    let world = World::new();
    let mut browser = world.buyer().await;
    world.data("transaction", payment("AUTHORIZED"));
    world.data("checkoutSession", session(&json!({ "state": "AUTHORIZED" })));
    let page = browser.get(&format!("{}?payment={PAYMENT}", checkout())).await;
    assert!(
        page.body.contains("Dana ditahan") && !page.body.contains("berhasil"),
        "{}",
        page.body
    );
    // Whoever else has the address has no money on hold.
    for mut other in [world.browser(), browser] {
        let page = other.get(&checkout()).await;
        assert!(!page.body.contains("ditahan"), "{}", page.body);
        assert!(
            page.body
                .contains("Pembayaran lain untuk tagihan ini sudah diotorisasi"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn a_payment_under_review_is_reserved_money_and_neither_paid_nor_to_be_paid_again() {
    let world = World::new();
    let mut browser = world.buyer().await;
    world.data("transaction", payment("REVIEW"));
    world.data("checkoutSession", session(&json!({ "state": "REVIEW" })));
    let page = browser.get(&format!("{}?payment={PAYMENT}", checkout())).await;
    for text in [
        "Pembayaran sedang diperiksa",
        "disisihkan di dompet Anda",
        "data-payment=\"REVIEW\"",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(
        !page.body.contains("berhasil") && !page.body.contains("data-return"),
        "{}",
        page.body
    );
    for mut other in [world.browser(), browser] {
        let page = other.get(&checkout()).await;
        assert!(!page.body.contains("disisihkan"), "{}", page.body);
        assert!(
            page.body.contains("Pembayaran tagihan ini sedang diperiksa"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn an_end_that_only_the_shop_knows_is_not_counted_down() {
    let world = World::new();
    let mut browser = world.browser();
    for (ends, is_told) in [("2027-01-24T12:00:00Z", true), ("2027-01-24T12:00:01Z", false)] {
        world.data("checkoutSession", session(&json!({ "expiresAt": ends })));
        let page = browser.get(&checkout()).await;
        assert_eq!(page.body.contains("class=\"countdown\""), is_told, "{ends}");
        assert_eq!(page.body.contains("Bayar sesuai batas waktu toko"), !is_told, "{ends}");
    }
}

#[tokio::test]
async fn an_answer_that_did_not_come_is_unknown_and_no_refusal() {
    let world = World::new();
    let mut browser = world.buyer().await;
    let page = browser.get(&checkout()).await;
    world.down("payPaymentSession");
    let answer = pay(&mut browser, &page, WALLET).await;
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("Hasil pembayaran belum diketahui"), "{}", page.body);
}

#[tokio::test]
async fn refusals_say_what_happened_in_both_languages_and_nothing_of_our_insides() {
    let world = World::new();
    let mut browser = world.buyer().await;
    for (code, indonesian, english) in [
        (
            "BILL_PAYMENT_IN_PROGRESS",
            "Tagihan ini sedang dibayar",
            "This bill is being paid",
        ),
        (
            "MERCHANT_UNAVAILABLE",
            "Toko sedang tidak menjawab",
            "The shop does not answer",
        ),
        (
            "BILL_AMOUNT_MISMATCH",
            "Jumlah tagihan berubah",
            "The bill&#39;s amount has changed",
        ),
        ("WALLET_FROZEN", "Dompet itu dibekukan", "That wallet is frozen"),
        (
            "FRAUD_BLOCKED",
            "Pembayaran ini tidak diizinkan",
            "This payment is not allowed",
        ),
        ("SOMETHING_NEW", "Tidak bisa dilakukan", "This could not be done"),
    ] {
        let mut failed = payment("FAILED");
        failed["failureCode"] = json!(code);
        world.data("transaction", failed);
        let path = format!("{}?payment={PAYMENT}", checkout());
        for (lang, text) in [("id", indonesian), ("en", english)] {
            browser.get(&format!("/lang?to={lang}")).await;
            let page = browser.get(&path).await;
            let plain = text.replace("&#39;", "'");
            assert!(
                page.body.contains(text) || page.body.contains(&plain),
                "{code}: {}",
                page.body
            );
            assert!(page.body.contains(&format!("<html lang=\"{lang}\">")));
            assert!(!page.body.contains(code), "{code}");
        }
    }
}

#[tokio::test]
async fn each_service_may_be_away() {
    let world = World::new();
    let mut browser = world.buyer().await;
    world.down("myWallets");
    let page = browser.get(&checkout()).await;
    assert_eq!(page.status, StatusCode::OK, "the bill is there");
    assert!(
        page.body.contains("Dompet Anda belum bisa ditampilkan"),
        "{}",
        page.body
    );
    world.down("myHistory");
    world.data("myWallets", json!([wallet(WALLET, 5)]));
    let page = browser.get("/app").await;
    assert!(page.body.contains("Rp 5"), "the wallets are there");
    world.down("checkoutSession");
    let page = browser.get(&checkout()).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers[header::RETRY_AFTER], "5");
    let mut fresh = world.browser();
    world.data("checkoutSession", session(&json!({})));
    world.down("loginUser");
    let page = fresh.get(&checkout()).await;
    let fields = [("email", "a@b.example"), ("password", "x")];
    let page = fresh.send(&page, &format!("{}/sign-in", checkout()), &fields).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("Layanan sedang tidak menjawab") && !page.body.contains("internal text"));
}

#[tokio::test]
async fn whoever_tried_too_often_is_told_how_long_to_wait() {
    let world = World::new();
    let mut browser = world.browser();
    world.refuse("loginUser", "RATE_LIMITED", json!({ "retryAfterSeconds": 290 }));
    let page = browser.get(&checkout()).await;
    let fields = [("email", "a@b.example"), ("password", "x")];
    let page = browser.send(&page, &format!("{}/sign-in", checkout()), &fields).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.body.contains("Tunggu 5 menit"), "{}", page.body);
    assert!(page.body.contains("value=\"a@b.example\""), "what was typed stays");
}

#[tokio::test]
async fn what_is_paid_is_the_amount_that_stood_on_the_form() {
    let world = World::new();
    let mut browser = world.buyer().await;
    let page = browser.get(&checkout()).await;
    assert!(page.body.contains("data-version=\"1\""), "{}", page.body);
    // The bill changes while the buyer looks at it; the provider refuses the old amount.
    world.data(
        "checkoutSession",
        session(&json!({ "amount": 5_900_000, "version": 2 })),
    );
    let mut failed = payment("FAILED");
    failed["failureCode"] = json!("BILL_AMOUNT_MISMATCH");
    world.data("payPaymentSession", failed.clone());
    world.data("transaction", failed);
    world.data("myWallets", json!([wallet(WALLET, 9_000_000)]));
    world.data("myProfile", profile(true));
    let answer = pay(&mut browser, &page, WALLET).await;
    assert!(world.calls("confirmIdentity").is_empty(), "59.000 need no confirmation");
    let input = world.calls("payPaymentSession")[0].variables["input"].clone();
    assert_eq!(input["amount"], "59000");
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("Jumlah tagihan berubah"), "{}", page.body);
    assert!(page.body.contains("Bayar Rp 5.900.000"), "{}", page.body);
    // Sending the new form back with another amount is nobody's form.
    let action = format!("{}/pay", checkout());
    let mut fields = page.hidden(&action);
    for (name, value) in &mut fields {
        if name == "amount" {
            *value = "1".to_owned();
        }
    }
    let mut fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.push(("wallet", WALLET));
    let answer = browser.post(&action, &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(world.calls("payPaymentSession").len(), 1);
}

#[tokio::test]
async fn a_confirmation_is_asked_for_the_amount_that_was_seen() {
    let world = World::new();
    world.data("checkoutSession", session(&json!({ "amount": 2_000_000 })));
    world.data("myWallets", json!([wallet(WALLET, 9_000_000)]));
    world.data("myProfile", profile(true));
    let mut browser = world.buyer().await;
    let page = browser.get(&checkout()).await;
    world.data("checkoutSession", session(&json!({ "version": 2 })));
    let answer = pay(&mut browser, &page, WALLET).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Jumlah tagihan berubah"), "{}", answer.body);
    assert!(answer.body.contains("Bayar Rp 59.000"), "{}", answer.body);
    assert!(world.calls("payPaymentSession").is_empty());
}

#[tokio::test]
async fn what_cannot_be_opened_has_a_page_that_says_why() {
    let world = World::new();
    let mut browser = world.browser();
    for (code, facts, status, text) in [
        (
            "SERVICE_UNAVAILABLE",
            json!({ "failureCode": "MERCHANT_UNAVAILABLE" }),
            503,
            "Toko sedang tidak menjawab",
        ),
        ("SERVICE_UNAVAILABLE", json!({}), 503, "Layanan sedang tidak menjawab"),
        ("NOT_FOUND", json!({}), 404, "Nomor VA tidak dikenal"),
        ("BAD_USER_INPUT", json!({}), 404, "Nomor VA tidak dikenal"),
        (
            "BAD_USER_INPUT",
            json!({ "field": "returnUrl" }),
            400,
            "Alamat kembali tidak dikenal",
        ),
        (
            "CONFLICT",
            json!({ "failureCode": "BILL_ALREADY_PAID" }),
            409,
            "Tagihan ini sudah dibayar",
        ),
        (
            "CONFLICT",
            json!({ "failureCode": "BILL_EXPIRED" }),
            409,
            "Tagihan ini sudah kedaluwarsa",
        ),
        (
            "CONFLICT",
            json!({ "failureCode": "BILL_PAYMENT_IN_PROGRESS" }),
            409,
            "Tagihan ini sedang dibayar",
        ),
        ("RATE_LIMITED", json!({}), 429, "Terlalu banyak percobaan"),
    ] {
        world.refuse("openCheckout", code, facts);
        let page = browser
            .get("/pay?va=DS-8800123&return_url=https%3A%2F%2Fshop.example%2F")
            .await;
        assert_eq!(page.status.as_u16(), status, "{code}");
        assert!(page.body.contains(text), "{code}: {}", page.body);
    }
    world.data("openCheckout", session(&json!({})));
    let page = browser
        .get("/pay?va=DS-8800123&return_url=https%3A%2F%2Fshop.example%2F")
        .await;
    assert_eq!(
        (page.status, page.location()),
        (StatusCode::SEE_OTHER, checkout().as_str())
    );
    let asked = &world.calls("openCheckout")[9].variables;
    assert_eq!(
        asked,
        &json!({ "vaNumber": "DS-8800123", "returnUrl": "https://shop.example/" })
    );
}

#[tokio::test]
async fn somebody_elses_payment_is_not_shown() {
    let world = World::new();
    world.data("checkoutSession", session(&json!({ "state": "PAID" })));
    let page = world.browser().get(&format!("{}?payment={PAYMENT}", checkout())).await;
    assert!(
        page.body.contains("Tagihan ini sudah lunas") && !page.body.contains("Nomor referensi"),
        "{}",
        page.body
    );
    assert!(world.calls("transaction").is_empty(), "nobody is signed in");
}
