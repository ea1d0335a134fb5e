//! `checkPayment`: what merchants that ask are told, and when.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::graphql::Answer;

use crate::bed::{Ask, Bed, Shop, inputs};

const CHECK: &str = "query($order: String!, $merchant: String, $wait: Int, $version: Int) {
    checkPayment(orderId: $order, merchantId: $merchant, waitMs: $wait, version: $version) {
        orderId status paidAt sessionId transactionId amount currency capturedAmount refundedAmount version final nextPollAfterMs } }";

fn question(shop: &Shop, order_id: &str, wait_ms: i32, version: Option<i64>) -> Ask {
    let variables = json!({ "order": order_id, "wait": wait_ms, "version": version });
    Ask::new(Some(&shop.key), CHECK, variables)
}

async fn check(bed: &Bed, shop: &Shop, order_id: &str) -> Value {
    status(&bed.answer(question(shop, order_id, 0, None)).await)
}

#[track_caller]
fn status(answer: &Answer) -> Value {
    answer.data()["checkPayment"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_pending_until_it_is_paid() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    assert_eq!(check(&bed, &shop, "1").await, Value::Null, "nobody ordered that");
    let session = bed.open(&shop, json!({ "orderId": "1", "amount": 20000 })).await;
    let pending = check(&bed, &shop, "1").await;
    let expect = json!({
        "orderId": "1", "status": "PENDING", "paidAt": null, "sessionId": session["sessionId"], "transactionId": null,
        "amount": 20000, "currency": "IDR", "capturedAmount": 0, "refundedAmount": 0, "version": 1, "final": false,
        "nextPollAfterMs": 2000,
    });
    assert_eq!(pending, expect);
    bed.clock.advance(Duration::from_secs(3_600));
    assert_eq!(
        check(&bed, &shop, "1").await["nextPollAfterMs"],
        10_000,
        "there is no hurry any more"
    );
    assert_eq!(bed.pay(&payer, &session["sessionId"]).await, "SUCCESS");
    let paid = check(&bed, &shop, "1").await;
    assert_eq!(
        (&paid["status"], &paid["version"], &paid["final"]),
        (&json!("PAID"), &json!(2), &json!(true))
    );
    assert_eq!(
        (&paid["capturedAmount"], &paid["nextPollAfterMs"]),
        (&json!(20000), &Value::Null)
    );
    assert_ne!(paid["paidAt"], Value::Null);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_is_told_as_soon_as_it_is_paid() {
    let bed = Bed::start().await;
    let (shop, payer) = (bed.shop("ani", "ANI-1").await, bed.user("payer", 10_000_000));
    let session = bed.open(&shop, json!({ "orderId": "1", "amount": 20000 })).await;
    let started = Instant::now();
    let waiting: Vec<_> = (0..5)
        .map(|_| bed.sending(question(&shop, "1", 25_000, Some(1))))
        .collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(waiting.iter().all(|one| !one.is_finished()));
    assert_eq!(bed.pay(&payer, &session["sessionId"]).await, "SUCCESS");
    for one in waiting {
        assert_eq!(status(&one.await.unwrap())["status"], "PAID");
    }
    let late = status(&bed.answer(question(&shop, "1", 25_000, Some(1))).await);
    assert_eq!(late["version"], 2, "a later version is answered at once,");
    let known = status(&bed.answer(question(&shop, "1", 25_000, Some(2))).await);
    assert_eq!(known["final"], true, "and what stays so as well");
    assert!(started.elapsed() < Duration::from_secs(15));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_in_time_or_with_the_service() {
    let mut bed = Bed::start().await;
    let shop = bed.shop("ani", "ANI-1").await;
    bed.open(&shop, json!({ "orderId": "1", "amount": 20000 })).await;
    let started = Instant::now();
    let same = status(&bed.answer(question(&shop, "1", 300, None)).await);
    assert_eq!(same["status"], "PENDING");
    assert!(started.elapsed() >= Duration::from_millis(300));
    for bad in [-1, 25_001] {
        assert_eq!(
            bed.answer(question(&shop, "1", bad, None)).await.code(),
            "BAD_USER_INPUT"
        );
    }
    let waiting = bed.sending(question(&shop, "1", 25_000, None));
    tokio::time::sleep(Duration::from_millis(100)).await;
    bed.stop_service().await;
    assert!(started.elapsed() < Duration::from_secs(15), "nobody is waited for");
    drop(waiting);
    bed.start_service().await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merchants_ask_about_their_own_orders() {
    let bed = Bed::start().await;
    let (shop, other, user) = (
        bed.shop("ani", "ANI-1").await,
        bed.shop("budi", "BUDI").await,
        bed.user("u", 0),
    );
    bed.open(&shop, json!({ "orderId": "1", "amount": 20000 })).await;
    assert_eq!(check(&bed, &other, "1").await, Value::Null);
    let ask = async |token: Option<&str>, merchant: Option<&str>| {
        bed.ask(token, CHECK, json!({ "order": "1", "merchant": merchant }))
            .await
    };
    let id = Some(shop.id.as_str());
    assert_eq!(status(&ask(Some(&shop.owner.token), None).await)["status"], "PENDING");
    assert_eq!(status(&ask(Some(&bed.admin()), id).await)["status"], "PENDING");
    assert_eq!(ask(None, id).await.code(), "UNAUTHENTICATED");
    assert_eq!(ask(Some(&user.token), id).await.code(), "NOT_FOUND");
    assert_eq!(ask(Some(&other.key), id).await.code(), "NOT_FOUND");
    assert_eq!(ask(Some("sk_sandbox_rubbish"), None).await.code(), "UNAUTHENTICATED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_marketplace_of_the_sandbox_asks_without_a_token() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 10_000_000);
    let bill = bed.market.bill(20_000);
    let open = format!("mutation {{ openCheckout(vaNumber: \"{bill}\") {{ orderId }} }}");
    assert_eq!(
        bed.ask(None, &open, json!({})).await.data()["openCheckout"]["orderId"],
        "1"
    );
    let ask = async |token: Option<&str>| bed.ask(token, CHECK, json!({ "order": "1" })).await;
    assert_eq!(status(&ask(None).await)["status"], "PENDING");
    bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    for token in [None, Some(payer.token.as_str()), Some("rubbish")] {
        assert_eq!(status(&ask(token).await)["status"], "PAID");
    }
    for _ in 0..600 {
        ask(None).await;
    }
    assert_eq!(ask(None).await.code(), "RATE_LIMITED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_money_is_real_nobody_asks_without_a_key() {
    let bed = Bed::start_with(&[
        ("SAWIT_MODE", "live"),
        ("SAWIT_PUBLIC_URL", "https://pay.example"),
        ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
        ("SAWIT_MARKETPLACE_WEBHOOK_URL", "https://shop.example/webhook"),
    ])
    .await;
    let answer = bed.ask(None, CHECK, json!({ "order": "1" })).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    bed.finish().await;
}
