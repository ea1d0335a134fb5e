//! Ordering, cancelling, and the stock.

use std::time::Duration;

use blackdoctrine::Config;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::world::{World, code, config, data, paid_event};

#[tokio::test]
async fn an_order_reserves_goods_and_makes_a_bill() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let before = world.stock("1").await;
    let order = world.order(&token, "1", 2).await;
    assert_eq!(order["totalHarga"], json!(59_000));
    assert_eq!(order["ongkir"], json!(9_000));
    assert_eq!(
        (&order["status"], &order["paymentStatus"]),
        (&json!("PENDING"), &json!("UNPAID"))
    );
    assert_eq!((&order["productId"], &order["quantity"]), (&json!("1"), &json!(2)));
    let va_number = order["nomorVA"].as_str().unwrap();
    let digits = va_number.strip_prefix("DS-8800").unwrap();
    assert!(
        digits.len() == 12 && digits.bytes().all(|digit| digit.is_ascii_digit()),
        "{va_number}"
    );
    assert_eq!(
        order["checkoutUrl"],
        format!("http://127.0.0.1:8000/pay?va={va_number}")
    );
    assert_eq!(world.stock("1").await, before - 2);
    world.stop().await;
}

#[tokio::test]
async fn shipping_depends_on_method_and_city() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let query = "mutation Buat($input: CreateOrderInput!) { createOrder(input: $input) { ongkir totalHarga } }";
    for (method, city, ongkir) in [
        ("REGULER", Value::Null, 9_000),
        ("EXPRESS", Value::Null, 18_000),
        ("EXPRESS", json!("2"), 21_600),
        ("EXPRESS", json!(2), 21_600),
        ("express", json!("8"), 108_000),
    ] {
        let input = json!({ "productId": "1", "quantity": 1, "alamatPengiriman": "Jalan Konoha No. 02",
            "metodePengiriman": method, "kotaTujuanId": city });
        let answer = world
            .ask(&world.orders_url(), Some(&token), query, json!({ "input": input }))
            .await;
        let order = &data(&answer)["createOrder"];
        assert_eq!(
            (&order["ongkir"], &order["totalHarga"]),
            (&json!(ongkir), &json!(ongkir + 25_000)),
            "{method}"
        );
    }
    let cities = world.ask_orders(None, "{ kota { id nama } }").await;
    assert_eq!(data(&cities)["kota"][1], json!({ "id": "2", "nama": "Bandung" }));
    world.stop().await;
}

#[tokio::test]
async fn bad_orders_are_refused_with_a_code_and_take_nothing() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    for (product_id, quantity, expect) in [
        ("1", 0, "BAD_USER_INPUT"),
        ("1", -1, "BAD_USER_INPUT"),
        ("99", 1, "NOT_FOUND"),
        ("x", 1, "NOT_FOUND"),
        ("4", 26, "OUT_OF_STOCK"),
    ] {
        assert_eq!(
            code(&world.try_order(&token, product_id, quantity).await),
            expect,
            "{product_id} x {quantity}"
        );
    }
    assert_eq!(code(&world.try_order("rubbish", "1", 1).await), "UNAUTHENTICATED");
    assert_eq!(
        code(&world.ask_orders(None, "{ myOrders { id } }").await),
        "UNAUTHENTICATED"
    );
    assert_eq!(world.stock("4").await, 25);
    world.stop().await;
}

#[tokio::test]
async fn products_and_orders_are_paged() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    for _ in 0..3 {
        world.order(&token, "5", 1).await;
    }
    let ids = |answer: &Value, field: &str| -> Vec<String> {
        let list = data(answer)[field].as_array().unwrap().clone();
        list.iter()
            .map(|entry| entry["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let products = world
        .ask_orders(None, r#"{ products(first: 2, after: "3") { id nama harga stok } }"#)
        .await;
    assert_eq!(ids(&products, "products"), ["4", "5"]);
    let orders = world.ask_orders(Some(&token), "{ myOrders(first: 2) { id } }").await;
    assert_eq!(ids(&orders, "myOrders"), ["3", "2"]);
    let orders = world
        .ask_orders(Some(&token), r#"{ myOrders(after: "2") { id } }"#)
        .await;
    assert_eq!(ids(&orders, "myOrders"), ["1"]);
    for first in [0, -1, 101] {
        let answer = world
            .ask_orders(None, &format!("{{ products(first: {first}) {{ id }} }}"))
            .await;
        assert_eq!(code(&answer), "BAD_USER_INPUT");
    }
    let stranger = world.buyer("sasuke@gmail.com").await;
    assert!(
        ids(
            &world.ask_orders(Some(&stranger), "{ myOrders { id } }").await,
            "myOrders"
        )
        .is_empty()
    );
    world.stop().await;
}

#[tokio::test]
async fn cancelling_gives_the_goods_back_once_and_only_to_their_buyer() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let stranger = world.buyer("sasuke@gmail.com").await;
    let order = world.order(&token, "4", 5).await;
    let cancel = format!(
        "mutation {{ cancelOrder(id: {}) {{ status paymentStatus }} }}",
        order["id"]
    );
    assert_eq!(code(&world.ask_orders(Some(&stranger), &cancel).await), "NOT_FOUND");
    assert_eq!(code(&world.ask_orders(None, &cancel).await), "UNAUTHENTICATED");
    assert_eq!(world.stock("4").await, 20);
    let answer = world.ask_orders(Some(&token), &cancel).await;
    assert_eq!(
        data(&answer)["cancelOrder"],
        json!({ "status": "CANCELLED", "paymentStatus": "EXPIRED" })
    );
    assert_eq!(
        code(&world.ask_orders(Some(&token), &cancel).await),
        "ORDER_NOT_CANCELLABLE"
    );
    assert_eq!(world.stock("4").await, 25);
    world.stop().await;
}

#[tokio::test]
async fn a_paid_order_is_not_cancelled() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "1", 2).await;
    let va_number = order["nomorVA"].as_str().unwrap();
    let (status, _) = world
        .deliver("msg_1", &paid_event("trx_1", va_number, json!(59_000)))
        .await;
    assert_eq!(status, 200);
    let cancel = format!("mutation {{ cancelOrder(id: {}) {{ status }} }}", order["id"]);
    assert_eq!(
        code(&world.ask_orders(Some(&token), &cancel).await),
        "ORDER_NOT_CANCELLABLE"
    );
    world.stop().await;
}

#[tokio::test]
async fn many_buyers_at_once_never_get_more_than_there_is() {
    let world = World::start().await;
    let token = world.buyer("naruto@gmail.com").await;
    // 25 pieces, 30 buyers who want 2 each: 12 orders fit, one piece stays.
    let answers = join_all((0..30).map(|_| world.try_order(&token, "4", 2))).await;
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer["errors"].is_null());
    assert_eq!(made.len(), 12);
    assert!(refused.iter().all(|answer| code(answer) == "OUT_OF_STOCK"));
    assert_eq!(world.stock("4").await, 1);
    world.stop().await;
}

#[tokio::test]
async fn an_unpaid_order_expires_and_its_goods_come_back() {
    let shortly = Config {
        bill_ttl: Duration::from_millis(600),
        expiry_grace: Duration::ZERO,
        ..config()
    };
    let world = World::with(shortly).await;
    let token = world.buyer("naruto@gmail.com").await;
    let order = world.order(&token, "4", 5).await;
    assert_eq!(order["paymentStatus"], "UNPAID");
    assert_eq!(world.stock("4").await, 20);
    let va_number = order["nomorVA"].as_str().unwrap();
    world
        .wait_for_status(va_number, "EXPIRED", async || world.stock("4").await == 25)
        .await;
    assert_eq!(world.bill(va_number).await["paymentStatus"], "EXPIRED");
    world.stop().await;
}
