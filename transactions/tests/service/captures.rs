//! Payments that are authorized first: captured in whole or in parts, voided, expired. What is held is captured at most
//! once, and what is let go is its payer's again.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::graphql::Answer;
use transactions::domain::CaptureMode;

use crate::bed::{Bed, Seller, User};

const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);
const SECOND: Duration = Duration::from_secs(1);
/// 2.5 % of 1,000,000.00 and 1,000.00.
const FEE_MINOR: i64 = 2_600_000;

async fn authorized(name: &str) -> (Bed, Seller, String, User) {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, payer) = bed.paid(&shop, CaptureMode::Manual, name).await;
    (bed, shop, id, payer)
}

#[track_caller]
fn refused_with(answer: &Answer, code: &str, failure_code: Option<&str>) {
    let extensions = &answer.body["errors"][0]["extensions"];
    assert_eq!(extensions["code"], code, "{}", answer.body);
    assert_eq!(extensions["failureCode"].as_str(), failure_code, "{}", answer.body);
}

async fn capture(bed: &Bed, shop: &Seller, input: Value) -> Value {
    bed.operate(&shop.owner.token, "capturePayment", input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn authorized_money_is_held_and_a_capture_moves_all_of_it_to_everybody() {
    let (bed, shop, id, payer) = authorized("payer").await;
    assert_eq!(
        bed.ledger.balance(payer.wallet),
        shop.amount_minor(),
        "it has not moved"
    );
    assert_eq!(bed.ledger.hold_of(&id).unwrap().state, "PENDING");

    let captured = capture(&bed, &shop, json!({ "transactionId": id })).await;
    assert_eq!(
        (&captured["state"], &captured["amount"]),
        (&json!("SUCCEEDED"), &json!(1_000_000))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), 0);
    assert_eq!(bed.ledger.balance("fees:IDR"), FEE_MINOR);
    let net: i64 = shop
        .splits
        .iter()
        .map(|split| bed.ledger.balance(split.wallet_id))
        .sum();
    assert_eq!(net, shop.amount_minor() - FEE_MINOR);
    let payment = bed.payment(&shop.owner.token, &id).await;
    assert_eq!(
        (&payment["status"], &payment["capturedAmount"], &payment["fee"]),
        (&json!("SUCCESS"), &json!(1_000_000), &json!(26_000))
    );
    let again = bed
        .try_operate(&shop.owner.token, "capturePayment", json!({ "transactionId": id }))
        .await;
    refused_with(&again, "CONFLICT", Some("PAYMENT_NOT_AUTHORIZED"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_in_parts_cost_what_the_whole_would_and_the_final_one_lets_go_the_rest() {
    let (bed, shop, id, payer) = authorized("payer").await;
    for rupiah in [1, 333_333, 100_000] {
        let part = capture(&bed, &shop, json!({ "transactionId": id, "amount": rupiah })).await;
        assert_eq!(part["state"], "SUCCEEDED", "{part}");
    }
    let payment = bed.payment(&shop.owner.token, &id).await;
    assert_eq!(
        (&payment["status"], &payment["capturedAmount"]),
        (&json!("AUTHORIZED"), &json!(433_334))
    );
    // 2.5 % of 433,334.00, and 1,000.00 once.
    assert_eq!(payment["fee"], json!(11_833.35));

    let too_much = bed
        .try_operate(
            &shop.owner.token,
            "capturePayment",
            json!({ "transactionId": id, "amount": 566_666.01 }),
        )
        .await;
    refused_with(&too_much, "CONFLICT", Some("CAPTURE_EXCEEDS_AUTHORIZED"));

    let last = capture(
        &bed,
        &shop,
        json!({ "transactionId": id, "amount": 66_666, "final": true }),
    )
    .await;
    assert_eq!(last["state"], "SUCCEEDED");
    assert_eq!(bed.ledger.balance(payer.wallet), 50_000_000, "the rest is the payer's");
    assert_eq!(bed.ledger.hold_of(&id).unwrap().state, "CAPTURED");
    assert_eq!(bed.payment(&shop.owner.token, &id).await["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_merchant_may_say_whose_parts_are_captured() {
    let (bed, shop, id, _) = authorized("payer").await;
    let share =
        |index: usize, amount: i64| json!({ "walletId": shop.splits[index].wallet_id.as_str(), "amount": amount });
    let own = json!([share(0, 100_000), share(3, 50_000)]);
    let part = capture(&bed, &shop, json!({ "transactionId": id, "splits": own })).await;
    assert_eq!(
        (&part["state"], &part["amount"]),
        (&json!("SUCCEEDED"), &json!(150_000))
    );

    let token = &shop.owner.token;
    for (splits, code, failure_code) in [
        (
            json!([share(3, 116_667)]),
            "CONFLICT",
            Some("CAPTURE_EXCEEDS_AUTHORIZED"),
        ),
        (json!([share(1, 1), share(1, 1)]), "BAD_USER_INPUT", None),
        (
            json!([{ "walletId": "wal_00000000000000000000000001", "amount": 1 }]),
            "BAD_USER_INPUT",
            None,
        ),
        (json!([{ "amount": 1 }]), "BAD_USER_INPUT", None),
    ] {
        let answer = bed
            .try_operate(
                token,
                "capturePayment",
                json!({ "transactionId": id, "splits": splits }),
            )
            .await;
        refused_with(&answer, code, failure_code);
    }
    let input = json!({ "transactionId": id, "amount": 3, "splits": [share(0, 1), share(1, 1)] });
    refused_with(
        &bed.try_operate(token, "capturePayment", input).await,
        "BAD_USER_INPUT",
        None,
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_lets_go_all_and_nothing_can_be_captured_or_paid_again() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let numbers = bed.open_sessions(&shop, CaptureMode::Manual, &shop.splits, 1).await;
    let payer = bed.user("payer", shop.amount_minor());
    let paid = bed.pay_number(&shop, &payer, &numbers[0]).await;
    let id = paid["transactionId"].as_str().unwrap();
    let second = bed.user("second", shop.amount_minor());
    assert_eq!(
        bed.pay_number(&shop, &second, &numbers[0]).await["failureCode"],
        "BILL_ALREADY_PAID"
    );

    let void = bed
        .operate(&shop.owner.token, "voidPayment", json!({ "transactionId": id }))
        .await;
    assert_eq!(
        (&void["state"], &void["amount"]),
        (&json!("SUCCEEDED"), &json!(1_000_000))
    );
    assert_eq!(bed.ledger.hold_of(id).unwrap().state, "VOIDED");
    assert_eq!(bed.payment(&shop.owner.token, id).await["status"], "VOIDED");
    for operation in ["capturePayment", "voidPayment"] {
        let again = bed
            .try_operate(&shop.owner.token, operation, json!({ "transactionId": id }))
            .await;
        refused_with(&again, "CONFLICT", Some("PAYMENT_NOT_AUTHORIZED"));
    }
    let refund = bed
        .try_operate(&shop.owner.token, "refundPayment", json!({ "transactionId": id }))
        .await;
    refused_with(&refund, "CONFLICT", Some("REFUND_EXCEEDS_CAPTURED"));
    assert_eq!(
        bed.pay_number(&shop, &second, &numbers[0]).await["failureCode"],
        "BILL_EXPIRED"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_void_after_captures_lets_go_the_rest() {
    let (bed, shop, id, payer) = authorized("payer").await;
    capture(&bed, &shop, json!({ "transactionId": id, "amount": 400_000 })).await;
    let void = bed
        .operate(&shop.owner.token, "voidPayment", json!({ "transactionId": id }))
        .await;
    assert_eq!(
        (&void["state"], &void["amount"]),
        (&json!("SUCCEEDED"), &json!(600_000))
    );
    let payment = bed.payment(&shop.owner.token, &id).await;
    assert_eq!(
        (&payment["status"], &payment["capturedAmount"]),
        (&json!("SUCCESS"), &json!(400_000))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), 60_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_ends_by_itself_with_or_without_captures() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (nothing, _) = bed.paid(&shop, CaptureMode::Manual, "nothing").await;
    let (some, _) = bed.paid(&shop, CaptureMode::Manual, "some").await;
    capture(&bed, &shop, json!({ "transactionId": some, "amount": 1 })).await;
    bed.clock.advance(WEEK);
    let late = bed
        .try_operate(&shop.owner.token, "capturePayment", json!({ "transactionId": some }))
        .await;
    refused_with(&late, "CONFLICT", Some("PAYMENT_NOT_AUTHORIZED"));
    bed.until("both have ended", SECOND, async || {
        let mut ended = true;
        for (id, expect) in [(&nothing, "EXPIRED"), (&some, "SUCCESS")] {
            ended &= bed.payment(&shop.owner.token, id).await["status"] == expect;
        }
        ended
    })
    .await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_whose_end_could_not_be_written_down_ends_after_a_restart() {
    let (mut bed, shop, id, _) = authorized("payer").await;
    let mut held = bed.faults.hold("voidHolds", crate::bed::Side::After);
    bed.clock.advance(WEEK + Duration::from_secs(11));
    held.arrived(1).await;
    bed.crash();
    drop(held);
    bed.start_service().await;
    bed.until("it has ended", SECOND, async || {
        bed.payment(&shop.owner.token, &id).await["status"] == "EXPIRED"
    })
    .await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capture_that_the_ledger_sees_too_late_has_failed_and_the_payment_expires() {
    let (bed, shop, id, payer) = authorized("payer").await;
    let held = bed.faults.hold("postTransfers", crate::bed::Side::Before);
    let capturing = bed.operating(&shop.owner.token, "capturePayment", json!({ "transactionId": id }));
    let mut held = held;
    held.arrived(1).await;
    bed.clock.advance(WEEK + SECOND);
    drop(held);
    let captured = capturing.await.unwrap().data()["capturePayment"].clone();
    assert_eq!(
        (&captured["state"], &captured["failureCode"]),
        (&json!("FAILED"), &json!("PAYMENT_NOT_AUTHORIZED"))
    );
    bed.until("it has ended", SECOND, async || {
        bed.payment(&shop.owner.token, &id).await["status"] == "EXPIRED"
    })
    .await;
    assert_eq!(bed.ledger.balance(payer.wallet), shop.amount_minor());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_not_let_go_and_what_is_let_go_is_not_captured() {
    let (bed, shop, id, _) = authorized("payer").await;
    let token = &shop.owner.token;
    let mut held = bed.faults.hold("postTransfers", crate::bed::Side::Before);
    let capturing = bed.operating(token, "capturePayment", json!({ "transactionId": id, "amount": 1 }));
    held.arrived(1).await;
    for (operation, input) in [
        ("voidPayment", json!({ "transactionId": id })),
        (
            "capturePayment",
            json!({ "transactionId": id, "amount": 1, "final": true }),
        ),
    ] {
        let answer = bed.try_operate(token, operation, input).await;
        refused_with(&answer, "CONFLICT", Some("OPERATION_IN_PROGRESS"));
    }
    drop(held);
    assert_eq!(capturing.await.unwrap().data()["capturePayment"]["state"], "SUCCEEDED");

    let mut held = bed.faults.hold("voidHolds", crate::bed::Side::Before);
    let voiding = bed.operating(token, "voidPayment", json!({ "transactionId": id }));
    held.arrived(1).await;
    for operation in ["capturePayment", "voidPayment"] {
        let answer = bed.try_operate(token, operation, json!({ "transactionId": id })).await;
        refused_with(&answer, "CONFLICT", Some("OPERATION_IN_PROGRESS"));
    }
    drop(held);
    assert_eq!(voiding.await.unwrap().data()["voidPayment"]["state"], "SUCCEEDED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_is_not_there_is_not_authorized() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let numbers = bed.open_sessions(&shop, CaptureMode::Manual, &[], 1).await;
    let poor = bed.user("poor", shop.amount_minor() - 1);
    let refused = bed.pay_number(&shop, &poor, &numbers[0]).await;
    assert_eq!(
        (&refused["status"], &refused["failureCode"]),
        (&json!("FAILED"), &json!("INSUFFICIENT_FUNDS"))
    );
    // The bill is free again, and without splits all of it is the merchant's.
    let payer = bed.user("payer", shop.amount_minor());
    let paid = bed.pay_number(&shop, &payer, &numbers[0]).await;
    assert_eq!(paid["status"], "AUTHORIZED");
    capture(&bed, &shop, json!({ "transactionId": paid["transactionId"] })).await;
    assert_eq!(bed.ledger.balance(shop.wallet()), shop.amount_minor() - FEE_MINOR);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_paid_does_not_pay() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let mut splits = shop.splits.clone();
    let payer = bed.user("payer", shop.amount_minor());
    splits[4].wallet_id = payer.wallet;
    let numbers = bed.open_sessions(&shop, CaptureMode::Automatic, &splits, 1).await;
    let answer = bed
        .try_create(
            &payer,
            crate::bed::inputs::payment(payer.wallet, 1_000_000, &numbers[0]),
        )
        .await;
    refused_with(&answer, "BAD_USER_INPUT", None);
    bed.finish().await;
}
