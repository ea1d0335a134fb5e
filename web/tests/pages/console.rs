//! The console: who is let in, for how long, and what a page is without one of its services.

use std::time::Duration;

use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::world::{Browser, WALLET, World};

const COOKIE: &str = "sawit_console";

fn login(role: &str, has_totp: bool) -> Value {
    json!({ "access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 3600,
            "user": { "user_id": "usr_9", "fullname": "Tsunade", "role": role, "totpEnabled": has_totp } })
}

async fn signed_in(world: &World, role: &str, has_totp: bool) -> Browser {
    world.data("loginUser", login(role, has_totp));
    let mut browser = world.browser();
    let page = browser.get("/console/sign-in").await;
    let fields = [
        ("email", "t@example.com"),
        ("password", "password123"),
        ("code", "123 456"),
    ];
    let answer = browser.send(&page, "/console/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser
}

fn with_wallet(world: &World) {
    world.data(
        "wallet",
        json!({ "walletId": WALLET, "userId": "usr_1", "walletName": "Tabungan", "balance": 50000,
                "availableBalance": 50000, "status": "ACTIVE", "createdAt": "2026-11-25T12:00:00Z" }),
    );
    world.data("walletPostings", json!([]));
    world.data("allTransactions", json!([]));
    world.data("walletActions", json!([]));
}

#[tokio::test]
async fn the_code_goes_to_auth_and_the_session_to_the_console_alone() {
    let world = World::new();
    let mut browser = world.browser();
    let page = browser.get("/console/wallets").await;
    assert_eq!(page.location(), "/console/sign-in?next=%2Fconsole%2Fwallets");
    world.data("loginUser", login("Support", true));
    let page = browser.get(page.location()).await;
    let fields = [
        ("email", "t@example.com"),
        ("password", " pass word"),
        ("code", "123 456"),
    ];
    let answer = browser.send(&page, "/console/sign-in", &fields).await;
    assert_eq!(answer.location(), "/console/wallets");
    let line = answer.headers.get_all(header::SET_COOKIE).iter();
    let line = line
        .filter_map(|line| line.to_str().ok())
        .find(|line| line.starts_with(COOKIE));
    let line = line.expect("a session is kept");
    assert!(line.contains("Path=/console; HttpOnly; SameSite=Strict"), "{line}");
    let asked = &world.calls("loginUser")[0].variables;
    assert_eq!(
        *asked,
        json!({ "email": "t@example.com", "password": " pass word", "totpCode": "123456" })
    );
    // It is none at the app, even were it sent there.
    assert!(browser.get("/app").await.location().starts_with("/app/login"));
}

#[tokio::test]
async fn customers_are_refused_and_their_session_is_ended() {
    let world = World::new();
    world.data("loginUser", login("Nasabah", false));
    let mut browser = world.browser();
    let page = browser.get("/console/sign-in").await;
    let fields = [("email", "n@example.com"), ("password", "password123")];
    let answer = browser.send(&page, "/console/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("for staff only"), "{}", answer.body);
    assert!(!browser.cookies.contains_key(COOKIE));
    assert_eq!(
        world.calls("logout")[0].variables,
        json!({ "refreshToken": "refresh-1" })
    );
}

#[tokio::test]
async fn a_missing_code_and_a_wrong_one_are_told_apart_from_a_wrong_password() {
    let world = World::new();
    let mut browser = world.browser();
    for (code, facts, text) in [
        ("TOTP_REQUIRED", json!({ "field": "totpCode" }), "Type the six digits"),
        (
            "UNAUTHENTICATED",
            json!({ "field": "totpCode" }),
            "This code is not right",
        ),
        ("UNAUTHENTICATED", json!({}), "E-mail or password is not right"),
    ] {
        world.refuse("loginUser", code, facts);
        let page = browser.get("/console/sign-in").await;
        let fields = [("email", "t@example.com"), ("password", "password123")];
        let answer = browser.send(&page, "/console/sign-in", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
        assert!(
            !answer.body.contains("password123"),
            "a password stays where it was typed"
        );
    }
}

#[tokio::test]
async fn nothing_is_shown_before_the_second_factor_is_set_up() {
    let world = World::new();
    with_wallet(&world);
    let mut browser = signed_in(&world, "Admin", false).await;
    for path in ["/console", "/console/users", &format!("/console/wallets/{WALLET}")] {
        assert_eq!(browser.get(path).await.location(), "/console/enrol", "{path}");
    }
    world.data(
        "beginTotp",
        json!({ "secret": "ABCDEFGHIJ", "uri": "otpauth://totp/Sawit:t?secret=ABCDEFGHIJ" }),
    );
    let page = browser.get("/console/enrol").await;
    let page = browser
        .send(&page, "/console/enrol", &[("password", "password123")])
        .await;
    assert!(
        page.body.contains("<svg") && page.body.contains("ABCD EFGH IJ"),
        "{}",
        page.body
    );
    world.refuse("confirmTotp", "BAD_USER_INPUT", json!({ "field": "code" }));
    let page = browser
        .send(&page, "/console/enrol/confirm", &[("code", "000000")])
        .await;
    assert!(
        page.body.contains("This code is not right") && page.body.contains("<svg"),
        "{}",
        page.body
    );
    world.data("confirmTotp", json!(["aaaa-bbbb", "cccc-dddd"]));
    let page = browser
        .send(&page, "/console/enrol/confirm", &[("code", "123 456")])
        .await;
    assert!(page.body.contains("aaaa-bbbb"), "{}", page.body);
    assert_eq!(world.calls("confirmTotp")[1].variables, json!({ "code": "123456" }));
    let page = browser.get(&format!("/console/wallets/{WALLET}")).await;
    assert!(page.body.contains("Tabungan"), "{}", page.body);
}

#[tokio::test]
async fn the_console_waits_fifteen_minutes_and_looking_for_news_is_not_being_there() {
    let world = World::new();
    let mut browser = signed_in(&world, "Admin", true).await;
    let by_itself = || {
        let request = axum::extract::Request::get("/console").header("x-refresh", "1");
        request.body(axum::body::Body::empty()).unwrap()
    };
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(10 * 60));
        assert_eq!(browser.get("/console").await.status, StatusCode::OK);
    }
    world.clock.advance(Duration::from_secs(10 * 60));
    assert_eq!(browser.request(by_itself()).await.status, StatusCode::OK);
    world.clock.advance(Duration::from_secs(5 * 60 + 1));
    let page = browser.request(by_itself()).await;
    assert!(page.location().starts_with("/console/sign-in"), "{}", page.body);
    assert!(!browser.cookies.contains_key(COOKIE), "the browser forgets it");
}

#[tokio::test]
async fn a_service_that_is_down_takes_its_part_of_a_page_and_no_more() {
    let world = World::new();
    let mut browser = signed_in(&world, "Admin", true).await;
    world.data(
        "trialBalance",
        json!({ "balanced": true, "unbalancedTransfers": 0, "currencies": [], "countedAt": "2026-11-25T12:00:00Z" }),
    );
    world.down("paymentsOverview");
    let page = browser.get("/console").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains("Payments cannot be shown") && page.body.contains("Balanced"),
        "{}",
        page.body
    );
    for log in ["authActions", "paymentActions"] {
        world.down(log);
    }
    world.data("fraudActions", json!([]));
    world.data(
        "walletActions",
        json!([{ "actionId": "act_1", "actor": "usr_9", "action": "freezeWallet", "object": WALLET,
                 "reason": "<stolen>", "detail": null, "createdAt": "2026-11-25T12:00:00Z" }]),
    );
    let page = browser.get("/console/actions").await;
    for part in ["freezeWallet", "&lt;stolen&gt;", "Accounts cannot be shown"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn a_change_wants_a_reason_and_a_refusal_is_shown() {
    let world = World::new();
    with_wallet(&world);
    let mut browser = signed_in(&world, "Admin", true).await;
    let (wallet, freeze) = (
        format!("/console/wallets/{WALLET}"),
        format!("/console/wallets/{WALLET}/freeze"),
    );
    let page = browser.get(&wallet).await;
    let answer = browser.send(&page, &freeze, &[("reason", "  ")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.calls("freezeWallet").is_empty());
    world.refuse("freezeWallet", "FORBIDDEN", json!({}));
    let answer = browser.send(&page, &freeze, &[("reason", "stolen")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("You may not do this"), "{}", answer.body);
    world.data("freezeWallet", json!({ "status": "FROZEN" }));
    let answer = browser.send(&page, &freeze, &[("reason", "stolen")]).await;
    assert_eq!(answer.location(), format!("{wallet}?done=freeze"));
    let asked = &world.calls("freezeWallet")[1].variables;
    assert_eq!(*asked, json!({ "walletId": WALLET, "reason": "stolen" }));
    // A form of another session is not taken.
    let mut other = signed_in(&world, "Admin", true).await;
    let answer = other.send(&page, &freeze, &[("reason", "stolen")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(world.calls("freezeWallet").len(), 2);
}

#[tokio::test]
async fn support_is_offered_no_change() {
    let world = World::new();
    with_wallet(&world);
    let mut browser = signed_in(&world, "Support", true).await;
    let page = browser.get(&format!("/console/wallets/{WALLET}")).await;
    assert!(page.body.contains("Rp 50.000"), "{}", page.body);
    assert!(!page.body.contains("/freeze"), "{}", page.body);
}

#[tokio::test]
async fn staff_have_a_wallets_statements_by_their_own_right() {
    let world = World::new();
    with_wallet(&world);
    let mut browser = signed_in(&world, "Support", true).await;
    let page = browser.get(&format!("/console/wallets/{WALLET}")).await;
    let file = format!("/console/wallets/{WALLET}/statements/2026-11.pdf");
    assert!(page.body.contains(&file), "{}", page.body);
    let statement = json!({
        "walletId": WALLET, "walletName": "Tabungan", "from": "2026-10-31T17:00:00Z", "to": "2026-11-30T17:00:00Z",
        "isComplete": false, "openingBalance": 20, "cameIn": 0, "wentOut": 10, "closingBalance": 10, "lineCount": 1,
        "lines": [{ "postingId": "xfr_1:0", "transferId": "xfr_1", "kind": "PAYMENT", "amount": -10, "balanceAfter": 10,
                    "counterparty": "wal_shop", "counterpartyName": "Toko", "createdAt": "2026-11-25T12:00:00Z" }],
    });
    world.data("walletStatement", statement);
    world.data(
        "user",
        json!({ "userId": "usr_1", "username": "n", "fullname": "Naruto Uzumaki", "email": "n@example.com", "role": "Nasabah",
                "status": "ACTIVE", "totpEnabled": false, "timeZone": null, "createdAt": "2026-11-25T12:00:00Z" }),
    );
    let paper = browser.get(&file).await;
    assert_eq!(paper.headers[header::CONTENT_TYPE], "application/pdf");
    for text in ["(Naruto Uzumaki)", "(Payment to Toko)", "(Wallet statement)"] {
        assert!(paper.body.contains(text), "{text}");
    }
    let table = browser.get(&file.replace("pdf", "csv")).await;
    assert!(
        table.body.contains(",Payment to Toko,,10,10,PAYMENT,"),
        "{}",
        table.body
    );
    // The history of whoever works here is not that of the wallet's owner.
    assert_eq!(world.calls("myHistory").len(), 0);
    let asked = &world.calls("walletStatement")[0];
    assert_eq!(asked.token.as_deref(), Some("Bearer access-1"));

    for (field, code, status) in [
        ("walletStatement", "FORBIDDEN", StatusCode::FORBIDDEN),
        ("walletStatement", "BAD_USER_INPUT", StatusCode::NOT_FOUND),
        ("wallet", "NOT_FOUND", StatusCode::NOT_FOUND),
    ] {
        world.refuse(field, code, json!({}));
        let page = browser.get(&file).await;
        assert_eq!(page.status, status, "{}", page.body);
        assert!(!page.headers.contains_key(header::CONTENT_DISPOSITION));
    }
    for bad in ["2026-11.txt", "x.pdf"] {
        with_wallet(&world);
        let path = format!("/console/wallets/{WALLET}/statements/{bad}");
        assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    assert!(
        world
            .browser()
            .get(&file)
            .await
            .location()
            .starts_with("/console/sign-in")
    );
}
