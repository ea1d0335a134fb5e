//! What staff see and do: all payments by any filter, how one went, how all go, what was given up; and what they may not.

use std::time::Duration;

use serde_json::{Value, json};
use service::token::Role;
use transactions::domain::CaptureMode;

use crate::bed::{Bed, DEFAULT_MERCHANT, Expect, Fault, Side, User, inputs};

const AMOUNT: u64 = 20_000;
const AMOUNT_MINOR: i64 = 2_000_000;
const SECOND: Duration = Duration::from_secs(1);

async fn data(bed: &Bed, token: &str, document: &str, variables: Value) -> Value {
    let answer = bed.ask(Some(token), document, variables).await;
    answer.data().clone()
}

async fn pay(bed: &Bed, payer: &User, rupiah: u64) -> (String, String) {
    let va_number = bed.market.bill(rupiah);
    let paid = bed
        .create(payer, inputs::payment(payer.wallet, rupiah, &va_number))
        .await;
    (paid["transactionId"].as_str().unwrap().to_owned(), va_number)
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_find_transactions_by_whatever_they_know_of_them() {
    let bed = Bed::start().await;
    let support = bed.token("usr_support", Role::Support);
    let (one, two) = (bed.user("one", AMOUNT_MINOR * 3), bed.user("two", AMOUNT_MINOR));
    let (paid, va_number) = pay(&bed, &one, AMOUNT).await;
    bed.fraud.says("FRAUD");
    let (refused, _) = pay(&bed, &two, AMOUNT).await;
    bed.fraud.says("REVIEW");
    let (waiting, _) = pay(&bed, &two, 10_000).await;
    bed.fraud.says("SAFE");
    let sent = bed.create(&one, inputs::transfer(one.wallet, 5_000, two.wallet)).await;
    let sent = sent["transactionId"].as_str().unwrap().to_owned();
    let put = bed.create(&one, inputs::deposit(one.wallet, 7)).await;
    let put = put["transactionId"].as_str().unwrap().to_owned();
    let all = [&put, &sent, &waiting, &refused, &paid];

    let document = "query($a: String, $n: Int, $status: TransactionStatus, $type: TransactionType, $u: String, $m: String, $w: String,
            $v: String, $from: DateTime, $to: DateTime, $min: Decimal, $max: Decimal) {
        allTransactions(after: $a, first: $n, status: $status, type: $type, userId: $u, merchantId: $m, walletId: $w, vaNumber: $v,
            from: $from, to: $to, minAmount: $min, maxAmount: $max) { transactionId } }";
    let find = async |variables: Value| -> Vec<String> {
        let found = data(&bed, &support, document, variables).await;
        let ids = found["allTransactions"].as_array().unwrap().iter();
        ids.map(|row| row["transactionId"].as_str().unwrap().to_owned())
            .collect()
    };
    let soon = bed.clock.now().after(SECOND).to_string();
    let before = bed.clock.now().before(SECOND).to_string();
    for (variables, expect) in [
        (json!({}), all.to_vec()),
        (json!({ "n": 2 }), vec![&put, &sent]),
        (json!({ "n": 2, "a": sent }), vec![&waiting, &refused]),
        (json!({ "status": "SUCCESS" }), vec![&put, &sent, &paid]),
        (json!({ "status": "FAILED" }), vec![&refused]),
        (json!({ "status": "REVIEW" }), vec![&waiting]),
        (json!({ "status": "PENDING" }), vec![]),
        (json!({ "type": "TRANSFER" }), vec![&sent]),
        (json!({ "type": "PAYMENT" }), vec![&waiting, &refused, &paid]),
        (json!({ "type": "PAYMENT", "u": one.id }), vec![&paid]),
        (json!({ "u": two.id }), vec![&waiting, &refused]),
        (json!({ "u": two.id, "status": "FAILED" }), vec![&refused]),
        (json!({ "w": two.wallet.as_str() }), vec![&sent, &waiting, &refused]),
        (json!({ "w": two.wallet.as_str(), "u": one.id }), vec![&sent]),
        (json!({ "w": "wal_00000000000000000000000000" }), vec![]),
        (json!({ "m": DEFAULT_MERCHANT }), vec![&waiting, &refused, &paid]),
        (json!({ "m": DEFAULT_MERCHANT, "status": "SUCCESS" }), vec![&paid]),
        (json!({ "m": DEFAULT_MERCHANT, "status": "PENDING" }), vec![]),
        (
            json!({ "w": DEFAULT_MERCHANT.replace("mrc", "wal") }),
            vec![&waiting, &refused, &paid],
        ),
        (json!({ "v": va_number.to_lowercase() }), vec![&paid]),
        (json!({ "v": va_number, "u": two.id }), vec![]),
        (json!({ "min": 10_000, "max": 19_999.99 }), vec![&waiting]),
        (json!({ "max": 5_000 }), vec![&put, &sent]),
        (json!({ "from": before, "to": soon }), all.to_vec()),
        (json!({ "from": soon }), vec![]),
        (json!({ "to": before }), vec![]),
    ] {
        assert_eq!(
            find(variables.clone()).await.iter().collect::<Vec<_>>(),
            expect,
            "{variables}"
        );
    }
    let bad = bed.ask(Some(&support), document, json!({ "a": "yesterday" })).await;
    assert_eq!(bad.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_each_step_with_its_attempts() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", AMOUNT_MINOR);
    bed.fraud.says("REVIEW");
    bed.faults
        .plan("checkTransactions", Side::Before, Fault::Unavailable, 3);
    let (id, _) = pay(&bed, &payer, AMOUNT).await;
    bed.until_no_transaction_is_pending(SECOND * 31).await;
    assert!(bed.resolve(&id, "APPROVE").await);
    bed.until("it is paid", SECOND, async || {
        bed.standing(&id).await["status"] == "SUCCESS"
    })
    .await;
    bed.until_nothing_waits(SECOND).await;

    let document = "query($id: String!) { paymentTimeline(transactionId: $id) { at kind title status detail attempt durationMicros } }";
    let told = data(
        &bed,
        &bed.token("usr_a", Role::FraudAnalyst),
        document,
        json!({ "id": id }),
    )
    .await;
    let told = told["paymentTimeline"].as_array().unwrap().clone();
    let short: Vec<String> = told
        .iter()
        .filter(|entry| entry["kind"] != "WEBHOOK")
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            let attempt = entry["attempt"]
                .as_i64()
                .map_or_else(String::new, |attempt| format!(" #{attempt}"));
            format!("{} {} {}{attempt}", text("kind"), text("title"), text("status"))
        })
        .collect();
    assert_eq!(short[0], "STEP begun PENDING");
    assert_eq!(short[1], "STEP bill STANDS #1");
    assert!(
        short[2].starts_with("STEP fraud ") && short[2].ends_with(" #1") && !short[2].contains("REVIEW"),
        "{short:?}"
    );
    for expected in [
        "STEP fraud REVIEW #2",
        "STEP hold HELD #2",
        "EVENT payment.review REVIEW",
        "REVIEW review opened OPEN",
        "REVIEW review decided APPROVED",
        "STEP ledger POSTED #3",
        "EVENT payment.succeeded SUCCESS",
    ] {
        assert!(short.iter().any(|entry| entry == expected), "{expected} in {short:#?}");
    }
    assert!(
        told.iter()
            .any(|entry| entry["kind"] == "WEBHOOK" && entry["status"] == "DELIVERED"),
        "{told:#?}"
    );
    let times: Vec<&str> = told.iter().map(|entry| entry["at"].as_str().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    let nobody = bed
        .ask(
            Some(&bed.admin()),
            document,
            json!({ "id": "trx_00000000000000000000000000" }),
        )
        .await;
    assert_eq!(nobody.body["errors"][0]["extensions"]["code"], "NOT_FOUND");
    bed.finish_expecting(Expect {
        parked: 0,
        told_again: true,
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_counts_what_ended_when_it_ended() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", AMOUNT_MINOR * 10);
    pay(&bed, &payer, AMOUNT).await;
    pay(&bed, &payer, AMOUNT).await;
    bed.fraud.says("FRAUD");
    pay(&bed, &payer, AMOUNT).await;
    bed.fraud.says("REVIEW");
    let (waiting, _) = pay(&bed, &payer, AMOUNT).await;
    bed.clock.advance(SECOND * 60);
    assert!(bed.resolve(&waiting, "REJECT").await);
    bed.until("it has ended", Duration::ZERO, async || {
        bed.standing(&waiting).await["status"] == "FAILED"
    })
    .await;
    bed.fraud.says("REVIEW");
    pay(&bed, &payer, AMOUNT).await;

    let document = "query($m: Int) { paymentsOverview(minutes: $m) { minutes { at total succeeded failed review volume } total succeeded
        successRate volume refusals { failureCode count } queues { lane waiting parked oldestSeconds } inReview pending } }";
    let told = data(
        &bed,
        &bed.token("usr_support", Role::Support),
        document,
        json!({ "m": 2 }),
    )
    .await;
    let told = &told["paymentsOverview"];
    let minutes = told["minutes"].as_array().unwrap();
    let counts: Vec<Value> = minutes
        .iter()
        .map(|minute| {
            json!([
                minute["total"],
                minute["succeeded"],
                minute["failed"],
                minute["review"],
                minute["volume"]
            ])
        })
        .collect();
    assert_eq!(counts, [json!([3, 2, 1, 1, 40_000]), json!([1, 0, 1, 1, 0])]);
    assert_eq!(
        (&told["total"], &told["succeeded"], &told["successRate"]),
        (&json!(4), &json!(2), &json!(0.5))
    );
    assert_eq!(
        (&told["volume"], &told["inReview"], &told["pending"]),
        (&json!(40_000), &json!(1), &json!(0))
    );
    let refusals = told["refusals"].as_array().unwrap();
    assert_eq!(refusals.len(), 2);
    assert!(refusals.contains(&json!({ "failureCode": "REVIEW_REJECTED", "count": 1 })));
    assert_eq!(told["queues"].as_array().unwrap().len(), 4);
    for minutes in [0, 1_441] {
        let bad = bed.ask(Some(&bed.admin()), document, json!({ "m": minutes })).await;
        assert_eq!(bad.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_given_up_goes_out_again_when_an_admin_says_why() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", AMOUNT_MINOR);
    bed.faults
        .plan("recordOutcomes", Side::Before, Fault::Refused("BAD_USER_INPUT"), 1);
    pay(&bed, &payer, AMOUNT).await;
    bed.until("it is parked", SECOND, async || {
        bed.status().await["deliveriesParked"] == 1
    })
    .await;
    let support = bed.token("usr_support", Role::Support);
    let list =
        "query($l: String) { parkedMessages(lane: $l) { messageId lane orderingKey attempts lastError createdAt } }";
    let parked = data(&bed, &support, list, json!({ "l": "fraud" })).await["parkedMessages"].clone();
    assert_eq!(parked.as_array().unwrap().len(), 1, "{parked}");
    assert_eq!(
        data(&bed, &support, list, json!({ "l": "history" })).await["parkedMessages"],
        json!([])
    );
    let unknown = bed.ask(Some(&support), list, json!({ "l": "owls" })).await;
    assert_eq!(unknown.body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");

    let again = "mutation($id: String!, $r: String!) { requeueMessage(messageId: $id, reason: $r) }";
    let ask = json!({ "id": parked[0]["messageId"], "r": "fraud is mended" });
    for (token, variables, code) in [
        (&support, ask.clone(), "FORBIDDEN"),
        (
            &bed.admin(),
            json!({ "id": parked[0]["messageId"], "r": "  " }),
            "BAD_USER_INPUT",
        ),
        (&bed.admin(), json!({ "id": "0", "r": "why not" }), "NOT_FOUND"),
    ] {
        let refused = bed.ask(Some(token), again, variables).await;
        assert_eq!(
            refused.body["errors"][0]["extensions"]["code"], code,
            "{}",
            refused.body
        );
    }
    assert_eq!(data(&bed, &bed.admin(), again, ask).await["requeueMessage"], true);
    bed.until_nothing_waits(SECOND).await;
    let actions = "{ paymentActions { actor action object reason } }";
    let noted = data(&bed, &support, actions, json!({})).await["paymentActions"].clone();
    let expect = json!([{ "actor": "usr_admin", "action": "requeueMessage", "object": parked[0]["messageId"], "reason": "fraud is mended" }]);
    assert_eq!(noted, expect);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_does_to_a_merchant_is_noted_with_who_and_why() {
    let (bed, shop) = Bed::start_with_seller().await;
    let merchant_id = shop.merchant_id.as_str();
    let admin = bed.admin();
    let by_owner =
        "mutation($m: String!) { createApiKey(merchantId: $m, name: \"shop\", reason: \"mine\") { key { keyId } } }";
    let key =
        data(&bed, &shop.owner.token, by_owner, json!({ "m": merchant_id })).await["createApiKey"]["key"]["keyId"]
            .clone();
    for (document, variables) in [
        (
            "mutation($m: String!) { setMerchantStatus(merchantId: $m, status: SUSPENDED, reason: \"complaints\") { status } }",
            json!({ "m": merchant_id }),
        ),
        (
            "mutation($m: String!) { setMerchantStatus(merchantId: $m, status: ACTIVE) { status } }",
            json!({ "m": merchant_id }),
        ),
        (
            "mutation($m: String!) { setFeePlan(merchantId: $m, percent: 1, fixed: 0, reason: \"a deal\") { name } }",
            json!({ "m": merchant_id }),
        ),
        (
            "mutation($k: String!) { revokeApiKey(keyId: $k, reason: \"leaked\") { keyId } }",
            json!({ "k": key }),
        ),
    ] {
        bed.clock.advance(SECOND);
        data(&bed, &admin, document, variables).await;
    }
    let list = "query($o: String) { paymentActions(object: $o) { actor action reason detail } }";
    let noted = data(&bed, &admin, list, json!({ "o": merchant_id })).await["paymentActions"].clone();
    let told: Vec<Value> = noted
        .as_array()
        .unwrap()
        .iter()
        .map(|row| json!([row["action"], row["reason"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!(["setFeePlan", "a deal"]),
            json!(["setMerchantStatus", null]),
            json!(["setMerchantStatus", "complaints"])
        ]
    );
    assert_eq!(noted[2]["detail"], "ACTIVE to SUSPENDED");
    let noted = data(&bed, &admin, list, json!({ "o": key })).await["paymentActions"].clone();
    assert_eq!(
        noted.as_array().unwrap().len(),
        1,
        "what the owner does is the owner's: {noted}"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_look_at_every_merchants_payments_and_change_none() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let (id, _) = bed.paid(&shop, CaptureMode::Manual, "payer").await;
    let session_id = bed.payment(&shop.owner.token, &id).await["sessionId"].clone();
    let merchant_id = shop.merchant_id.as_str();
    let variables = json!({ "id": id, "s": session_id, "m": merchant_id });
    let reads = [
        "query($id: String!) { payment(transactionId: $id) { status } }",
        "query($id: String!) { transaction(transactionId: $id) { status } }",
        "query($m: String) { payments(merchantId: $m) { status } }",
        "query($m: String) { payments(merchantId: $m, status: AUTHORIZED) { status } }",
        "query($m: String) { merchant(merchantId: $m) { name } }",
        "query { merchants { name } }",
        "query($s: String!) { paymentSession(sessionId: $s) { state } }",
        "query($m: String) { paymentSessions(merchantId: $m) { state } }",
        "query($m: String) { eventsAfter(merchantId: $m) { events { type } } }",
        "query($m: String) { payouts(merchantId: $m) { state } }",
        "query($m: String) { webhookEndpoints(merchantId: $m) { url } }",
        "query { operationsStatus { pendingTransactions } }",
    ];
    let staff_only = [
        "query { allTransactions { status } }",
        "query($id: String!) { paymentTimeline(transactionId: $id) { title } }",
        "query { paymentsOverview { total } }",
        "query { parkedMessages { lane } }",
        "query { paymentActions { action } }",
    ];
    let changes = [
        "mutation($id: String!) { capturePayment(input: { transactionId: $id }) { state } }",
        "mutation($id: String!) { voidPayment(input: { transactionId: $id }) { state } }",
        "mutation($s: String!) { cancelPaymentSession(sessionId: $s) { state } }",
        "mutation($m: String!) { setMerchantStatus(merchantId: $m, status: SUSPENDED) { status } }",
        "mutation($m: String!) { setFeePlan(merchantId: $m, percent: 1, fixed: 0) { name } }",
        "mutation($m: String) { createApiKey(merchantId: $m, name: \"x\") { secret } }",
        "mutation($m: String) { rotateSigningSecret(merchantId: $m) }",
        "mutation($m: String) { createWebhookEndpoint(merchantId: $m, url: \"https://example.com\") { secret } }",
    ];
    let ask = async |token: &str, document: &str| {
        // Only the variables that the document declares.
        let declared = |name: &str| document.contains(&format!("${name}:"));
        let given = variables.as_object().unwrap().iter().filter(|(name, _)| declared(name));
        let given: serde_json::Map<String, Value> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        bed.ask(Some(token), document, given.into()).await.body
    };
    for role in [Role::Support, Role::FraudAnalyst] {
        let token = bed.token("usr_staff", role);
        for document in reads.iter().chain(&staff_only) {
            let body = ask(&token, document).await;
            assert!(body["errors"].is_null(), "{role}: {document}: {body}");
        }
        for document in changes {
            let body = ask(&token, document).await;
            assert_eq!(
                body["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{role}: {document}: {body}"
            );
        }
    }
    for document in staff_only.iter().chain(&reads[11..]) {
        for token in [&shop.owner.token, &bed.stranger()] {
            let body = ask(token, document).await;
            assert_eq!(
                body["errors"][0]["extensions"]["code"], "FORBIDDEN",
                "{document}: {body}"
            );
        }
    }
    assert_eq!(bed.payment(&shop.owner.token, &id).await["status"], "AUTHORIZED");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_merchant_was_answered_once_is_answered_again_whatever_became_of_it_since() {
    let (mut bed, shop) = Bed::start_with_seller().await;
    let merchant_id = shop.merchant_id.as_str();
    bed.ledger.give(shop.wallet(), AMOUNT_MINOR);
    let session = "mutation($i: PaymentSessionInput!) { createPaymentSession(input: $i) { sessionId } }";
    let split = json!([{ "walletId": shop.splits[3].wallet_id.as_str(), "amount": 1_000 }]);
    let session_input = json!({ "i": { "merchantId": merchant_id, "orderId": "one", "amount": 1_000, "splits": split, "idempotencyKey": "s" } });
    let payout = "mutation($i: PayoutInput!) { createPayout(input: $i) { payoutId } }";
    let payout_input = json!({ "i": { "merchantId": merchant_id, "amount": 20_000, "idempotencyKey": "p",
        "bankCode": "BCA", "accountNumber": "1234567890", "accountName": "Seller" } });
    let opened = data(&bed, &shop.owner.token, session, session_input.clone()).await;
    let paid_out = bed.ask(Some(&shop.owner.token), payout, payout_input.clone()).await;
    let stop = "mutation($m: String!) { setMerchantStatus(merchantId: $m, status: SUSPENDED) { status } }";
    data(&bed, &bed.admin(), stop, json!({ "m": merchant_id })).await;
    bed.crash_and_restart().await;
    // The ledger is not asked either.
    bed.faults.break_down("wallets", Fault::Unavailable);
    assert_eq!(data(&bed, &shop.owner.token, session, session_input).await, opened);
    let again = bed.ask(Some(&shop.owner.token), payout, payout_input).await;
    assert_eq!(again.data(), paid_out.data());
    bed.faults.heal();
    let fresh = json!({ "i": { "merchantId": merchant_id, "orderId": "two", "amount": 1_000, "idempotencyKey": "t" } });
    let refused = bed.ask(Some(&shop.owner.token), session, fresh).await;
    assert_eq!(refused.body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    bed.finish().await;
}
