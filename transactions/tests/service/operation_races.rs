//! A hundred captures, voids and refunds at once on five-way splits with fees: whatever wins, no part is taken twice, and the
//! books balance to the last unit. (The teardown checks each sum of each wallet.)

use std::time::Duration;

use rand::RngExt;
use serde_json::{Value, json};
use transactions::domain::CaptureMode;

use crate::bed::{Bed, Fault, Seller, Side};

const AT_ONCE: usize = 100;

/// Sends operations all at once, and answers with how many ended in each state; refusals of the first commit count as such.
async fn race(bed: &Bed, shop: &Seller, operations: Vec<(&'static str, Value)>) -> (usize, usize, usize) {
    let sent: Vec<_> = operations
        .into_iter()
        .map(|(operation, input)| (operation, bed.operating(&shop.owner.token, operation, input)))
        .collect();
    let (mut succeeded, mut failed, mut refused) = (0, 0, 0);
    for (operation, answer) in sent {
        let answer = answer.await.unwrap();
        let state = answer.body["data"][operation]["state"].as_str().map(str::to_owned);
        match state.as_deref() {
            Some("SUCCEEDED") => succeeded += 1,
            Some("FAILED") => failed += 1,
            None => {
                assert_eq!(
                    answer.body["errors"][0]["extensions"]["code"], "CONFLICT",
                    "{}",
                    answer.body
                );
                refused += 1;
            }
            Some(other) => panic!("{other}: {}", answer.body),
        }
    }
    (succeeded, failed, refused)
}

/// An amount of up to 3 % of the payment, in rupiah with sen.
fn some_amount() -> f64 {
    f64::from(rand::rng().random_range(1..3_000_000_u32)) / 100.0
}

#[tokio::test(flavor = "multi_thread")]
async fn refunds_at_once_give_back_at_most_what_was_captured() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, payer) = bed.paid(&shop, CaptureMode::Automatic, "payer").await;
    bed.enrich(&shop);
    // 30,000.00 each: 33 fit into 1,000,000.00, and not one more.
    let refunds = (0..AT_ONCE).map(|_| ("refundPayment", json!({ "transactionId": id, "amount": 30_000 })));
    let (succeeded, failed, refused) = race(&bed, &shop, refunds.collect()).await;
    assert_eq!((succeeded, failed, refused), (33, 0, 67));
    assert_eq!(bed.ledger.balance(payer.wallet), 33 * 3_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_at_once_take_at_most_what_was_authorized() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, payer) = bed.paid(&shop, CaptureMode::Manual, "payer").await;
    let captures = (0..AT_ONCE).map(|_| ("capturePayment", json!({ "transactionId": id, "amount": 30_000 })));
    let (succeeded, failed, refused) = race(&bed, &shop, captures.collect()).await;
    assert_eq!((succeeded, failed, refused), (33, 0, 67));
    assert_eq!(bed.ledger.balance(payer.wallet), 1_000_000);
    let fee = bed.payment(&shop.owner.token, &id).await["fee"].clone();
    assert_eq!(fee, json!(25_750), "2.5 % of 990,000.00, and 1,000.00 once");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_at_once_keeps_the_books_and_every_part() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    bed.enrich(&shop);
    for round in 0..3 {
        let (id, _) = bed.paid(&shop, CaptureMode::Manual, &format!("payer-{round}")).await;
        // Some answers of the ledger are lost on the way.
        bed.faults.plan("postTransfers", Side::After, Fault::Unavailable, 4);
        let operations = (0..AT_ONCE).map(|index| match index {
            97 => ("voidPayment", json!({ "transactionId": id })),
            98 => (
                "capturePayment",
                json!({ "transactionId": id, "amount": 1, "final": true }),
            ),
            index if index % 3 == 2 => ("refundPayment", json!({ "transactionId": id, "amount": some_amount() })),
            _ => (
                "capturePayment",
                json!({ "transactionId": id, "amount": some_amount() }),
            ),
        });
        let sent: Vec<_> = operations
            .map(|(operation, input)| bed.operating(&shop.owner.token, operation, input))
            .collect();
        for answer in sent {
            let _ = answer.await.unwrap();
        }
        bed.faults.heal();
        bed.until_no_operation_is_pending(Duration::from_secs(31)).await;
    }
    bed.finish().await;
}
