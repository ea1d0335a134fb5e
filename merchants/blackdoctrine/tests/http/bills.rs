//! What the provider asks and says over GraphQL.

use std::time::Duration;

use blackdoctrine::Config;
use serde_json::json;

use crate::world::{World, code, config, data, paid_event};

fn notify(va_number: &str, status: &str) -> String {
    // As deployed providers send it: without a selection set.
    format!(r#"mutation {{ updatePaymentStatus(vaNumber: "{va_number}", status: "{status}") }}"#)
}

#[tokio::test]
async fn anyone_with_the_number_sees_the_bill_and_nothing_of_the_buyer() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "1", 2).await;
    let va_number = order["nomorVA"].as_str().unwrap();
    let bill = world.bill(va_number).await;
    for field in [
        "id",
        "totalHarga",
        "status",
        "paymentStatus",
        "productId",
        "quantity",
        "nomorVA",
        "ongkir",
        "expiresAt",
    ] {
        assert_eq!(bill[field], order[field], "{field}");
    }
    assert!(bill["totalHarga"].is_number());
    assert!(world.bill("DS-8800000000000000").await.is_null());
    let nosy = format!(r#"{{ getOrderByVA(vaNumber: "{va_number}") {{ alamatPengiriman }} }}"#);
    assert!(world.ask_orders(None, &nosy).await["errors"].is_array());
    world.stop().await;
}

#[tokio::test]
async fn a_trusted_notification_marks_paid_and_may_repeat() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let va_number = world.order(&token, "1", 2).await["nomorVA"]
        .as_str()
        .unwrap()
        .to_owned();
    for _ in 0..3 {
        let answer = world.ask_orders(None, &notify(&va_number, "PROCESSED")).await;
        assert_eq!(data(&answer), &json!({ "updatePaymentStatus": true }));
        let bill = world.bill(&va_number).await;
        assert_eq!(
            (&bill["status"], &bill["paymentStatus"]),
            (&json!("PROCESSED"), &json!("PAID"))
        );
    }
    // The signed webhook that comes after adds its proof; a second payer is noticed from then on.
    assert_eq!(
        world
            .deliver("msg_1", &paid_event("trx_1", &va_number, json!(59_000)))
            .await
            .0,
        200
    );
    assert_eq!(
        world
            .deliver("msg_2", &paid_event("trx_2", &va_number, json!(59_000)))
            .await
            .0,
        422
    );
    assert_eq!(
        code(
            &world
                .ask_orders(None, &notify("DS-8800000000000000", "PROCESSED"))
                .await
        ),
        "NOT_FOUND"
    );
    assert_eq!(
        code(&world.ask_orders(None, &notify(&va_number, "HACKED")).await),
        "BAD_USER_INPUT"
    );
    world.stop().await;
}

#[tokio::test]
async fn a_distrusted_notification_changes_nothing() {
    let world = World::with(Config {
        trust_graphql_notification: false,
        ..config()
    })
    .await;
    let token = world.buyer("naruto@gmail.com").await;
    let va_number = world.order(&token, "1", 2).await["nomorVA"]
        .as_str()
        .unwrap()
        .to_owned();
    let answer = world.ask_orders(None, &notify(&va_number, "PROCESSED")).await;
    assert_eq!(data(&answer), &json!({ "updatePaymentStatus": true }));
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "UNPAID");
    assert_eq!(
        world
            .deliver("msg_1", &paid_event("trx_1", &va_number, json!(59_000)))
            .await
            .0,
        200
    );
    assert_eq!(world.bill(&va_number).await["paymentStatus"], "PAID");
    world.stop().await;
}

#[tokio::test]
async fn after_the_deadline_a_bill_reads_expired_while_its_goods_are_still_held() {
    let graceful = Config {
        bill_ttl: Duration::from_millis(400),
        expiry_grace: Duration::from_secs(60),
        ..config()
    };
    let world = World::with(graceful).await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "4", 5).await;
    let va_number = order["nomorVA"].as_str().unwrap();
    world.wait_for_status(va_number, "EXPIRED", async || true).await;
    assert_eq!(world.stock("4").await, 20);
    let cancel = format!("mutation {{ cancelOrder(id: {}) {{ status }} }}", order["id"]);
    assert_eq!(
        code(&world.ask_orders(Some(&token), &cancel).await),
        "ORDER_NOT_CANCELLABLE"
    );
    // The payment began in time; its news arrives late and is still good.
    let event = paid_event("trx_1", va_number, order["totalHarga"].clone());
    assert_eq!(world.deliver("msg_1", &event).await.0, 200);
    let bill = world.bill(va_number).await;
    assert_eq!(
        (&bill["status"], &bill["paymentStatus"]),
        (&json!("PROCESSED"), &json!("PAID"))
    );
    assert_eq!(world.stock("4").await, 20);
    world.stop().await;
}
