//! Receipts of one's own, and the page that verifies anybody's.

use axum::body::Body;
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::world::{Browser, PAYMENT, Page, World, form};

const CODE: &str = "SRC1:0A-/+.:Z";
const KEY: &str = "sawit/history+1a2b3c4d+ARo0";

fn receipt(user_id: &str, status: &str) -> Value {
    let text = json!({
        "format": "sawit-receipt/1",
        "entry": {
            "sequence": 2, "historyId": "hst_1", "entryKey": "k", "transactionId": PAYMENT, "userId": user_id,
            "amountMinor": 5_900_050, "currency": "IDR", "type": "PAYMENT", "status": status, "direction": "OUT",
            "vaNumber": "DS-8800123", "walletId": "wal_01M7YA8DWM618HY59GXD4SY2PR", "counterparty": "mrc_1",
            "failureCode": null, "occurredAt": "2026-11-25T13:10:00.000000Z", "recordedAt": "2026-11-25T13:10:00.004217Z",
        },
        "entryBytes": "AQ==", "leafIndex": 1, "treeSize": 7, "path": [], "keyId": "1a2b3c4d",
        "checkpoint": "sawit/history\n7\nx\ntime 2026-11-25T13:11:00.300000Z\n\n— sawit/history x\n",
    });
    json!(text.to_string())
}

async fn world() -> (World, Browser) {
    let world = World::new();
    world.data("receipt", receipt("usr_1", "SUCCESS"));
    world.data("receiptCode", json!(CODE));
    world.data("historyPublicKeys", json!([KEY]));
    let buyer = world.buyer().await;
    (world, buyer)
}

fn address() -> String {
    format!("/app/receipt/{PAYMENT}")
}

#[tokio::test]
async fn ones_own_receipt_is_shown_with_its_code() {
    let (world, mut buyer) = world().await;
    let page = buyer.get(&address()).await;
    assert_eq!(page.status, StatusCode::OK);
    let link = format!("http://pay.example/verify#{CODE}");
    for text in [
        "−Rp 59.000,50",
        "DS-8800123",
        "Toko",
        "INV-1",
        "Tabungan",
        "Naruto Uzumaki",
        "25 Nov 2026, 20.10 WIB",
        "25 Nov 2026, 20.11 WIB, bersama 7 catatan",
        "1a2b3c4d",
        "<svg class=\"qr\"",
        &format!("href=\"{link}\""),
        &format!("href=\"{}.json\"", address()),
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("Bukan bukti"), "{}", page.body);

    // Without names, when only they cannot be had.
    for field in ["transaction", "myWallets", "checkoutSession"] {
        world.down(field);
    }
    assert_eq!(buyer.get(&address()).await.status, StatusCode::OK);
    world.down("receiptCode");
    assert_eq!(buyer.get(&address()).await.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn the_file_is_the_receipt_as_it_came() {
    let (world, mut buyer) = world().await;
    let file = buyer.get(&format!("{}.json", address())).await;
    assert_eq!(json!(file.body), receipt("usr_1", "SUCCESS"));
    assert_eq!(file.headers[header::CONTENT_TYPE], "application/json");
    let disposition = format!("attachment; filename=\"sawit-receipt-{PAYMENT}.json\"");
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], disposition.as_str());
    world.refuse("receipt", "NOT_FOUND", json!({}));
    let missing = buyer.get(&format!("{}.json", address())).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let mut nobody = world.browser();
    let sent = nobody.get(&address()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert!(sent.location().starts_with("/app/login?next="), "{}", sent.location());
}

#[tokio::test]
async fn nobody_elses_receipt_is_shown_and_one_that_is_not_there_yet_is_waited_for() {
    let (world, mut buyer) = world().await;
    // As staff are given it.
    world.data("receipt", receipt("usr_2", "SUCCESS"));
    for path in [address(), format!("{}.json", address())] {
        assert_eq!(buyer.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for id in ["a%20b", "%2e%2e", "a%2Fb", "%C3%BC", "x%22", &"a".repeat(65)] {
        let page = buyer.get(&format!("/app/receipt/{id}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{id}");
    }
    assert_eq!(world.calls("receipt").len(), 2, "what is no id is not asked for");
    world.refuse("receipt", "NOT_FOUND", json!({}));
    let page = buyer.get(&address()).await;
    assert!(page.body.contains("Bukti belum siap"), "{}", page.body);
    world.data("transaction", json!(null));
    assert_eq!(buyer.get(&address()).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_proves_no_payment_or_has_no_code_says_so() {
    let (world, mut buyer) = world().await;
    for status in ["FAILED", "AUTHORIZED", "REVIEW", "VOIDED", "EXPIRED", "NEW_ONE"] {
        world.data("receipt", receipt("usr_1", status));
        let page = buyer.get(&address()).await;
        assert!(page.body.contains("Bukan bukti pembayaran"), "{status}: {}", page.body);
    }
    world.data("receiptCode", json!(null));
    let page = buyer.get(&address()).await;
    assert!(page.body.contains("Kode ini tidak memuat bukti"), "{}", page.body);
    assert!(page.body.contains("<svg class=\"qr\"") && !page.body.contains("data-code"));
}

fn told(changes: &Value) -> Value {
    let mut told = json!({
        "holds": true, "problem": null, "sequence": 2, "treeSize": 7, "signedAt": "2026-11-25T13:11:00.300000Z", "publicKey": KEY,
        "entry": { "historyId": "hst_1", "transactionId": PAYMENT, "userId": "usr_9", "amount": 59000.5, "type": "PAYMENT",
                   "vaNumber": null, "status": "SUCCESS", "direction": "IN", "walletId": null, "counterparty": "<b>Toko</b>",
                   "failureCode": null, "createdAt": "2026-11-25T13:10:00Z" },
    });
    for (name, value) in changes.as_object().unwrap() {
        told[name] = value.clone();
    }
    told
}

/// Sends the form as browsers send one with a file.
async fn send(browser: &mut Browser, parts: &[(&str, &[u8])]) -> Page {
    let page = browser.get("/verify").await;
    let mut body = Vec::new();
    let hidden = page.hidden("/verify");
    let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    for (name, value) in hidden.chain(parts.iter().copied()) {
        body.extend(
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\r\n").bytes(),
        );
        body.extend_from_slice(value);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    let mut request = form("/verify").body(Body::from(body)).unwrap();
    let kind = "multipart/form-data; boundary=edge".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    browser.request(request).await
}

#[tokio::test]
async fn anybody_may_have_a_receipt_verified() {
    let (world, _) = world().await;
    let mut nobody = world.browser();
    let page = nobody.get("/verify").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.body.contains(KEY) && page.body.contains("/assets/verify-"),
        "{}",
        page.body
    );

    world.data("verifyReceipt", told(&json!({})));
    let page = send(&mut nobody, &[("receipt", b" {} "), ("key", b"a+b+c")]).await;
    for text in [
        "Bukti ini asli",
        "+Rp 59.000,50",
        PAYMENT,
        "usr_9",
        "&lt;b&gt;Toko&lt;/b&gt;",
        "Diperiksa oleh server",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    let calls = world.calls("verifyReceipt");
    assert_eq!(calls[0].variables, json!({ "receipt": "{}", "publicKey": "a+b+c" }));
    assert_eq!(calls[0].token, None);
    // A file counts before what was pasted, and an empty one is none.
    send(&mut nobody, &[("receipt", b"pasted"), ("file", b"file"), ("key", b"")]).await;
    send(&mut nobody, &[("receipt", b"pasted"), ("file", b"")]).await;
    let asked: Vec<Value> = world
        .calls("verifyReceipt")
        .into_iter()
        .skip(1)
        .map(|call| call.variables)
        .collect();
    assert_eq!(
        asked,
        [
            json!({ "receipt": "file", "publicKey": null }),
            json!({ "receipt": "pasted", "publicKey": null }),
        ]
    );
}

#[tokio::test]
async fn what_does_not_hold_is_told_with_its_reason() {
    let (world, _) = world().await;
    let mut nobody = world.browser();
    let check = async |nobody: &mut Browser, changes: Value, expect: &str| {
        world.data("verifyReceipt", told(&changes));
        let page = send(nobody, &[("receipt", b"x")]).await;
        let result = page
            .body
            .split_once("id=\"result\"")
            .unwrap()
            .1
            .split_once("</section>")
            .unwrap()
            .0;
        assert!(result.contains(expect), "{expect}: {result}");
    };
    let refused = |problem: &str| json!({ "holds": false, "problem": problem, "entry": null });
    check(&mut nobody, refused("MALFORMED"), "bukan bukti Sawit yang utuh").await;
    check(&mut nobody, refused("DISAGREES"), "berbeda dari yang ditandatangani").await;
    check(&mut nobody, refused("NOT_INCLUDED"), "tidak termasuk").await;
    check(&mut nobody, refused("UNKNOWN_KEY"), "kunci lain").await;
    check(&mut nobody, refused("BAD_SIGNATURE"), "Tanda tangannya tidak cocok").await;
    check(&mut nobody, refused("A_NEW_ONE"), "Tidak terbukti").await;
    // What is said to be there counts only when it holds.
    check(
        &mut nobody,
        json!({ "holds": false, "problem": "DISAGREES" }),
        "Tidak terbukti",
    )
    .await;
    let mut failed = told(&json!({}))["entry"].clone();
    failed["status"] = json!("FAILED");
    check(&mut nobody, json!({ "entry": failed }), "Bukan bukti pembayaran").await;
}

#[tokio::test]
async fn hostile_forms_are_refused_before_anybody_is_asked() {
    let (world, _) = world().await;
    world.data("verifyReceipt", told(&json!({})));
    let mut nobody = world.browser();
    let empty = send(&mut nobody, &[("receipt", b" "), ("file", b"")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    for receipt in [&b"\xff\x00binary"[..], &vec![b'x'; 65 * 1024]] {
        let page = send(&mut nobody, &[("file", receipt)]).await;
        assert!(page.body.contains("Tidak terbukti"), "{}", page.body);
    }
    let large = send(&mut nobody, &[("file", &vec![b'x'; 90 * 1024])]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let post = async |kind: &str, body: &str| {
        let mut request = form("/verify").body(Body::from(body.to_owned())).unwrap();
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind.parse().unwrap());
        nobody.clone().request(request).await.status
    };
    assert_eq!(
        post("application/x-www-form-urlencoded", "receipt=x").await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    assert_eq!(
        post("multipart/form-data", "x").await,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    assert_eq!(
        post("multipart/form-data; boundary=edge", "--edge").await,
        StatusCode::BAD_REQUEST
    );
    let part = "--edge\r\nContent-Disposition: form-data; name=\"receipt\"\r\n\r\nx\r\n--edge--\r\n";
    assert_eq!(
        post("multipart/form-data; boundary=edge", part).await,
        StatusCode::FORBIDDEN,
        "without its token"
    );
    assert!(world.calls("verifyReceipt").is_empty());
    // No other page takes files.
    let mut request = form("/app/login").body(Body::from(part)).unwrap();
    let kind = "multipart/form-data; boundary=edge".parse().unwrap();
    request.headers_mut().insert(header::CONTENT_TYPE, kind);
    assert_eq!(
        nobody.clone().request(request).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );

    world.refuse("verifyReceipt", "BAD_USER_INPUT", json!({}));
    let page = send(&mut nobody, &[("receipt", b"x"), ("key", b"no key")]).await;
    assert!(page.body.contains("Ini bukan kunci publik"), "{}", page.body);
}
