//! Refunds: never more than was captured, from the wallets that were paid, once per key, and by the merchant alone.

use serde_json::{Value, json};
use service::Secret;
use testkit::graphql::Answer;
use transactions::app::merchant_access::hash_of;
use transactions::domain::CaptureMode;
use transactions::store::api_keys::{self, ApiKey};

use crate::bed::{Bed, Seller, User, inputs};

async fn paid(name: &str) -> (Bed, Seller, String, User) {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, payer) = bed.paid(&shop, CaptureMode::Automatic, name).await;
    (bed, shop, id, payer)
}

#[track_caller]
fn code(answer: &Answer) -> (Option<&str>, Option<&str>) {
    let extensions = &answer.body["errors"][0]["extensions"];
    (extensions["code"].as_str(), extensions["failureCode"].as_str())
}

async fn refund(bed: &Bed, shop: &Seller, input: Value) -> Value {
    bed.operate(&shop.owner.token, "refundPayment", input).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_automatic_payment_goes_to_everybody_less_the_fee_and_comes_back_from_everybody_whole() {
    let (bed, shop, id, payer) = paid("payer").await;
    let gains = [32_466_666, 29_220_001, 19_480_000, 16_233_332, 1];
    for (split, gain) in shop.splits.iter().zip(gains) {
        assert_eq!(bed.ledger.balance(split.wallet_id), gain);
    }
    assert_eq!(bed.ledger.balance("fees:IDR"), 2_600_000);
    assert_eq!(gains.iter().sum::<i64>() + 2_600_000, shop.amount_minor());

    bed.enrich(&shop);
    let part = refund(
        &bed,
        &shop,
        json!({ "transactionId": id, "amount": 0.03, "reason": "a crack" }),
    )
    .await;
    assert_eq!(
        (&part["state"], &part["reason"]),
        (&json!("SUCCEEDED"), &json!("a crack"))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), 3);
    let rest = refund(&bed, &shop, json!({ "transactionId": id })).await;
    assert_eq!(
        (&rest["state"], &rest["amount"]),
        (&json!("SUCCEEDED"), &json!(999_999.97))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), shop.amount_minor());
    assert_eq!(bed.ledger.balance("fees:IDR"), 2_600_000, "fees are kept");
    let payment = bed.payment(&shop.owner.token, &id).await;
    assert_eq!(
        (&payment["status"], &payment["refundedAmount"]),
        (&json!("SUCCESS"), &json!(1_000_000))
    );
    let more = bed
        .try_operate(
            &shop.owner.token,
            "refundPayment",
            json!({ "transactionId": id, "amount": 0.01 }),
        )
        .await;
    assert_eq!(code(&more), (Some("CONFLICT"), Some("REFUND_EXCEEDS_CAPTURED")));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_wallet_cannot_give_back_nobody_gives_back() {
    let (bed, shop, id, payer) = paid("payer").await;
    let failed = refund(&bed, &shop, json!({ "transactionId": id, "idempotencyKey": "all" })).await;
    assert_eq!(
        (&failed["state"], &failed["failureCode"]),
        (&json!("FAILED"), &json!("REFUND_INSUFFICIENT_FUNDS"))
    );
    assert_eq!(bed.ledger.balance(payer.wallet), 0);
    let same = refund(&bed, &shop, json!({ "transactionId": id, "idempotencyKey": "all" })).await;
    assert_eq!(same, failed, "the same key, the same answer");

    bed.enrich(&shop);
    // What failed has taken nothing: all of it can still be refunded, under another key.
    let done = refund(&bed, &shop, json!({ "transactionId": id, "idempotencyKey": "again" })).await;
    assert_eq!(done["state"], "SUCCEEDED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_stands_for_one_refund() {
    let (bed, shop, id, payer) = paid("payer").await;
    let input = json!({ "transactionId": id, "amount": 10, "idempotencyKey": "once" });
    let first = refund(&bed, &shop, input.clone()).await;
    assert_eq!(refund(&bed, &shop, input.clone()).await, first);
    for (name, value) in [("amount", json!(11)), ("reason", json!("other")), ("splits", json!([]))] {
        let mut other = input.clone();
        other[name] = value;
        let answer = bed.try_operate(&shop.owner.token, "refundPayment", other).await;
        if name == "splits" {
            assert_eq!(answer.data()["refundPayment"], first, "none told is none told");
        } else {
            assert_eq!(code(&answer).0, Some("IDEMPOTENCY_KEY_REUSED"));
            assert_eq!(answer.body["errors"][0]["extensions"]["fields"], json!([name]));
        }
    }
    let capture = json!({ "transactionId": id, "idempotencyKey": "once" });
    let answer = bed.try_operate(&shop.owner.token, "capturePayment", capture).await;
    assert_eq!(code(&answer).0, Some("IDEMPOTENCY_KEY_REUSED"));
    assert_eq!(bed.ledger.balance(payer.wallet), 1_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_act_for_the_merchant_see_and_refund_its_payments() {
    let (mut bed, shop, id, payer) = paid("payer").await;
    let key = "sk_sandbox_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
    let (merchant_id, now) = (shop.merchant_id, bed.clock.now());
    bed.stop_service().await;
    bed.edit(move |tx| {
        let key_row = ApiKey {
            key_id: ids::ApiKeyId::generate(),
            merchant_id,
            name: "shop".to_owned(),
            hint: "DEFG".to_owned(),
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        };
        api_keys::insert(tx, &key_row, &hash_of(&Secret::new(key)))
    })
    .await;
    bed.start_service().await;
    let input = json!({ "transactionId": id, "amount": 1 });
    for (token, expect) in [
        (bed.stranger(), "NOT_FOUND"),
        (payer.token.clone(), "NOT_FOUND"),
        (
            "sk_sandbox_of_nobody_0123456789abcdefghijklmnopqrstuvw".to_owned(),
            "UNAUTHENTICATED",
        ),
    ] {
        let answer = bed.try_operate(&token, "refundPayment", input.clone()).await;
        assert_eq!(code(&answer).0, Some(expect), "{}", answer.body);
        let document = "query($id: String!) { payment(transactionId: $id) { status } }";
        let answer = bed.ask(Some(&token), document, json!({ "id": id })).await;
        assert_eq!(code(&answer).0, Some(expect), "{}", answer.body);
    }
    for token in [shop.owner.token.clone(), bed.admin(), key.to_owned()] {
        assert_eq!(
            bed.operate(&token, "refundPayment", input.clone()).await["state"],
            "SUCCEEDED"
        );
        let document =
            "query($id: String) { payments(merchantId: $id, status: SUCCESS) { transactionId refundedAmount } }";
        let listed = bed
            .ask(Some(&token), document, json!({ "id": merchant_id.as_str() }))
            .await;
        assert_eq!(listed.data()["payments"][0]["transactionId"], json!(id));
    }
    let answer = bed.ask(None, "query { payments { transactionId } }", json!({})).await;
    assert_eq!(code(&answer).0, Some("UNAUTHENTICATED"));
    // A deposit is no payment.
    let deposit = bed.create(&payer, inputs::deposit(payer.wallet, 1)).await;
    let answer = bed
        .try_operate(
            &bed.admin(),
            "refundPayment",
            json!({ "transactionId": deposit["transactionId"] }),
        )
        .await;
    assert_eq!(code(&answer).0, Some("NOT_FOUND"));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_captured_can_be_refunded_before_the_rest_is() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, _) = bed.paid(&shop, CaptureMode::Manual, "payer").await;
    bed.enrich(&shop);
    let token = shop.owner.token.clone();
    bed.operate(&token, "capturePayment", json!({ "transactionId": id, "amount": 500 }))
        .await;
    let too_much = json!({ "transactionId": id, "amount": 500.01 });
    let answer = bed.try_operate(&token, "refundPayment", too_much).await;
    assert_eq!(code(&answer), (Some("CONFLICT"), Some("REFUND_EXCEEDS_CAPTURED")));
    let done = refund(&bed, &shop, json!({ "transactionId": id })).await;
    assert_eq!((&done["state"], &done["amount"]), (&json!("SUCCEEDED"), &json!(500)));
    bed.operate(&token, "capturePayment", json!({ "transactionId": id }))
        .await;
    assert_eq!(bed.payment(&token, &id).await["status"], "SUCCESS");
    bed.finish().await;
}
