//! Payments that a person must look at: held, approved or refused, by a word that counts once.

use std::time::Duration;

use serde_json::{Value, json};
use transactions::domain::CaptureMode;

use crate::bed::{Bed, DEFAULT_MERCHANT, Seller, User, inputs, transaction_of};

const AMOUNT: u64 = 20_000;
const AMOUNT_MINOR: i64 = 2_000_000;
const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn id_of(transaction: &Value) -> String {
    transaction["transactionId"].as_str().unwrap().to_owned()
}

/// A payment of the marketplace's bill that waits for a word.
async fn in_review(bed: &Bed, name: &str) -> (User, String, Value) {
    bed.fraud.says("REVIEW");
    let payer = bed.user(name, AMOUNT_MINOR);
    let input = inputs::with_key(inputs::payment(payer.wallet, AMOUNT, &bed.market.bill(AMOUNT)), name);
    let paid = bed.create(&payer, input.clone()).await;
    assert_eq!(
        (&paid["status"], &paid["failureCode"]),
        (&json!("REVIEW"), &Value::Null),
        "{paid}"
    );
    (payer, id_of(&paid), input)
}

/// A payment of a shop's session, split five ways, that waits for a word.
async fn session_in_review(bed: &mut Bed, shop: &Seller, mode: CaptureMode, name: &str) -> (User, String, String) {
    let numbers = bed.open_sessions(shop, mode, &shop.splits, 1).await;
    bed.fraud.says("REVIEW");
    let payer = bed.user(name, shop.amount_minor());
    let paid = bed.pay_number(shop, &payer, &numbers[0]).await;
    assert_eq!(paid["status"], "REVIEW", "{paid}");
    (payer, id_of(&paid), numbers[0].clone())
}

async fn session_of(bed: &Bed, shop: &Seller, id: &str) -> Value {
    let session_id = bed.payment(&shop.owner.token, id).await["sessionId"].clone();
    let document = "query($id: String!) { paymentSession(sessionId: $id) { state version transactionId } }";
    let answer = bed
        .ask(Some(&shop.owner.token), document, json!({ "id": session_id }))
        .await;
    answer.data()["paymentSession"].clone()
}

async fn until_decided(bed: &Bed, id: &str) -> Value {
    bed.until("it is decided", SECOND, async || {
        bed.standing(id).await["status"] != "REVIEW"
    })
    .await;
    bed.standing(id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn money_under_review_is_held_and_an_approval_moves_it_once() {
    let bed = Bed::start().await;
    let (payer, id, input) = in_review(&bed, "payer").await;
    assert_eq!(bed.ledger.balance(payer.wallet), AMOUNT_MINOR, "it has not moved");
    assert_eq!(bed.ledger.hold_of(&id).unwrap().state, "PENDING");
    let again = bed.create(&payer, input.clone()).await;
    assert_eq!(
        (id_of(&again), &again["status"]),
        (id.clone(), &json!("REVIEW")),
        "the same key is the same payment"
    );
    let broke = bed
        .create(&payer, inputs::transfer(payer.wallet, 1, bed.user("friend", 0).wallet))
        .await;
    assert_eq!(
        broke["failureCode"], "INSUFFICIENT_FUNDS",
        "what is held cannot be spent"
    );
    assert_eq!(bed.newest(&payer).await["status"], "FAILED");

    for _ in 0..3 {
        assert!(
            bed.resolve(&id, "APPROVE").await,
            "a word that comes again changes nothing"
        );
    }
    assert_eq!(
        until_decided(&bed, &id).await,
        json!({ "status": "SUCCESS", "failureCode": null })
    );
    assert!(bed.resolve(&id, "APPROVE").await);
    assert_eq!(bed.ledger.balance(payer.wallet), 0);
    assert_eq!(bed.create(&payer, input).await["status"], "SUCCESS");
    bed.until_nothing_waits(SECOND).await;
    assert_eq!(bed.fraud.told_of(&id), ["IN_REVIEW", "SUCCEEDED"]);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_gives_the_money_back_and_the_bill_to_whoever_pays_it_next() {
    let bed = Bed::start().await;
    let (payer, id, input) = in_review(&bed, "payer").await;
    let va_number = input["vaNumber"].as_str().unwrap();
    let other = bed.user("other", AMOUNT_MINOR);
    let early = bed
        .create(&other, inputs::payment(other.wallet, AMOUNT, va_number))
        .await;
    assert_eq!(early["failureCode"], "BILL_PAYMENT_IN_PROGRESS");

    assert!(bed.resolve(&id, "REJECT").await);
    let ended = until_decided(&bed, &id).await;
    assert_eq!(ended, json!({ "status": "FAILED", "failureCode": "REVIEW_REJECTED" }));
    assert_eq!(bed.ledger.hold_of(&id).unwrap().state, "VOIDED");
    bed.fraud.says("SAFE");
    let whole = bed
        .create(&payer, inputs::transfer(payer.wallet, AMOUNT, other.wallet))
        .await;
    assert_eq!(whole["status"], "SUCCESS", "all of it can be spent again");
    let paid = bed
        .create(&other, inputs::payment(other.wallet, AMOUNT, va_number))
        .await;
    assert_eq!(paid["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_word_counts() {
    let bed = Bed::start().await;
    for (first, second, expect) in [("APPROVE", "REJECT", "SUCCESS"), ("REJECT", "APPROVE", "FAILED")] {
        let (_, id, _) = in_review(&bed, first).await;
        assert!(bed.resolve(&id, first).await);
        assert!(!bed.resolve(&id, second).await, "the opposite is not taken");
        assert_eq!(until_decided(&bed, &id).await["status"], expect);
        assert!(!bed.resolve(&id, second).await, "also afterwards");
        assert!(bed.resolve(&id, first).await);
    }
    assert!(
        bed.resolve("trx_00000000000000000000000009", "APPROVE").await,
        "a stranger's is taken and means nothing"
    );
    let answer = bed.resolving("trx_00000000000000000000000009", "MAYBE").await.unwrap();
    assert_eq!(answer.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_bring_the_word() {
    let bed = Bed::start().await;
    let (_, id, _) = in_review(&bed, "payer").await;
    let document = "mutation($r: [ReviewResolutionInput!]!) { resolveReviews(resolutions: $r) }";
    let input = json!({ "r": [{ "transactionId": id, "caseId": "rev_1", "decision": "APPROVE" }] });
    for token in [Some(bed.admin()), None] {
        let request = crate::bed::Ask {
            path: "/internal/graphql",
            ..crate::bed::Ask::new(token.as_deref(), document, input.clone())
        };
        let answer = bed.answer(request).await;
        assert!(answer.body["errors"].is_array(), "{}", answer.body);
    }
    assert_eq!(bed.standing(&id).await["status"], "REVIEW");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_that_is_refused_ends_the_payment_and_a_late_word_finds_nothing() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    let payer = bed.user("payer", AMOUNT_MINOR - 1);
    let paid = bed
        .create(&payer, inputs::payment(payer.wallet, AMOUNT, &bed.market.bill(AMOUNT)))
        .await;
    assert_eq!(
        (&paid["status"], &paid["failureCode"]),
        (&json!("FAILED"), &json!("INSUFFICIENT_FUNDS"))
    );
    assert!(bed.resolve(&id_of(&paid), "APPROVE").await);
    assert_eq!(bed.standing(&id_of(&paid)).await["status"], "FAILED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_can_be_reviewed_too_and_its_receiver_hears_of_it_when_it_is_theirs() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    let receiver = bed.user("receiver", 0);
    for (name, word, expect, received) in [
        ("one", "APPROVE", "SUCCESS", AMOUNT_MINOR),
        ("two", "REJECT", "FAILED", AMOUNT_MINOR),
    ] {
        let payer = bed.user(name, AMOUNT_MINOR);
        let sent = bed
            .create(&payer, inputs::transfer(payer.wallet, AMOUNT, receiver.wallet))
            .await;
        assert_eq!(sent["status"], "REVIEW");
        assert!(bed.resolve(&id_of(&sent), word).await);
        assert_eq!(until_decided(&bed, &id_of(&sent)).await["status"], expect);
        assert_eq!(bed.ledger.balance(receiver.wallet), received, "{word}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_who_cannot_take_it_any_more_ends_an_approved_transfer_and_frees_the_money() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    let (payer, receiver) = (bed.user("payer", AMOUNT_MINOR), bed.user("receiver", 0));
    let sent = bed
        .create(&payer, inputs::transfer(payer.wallet, AMOUNT, receiver.wallet))
        .await;
    bed.ledger.freeze(receiver.wallet);
    assert!(bed.resolve(&id_of(&sent), "APPROVE").await);
    let ended = until_decided(&bed, &id_of(&sent)).await;
    assert_eq!(ended, json!({ "status": "FAILED", "failureCode": "WALLET_FROZEN" }));
    assert_eq!(bed.ledger.hold_of(&id_of(&sent)).unwrap().state, "VOIDED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_session_is_paid_with_its_splits_and_fee_as_any_other() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (payer, id, _) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "payer").await;
    let waiting = session_of(&bed, &shop, &id).await;
    assert_eq!(
        (&waiting["state"], &waiting["transactionId"]),
        (&json!("REVIEW"), &json!(id))
    );
    assert!(bed.resolve(&id, "APPROVE").await);
    assert_eq!(until_decided(&bed, &id).await["status"], "SUCCESS");
    let paid = session_of(&bed, &shop, &id).await;
    assert_eq!(paid["state"], "PAID");
    assert!(paid["version"].as_i64() > waiting["version"].as_i64());
    assert_eq!(bed.ledger.balance(payer.wallet), 0);
    assert_eq!(bed.ledger.balance("fees:IDR"), 2_600_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_session_is_open_again_and_can_be_paid() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (_, id, va_number) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "payer").await;
    assert!(bed.resolve(&id, "REJECT").await);
    assert_eq!(until_decided(&bed, &id).await["failureCode"], "REVIEW_REJECTED");
    let open = session_of(&bed, &shop, &id).await;
    assert_eq!((&open["state"], &open["transactionId"]), (&json!("OPEN"), &Value::Null));
    bed.fraud.says("SAFE");
    let other = bed.user("other", shop.amount_minor());
    assert_eq!(bed.pay_number(&shop, &other, &va_number).await["status"], "SUCCESS");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_time_ends_meanwhile_loses_no_payment_and_is_paid_by_nobody_else() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (_, approved, number) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "one").await;
    let (_, refused, _) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "two").await;
    bed.clock.advance(DAY * 2);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(
        session_of(&bed, &shop, &approved).await["state"],
        "REVIEW",
        "the session waits with its payment"
    );
    let other = bed.user("other", shop.amount_minor());
    let late = bed.pay_number(&shop, &other, &number).await;
    assert_eq!(late["failureCode"], "BILL_PAYMENT_IN_PROGRESS");

    assert!(bed.resolve(&approved, "APPROVE").await && bed.resolve(&refused, "REJECT").await);
    assert_eq!(until_decided(&bed, &approved).await["status"], "SUCCESS");
    assert_eq!(session_of(&bed, &shop, &approved).await["state"], "PAID");
    assert_eq!(until_decided(&bed, &refused).await["status"], "FAILED");
    assert_eq!(session_of(&bed, &shop, &refused).await["state"], "EXPIRED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_under_review_is_neither_cancelled_nor_final() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (_, id, _) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "payer").await;
    let payment = bed.payment(&shop.owner.token, &id).await;
    let cancel = "mutation($id: String!) { cancelPaymentSession(sessionId: $id) { state } }";
    let answer = bed
        .ask(Some(&shop.owner.token), cancel, json!({ "id": payment["sessionId"] }))
        .await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"], "CONFLICT",
        "{}",
        answer.body
    );
    let check = "query($o: String!, $m: String) { checkPayment(orderId: $o, merchantId: $m) { status final version transactionId } }";
    let ask = json!({ "o": payment["orderId"], "m": shop.merchant_id.as_str() });
    let waiting = bed.ask(Some(&shop.owner.token), check, ask.clone()).await.data()["checkPayment"].clone();
    assert_eq!(
        (&waiting["status"], &waiting["final"], &waiting["transactionId"]),
        (&json!("REVIEW"), &json!(false), &json!(id))
    );
    for operation in ["capturePayment", "voidPayment", "refundPayment"] {
        let answer = bed
            .try_operate(&shop.owner.token, operation, json!({ "transactionId": id }))
            .await;
        assert_eq!(
            answer.body["errors"][0]["extensions"]["code"], "CONFLICT",
            "{operation}: {}",
            answer.body
        );
    }
    assert!(bed.resolve(&id, "APPROVE").await);
    until_decided(&bed, &id).await;
    let paid = bed.ask(Some(&shop.owner.token), check, ask).await.data()["checkPayment"].clone();
    assert_eq!((&paid["status"], &paid["final"]), (&json!("PAID"), &json!(true)));
    assert!(paid["version"].as_i64() > waiting["version"].as_i64());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_manual_payment_is_authorized_for_as_long_as_any_other() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (payer, id, _) = session_in_review(&mut bed, &shop, CaptureMode::Manual, "payer").await;
    bed.clock.advance(DAY / 2);
    assert!(bed.resolve(&id, "APPROVE").await);
    assert_eq!(until_decided(&bed, &id).await["status"], "AUTHORIZED");
    let payment = bed.payment(&shop.owner.token, &id).await;
    let left = bed
        .clock
        .now()
        .since(payment["holdExpiresAt"].as_str().unwrap().parse_time());
    assert_eq!(left, Duration::ZERO);
    let until = payment["holdExpiresAt"].as_str().unwrap().parse_time();
    let for_days = until.since(bed.clock.now());
    assert!(
        for_days <= DAY * 7 && for_days > DAY * 7 - Duration::from_secs(120),
        "{for_days:?}"
    );
    let captured = bed
        .operate(&shop.owner.token, "capturePayment", json!({ "transactionId": id }))
        .await;
    assert_eq!(captured["state"], "SUCCEEDED", "{captured}");
    assert_eq!(bed.ledger.balance(payer.wallet), 0);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_manual_payment_that_nobody_captures_expires_like_any_other() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (payer, id, _) = session_in_review(&mut bed, &shop, CaptureMode::Manual, "payer").await;
    let (_, refused, _) = session_in_review(&mut bed, &shop, CaptureMode::Manual, "other").await;
    assert!(bed.resolve(&id, "APPROVE").await && bed.resolve(&refused, "REJECT").await);
    assert_eq!(until_decided(&bed, &id).await["status"], "AUTHORIZED");
    assert_eq!(until_decided(&bed, &refused).await["failureCode"], "REVIEW_REJECTED");
    bed.clock.advance(DAY * 7 + SECOND * 11);
    bed.until("it has expired", SECOND, async || {
        bed.standing(&id).await["status"] == "EXPIRED"
    })
    .await;
    assert_eq!(bed.ledger.balance(payer.wallet), shop.amount_minor());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_nobody_decides_ends_with_its_hold() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (_, automatic, _) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "one").await;
    let (_, manual, _) = session_in_review(&mut bed, &shop, CaptureMode::Manual, "two").await;
    bed.clock.advance(DAY * 8 - SECOND);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(bed.standing(&automatic).await["status"], "REVIEW", "not before");
    bed.clock.advance(SECOND * 12);
    for id in [&automatic, &manual] {
        let ended = until_decided(&bed, id).await;
        assert_eq!(ended, json!({ "status": "FAILED", "failureCode": "TIMED_OUT" }));
        assert!(bed.resolve(id, "APPROVE").await, "too late, and harmless");
        assert_eq!(bed.standing(id).await["status"], "FAILED");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn held_money_does_not_reach_a_merchant_that_was_stopped_meanwhile() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (payer, id, _) = session_in_review(&mut bed, &shop, CaptureMode::Automatic, "payer").await;
    let stop = "mutation($id: String!) { setMerchantStatus(merchantId: $id, status: SUSPENDED) { status } }";
    bed.ask(Some(&bed.admin()), stop, json!({ "id": shop.merchant_id.as_str() }))
        .await
        .data();
    assert!(bed.resolve(&id, "APPROVE").await);
    assert_eq!(until_decided(&bed, &id).await["failureCode"], "MERCHANT_UNAVAILABLE");
    assert_eq!(bed.ledger.balance(payer.wallet), shop.amount_minor());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn merchants_and_payers_are_told_of_the_review() {
    let bed = Bed::start().await;
    let (payer, id, input) = in_review(&bed, "payer").await;
    bed.until_nothing_waits(SECOND).await;
    let told = bed.history.entry(&format!("{id}:REVIEW:{}", payer.id)).unwrap();
    assert_eq!(
        (&told["status"], &told["amountMinor"]),
        (&json!("REVIEW"), &json!(AMOUNT_MINOR))
    );
    let list = "query($m: String!) { eventsAfter(merchantId: $m) { events { type } } }";
    let market = json!({ "m": DEFAULT_MERCHANT });
    let events = bed.ask(Some(&bed.admin()), list, market).await.data()["eventsAfter"].clone();
    assert_eq!(events, json!({ "events": [{ "type": "payment.review" }] }));
    let asked = &bed.fraud.checked()[0];
    assert_eq!(asked["walletId"], payer.wallet.as_str());
    assert_eq!(asked["walletCreatedAt"], 1_700_000_000_000_000_i64);
    let list = "{ myTransactions(status: REVIEW) { transactionId vaNumber } }";
    let listed = bed.ask(Some(&payer.token), list, json!({})).await.data()["myTransactions"].clone();
    assert_eq!(listed, json!([{ "transactionId": id, "vaNumber": input["vaNumber"] }]));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_comes_before_the_money_is_held_counts_when_it_is() {
    let bed = Bed::start().await;
    bed.fraud.says("REVIEW");
    for (word, expect) in [("APPROVE", "SUCCESS"), ("REJECT", "FAILED")] {
        let payer = bed.user(word, AMOUNT_MINOR);
        let mut held = bed.faults.hold("authorizeHolds", crate::bed::Side::Before);
        let asking = bed.creating(&payer, inputs::payment(payer.wallet, AMOUNT, &bed.market.bill(AMOUNT)));
        held.arrived(1).await;
        let id = id_of(&bed.newest(&payer).await);
        assert!(bed.resolve(&id, word).await);
        assert_eq!(bed.standing(&id).await["status"], "PENDING");
        drop(held);
        assert_eq!(transaction_of(&asking.await.unwrap())["status"], "REVIEW");
        assert_eq!(until_decided(&bed, &id).await["status"], expect, "{word}");
    }
    bed.finish().await;
}

trait ParseTime {
    fn parse_time(&self) -> service::Timestamp;
}

impl ParseTime for str {
    fn parse_time(&self) -> service::Timestamp {
        service::Timestamp::parse(self).unwrap()
    }
}
