//! VA numbers: whose they are, and that an invoice is paid once and exactly.

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::person::text;
use testkit::provider::RunMode;

use crate::world::{World, assert_failed, assert_success, builder};

async fn invoice(api: &Client, amount: Value) -> testkit::graphql::Answer {
    api.send(
        "mutation($amount: Decimal!) { generateInvoiceVA(amount: $amount) }",
        json!({ "amount": amount }),
    )
    .await
}

#[tokio::test]
async fn i4_an_invoice_asked_for_without_a_token_is_paid_once_and_exactly() {
    let world = World::start(RunMode::Served).await;
    let payer = world.person("naruto", 100_000).await;
    let answer = invoice(&world.gateway(), json!(20_000.5)).await;
    let va_number = text(&answer.data()["generateInvoiceVA"]);
    let digits = va_number.strip_prefix("DS-8800").expect("the provider's prefix");
    assert!(
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
        "{va_number}"
    );

    let pay = async |amount: Value| {
        let mut input = payer.payment(&va_number, 0, None);
        input["amount"] = amount;
        payer.transact(input).await
    };
    for wrong in [json!(20_000), json!(20_000.49), json!("20000.51"), json!(1)] {
        assert_failed(&pay(wrong).await, "BILL_AMOUNT_MISMATCH");
    }
    let paid = pay(json!("20000.50")).await;
    assert_success(&paid);
    assert_eq!(paid["amount"], json!(20_000.5));
    assert_failed(&pay(json!(20_000.5)).await, "BILL_ALREADY_PAID");
    assert_eq!(
        world.marketplace.bill_requests().len(),
        1,
        "what the invoice itself decides is not asked; and that the marketplace knows nothing of it is no obstacle"
    );
    world.close().await;
}

#[tokio::test]
async fn invoices_are_unique_and_over_real_amounts() {
    let world = World::start(RunMode::Up).await;
    let api = world.gateway();
    let asked = futures::future::join_all((0..50).map(|_| invoice(&api, json!(1_000)))).await;
    let numbers: std::collections::BTreeSet<String> = asked
        .iter()
        .map(|answer| text(&answer.data()["generateInvoiceVA"]))
        .collect();
    assert_eq!(numbers.len(), 50);
    for amount in [
        json!(0),
        json!(-1),
        json!(0.001),
        json!("NaN"),
        json!("1e5x"),
        json!(1e16),
        json!(true),
        json!([1]),
    ] {
        let answer = invoice(&api, amount.clone()).await;
        assert_ne!(answer.code(), "OK", "{amount}: {:#}", answer.body);
        assert_ne!(answer.code(), "INTERNAL", "{amount}: {:#}", answer.body);
    }
    world.close().await;
}

#[tokio::test]
async fn a_number_that_belongs_to_nobody_is_refused_before_anything_happens() {
    let world = World::start(RunMode::Up).await;
    let payer = world.person("naruto", 100_000).await;
    let second = testkit::person::open_wallet(&payer.api, "Ramen").await;
    let with = |changes: Value| {
        let mut input = payer.payment("DS-8800000001", 1_000, None);
        for (name, value) in changes.as_object().expect("an object") {
            input[name] = value.clone();
        }
        input
    };
    for changes in [
        json!({ "vaNumber": "XX-9900000001" }),
        json!({ "vaNumber": "88001234" }),
        json!({ "vaNumber": "" }),
        json!({ "vaNumber": null }),
        json!({ "vaNumber": "DS-8800\") { id } evil: getOrderByVA(vaNumber: \"DS-8800000001" }),
        json!({ "vaNumber": format!("DS-8800{}", "1".repeat(100)) }),
        json!({ "type": "DEPOSIT" }),
        json!({ "type": "TRANSFER", "targetWalletId": second }),
        json!({ "targetWalletId": second }),
    ] {
        let answer = payer.ask_transact(with(changes.clone())).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{changes}: {:#}", answer.body);
    }
    assert_eq!(payer.transactions().await.len(), 1, "bad input makes no transaction");
    assert_eq!(world.marketplace.bill_requests(), Vec::<String>::new());
    world.close().await;
}

#[tokio::test]
async fn a_marketplace_may_have_a_prefix_of_its_own() {
    let marketplace = testkit::marketplace::Marketplace::start().await;
    let builder = builder()
        .marketplace(&marketplace)
        .env("SAWIT_MARKETPLACE_VA_PREFIX", "BD-77");
    let world = World::of(builder.start(RunMode::Up).await, marketplace);
    let payer = world.person("naruto", 100_000).await;
    world.marketplace.bill_everything(1_000);
    assert_success(&payer.transact(payer.payment("BD-77001", 1_000, None)).await);
    assert_success(&payer.transact(payer.payment("DS-8800001", 1_000, None)).await);
    assert_eq!(
        payer.ask_transact(payer.payment("BD-88001", 1_000, None)).await.code(),
        "BAD_USER_INPUT"
    );
    world.close().await;
}

#[tokio::test]
async fn invoices_without_a_token_are_counted() {
    let marketplace = testkit::marketplace::Marketplace::start().await;
    let builder = builder().marketplace(&marketplace).env("SAWIT_RATE_LIMITS", "on");
    let world = World::of(builder.start(RunMode::Up).await, marketplace);
    let (api, admin) = (world.gateway(), world.provider.admin().await);
    let mut limited = None;
    for number in 0..400_u32 {
        // What the client says of its own address counts for nothing.
        let claimed = std::net::Ipv4Addr::from(number).to_string();
        let request = api
            .post()
            .json(&json!({ "query": "mutation { generateInvoiceVA(amount: 1000) }" }));
        let request = ["x-forwarded-for", "x-real-ip", "forwarded", "x-sawit-client-address"]
            .into_iter()
            .fold(request, |request, name| request.header(name, &claimed));
        let answer = Client::read(request).await.expect("an answer");
        if answer.code() != "OK" {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("somebody who asks without end is told to wait");
    assert_eq!(limited.code(), "RATE_LIMITED");
    assert!(
        limited.body["errors"][0]["extensions"]["retryAfterSeconds"]
            .as_i64()
            .is_some_and(|wait| wait > 0)
    );
    invoice(&admin, json!(1_000)).await.data();
    world.close().await;
}
