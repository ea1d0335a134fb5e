//! What buyers see: a session by its id, and a bill by its number.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::graphql::Answer;

use crate::bed::{Ask, Bed, Fault, Side, inputs, outcome};

const FIELDS: &str =
    "sessionId merchantId merchantName orderId amount currency description items { name quantity price } vaNumber
    state captureMode expiresAt version canReturn returnUrl cancelUrl now";

async fn open(bed: &Bed, va_number: &str, return_url: Option<&str>) -> Answer {
    let document = format!(
        "mutation($va: String!, $url: String) {{ openCheckout(vaNumber: $va, returnUrl: $url) {{ {FIELDS} }} }}"
    );
    bed.ask(None, &document, json!({ "va": va_number, "url": return_url }))
        .await
}

async fn see(bed: &Bed, session_id: &Value) -> Value {
    let document = format!("query($id: String!) {{ checkoutSession(sessionId: $id) {{ {FIELDS} }} }}");
    let answer = bed.ask(None, &document, json!({ "id": session_id })).await;
    answer.data()["checkoutSession"].clone()
}

#[track_caller]
fn failure(answer: &Answer) -> (String, String) {
    let failure = answer.body["errors"][0]["extensions"]["failureCode"].as_str();
    (answer.code().to_owned(), failure.unwrap_or("").to_owned())
}

fn both(code: &str, failure: &str) -> (String, String) {
    (code.to_owned(), failure.to_owned())
}

/// Shops that buyers may be sent back to.
const ORIGINS: (&str, &str) = ("SAWIT_MARKETPLACE_RETURN_ORIGINS", "https://shop.example");

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_the_id_sees_what_is_paid_and_the_signed_way_back() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    let input = json!({
        "orderId": "order 1", "amount": 20000, "returnUrl": "https://shop.example/done", "cancelUrl": "https://shop.example/cart",
        "items": [{ "name": "Shoes", "quantity": 1, "price": 20000 }], "metadata": [{ "key": "secret", "value": "margin 70%" }],
    });
    let session = bed.open(&shop, input).await;
    let id = &session["sessionId"];
    let seen = see(&bed, id).await;
    assert_eq!(
        (&seen["merchantName"], &seen["canReturn"]),
        (&json!("Toko ani"), &json!(true))
    );
    assert_eq!(seen["cancelUrl"], "https://shop.example/cart");
    for state in ["OPEN", "PAID"] {
        let told = see(&bed, id).await;
        let url = told["returnUrl"].as_str().unwrap();
        let query = url.split_once('?').unwrap().1;
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["session_id", "order_id", "status", "signature"]);
        assert_eq!((pairs[1].1.as_str(), pairs[2].1.as_str()), ("order 1", state));
        assert_eq!((pairs[3].1.len(), &pairs[0].1), (64, &id.as_str().unwrap().to_owned()));
        if state == "OPEN" {
            assert_eq!(bed.pay(&payer, id).await, "SUCCESS");
        }
    }
    let narrower = "mutation { updateMerchant(input: { returnOrigins: [] }) { name } }";
    bed.ask(Some(&shop.key), narrower, json!({})).await.data();
    let seen = see(&bed, id).await;
    let links = (&seen["returnUrl"], &seen["cancelUrl"], &seen["canReturn"]);
    assert_eq!(
        links,
        (&Value::Null, &Value::Null, &json!(false)),
        "an origin that was taken back is none"
    );
    for unknown in ["x", "cks_00000000000000000000000001"] {
        assert_eq!(see(&bed, &json!(unknown)).await, Value::Null);
    }
    let document = "query($id: String!) { checkoutSession(sessionId: $id) { metadata { key } } }";
    let answer = bed.ask(None, document, json!({ "id": id })).await;
    assert_eq!(
        answer.code(),
        "GRAPHQL_VALIDATION_FAILED",
        "what is the merchant's stays with it"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_of_the_marketplace_becomes_a_session() {
    let bed = Bed::start_with(&[ORIGINS]).await;
    let payer = bed.user("payer", 10_000_000);
    let bill = bed.market.bill(20_000);
    let opened = open(&bed, &bill, Some("https://shop.example/orders/1")).await;
    let session = opened.data()["openCheckout"].clone();
    assert_eq!(
        (&session["amount"], &session["state"], &session["orderId"]),
        (&json!(20000), &json!("OPEN"), &json!("1"))
    );
    assert!(
        session["returnUrl"]
            .as_str()
            .unwrap()
            .starts_with("https://shop.example/orders/1?session_id=cks_")
    );
    let again = open(&bed, &bill.to_ascii_lowercase(), None).await;
    assert_eq!(again.data()["openCheckout"]["sessionId"], session["sessionId"]);
    assert_eq!(again.data()["openCheckout"]["version"], 1, "nothing has changed");

    bed.market.set_order(
        &bill,
        r#"{"id":"1","totalHarga":25000,"status":"PENDING","paymentStatus":"UNPAID"}"#,
    );
    let dearer = open(&bed, &bill, None).await.data()["openCheckout"].clone();
    assert_eq!((&dearer["amount"], &dearer["version"]), (&json!(25000), &json!(2)));
    bed.faults.break_down("getOrderByVA", Fault::Unavailable);
    let silent = open(&bed, &bill, None).await.data()["openCheckout"].clone();
    assert_eq!(silent["amount"], 25000, "what it told before stands while it is silent");
    bed.faults.heal();
    assert_eq!(bed.pay(&payer, &session["sessionId"]).await, "SUCCESS");
    let paid = open(&bed, &bill, None).await.data()["openCheckout"].clone();
    assert_eq!((&paid["state"], &paid["version"]), (&json!("PAID"), &json!(3)));

    let second = bed.market.bill(1_000);
    let second = open(&bed, &second, None).await.data()["openCheckout"].clone();
    assert_eq!(
        second["orderId"],
        Value::Null,
        "this marketplace calls all its orders 1"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_that_cannot_be_paid_says_why() {
    let bed = Bed::start_with(&[ORIGINS]).await;
    let payer = bed.user("payer", 10_000_000);
    let bill = bed.market.bill(20_000);
    for (va_number, expect) in [
        ("DS-8800999", both("NOT_FOUND", "")),
        ("XX-8800999", both("NOT_FOUND", "")),
        ("DS", both("BAD_USER_INPUT", "")),
        ("DS-8800\") { id }", both("BAD_USER_INPUT", "")),
    ] {
        assert_eq!(failure(&open(&bed, va_number, None).await), expect, "{va_number}");
    }
    for elsewhere in [
        "https://evil.example/",
        "javascript:alert(1)",
        "//shop.example",
        "https://shop.example@evil.example",
    ] {
        assert_eq!(
            open(&bed, &bill, Some(elsewhere)).await.code(),
            "BAD_USER_INPUT",
            "{elsewhere}"
        );
    }
    let paid = bed.market.bill(1);
    bed.market
        .set_order(&paid, r#"{"id":"7","totalHarga":1,"paymentStatus":"PAID"}"#);
    assert_eq!(
        failure(&open(&bed, &paid, None).await),
        both("CONFLICT", "BILL_ALREADY_PAID")
    );
    let cancelled = bed.market.bill(1);
    bed.market.cancel(&cancelled);
    assert_eq!(
        failure(&open(&bed, &cancelled, None).await),
        both("CONFLICT", "BILL_EXPIRED")
    );
    bed.faults.break_down("getOrderByVA", Fault::Unavailable);
    let down = failure(&open(&bed, &bill, None).await);
    assert_eq!(down, both("SERVICE_UNAVAILABLE", "MERCHANT_UNAVAILABLE"));
    bed.faults.heal();

    let mut held = bed.faults.hold("checkTransactions", Side::Before);
    let paying = bed.creating(&payer, inputs::payment(payer.wallet, 20_000, &bill));
    held.arrived(1).await;
    let busy = failure(&open(&bed, &bill, None).await);
    assert_eq!(busy, both("CONFLICT", "BILL_PAYMENT_IN_PROGRESS"));
    drop(held);
    paying.await.unwrap().data();
    assert_eq!(
        failure(&open(&bed, &bill, None).await),
        both("CONFLICT", "BILL_ALREADY_PAID")
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_behind_a_merchants_prefix_is_that_merchants() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    bed.market.set_order(
        "ANI-1777",
        r#"{"id":"a-1","totalHarga":20000,"paymentStatus":"UNPAID"}"#,
    );
    let session = open(&bed, "ANI-1777", None).await.data()["openCheckout"].clone();
    assert_eq!(
        (&session["merchantId"], &session["orderId"]),
        (&json!(shop.id), &json!("a-1"))
    );
    assert_eq!(bed.pay(&payer, &session["sessionId"]).await, "SUCCESS");
    assert_eq!(bed.ledger.balance(shop.id.replace("mrc_", "wal_")), 2_000_000);
    // Without a session it is the same bill.
    bed.market.set_order(
        "ANI-1778",
        r#"{"id":"a-2","totalHarga":20000,"paymentStatus":"UNPAID"}"#,
    );
    let paid = bed
        .create(&payer, inputs::payment(payer.wallet, 20_000, "ANI-1778"))
        .await;
    assert_eq!(outcome(&paid), "SUCCESS");
    let own = bed.open(&shop, json!({ "orderId": "a-3", "amount": 5 })).await;
    let opened = open(&bed, own["vaNumber"].as_str().unwrap(), None).await;
    assert_eq!(opened.data()["openCheckout"]["sessionId"], own["sessionId"]);
    bed.clock.advance(Duration::from_secs(1));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checkouts_are_counted_by_address() {
    let bed = Bed::start().await;
    let voucher = format!("Bearer {}", bed.service_token());
    let from = |address: &str| {
        Ask::new(
            None,
            "mutation { openCheckout(vaNumber: \"XX-1234\") { state } }",
            json!({}),
        )
        .with_header("x-sawit-client-address", address)
        .with_header("x-sawit-service-authorization", voucher.clone())
    };
    for _ in 0..120 {
        assert_eq!(bed.answer(from("10.0.0.1")).await.code(), "NOT_FOUND");
    }
    assert_eq!(bed.answer(from("10.0.0.1")).await.code(), "RATE_LIMITED");
    assert_eq!(bed.answer(from("10.0.0.2")).await.code(), "NOT_FOUND");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_one_session_and_its_payer_pays_what_they_saw() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 10_000_000);
    let bill = bed.market.bill(20_000);
    let opening = (0..8).map(|_| open(&bed, &bill, None));
    let answers = futures::future::join_all(opening).await;
    let mut ids: Vec<Value> = answers
        .iter()
        .map(|answer| answer.data()["openCheckout"]["sessionId"].clone())
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "eight tabs are one session");

    let mut held = bed.faults.hold("checkTransactions", Side::Before);
    let paying = bed.paying(&payer, &ids[0]);
    held.arrived(1).await;
    bed.market
        .set_order(&bill, r#"{"id":"1","totalHarga":25000,"paymentStatus":"UNPAID"}"#);
    let seen = open(&bed, &bill, None).await.data()["openCheckout"].clone();
    assert_eq!(
        (&seen["amount"], &seen["version"]),
        (&json!(20000), &json!(1)),
        "somebody is paying it"
    );
    drop(held);
    let paid = paying.await.unwrap().data()["payPaymentSession"].clone();
    assert_eq!((outcome(&paid), &paid["amount"]), ("SUCCESS".to_owned(), &json!(20000)));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_an_amount_pays_that_or_nothing() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 10_000_000);
    let bill = bed.market.bill(20_000);
    let session = open(&bed, &bill, None).await.data()["openCheckout"].clone();
    // The button says 20,000; the shop's bill has grown, and anybody has looked at it since.
    bed.market
        .set_order(&bill, r#"{"id":"1","totalHarga":900000,"paymentStatus":"UNPAID"}"#);
    open(&bed, &bill, None).await.data();
    let pay = async |amount: Value| {
        let document =
            "mutation($input: PayPaymentSessionInput!) { payPaymentSession(input: $input) { status failureCode } }";
        let input = json!({ "sessionId": session["sessionId"], "walletId": payer.wallet.as_str(), "amount": amount });
        let answer = bed.ask(Some(&payer.token), document, json!({ "input": input })).await;
        outcome(&answer.data()["payPaymentSession"])
    };
    assert_eq!(pay(json!(20000)).await, "BILL_AMOUNT_MISMATCH");
    assert_eq!(pay(json!(900_000)).await, "INSUFFICIENT_FUNDS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_at_a_bill_ends_it_for_nobody_and_leads_nobody_elsewhere() {
    let bed = Bed::start_with(&[ORIGINS]).await;
    let payer = bed.user("payer", 10_000_000);
    let bill = bed.market.bill(20_000);
    open(&bed, &bill, Some("https://shop.example/orders/1")).await.data();
    let stranger = open(&bed, &bill, Some("https://shop.example/logout")).await.data()["openCheckout"].clone();
    assert!(
        stranger["returnUrl"]
            .as_str()
            .unwrap()
            .starts_with("https://shop.example/orders/1?")
    );
    // More than a day later the marketplace still wants it paid.
    bed.clock.advance(Duration::from_secs(25 * 3_600));
    let paid = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(outcome(&paid), "SUCCESS");
    bed.finish().await;
}
