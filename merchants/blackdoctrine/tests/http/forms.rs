//! Forms: only our own are taken, wrong ones are explained, and twice is once.

use futures::future::join_all;
use reqwest::{Method, StatusCode};

use crate::browser::{Browser, borrowed, order_fields};
use crate::world::World;

#[tokio::test]
async fn forms_of_other_pages_change_nothing() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let mut other = Browser::signed_in(&world, "sasuke@gmail.com").await;
    let page = browser.get("/produk/4").await;
    let good = order_fields(&page, "1");
    let with_token = |token: &str| {
        let mut fields = good.clone();
        fields[0].1 = token.to_owned();
        fields
    };
    let foreign_token = other.get("/produk/4").await.token().to_owned();
    let visitors_token = Browser::new(&world).get("/masuk").await.token().to_owned();
    let (home, without_token) = (world.pages_url(), good[1..].to_vec());
    let ours = [("origin", home.as_str()), ("sec-fetch-site", "same-origin")];
    for (headers, fields) in [
        (ours.as_slice(), without_token),
        (&ours, with_token("")),
        (&ours, with_token("AAAA")),
        (&ours, with_token(&foreign_token)),
        (&ours, with_token(&visitors_token)),
        (&[("origin", "https://evil.example")], good.clone()),
        (&[("origin", "null")], good.clone()),
        // The wallet's pages run on another port of the same machine: a different origin, though the same site.
        (&[("origin", "http://127.0.0.1:8000")], good.clone()),
        (
            &[("origin", home.as_str()), ("sec-fetch-site", "same-site")],
            good.clone(),
        ),
        (&[("sec-fetch-site", "cross-site")], good.clone()),
    ] {
        let page = browser
            .send(Method::POST, "/produk/4/pesan", headers, &borrowed(&fields))
            .await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{headers:?} {fields:?}");
        assert!(page.says("Formulir tidak bisa diterima"));
    }
    assert_eq!(world.stock("4").await, 25);
    // A browser that tells nothing of where the form was is known by its token.
    let page = browser
        .send(Method::POST, "/produk/4/pesan", &[], &borrowed(&good))
        .await;
    assert_eq!(page.goes_to(), "/pesanan/1");
    world.stop().await;
}

#[tokio::test]
async fn nobody_is_signed_in_or_out_by_a_foreign_page() {
    let world = World::start().await;
    world.buyer("naruto@gmail.com").await;
    let mut browser = Browser::new(&world);
    let fields = [
        ("token", ""),
        ("email", "naruto@gmail.com"),
        ("sandi", "password123"),
        ("lanjut", "/"),
    ];
    // Without the visitor's cookie no token fits, and with it only the one from the page.
    assert_eq!(browser.post("/masuk", &fields).await.status, StatusCode::FORBIDDEN);
    let token = browser.get("/masuk").await.token().to_owned();
    assert_eq!(browser.post("/masuk", &fields).await.status, StatusCode::FORBIDDEN);
    let fields = [("token", token.as_str()), fields[1], fields[2], fields[3]];
    assert_eq!(browser.post("/masuk", &fields).await.goes_to(), "/");
    assert_eq!(
        browser.post("/keluar", &[("token", &token)]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(browser.get("/pesanan").await.status, StatusCode::OK);
    // The address of a form's verb leads back to the page it stood on.
    assert_eq!(browser.get("/keluar").await.goes_to(), "/");
    assert_eq!(browser.get("/produk/4/pesan").await.goes_to(), "/produk/4");
    assert_eq!(browser.get("/produk/%C3%A9/pesan").await.goes_to(), "/produk/%C3%A9");
    world.stop().await;
}

#[tokio::test]
async fn wrong_logins_are_explained_alike_and_limited() {
    let world = World::start().await;
    world.buyer("naruto@gmail.com").await;
    let mut browser = Browser::new(&world);
    let token = browser.get("/masuk").await.token().to_owned();
    for attempt in 0..11 {
        let page = browser
            .post(
                "/masuk",
                &[
                    ("token", &token),
                    ("email", "naruto@gmail.com"),
                    ("sandi", "password124"),
                    ("lanjut", "/pesanan"),
                ],
            )
            .await;
        assert!(!page.says("password124") && page.says("value=\"naruto@gmail.com\""));
        if attempt < 10 {
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.says("Email atau kata sandi salah.") && page.says("aria-invalid=\"true\""));
        } else {
            assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
            assert!(page.says("Terlalu banyak percobaan"));
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn registrations_that_do_not_fit_are_explained() {
    let world = World::start().await;
    world.buyer("naruto@gmail.com").await;
    let mut browser = Browser::new(&world);
    let token = browser.get("/daftar").await.token().to_owned();
    for (nama, email, sandi, expect) in [
        ("", "sasuke@gmail.com", "password123", "Nama harus"),
        ("Sasuke", "sasuke", "password123", "alamat email yang lengkap"),
        ("Sasuke", "sasuke@gmail.com", "short", "Kata sandi harus"),
        ("Sasuke", "NARUTO@gmail.com", "password123", "sudah terdaftar"),
    ] {
        let fields = [
            ("token", token.as_str()),
            ("nama", nama),
            ("email", email),
            ("sandi", sandi),
            ("lanjut", "/"),
        ];
        let page = browser.post("/daftar", &fields).await;
        assert!(
            page.status.is_client_error() && page.says(expect),
            "{expect}: {}",
            page.body
        );
    }
    world.stop().await;
}

#[tokio::test]
async fn orders_that_do_not_fit_are_explained_and_take_nothing() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let page = browser.get("/produk/4").await;
    for (field, value, status, expect) in [
        ("jumlah", "0", StatusCode::UNPROCESSABLE_ENTITY, "Jumlah harus"),
        ("jumlah", "dua", StatusCode::UNPROCESSABLE_ENTITY, "Jumlah harus"),
        ("jumlah", "26", StatusCode::CONFLICT, "Stok tidak cukup"),
        ("alamat", " x ", StatusCode::UNPROCESSABLE_ENTITY, "Alamat harus"),
        ("kota", "99", StatusCode::UNPROCESSABLE_ENTITY, "Pilih salah satu kota"),
        ("kirim", "ROKET", StatusCode::UNPROCESSABLE_ENTITY, "cara pengiriman"),
    ] {
        let mut fields = order_fields(&page, "3");
        for (name, filled) in &mut fields {
            if *name == field {
                *filled = value.to_owned();
            }
        }
        let page = browser.post("/produk/4/pesan", &borrowed(&fields)).await;
        assert_eq!(page.status, status, "{field} {value}");
        assert!(
            page.says(expect) && page.says("role=\"alert\""),
            "{expect}: {}",
            page.body
        );
        if field != "alamat" {
            assert!(page.says("Jalan Konoha No. 02"), "what was typed stays");
        }
    }
    let fields = order_fields(&page, "1");
    let page = browser.post("/produk/99/pesan", &borrowed(&fields)).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert_eq!(world.stock("4").await, 25);
    world.stop().await;
}

#[tokio::test]
async fn a_double_click_is_one_order() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let page = browser.get("/produk/4").await;
    // All there are, so that the second click finds the shelf empty by the first.
    let fields = order_fields(&page, "25");
    let cookies = browser.cookies.clone();
    let clicks = (0..5).map(|_| {
        let (mut tab, fields) = (Browser::new(&world), fields.clone());
        tab.cookies = cookies.clone();
        async move {
            tab.post("/produk/4/pesan", &borrowed(&fields))
                .await
                .goes_to()
                .to_owned()
        }
    });
    let paths = join_all(clicks).await;
    assert!(paths.iter().all(|path| path == "/pesanan/1"), "{paths:?}");
    assert_eq!(world.stock("4").await, 0);
    assert!(browser.get("/produk/4").await.says("Habis"));

    // Changed after coming back to it, the form is another order; and a new form is another one anyway.
    let page = browser.get("/produk/1").await;
    for (quantity, path) in [("1", "/pesanan/2"), ("2", "/pesanan/3"), ("1", "/pesanan/2")] {
        let fields = order_fields(&page, quantity);
        assert_eq!(
            browser.post("/produk/1/pesan", &borrowed(&fields)).await.goes_to(),
            path
        );
    }
    assert_eq!(browser.order("1", "1").await, "/pesanan/4");
    world.stop().await;
}
