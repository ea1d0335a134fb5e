//! What a buyer clicks through.

use blackdoctrine::Config;
use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::browser::{Browser, borrowed, order_fields};
use crate::world::{World, config, paid_event};

#[tokio::test]
async fn from_the_shelf_to_the_paid_order() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let shelf = browser.get("/").await;
    assert_eq!(shelf.status, StatusCode::OK);
    assert!(shelf.says("Kopi Robusta Lampung") && shelf.says("Rp25.000") && shelf.says("href=\"/produk/1\""));

    // Who is not signed in is sent to sign in, from there to register, and back to the product.
    let product = browser.get("/produk/1").await;
    assert!(product.says("href=\"/masuk?lanjut=/produk/1\"") && !product.says("name=\"alamat\""));
    let sign_in = browser.get("/masuk?lanjut=/produk/1").await;
    assert!(sign_in.says("href=\"/daftar?lanjut=/produk/1\""));
    let sign_up = browser.get("/daftar?lanjut=/produk/1").await;
    let fields = [
        ("token", sign_up.token()),
        ("nama", "Naruto <Uzumaki>"),
        ("email", "naruto@gmail.com"),
        ("sandi", "password123"),
        ("lanjut", sign_up.hidden("lanjut")),
    ];
    let welcome = browser.post("/daftar", &fields).await;
    assert_eq!(welcome.goes_to(), "/produk/1");

    let product = browser.get("/produk/1").await;
    assert!(product.says("Naruto &lt;Uzumaki&gt;"));
    let fields = order_fields(&product, "2");
    let estimate = browser.post("/produk/1/hitung", &borrowed(&fields)).await;
    assert!(estimate.status == StatusCode::OK && estimate.says("Rp59.000"));
    assert_eq!(world.stock("1").await, 100_000);
    let ordered = browser.post("/produk/1/pesan", &borrowed(&fields)).await;
    assert_eq!(ordered.goes_to(), "/pesanan/1");

    let order = browser.get("/pesanan/1").await;
    for part in [
        "Kopi Robusta Lampung",
        "Jalan Konoha No. 02",
        "Jakarta",
        "Rp9.000",
        "Rp59.000",
        "Menunggu pembayaran",
        "Bayar dengan Sawit",
    ] {
        assert!(order.says(part), "{part}: {}", order.body);
    }
    let va_number = order.between("<dd class=\"va\">", "<");
    let checkout = order
        .between("<a class=\"button pay\" href=\"", "\"")
        .replace("&amp;", "&");
    let back = world.pages_url().replace(':', "%3A");
    assert_eq!(
        checkout,
        format!("http://127.0.0.1:8000/pay?va={va_number}&return_url={back}/pesanan/1")
    );

    let event = paid_event("trx_1", va_number, json!(59_000));
    assert_eq!(world.deliver("msg_1", &event).await.0, StatusCode::OK);
    let order = browser.get("/pesanan/1").await;
    assert!(order.says("Lunas, sedang disiapkan") && order.says("trx_1"));
    assert!(!order.says("Bayar dengan Sawit") && !order.says("Batalkan pesanan"));
    let list = browser.get("/pesanan").await;
    assert!(list.says("href=\"/pesanan/1\"") && list.says("Lunas, sedang disiapkan"));
    world.stop().await;
}

#[tokio::test]
async fn the_session_is_the_shops_token_in_a_cookie_no_script_can_read() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/daftar").await;
    let fields = [
        ("token", page.token()),
        ("nama", "Naruto"),
        ("email", "naruto@gmail.com"),
        ("sandi", "password123"),
        ("lanjut", "https://evil.example/"),
    ];
    let welcome = browser.post("/daftar", &fields).await;
    assert_eq!(welcome.goes_to(), "/", "no link leads elsewhere");
    let session = welcome.headers.get_all(header::SET_COOKIE).iter().next().unwrap();
    let session = session.to_str().unwrap();
    assert!(session.starts_with("blackdoctrine_session=ey"), "{session}");
    assert!(
        session.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"),
        "{session}"
    );
    assert!(browser.get("/pesanan").await.says("Belum ada pesanan"));

    // As a token it serves the API too; as a cookie it does not.
    let token = browser.cookies["blackdoctrine_session"].clone();
    let asked = world.ask_orders(Some(&token), "{ myOrders { id } }").await;
    assert_eq!(asked["data"]["myOrders"], json!([]));
    let cookie = format!("blackdoctrine_session={token}");
    let request = world.http.post(world.orders_url()).header(header::COOKIE, cookie);
    let answer = request
        .json(&json!({ "query": "{ myOrders { id } }" }))
        .send()
        .await
        .unwrap();
    assert!(answer.text().await.unwrap().contains("UNAUTHENTICATED"));

    let page = browser.get("/").await;
    assert_eq!(browser.post("/keluar", &[("token", page.token())]).await.goes_to(), "/");
    assert!(!browser.cookies.contains_key("blackdoctrine_session"));
    assert_eq!(browser.get("/pesanan").await.goes_to(), "/masuk?lanjut=/pesanan");
    world.stop().await;
}

#[tokio::test]
async fn cookies_are_bound_to_https_where_the_shop_is_on_https() {
    let world = World::with(Config {
        public_url: Some("https://shop.example".to_owned()),
        ..config()
    })
    .await;
    let mut browser = Browser::new(&world);
    let page = browser.get("/masuk").await;
    let cookie = page.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-blackdoctrine_visitor="), "{cookie}");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    let token = page.token().to_owned();
    let headers = [("origin", "https://shop.example"), ("sec-fetch-site", "same-origin")];
    let fields = [
        ("token", token.as_str()),
        ("nama", "Naruto"),
        ("email", "naruto@gmail.com"),
        ("sandi", "password123"),
        ("lanjut", "/"),
    ];
    assert_eq!(
        browser.send(Method::POST, "/daftar", &headers, &fields).await.goes_to(),
        "/"
    );
    let path = browser.order("1", "1").await;
    let order = browser.get(&path).await;
    assert!(
        order.says("return_url=https%3A//shop.example/pesanan/1"),
        "{}",
        order.body
    );
    world.stop().await;
}

#[tokio::test]
async fn an_order_is_shown_to_its_buyer_alone() {
    let world = World::start().await;
    let mut naruto = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = naruto.order("4", "5").await;
    let mut sasuke = Browser::signed_in(&world, "sasuke@gmail.com").await;
    let token = sasuke.get("/").await.token().to_owned();
    for path in [
        path.clone(),
        format!("{path}/status"),
        "/pesanan/99".to_owned(),
        "/pesanan/x".to_owned(),
    ] {
        let page = sasuke.get(&path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!page.says("Konoha") && !page.says("DS-8800"), "{path}");
    }
    let cancel = format!("{path}/batal");
    let page = sasuke.post(&cancel, &[("token", &token)]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(!sasuke.get("/pesanan").await.says("Keris"));
    assert_eq!(world.stock("4").await, 20);

    let mut stranger = Browser::new(&world);
    assert_eq!(
        stranger.get("/pesanan/1?status=PAID").await.goes_to(),
        "/masuk?lanjut=/pesanan/1%3Fstatus%3DPAID"
    );
    world.stop().await;
}

#[tokio::test]
async fn an_unpaid_order_can_be_called_off_and_a_paid_one_cannot() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("4", "5").await;
    let token = browser.get(&path).await.token().to_owned();
    let cancel = format!("{path}/batal");
    assert_eq!(browser.post(&cancel, &[("token", &token)]).await.goes_to(), path);
    let page = browser.get(&path).await;
    assert!(page.says("Dibatalkan") && !page.says("Bayar dengan Sawit"));
    assert_eq!(world.stock("4").await, 25);

    let paid = browser.order("1", "2").await;
    let page = browser.get(&paid).await;
    let event = paid_event("trx_1", page.between("<dd class=\"va\">", "<"), json!(59_000));
    assert_eq!(world.deliver("msg_1", &event).await.0, StatusCode::OK);
    // The page was open in another tab when the payment came.
    let page = browser.post(&format!("{paid}/batal"), &[("token", &token)]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.says("tidak bisa dibatalkan lagi") && page.says("Lunas"));
    world.stop().await;
}

#[tokio::test]
async fn pages_let_browsers_load_nothing_foreign_and_nothing_inline() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "1").await;
    for path in [
        "/",
        "/produk/1",
        "/pesanan",
        &path,
        &format!("{path}?status=PAID"),
        "/nirgends",
    ] {
        let page = browser.get(path).await;
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
        assert_eq!(page.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        assert!(page.says("<html lang=\"id\">"));
        for inline in ["<style", "style=\"", "<script>", "onclick", "src=\"http", "src=\"//"] {
            assert!(!page.says(inline), "{path} has {inline}");
        }
        // The only links that leave the shop are those to the checkout.
        let outward = page.body.matches("href=\"http").count();
        assert_eq!(
            outward,
            page.body.matches("href=\"http://127.0.0.1:8000/pay?va=").count()
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn files_are_kept_by_browsers_and_change_their_name_with_their_content() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let shelf = browser.get("/").await;
    let style = shelf.between("<link rel=\"stylesheet\" href=\"", "\"");
    for path in [
        style,
        shelf.between("type=\"image/svg+xml\" href=\"", "\""),
        shelf.between("<img class=\"picture\" src=\"", "\""),
    ] {
        let file = browser.get(path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        let kept = file.headers[header::CACHE_CONTROL].to_str().unwrap();
        assert!(kept.contains("immutable"), "{kept}");
        let media_type = file.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert!(
            media_type == "image/svg+xml" || media_type.starts_with("text/css"),
            "{media_type}"
        );
        assert!(!file.says("http://") || file.says("xmlns=\"http://www.w3.org/2000/svg\""));
    }
    assert_eq!(browser.get("/assets/shop.css").await.status, StatusCode::NOT_FOUND);
    world.stop().await;
}

#[tokio::test]
async fn this_machine_has_one_name_so_that_who_comes_back_is_known() {
    let world = World::start().await;
    let mut browser = Browser::new(&world);
    let host = world.pages_url().replace("http://127.0.0.1", "localhost");
    let page = browser
        .send(Method::GET, "/pesanan/1?status=PAID", &[("host", &host)], &[])
        .await;
    assert_eq!(page.status, StatusCode::TEMPORARY_REDIRECT);
    let target = page.headers[header::LOCATION].to_str().unwrap();
    assert_eq!(target, format!("{}/pesanan/1?status=PAID", world.pages_url()));
    world.stop().await;
}
