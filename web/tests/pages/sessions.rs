//! Who is signed in, for how long, and what two tabs do to each other.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use http::{StatusCode, header};
use serde_json::json;

use crate::world::{BUYER, Browser, SESSION, World, login};

const AFTER_THE_ACCESS_TOKEN: Duration = Duration::from_secs(901);

fn checkout() -> String {
    format!("/checkout/{SESSION}")
}

#[tokio::test]
async fn the_buyers_own_address_and_token_reach_the_gateway() {
    let world = World::new();
    let mut browser = world.buyer().await;
    browser.get(&checkout()).await;
    let signed_in = &world.calls("loginUser")[0];
    assert_eq!(signed_in.address.unwrap().to_string(), BUYER);
    assert_eq!(signed_in.token, None);
    let wallets = &world.calls("myWallets")[0];
    assert_eq!(wallets.token.as_deref(), Some("Bearer access-1"));
    assert_eq!(wallets.address.unwrap().to_string(), BUYER);
    assert!(world.calls("checkoutSession").iter().all(|call| call.token.is_none()));
}

#[tokio::test]
async fn cookies_are_for_this_host_over_tls_and_no_script() {
    let world = World::at("https://pay.example");
    let page = world.browser().get("/app/login").await;
    let line = page.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(line.starts_with("__Host-sawit_visit="), "{line}");
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(page.headers[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    let page = World::new().browser().get("/app/login").await;
    assert!(
        !page.headers.contains_key(header::STRICT_TRANSPORT_SECURITY),
        "without TLS"
    );
}

#[tokio::test]
async fn a_restart_signs_nobody_out_and_the_cookie_tells_nothing() {
    let world = World::new();
    let browser = world.buyer().await;
    let cookie = &browser.cookies["sawit_session"];
    assert!(!cookie.contains("access-1") && cookie.len() < 4_000, "{cookie}");
    let mut later = Browser {
        router: world.restarted(),
        cookies: browser.cookies.clone(),
    };
    assert!(later.get(&checkout()).await.body.contains("Naruto Uzumaki"));
    let mut forged = later.clone();
    let other = if cookie.starts_with('A') { 'B' } else { 'A' };
    let changed = format!("{other}{}", &cookie[1..]);
    forged.cookies.insert("sawit_session".to_owned(), changed);
    let page = forged.get(&checkout()).await;
    assert!(page.body.contains("Masuk untuk membayar"), "{}", page.body);
}

#[tokio::test]
async fn many_tabs_at_once_renew_a_session_once() {
    let world = World::new();
    let browser = world.buyer().await;
    let used = AtomicUsize::new(0);
    world.answer("refreshSession", move |call| {
        assert_eq!(call.variables["refreshToken"], "refresh-1");
        match used.fetch_add(1, Ordering::SeqCst) {
            0 => json!({ "data": { "refreshSession": login("access-2", "refresh-2") } }),
            _ => json!({ "errors": [{ "message": "used twice", "extensions": { "code": "UNAUTHENTICATED" } }] }),
        }
    });
    world.clock.advance(AFTER_THE_ACCESS_TOKEN);
    let tabs = (0..8).map(|_| {
        let mut tab = browser.clone();
        async move {
            let page = tab.get(&checkout()).await;
            assert!(page.body.contains("Naruto Uzumaki"), "{}", page.body);
            tab.cookies["sawit_session"].clone()
        }
    });
    join_all(tabs).await;
    assert_eq!(world.calls("refreshSession").len(), 1);
    // One that was slow, and still has the old cookie.
    assert!(browser.clone().get(&checkout()).await.body.contains("Naruto Uzumaki"));
    assert_eq!(world.calls("refreshSession").len(), 1);
    let last = world.calls("myWallets").last().unwrap().token.clone();
    assert_eq!(last.as_deref(), Some("Bearer access-2"));
}

#[tokio::test]
async fn a_browser_that_missed_its_new_cookie_is_not_signed_out_for_as_long_as_the_token_is_good() {
    let world = World::new();
    let late = world.buyer().await;
    world.data("refreshSession", login("access-2", "refresh-2"));
    world.clock.advance(AFTER_THE_ACCESS_TOKEN);
    late.clone().get(&checkout()).await;
    world.clock.advance(Duration::from_secs(14 * 60));
    assert!(late.clone().get(&checkout()).await.body.contains("Naruto Uzumaki"));
    assert_eq!(world.calls("refreshSession").len(), 1, "remembered");
    world.clock.advance(Duration::from_secs(60));
    late.clone().get(&checkout()).await;
    assert_eq!(world.calls("refreshSession").len(), 2, "forgotten");
}

#[tokio::test]
async fn a_session_that_ended_sends_the_buyer_to_sign_in_and_back_to_the_bill() {
    let world = World::new();
    let mut browser = world.buyer().await;
    let page = browser.get(&checkout()).await;
    world.refuse("refreshSession", "UNAUTHENTICATED", json!({}));
    world.clock.advance(AFTER_THE_ACCESS_TOKEN);
    let action = format!("{}/pay", checkout());
    let answer = browser.send(&page, &action, &[("wallet", crate::world::WALLET)]).await;
    assert_eq!(answer.location(), format!("{}?told=sign-in", checkout()));
    assert!(world.calls("payPaymentSession").is_empty());
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("Anda perlu masuk lagi"), "{}", page.body);
    let fields = [("email", "naruto@example.com"), ("password", "password123")];
    let answer = browser.send(&page, &format!("{}/sign-in", checkout()), &fields).await;
    assert_eq!(answer.location(), checkout());
    assert!(browser.get(&checkout()).await.body.contains("Bayar Rp 59.000"));
}

#[tokio::test]
async fn while_auth_is_away_nobody_is_signed_out() {
    let world = World::new();
    let mut browser = world.buyer().await;
    world.down("refreshSession");
    world.clock.advance(AFTER_THE_ACCESS_TOKEN);
    let page = browser.get(&checkout()).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("Layanan sedang tidak menjawab"), "{}", page.body);
    assert!(browser.cookies.contains_key("sawit_session"));
    world.data("refreshSession", login("access-2", "refresh-2"));
    assert!(browser.get(&checkout()).await.body.contains("Naruto Uzumaki"));
}

#[tokio::test]
async fn a_token_that_is_not_accepted_any_more_ends_the_session_here() {
    let world = World::new();
    let mut browser = world.buyer().await;
    world.refuse("myWallets", "UNAUTHENTICATED", json!({}));
    let answer = browser.get("/app").await;
    assert_eq!(answer.location(), "/app/login?next=%2Fapp");
    assert!(!browser.cookies.contains_key("sawit_session"));
}

#[tokio::test]
async fn signing_out_works_also_while_auth_is_away() {
    let world = World::new();
    let mut browser = world.buyer().await;
    world.down("logout");
    let page = browser.get("/app").await;
    let answer = browser.send(&page, "/app/logout", &[]).await;
    assert_eq!(answer.location(), "/app/login?left=1");
    assert!(!browser.cookies.contains_key("sawit_session"));
}

#[tokio::test]
async fn whoever_registers_from_the_checkout_comes_back_to_the_bill_in_either_language() {
    let world = World::new();
    world.refuse("register", "CONFLICT", json!({ "field": "email" }));
    world.refuse("loginUser", "UNAUTHENTICATED", json!({}));
    let mut browser = world.browser();
    let bill = browser.get(&checkout()).await;
    let next = format!("?next=%2Fcheckout%2F{SESSION}");
    let register = format!("/app/register{next}");
    assert!(bill.body.contains(&format!("href=\"{register}\"")), "{}", bill.body);
    let new = [
        ("username", "n"),
        ("fullname", "N"),
        ("email", "a@b.example"),
        ("password", "password123"),
    ];
    for (path, fields) in [(register, &new[..]), (format!("/app/login{next}"), &new[2..])] {
        let page = browser.get(&path).await;
        let failed = browser.send(&page, &path, fields).await;
        assert_eq!(failed.status, StatusCode::UNPROCESSABLE_ENTITY);
        for page in [page, failed] {
            let lang = page.body.split("href=\"/lang?").nth(1).unwrap();
            let lang = lang.split('"').next().unwrap().replace("&amp;", "&");
            let there = browser.get(&format!("/lang?{lang}")).await;
            assert_eq!(there.location(), path);
            let there = browser.get(there.location()).await;
            assert_eq!(there.hidden(&path)[1].1, checkout());
        }
    }
    world.data("loginUser", login("access-1", "refresh-1"));
    let path = format!("/app/login{next}");
    let page = browser.get(&path).await;
    assert_eq!(browser.send(&page, &path, &new[2..]).await.location(), checkout());
}

#[tokio::test]
async fn who_has_a_second_factor_is_asked_for_the_code_on_either_page() {
    let world = World::new();
    for (path, action) in [
        ("/app/login".to_owned(), "/app/login".to_owned()),
        (checkout(), format!("{}/sign-in", checkout())),
    ] {
        let mut browser = world.browser();
        let typed = [("email", "a@b.example"), ("password", "password123")];
        let page = browser.get(&path).await;
        assert!(
            !page.body.contains("name=\"code\""),
            "nobody is asked before it is known: {}",
            page.body
        );
        world.refuse("loginUser", "TOTP_REQUIRED", json!({ "field": "totpCode" }));
        let asked = browser.send(&page, &action, &typed).await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asked.body.contains("name=\"code\""), "{}", asked.body);

        let with_code = [typed[0], typed[1], ("code", "123 456")];
        world.refuse("loginUser", "UNAUTHENTICATED", json!({ "field": "totpCode" }));
        let wrong = browser.send(&asked, &action, &with_code).await;
        assert!(wrong.body.contains("name=\"code\""), "{}", wrong.body);
        world.data("loginUser", login("access-1", "refresh-1"));
        let inside = browser.send(&wrong, &action, &with_code).await;
        assert_eq!(inside.status, StatusCode::SEE_OTHER);
        let sent = world.calls("loginUser").pop().unwrap();
        assert_eq!(sent.variables["totpCode"], "123 456");
    }
}
