//! Bills: who may pay one, when, and how often.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::{Bed, Side, inputs, transaction_of};

async fn pay(bed: &Bed, amount: u64, va_number: &str) -> String {
    let payer = bed.user("payer", 100_000_000);
    let ended = bed
        .create(&payer, inputs::payment(payer.wallet, amount, va_number))
        .await;
    match ended["status"].as_str().unwrap() {
        "SUCCESS" => "SUCCESS".to_owned(),
        _ => ended["failureCode"].as_str().unwrap_or("(none)").to_owned(),
    }
}

async fn issue(bed: &Bed, amount: u64) -> String {
    let document = "mutation($amount: Decimal!) { generateInvoiceVA(amount: $amount, description: \"shoes\") }";
    let answer = bed.ask(None, document, json!({ "amount": amount })).await;
    answer.data()["generateInvoiceVA"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_merchants_word_decides() {
    let bed = Bed::start().await;
    let cases = [
        (
            r#"{"totalHarga":20000,"status":"PENDING","paymentStatus":"UNPAID"}"#,
            "SUCCESS",
        ),
        (
            r#"{"totalHarga":"20000.00","status":"PENDING","paymentStatus":"UNPAID"}"#,
            "SUCCESS",
        ),
        (r#"{"totalHarga":20000.0}"#, "SUCCESS"),
        (r#"{"totalHarga":2e4}"#, "SUCCESS"),
        (r#"{"totalHarga":20000,"paymentStatus":"PAID"}"#, "BILL_ALREADY_PAID"),
        (r#"{"totalHarga":20000,"status":"CANCELLED"}"#, "BILL_EXPIRED"),
        (r#"{"totalHarga":20000,"paymentStatus":"EXPIRED"}"#, "BILL_EXPIRED"),
        (r#"{"totalHarga":20000.01}"#, "BILL_AMOUNT_MISMATCH"),
        (r#"{"totalHarga":19999}"#, "BILL_AMOUNT_MISMATCH"),
        (r#"{"totalHarga":20000.001}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"totalHarga":20000.000000000004}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"totalHarga":0}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"totalHarga":-20000}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"totalHarga":null}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"totalHarga":1e300}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"totalHarga":{"amount":20000}}"#, "MERCHANT_UNAVAILABLE"),
        (r#"{"id":"1"}"#, "MERCHANT_UNAVAILABLE"),
        (r#"[20000]"#, "MERCHANT_UNAVAILABLE"),
        ("null", "BILL_NOT_FOUND"),
    ];
    for (order, expect) in cases {
        let bill = bed.market.bill(1);
        bed.market.set_order(&bill, order);
        assert_eq!(pay(&bed, 20_000, &bill).await, expect, "{order}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_paid_by_one_at_a_time_and_then_by_nobody() {
    let mut bed = Bed::start().await;
    let bill = bed.market.bill(20_000);
    let first = bed.user("first", 2_000_000);
    let mut held = bed.faults.hold("checkTransactions", Side::Before);
    let asking = bed.creating(&first, inputs::payment(first.wallet, 20_000, &bill));
    held.arrived(1).await;
    assert_eq!(pay(&bed, 20_000, &bill).await, "BILL_PAYMENT_IN_PROGRESS");
    drop(held);
    assert_eq!(transaction_of(&asking.await.unwrap())["status"], "SUCCESS");

    let asked = bed.faults.calls("getOrderByVA");
    assert_eq!(pay(&bed, 20_000, &bill).await, "BILL_ALREADY_PAID");
    bed.stop_service().await;
    bed.start_service().await;
    assert_eq!(pay(&bed, 20_000, &bill).await, "BILL_ALREADY_PAID");
    assert_eq!(
        bed.faults.calls("getOrderByVA"),
        asked,
        "whatever the merchant would say"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_pay_a_bill_at_once_one_does() {
    let bed = Bed::start().await;
    for _ in 0..5 {
        let bill = bed.market.bill(20_000);
        let users: Vec<_> = (0..20).map(|index| bed.user(&format!("{index}"), 2_000_000)).collect();
        let asking: Vec<_> = users
            .iter()
            .map(|user| bed.creating(user, inputs::payment(user.wallet, 20_000, &bill)))
            .collect();
        let mut paid = 0;
        for one in asking {
            let ended = transaction_of(&one.await.unwrap());
            match (ended["status"].as_str().unwrap(), ended["failureCode"].as_str()) {
                ("SUCCESS", None) => paid += 1,
                ("FAILED", Some("BILL_ALREADY_PAID" | "BILL_PAYMENT_IN_PROGRESS")) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(paid, 1);
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_that_was_not_paid_after_all_may_be_paid_by_another() {
    let bed = Bed::start().await;
    let poor = bed.user("poor", 0);
    let frozen = bed.user("frozen", 2_000_000);
    bed.ledger.freeze(frozen.wallet);
    let bill = bed.market.bill(20_000);
    for (user, code) in [(&poor, "INSUFFICIENT_FUNDS"), (&frozen, "WALLET_FROZEN")] {
        let ended = bed.create(user, inputs::payment(user.wallet, 20_000, &bill)).await;
        assert_eq!(ended["failureCode"], code);
    }
    assert_eq!(pay(&bed, 19_999, &bill).await, "BILL_AMOUNT_MISMATCH");
    bed.fraud.says("FRAUD");
    assert_eq!(pay(&bed, 20_000, &bill).await, "FRAUD_BLOCKED");
    bed.fraud.says("SUSPICIOUS");
    assert_eq!(pay(&bed, 20_000, &bill).await, "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bill_in_two_spellings_is_one_bill() {
    let bed = Bed::start().await;
    for spelling in ["DS-8800abc1", "DS-8800ABC1", "DS-8800aBc1"] {
        bed.market.set_order(spelling, r#"{"totalHarga":20000}"#);
    }
    assert_eq!(pay(&bed, 20_000, "DS-8800abc1").await, "SUCCESS");
    assert_eq!(pay(&bed, 20_000, "DS-8800ABC1").await, "BILL_ALREADY_PAID");
    assert_eq!(pay(&bed, 20_000, " DS-8800aBc1 ").await, "BILL_ALREADY_PAID");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_of_our_own_remembers_its_amount_and_ends() {
    let bed = Bed::start().await;
    let invoice = issue(&bed, 20_000).await;
    assert!(
        invoice.starts_with("DS-8800") && invoice[7..].bytes().all(|byte| byte.is_ascii_digit()),
        "{invoice}"
    );
    assert_eq!(pay(&bed, 19_999, &invoice).await, "BILL_AMOUNT_MISMATCH");
    assert_eq!(pay(&bed, 20_000, &invoice).await, "SUCCESS");
    assert_eq!(pay(&bed, 20_000, &invoice).await, "BILL_ALREADY_PAID");

    let (nearly, expired) = (issue(&bed, 20_000).await, issue(&bed, 20_000).await);
    bed.clock.advance(Duration::from_secs(24 * 3_600 - 1));
    assert_eq!(pay(&bed, 20_000, &nearly).await, "SUCCESS");
    bed.clock.advance(Duration::from_secs(1));
    assert_eq!(pay(&bed, 20_000, &expired).await, "BILL_EXPIRED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_invoice_the_merchants_no_counts_and_its_silence_does_not() {
    let bed = Bed::start().await;
    let cases = [
        (r#"{"totalHarga":20000,"paymentStatus":"UNPAID"}"#, "SUCCESS"),
        (r#"{"totalHarga":20000,"status":"CANCELLED"}"#, "BILL_EXPIRED"),
        (r#"{"totalHarga":20000,"paymentStatus":"PAID"}"#, "BILL_ALREADY_PAID"),
        (
            r#"{"totalHarga":25000,"paymentStatus":"UNPAID"}"#,
            "BILL_AMOUNT_MISMATCH",
        ),
        ("null", "SUCCESS"),
        (r#"[20000]"#, "SUCCESS"),
    ];
    for (order, expect) in cases {
        let invoice = issue(&bed, 20_000).await;
        bed.market.set_order(&invoice, order);
        assert_eq!(pay(&bed, 20_000, &invoice).await, expect, "{order}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marketplace_may_have_a_prefix_of_its_own() {
    let bed = Bed::start_with(&[("SAWIT_MARKETPLACE_VA_PREFIX", "BD-77")]).await;
    bed.market.set_order("BD-7712345", r#"{"totalHarga":20000}"#);
    assert_eq!(pay(&bed, 20_000, "BD-7712345").await, "SUCCESS");
    let payer = bed.user("another", 2_000_000);
    let answer = bed
        .try_create(&payer, inputs::payment(payer.wallet, 20_000, "XX-12345"))
        .await;
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(bed.newest(&payer).await, Value::Null);
    bed.finish().await;
}
