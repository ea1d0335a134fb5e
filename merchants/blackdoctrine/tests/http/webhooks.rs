//! The receiver of signed events.

use std::time::Duration;

use blackdoctrine::Config;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::world::{SECRET, World, config, data, now, paid_event};

const OTHER_SECRET: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn world_with_bill(config: Config, quantity: i64) -> (World, String, Value) {
    let world = World::with(config).await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "4", quantity).await;
    let va_number = order["nomorVA"].as_str().unwrap().to_owned();
    (world, va_number, order["totalHarga"].clone())
}

#[tokio::test]
async fn a_signed_payment_marks_the_order_paid_once() {
    let (world, va_number, total) = world_with_bill(config(), 1).await;
    let event = paid_event("trx_1", &va_number, total);
    assert_eq!(
        world.deliver("msg_1", &event).await,
        (StatusCode::OK, json!({ "received": true, "duplicate": false }))
    );
    let bill = world.bill(&va_number).await;
    assert_eq!(
        (&bill["status"], &bill["paymentStatus"]),
        (&json!("PROCESSED"), &json!("PAID"))
    );
    // The provider did not hear our answer and sends it again.
    assert_eq!(
        world.deliver("msg_1", &event).await,
        (StatusCode::OK, json!({ "received": true, "duplicate": true }))
    );
    assert_eq!(world.bill(&va_number).await, bill);
    // Another event about the same transaction is no contradiction either.
    assert_eq!(world.deliver("msg_2", &event).await.0, StatusCode::OK);
    assert_eq!(world.stock("4").await, 24);
    world.stop().await;
}

#[tokio::test]
async fn a_payment_is_remembered_over_a_restart() {
    let (world, va_number, total) = world_with_bill(config(), 1).await;
    let event = paid_event("trx_1", &va_number, total);
    assert_eq!(world.deliver("msg_1", &event).await.0, StatusCode::OK);
    let world = World::in_folder(world.stop().await, config()).await;
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "PAID");
    assert_eq!(world.deliver("msg_1", &event).await.1["duplicate"], true);
    world.stop().await;
}

#[tokio::test]
async fn what_is_not_signed_by_us_or_is_old_changes_nothing() {
    let (world, va_number, total) = world_with_bill(config(), 1).await;
    let body = paid_event("trx_1", &va_number, total.clone()).to_string();
    let good = standardwebhooks::Webhook::new(SECRET)
        .unwrap()
        .sign("msg_1", now(), body.as_bytes())
        .unwrap();
    let tampered = paid_event("trx_1", &va_number, json!(1)).to_string();
    let answers = [
        world.deliver_signed(OTHER_SECRET, "msg_1", now(), body.clone()).await,
        world
            .deliver_signed(SECRET, "msg_1", now() - 6 * 60, body.clone())
            .await,
        world
            .deliver_signed(SECRET, "msg_1", now() + 6 * 60, body.clone())
            .await,
        world.deliver_raw("msg_2", now(), &good, body.clone()).await,
        world.deliver_raw("msg_1", now(), &good, tampered).await,
        world.deliver_raw("msg_1", now(), "", body.clone()).await,
        world.deliver_raw("msg_1", now(), "v1,", body.clone()).await,
        world
            .deliver_raw("msg_1", now(), &good.replace("v1,", "v1a,"), body.clone())
            .await,
    ];
    for (status, answer) in answers {
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer}");
        assert_eq!(answer["error"]["code"], "BAD_SIGNATURE");
    }
    let bare = world
        .http
        .post(world.webhook_url())
        .body(body.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "UNPAID");

    // While keys are rotated several signatures come at once; one that is ours is enough.
    let timestamp = now();
    let sign = |secret| {
        standardwebhooks::Webhook::new(secret)
            .unwrap()
            .sign("msg_1", timestamp, body.as_bytes())
            .unwrap()
    };
    let both = format!("{} {}", sign(OTHER_SECRET), sign(SECRET));
    assert_eq!(
        world.deliver_raw("msg_1", timestamp, &both, body.clone()).await.0,
        StatusCode::OK
    );
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "PAID");
    world.stop().await;
}

#[tokio::test]
async fn signed_events_that_do_not_fit_are_refused_with_a_reason() {
    let (world, va_number, total) = world_with_bill(config(), 1).await;
    let total_amount = total.as_i64().unwrap();
    let with = |field: &str, value: Value| {
        let mut event = paid_event("trx_1", &va_number, total.clone());
        event["data"][field] = value;
        event
    };
    for (event, expect) in [
        (with("vaNumber", json!("DS-8800000000000000")), "UNKNOWN_BILL"),
        (with("amount", json!(total_amount - 1)), "MISMATCH"),
        (with("amount", json!(total_amount + 1)), "MISMATCH"),
        (with("amount", json!("a lot")), "MISMATCH"),
        (with("currency", json!("USD")), "MALFORMED"),
        (with("status", json!("FAILED")), "MALFORMED"),
        (with("transactionId", json!("")), "MALFORMED"),
        (with("paidAt", json!("yesterday")), "MALFORMED"),
        (with("vaNumber", Value::Null), "MALFORMED"),
        (
            json!({ "type": "payment.succeeded", "timestamp": "2026-11-05T10:00:00Z" }),
            "MALFORMED",
        ),
        (json!([1, 2, 3]), "MALFORMED"),
    ] {
        let (status, answer) = world.deliver("msg_1", &event).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(expect)),
            "{event}"
        );
    }
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "UNPAID");

    let other = json!({ "type": "payment.refunded", "timestamp": "2026-11-05T10:00:00Z", "data": { "any": "thing" } });
    let (status, answer) = world.deliver("msg_2", &other).await;
    assert_eq!((status, &answer["ignored"]), (StatusCode::OK, &json!(true)));

    // A refused event was not kept as handled: mended, the same one goes through.
    let (status, answer) = world
        .deliver("msg_1", &with("amount", json!(format!("{total_amount}.00"))))
        .await;
    assert_eq!((status, &answer["duplicate"]), (StatusCode::OK, &json!(false)));
    world.stop().await;
}

#[tokio::test]
async fn a_body_without_bound_is_refused() {
    let world = World::start().await;
    let padding = "x".repeat(64 * 1024);
    let request = world.http.post(world.webhook_url()).body(padding + "x");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
    world.stop().await;
}

#[tokio::test]
async fn without_a_secret_nothing_is_accepted() {
    let (world, va_number, total) = world_with_bill(
        Config {
            webhook_secret: None,
            ..config()
        },
        1,
    )
    .await;
    let (status, answer) = world.deliver("msg_1", &paid_event("trx_1", &va_number, total)).await;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("NO_SECRET"))
    );
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "UNPAID");
    world.stop().await;
}

#[tokio::test]
async fn a_payment_after_expiry_takes_the_goods_again_or_is_due_for_refund() {
    let shortly = Config {
        bill_ttl: Duration::from_millis(500),
        expiry_grace: Duration::ZERO,
        ..config()
    };
    let world = World::with(shortly).await;
    let token = world.buyer("naruto@gmail.com").await;
    let first = world.order(&token, "4", 20).await;
    let first_va = first["nomorVA"].as_str().unwrap();
    world
        .wait_for_status(first_va, "EXPIRED", async || world.stock("4").await == 25)
        .await;
    let second = world.order(&token, "4", 20).await;
    let second_va = second["nomorVA"].as_str().unwrap();
    world
        .wait_for_status(second_va, "EXPIRED", async || world.stock("4").await == 25)
        .await;

    // An unsigned notification brings nothing back.
    let notify = format!(r#"mutation {{ updatePaymentStatus(vaNumber: "{first_va}", status: "PROCESSED") }}"#);
    data(&world.ask_orders(None, &notify).await);
    assert_eq!(world.bill(first_va).await["paymentStatus"], "EXPIRED");

    for (id, order, va_number, status, stock) in [
        ("1", &first, first_va, "PROCESSED", 5),
        ("2", &second, second_va, "REFUND_DUE", 5),
    ] {
        let event = paid_event(&format!("trx_{id}"), va_number, order["totalHarga"].clone());
        assert_eq!(world.deliver(&format!("msg_{id}"), &event).await.0, StatusCode::OK);
        let bill = world.bill(va_number).await;
        assert_eq!(
            (&bill["status"], &bill["paymentStatus"]),
            (&json!(status), &json!("PAID"))
        );
        assert_eq!(world.stock("4").await, stock);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_payment_of_a_cancelled_order_is_due_for_refund() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "4", 5).await;
    data(
        &world
            .ask_orders(
                Some(&token),
                &format!("mutation {{ cancelOrder(id: {}) {{ id }} }}", order["id"]),
            )
            .await,
    );
    let va_number = order["nomorVA"].as_str().unwrap();
    let event = paid_event("trx_1", va_number, order["totalHarga"].clone());
    assert_eq!(world.deliver("msg_1", &event).await.0, StatusCode::OK);
    let bill = world.bill(va_number).await;
    assert_eq!(
        (&bill["status"], &bill["paymentStatus"]),
        (&json!("REFUND_DUE"), &json!("PAID"))
    );
    assert_eq!(world.stock("4").await, 25);
    world.stop().await;
}

#[tokio::test]
async fn many_deliveries_at_once_pay_once() {
    let (world, va_number, total) = world_with_bill(config(), 5).await;
    let event = paid_event("trx_1", &va_number, total);
    let answers = futures::future::join_all((0..20).map(|_| world.deliver("msg_1", &event))).await;
    let fresh = answers
        .iter()
        .filter(|(_, answer)| answer["duplicate"] == false)
        .count();
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK));
    assert_eq!(fresh, 1);
    assert_eq!(world.stock("4").await, 20);
    world.stop().await;
}
