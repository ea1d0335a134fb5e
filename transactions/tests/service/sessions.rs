//! Payment sessions: what merchants may open, see and cancel, and how they are paid.

use std::time::Duration;

use ids::WalletId;
use serde_json::{Value, json};

use crate::bed::{Ask, Bed, inputs, outcome};

fn minimal(order_id: &str) -> Value {
    json!({ "orderId": order_id, "amount": 20000 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_what_its_merchant_asked_for() {
    let mut bed = Bed::start_with(&[("SAWIT_PUBLIC_URL", "https://pay.example")]).await;
    let (shop, other) = (bed.shop("ani", "ANI-1").await, bed.shop("budi", "BUDI").await);
    let friend = bed.user("friend", 0);
    let input = json!({
        "orderId": "order-1", "amount": "20000.5", "description": "Shoes & socks", "vaNumber": "ani-1777",
        "items": [{ "name": "Shoes", "quantity": 2, "price": 9000 }, { "name": "Gift", "quantity": 1, "price": 0 }],
        "returnUrl": "https://shop.example/done?cart=1", "cancelUrl": "https://shop.example/cart", "expiresIn": 20,
        "captureMode": "MANUAL", "metadata": [{ "key": "cashier", "value": "7" }],
        "splits": [
            { "merchantId": shop.id, "amount": "15000.25" },
            { "merchantId": other.id, "amount": 5000 },
            { "walletId": friend.wallet.as_str(), "amount": "0.25" },
        ],
    });
    let session = bed.open(&shop, input.clone()).await;
    let id = session["sessionId"].as_str().unwrap();
    assert_eq!(session["checkoutUrl"], format!("https://pay.example/checkout/{id}"));
    assert_eq!((&session["state"], &session["version"]), (&json!("OPEN"), &json!(1)));
    for field in [
        "orderId",
        "description",
        "items",
        "returnUrl",
        "cancelUrl",
        "captureMode",
        "metadata",
        "vaNumber",
    ] {
        assert_eq!(session[field], input[field], "{field}");
    }
    assert_eq!(session["amount"], json!(20000.5));
    let shop_wallet = shop.id.replace("mrc_", "wal_");
    assert_eq!(
        session["splits"][0],
        json!({ "walletId": shop_wallet, "merchantId": shop.id, "amount": 15000.25 })
    );
    assert_eq!(session["splits"][2]["merchantId"], Value::Null);
    let expires_at = service::Timestamp::parse(session["expiresAt"].as_str().unwrap()).unwrap();
    assert_eq!(expires_at.since(bed.clock.now()), Duration::from_secs(20));

    let second = bed.open(&shop, minimal("order-2")).await;
    assert!(second["vaNumber"].as_str().unwrap().starts_with("ANI-1"), "{second}");
    assert_eq!(
        (&second["captureMode"], &second["splits"]),
        (&json!("AUTOMATIC"), &json!([]))
    );
    let answer = bed
        .ask(
            Some(&bed.admin()),
            crate::bed::REGISTER,
            json!({ "input": { "name": "No prefix" } }),
        )
        .await;
    let key = answer.data()["registerMerchant"]["apiKey"].as_str().unwrap().to_owned();
    let plain = bed.try_open(&key, minimal("order-1")).await;
    let plain = &plain.data()["createPaymentSession"]["vaNumber"];
    assert!(plain.as_str().unwrap().starts_with("DS-8800"), "{plain}");

    bed.stop_service().await;
    bed.start_service().await;
    assert_eq!(bed.session(&shop, &session["sessionId"]).await["vaNumber"], "ani-1777");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_sessions_are_refused() {
    let bed = Bed::start().await;
    let (shop, other) = (bed.shop("ani", "ANI-1").await, bed.shop("budi", "BUDI").await);
    let friend = bed.user("friend", 0);
    let with = |field: &str, value: Value| {
        let mut input = minimal("order");
        input[field] = value;
        input
    };
    let item =
        |name: &str, quantity: i64, price: Value| json!([{ "name": name, "quantity": quantity, "price": price }]);
    let half = |minor: &str| json!([{ "merchantId": shop.id, "amount": 10000 }, { "walletId": friend.wallet.as_str(), "amount": minor }]);
    let pairs = |count: usize| {
        (0..count)
            .map(|index| json!({ "key": format!("{index}"), "value": "x" }))
            .collect::<Vec<_>>()
    };
    let many = |count: usize| vec![json!({ "name": "x", "quantity": 1, "price": 1 }); count];
    let unknown = WalletId::generate().to_string();
    for (input, expect) in [
        (with("amount", json!(0)), "BAD_USER_INPUT"),
        (with("amount", json!(-20000)), "BAD_USER_INPUT"),
        (with("amount", json!("0.001")), "BAD_USER_INPUT"),
        (with("orderId", json!("")), "BAD_USER_INPUT"),
        (with("orderId", json!("x".repeat(65))), "BAD_USER_INPUT"),
        (with("orderId", json!("a\nb")), "BAD_USER_INPUT"),
        (with("description", json!("a\u{202e}b")), "BAD_USER_INPUT"),
        (with("description", json!("x".repeat(201))), "BAD_USER_INPUT"),
        (with("expiresIn", json!(19)), "BAD_USER_INPUT"),
        (with("expiresIn", json!(15_552_001)), "BAD_USER_INPUT"),
        (with("expiresIn", json!(-1)), "BAD_USER_INPUT"),
        (with("vaNumber", json!("ANI-1")), "BAD_USER_INPUT"),
        (with("vaNumber", json!("BUDI777")), "BAD_USER_INPUT"),
        (with("vaNumber", json!("DS-8800777")), "BAD_USER_INPUT"),
        (with("vaNumber", json!("ANI-1\"){id}")), "BAD_USER_INPUT"),
        (with("returnUrl", json!("https://evil.example/")), "BAD_USER_INPUT"),
        (with("returnUrl", json!("javascript:alert(1)")), "BAD_USER_INPUT"),
        (
            with("cancelUrl", json!("https://shop.example@evil.example/")),
            "BAD_USER_INPUT",
        ),
        (with("items", item("x", 0, json!(1))), "BAD_USER_INPUT"),
        (with("items", item("x", 1, json!(-1))), "BAD_USER_INPUT"),
        (with("items", item("", 1, json!(1))), "BAD_USER_INPUT"),
        (with("items", json!(many(101))), "BAD_USER_INPUT"),
        (with("metadata", json!(pairs(21))), "BAD_USER_INPUT"),
        (
            with(
                "metadata",
                json!([{ "key": "a", "value": "1" }, { "key": "a", "value": "2" }]),
            ),
            "BAD_USER_INPUT",
        ),
        (
            with("metadata", json!([{ "key": "a", "value": "x".repeat(501) }])),
            "BAD_USER_INPUT",
        ),
        (with("splits", half("9999.99")), "BAD_USER_INPUT"),
        (with("splits", half("10000.01")), "BAD_USER_INPUT"),
        (with("splits", half("0")), "BAD_USER_INPUT"),
        (with("splits", json!([{ "amount": 20000 }])), "BAD_USER_INPUT"),
        (
            with("splits", json!([{ "walletId": unknown, "amount": 20000 }])),
            "NOT_FOUND",
        ),
        (
            with("splits", json!([{ "walletId": "x", "amount": 20000 }])),
            "NOT_FOUND",
        ),
        (
            with(
                "splits",
                json!([{ "merchantId": unknown.replace("wal_", "mrc_"), "amount": 20000 }]),
            ),
            "NOT_FOUND",
        ),
        (with("merchantId", json!(other.id)), "NOT_FOUND"),
        (with("idempotencyKey", json!("")), "BAD_USER_INPUT"),
    ] {
        assert_eq!(bed.try_open(&shop.key, input.clone()).await.code(), expect, "{input}");
    }
    let list = bed
        .ask(Some(&shop.key), "{ paymentSessions { sessionId } }", json!({}))
        .await;
    assert_eq!(list.data()["paymentSessions"], json!([]), "and nothing was opened");
    bed.open(&shop, with("items", json!(many(100)))).await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merchants_alone_open_see_and_cancel_their_sessions() {
    let bed = Bed::start().await;
    let (shop, other, user) = (
        bed.shop("ani", "ANI-1").await,
        bed.shop("budi", "BUDI").await,
        bed.user("u", 0),
    );
    let session = bed.open(&shop, minimal("1")).await;
    let by_owner = bed.try_open(&shop.owner.token, minimal("2")).await;
    by_owner.data();
    let mut named = minimal("3");
    named["merchantId"] = json!(shop.id);
    bed.try_open(&bed.admin(), named.clone()).await.data();
    let see = "query($id: String!) { paymentSession(sessionId: $id) { state } }";
    let cancel = "mutation($id: String!) { cancelPaymentSession(sessionId: $id) { state } }";
    let list = format!("{{ paymentSessions(merchantId: \"{}\") {{ state }} }}", shop.id);
    let revoked = "sk_sandbox_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let (service, id) = (bed.service_token(), &session["sessionId"]);
    for (token, open, one) in [
        (None, "UNAUTHENTICATED", "UNAUTHENTICATED"),
        (Some(revoked), "UNAUTHENTICATED", "UNAUTHENTICATED"),
        (Some(service.as_str()), "FORBIDDEN", "FORBIDDEN"),
        (Some(user.token.as_str()), "NOT_FOUND", "NOT_FOUND"),
        (Some(other.key.as_str()), "NOT_FOUND", "NOT_FOUND"),
        (Some(other.owner.token.as_str()), "NOT_FOUND", "NOT_FOUND"),
    ] {
        let opened = bed
            .answer(Ask {
                token: token.map(str::to_owned),
                ..Ask::open("", named.clone())
            })
            .await;
        assert_eq!(opened.code(), open, "{token:?}");
        assert_eq!(bed.ask(token, &list, json!({})).await.code(), open, "{token:?}");
        for document in [see, cancel] {
            assert_eq!(
                bed.ask(token, document, json!({ "id": id })).await.code(),
                one,
                "{token:?} {document}"
            );
        }
    }
    for id in ["x", "cks_00000000000000000000000001"] {
        assert_eq!(
            bed.ask(Some(&shop.key), see, json!({ "id": id })).await.code(),
            "NOT_FOUND"
        );
    }
    assert_eq!(bed.session(&shop, id).await["state"], "OPEN");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_newest_first_paged_and_filtered() {
    let bed = Bed::start().await;
    let shop = bed.shop("ani", "ANI-1").await;
    let mut ids = Vec::new();
    for order_id in ["a", "b", "c"] {
        ids.push(bed.open(&shop, minimal(order_id)).await["sessionId"].clone());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    ids.reverse();
    let cancel = "mutation($id: String!) { cancelPaymentSession(sessionId: $id) { state version } }";
    for _ in 0..2 {
        let cancelled = bed.ask(Some(&shop.key), cancel, json!({ "id": ids[0] })).await;
        let expect = json!({ "state": "CANCELLED", "version": 2 });
        assert_eq!(cancelled.data()["cancelPaymentSession"], expect, "once and for ever");
    }
    let list = async |arguments: String| {
        let document = format!("{{ paymentSessions{arguments} {{ sessionId }} }}");
        let answer = bed.ask(Some(&shop.key), &document, json!({})).await;
        let found = answer.data()["paymentSessions"].as_array().unwrap().clone();
        found
            .into_iter()
            .map(|one| one["sessionId"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(String::new()).await, ids);
    assert_eq!(list("(first: 1)".into()).await, ids[..1]);
    assert_eq!(list(format!("(first: 1, after: {})", ids[0])).await, ids[1..2]);
    assert_eq!(list("(state: CANCELLED)".into()).await, ids[..1]);
    assert_eq!(list("(orderId: \"a\")".into()).await, ids[2..]);
    assert_eq!(list("(state: PAID)".into()).await, Vec::<Value>::new());
    let bad = bed
        .ask(
            Some(&shop.key),
            "{ paymentSessions(after: \"x\") { state } }",
            json!({}),
        )
        .await;
    assert_eq!(bad.code(), "BAD_USER_INPUT");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_and_one_key_are_one_session() {
    let bed = Bed::start().await;
    let (shop, other) = (bed.shop("ani", "ANI-1").await, bed.shop("budi", "BUDI").await);
    let with_key = |order_id: &str, key: &str| {
        let mut input = minimal(order_id);
        input["idempotencyKey"] = json!(key);
        input
    };
    let session = bed.open(&shop, with_key("1", "k")).await;
    assert_eq!(
        bed.open(&shop, with_key("1", "k")).await,
        session,
        "repeated, it is the same"
    );
    let header = Ask::open(&shop.key, minimal("1")).with_header("idempotency-key", "k");
    assert_eq!(bed.answer(header).await.data()["createPaymentSession"], session);
    let reused = bed.try_open(&shop.key, with_key("2", "k")).await;
    assert_eq!(reused.code(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(reused.body["errors"][0]["extensions"]["fields"], json!(["orderId"]));
    let conflict = bed.try_open(&shop.key, with_key("1", "other")).await;
    assert_eq!(conflict.code(), "CONFLICT");
    assert_eq!(
        conflict.body["errors"][0]["extensions"]["sessionId"],
        session["sessionId"]
    );
    bed.open(&shop, with_key("2", "other")).await;
    let elsewhere = bed.open(&other, with_key("1", "k")).await;
    assert_ne!(
        elsewhere["sessionId"], session["sessionId"],
        "another merchant's orders are its own"
    );

    let mut numbered = minimal("3");
    numbered["vaNumber"] = session["vaNumber"].clone();
    assert_eq!(bed.try_open(&shop.key, numbered.clone()).await.code(), "CONFLICT");
    numbered["vaNumber"] = json!(session["vaNumber"].as_str().unwrap().to_ascii_lowercase());
    assert_eq!(
        bed.try_open(&shop.key, numbered).await.code(),
        "CONFLICT",
        "in any spelling"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_paid_by_its_id_or_by_its_number_and_once() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 100_000_000));
    let first = bed.open(&shop, minimal("1")).await;
    let asked = bed.faults.calls("getOrderByVA");
    let paid = bed.answer(Ask::pay(&payer, &first["sessionId"], Some("k"))).await;
    let paid = paid.data()["payPaymentSession"].clone();
    assert_eq!(
        (outcome(&paid), &paid["sessionId"]),
        ("SUCCESS".to_owned(), &first["sessionId"])
    );
    assert_eq!(bed.faults.calls("getOrderByVA"), asked, "the session is the bill");
    let again = bed.answer(Ask::pay(&payer, &first["sessionId"], Some("k"))).await;
    assert_eq!(again.data()["payPaymentSession"], paid);
    let session = bed.session(&shop, &first["sessionId"]).await;
    assert_eq!((&session["state"], &session["version"]), (&json!("PAID"), &json!(2)));
    assert_eq!(session["transactionId"], paid["transactionId"]);
    assert_ne!(session["paidAt"], Value::Null);
    assert_eq!(bed.ledger.balance(shop.id.replace("mrc_", "wal_")), 2_000_000);
    assert_eq!(bed.pay(&payer, &first["sessionId"]).await, "BILL_ALREADY_PAID");

    let second = bed.open(&shop, minimal("2")).await;
    let va_number = second["vaNumber"].as_str().unwrap().to_ascii_lowercase();
    let wrong = bed
        .create(&payer, inputs::payment(payer.wallet, 19_999, &va_number))
        .await;
    assert_eq!(outcome(&wrong), "BILL_AMOUNT_MISMATCH");
    let paid = bed
        .create(&payer, inputs::payment(payer.wallet, 20_000, &va_number))
        .await;
    assert_eq!(outcome(&paid), "SUCCESS");
    assert_eq!(bed.session(&shop, &second["sessionId"]).await["state"], "PAID");
    let cancel = "mutation($id: String!) { cancelPaymentSession(sessionId: $id) { state } }";
    let refused = bed
        .ask(Some(&shop.key), cancel, json!({ "id": second["sessionId"] }))
        .await;
    assert_eq!(refused.code(), "CONFLICT");

    let third = bed.open(&shop, minimal("3")).await;
    let poor = bed.user("poor", 0);
    assert_eq!(bed.pay(&poor, &third["sessionId"]).await, "INSUFFICIENT_FUNDS");
    assert_eq!(
        bed.session(&shop, &third["sessionId"]).await["state"],
        "OPEN",
        "it can be paid by another"
    );
    let mut foreign = Ask::pay(&payer, &third["sessionId"], None);
    foreign.variables["input"]["walletId"] = json!(poor.wallet.as_str());
    assert_eq!(bed.answer(foreign).await.code(), "NOT_FOUND");
    for (token, expect) in [
        (None, "UNAUTHENTICATED"),
        (Some(shop.key.clone()), "FORBIDDEN"),
        (Some(bed.service_token()), "FORBIDDEN"),
    ] {
        let ask = Ask {
            token,
            ..Ask::pay(&payer, &third["sessionId"], None)
        };
        assert_eq!(bed.answer(ask).await.code(), expect);
    }
    let unknown = bed
        .answer(Ask::pay(&payer, &json!("cks_00000000000000000000000001"), None))
        .await;
    assert_eq!(unknown.code(), "NOT_FOUND");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_a_session_of_whoever_asked_for_it() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    let invoice = "mutation { generateInvoiceVA(amount: 1000, description: \"Tea\") }";
    let own = bed.ask(Some(&shop.key), invoice, json!({})).await;
    let own = own.data()["generateInvoiceVA"].as_str().unwrap().to_owned();
    assert!(own.starts_with("ANI-1"), "{own}");
    let default = bed.ask(None, invoice, json!({})).await;
    let default = default.data()["generateInvoiceVA"].as_str().unwrap().to_owned();
    assert!(default.starts_with("DS-8800"), "{default}");
    let unknown = bed.ask(Some("sk_sandbox_rubbish"), invoice, json!({})).await;
    assert_eq!(unknown.code(), "UNAUTHENTICATED", "a key that is wrong is no stranger");
    for va_number in [&own, &default] {
        let paid = bed
            .create(&payer, inputs::payment(payer.wallet, 1_000, va_number))
            .await;
        assert_eq!(outcome(&paid), "SUCCESS");
    }
    assert_eq!(bed.ledger.balance(shop.id.replace("mrc_", "wal_")), 100_000);
    let list = bed
        .ask(
            Some(&shop.key),
            "{ paymentSessions { vaNumber state orderId } }",
            json!({}),
        )
        .await;
    let expect = json!([{ "vaNumber": own, "state": "PAID", "orderId": null }]);
    assert_eq!(list.data()["paymentSessions"], expect);
    bed.finish().await;
}
