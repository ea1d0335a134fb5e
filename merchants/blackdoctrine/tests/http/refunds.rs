//! Money that goes back, and events that are not for a shop.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::world::{World, paid_event};

fn refund_event(transaction_id: &str, va_number: &str, refunded: Value) -> Value {
    json!({
        "type": "payment.refunded",
        "timestamp": "2026-11-05T11:00:00Z",
        "sequence": 2,
        "data": {
            "transactionId": transaction_id, "sessionId": "cks_1", "orderId": "1", "vaNumber": va_number,
            "status": "SUCCESS", "amount": 59_000, "capturedAmount": 59_000, "refundedAmount": refunded,
            "currency": "IDR", "paidAt": "2026-11-05T09:59:59Z", "refundId": "rfd_1",
        },
    })
}

#[tokio::test]
async fn a_refund_is_shown_and_the_largest_counts() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let va_number = browser.get(&path).await.between("<dd class=\"va\">", "<").to_owned();

    // It has overtaken the payment: not yet, try again.
    let part = refund_event("trx_1", &va_number, json!(10_000));
    let (status, answer) = world.deliver("msg_2", &part).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("MISMATCH"))
    );
    assert_eq!(
        world
            .deliver("msg_1", &paid_event("trx_1", &va_number, json!(59_000)))
            .await
            .0,
        StatusCode::OK
    );
    assert_eq!(world.deliver("msg_2", &part).await.1["duplicate"], json!(false));
    assert_eq!(world.deliver("msg_2", &part).await.1["duplicate"], json!(true));
    let page = browser.get(&path).await;
    assert!(page.says("−Rp10.000") && page.says("Sebagian dana sudah dikembalikan") && page.says("Lunas"));

    for (id, event, expect) in [
        (
            "msg_3",
            refund_event("trx_2", &va_number, json!(59_000)),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "msg_3",
            refund_event("trx_1", &va_number, json!(59_001)),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "msg_3",
            refund_event("trx_1", &va_number, json!(-1)),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "msg_3",
            refund_event("trx_1", "DS-8800000000000000", json!(1)),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "msg_4",
            refund_event("trx_1", &va_number, json!(59_000)),
            StatusCode::OK,
        ),
        // An older one that was late.
        (
            "msg_5",
            refund_event("trx_1", &va_number, json!(20_000)),
            StatusCode::OK,
        ),
    ] {
        assert_eq!(world.deliver(id, &event).await.0, expect, "{event}");
    }
    let page = browser.get(&path).await;
    assert!(page.says("−Rp59.000") && page.says("Seluruh dana sudah dikembalikan"));
    assert!(browser.get("/pesanan").await.says("Dana dikembalikan"));
    // The bill stays what it was for the provider.
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "PAID");
    world.stop().await;
}

#[tokio::test]
async fn other_events_are_taken_in_and_change_nothing() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let va_number = browser.get(&path).await.between("<dd class=\"va\">", "<").to_owned();
    for (number, event_type) in [
        "payment.failed",
        "payment.authorized",
        "payment.captured",
        "payment.voided",
        "payment.expired",
        "payout.paid",
        "something.new",
    ]
    .into_iter()
    .enumerate()
    {
        let mut event = paid_event("trx_1", &va_number, json!(59_000));
        event["type"] = json!(event_type);
        let (status, answer) = world.deliver(&format!("msg_{number}"), &event).await;
        assert_eq!(
            (status, &answer["ignored"]),
            (StatusCode::OK, &json!(true)),
            "{event_type}"
        );
    }
    // A refund without a bill of ours is about somebody else's session.
    let without_bill = refund_event("trx_1", "", json!(1));
    let mut nameless = without_bill.clone();
    nameless["data"]["vaNumber"] = Value::Null;
    assert_eq!(world.deliver("msg_8", &nameless).await.1["ignored"], json!(true));
    assert!(browser.get(&path).await.says("Belum dibayar"));
    world.stop().await;
}

#[tokio::test]
async fn a_payment_event_with_all_its_new_fields_is_read_as_before() {
    let world = World::start().await;
    let mut browser = Browser::signed_in(&world, "naruto@gmail.com").await;
    let path = browser.order("1", "2").await;
    let va_number = browser.get(&path).await.between("<dd class=\"va\">", "<").to_owned();
    let mut event = paid_event("trx_1", &va_number, json!(59_000));
    event["sequence"] = json!(1);
    for (field, value) in [
        ("sessionId", json!("cks_1")),
        ("orderId", json!("1")),
        ("capturedAmount", json!(59_000)),
        ("refundedAmount", json!(0)),
    ] {
        event["data"][field] = value;
    }
    assert_eq!(world.deliver("msg_1", &event).await.0, StatusCode::OK);
    assert!(browser.get(&path).await.says("Lunas"));
    world.stop().await;
}
