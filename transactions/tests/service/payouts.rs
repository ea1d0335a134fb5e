//! Payouts as merchants and the bank see them: what is refused, what is repeated, who may, and what the sandbox's bank does.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::{Ask, Bed, Fault, Payee, Side, inputs};

const FUNDS: i64 = 10_000_000;
const STEP: Duration = Duration::from_secs(31);

fn id_of(payout: &Value) -> String {
    payout["payoutId"].as_str().unwrap().to_owned()
}

/// A service with the sandbox's own bank, and a merchant with 100,000 rupiah.
async fn sandbox() -> (Bed, Payee) {
    let mut bed = Bed::prepare(&[]).await;
    let shop = bed.register("Toko", FUNDS).await;
    bed.start_service().await;
    (bed, shop)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_bank_pays_and_the_merchant_is_told_once() {
    let (mut bed, shop) = sandbox().await;
    let input = json!({ "amount": 20_000.5, "bankCode": "BCA", "accountNumber": "1234567890", "accountName": "PT Toko",
        "description": "November" });
    let begun = bed.pay_out(&shop, input).await;
    let expect = json!({ "payoutId": begun["payoutId"], "merchantId": shop.id.as_str(), "amount": 20_000.5, "currency": "IDR",
        "bankCode": "BCA", "accountNumber": "1234567890", "accountName": "PT Toko", "description": "November",
        "state": "IN_TRANSIT", "failureCode": null, "failureReason": null, "bankReference": begun["bankReference"] });
    assert_eq!(begun, expect);
    let payout_id = id_of(&begun);
    assert_eq!(begun["bankReference"], format!("SIM-{}", &payout_id[4..]));
    bed.until_payout_is(&shop, &payout_id, &["PAID"], Duration::ZERO).await;
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS - 2_000_050);
    assert_eq!(bed.status().await["pendingPayouts"], 0);

    bed.stop_service().await;
    let events = bed.events_of(&payout_id).await;
    let [(kind, body)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(kind, "payout.paid");
    let data = json!({ "payoutId": payout_id, "status": "PAID", "amount": 20_000.5, "currency": "IDR", "bankCode": "BCA",
        "bankReference": begun["bankReference"], "failureCode": null, "failureReason": null });
    assert_eq!((&body["sequence"], &body["data"]), (&json!(1), &data));
    bed.start_service().await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_bank_rejects_stays_silent_and_does_not_answer_where_it_is_told_to() {
    let (mut bed, shop) = sandbox().await;
    let rejected = id_of(&bed.pay_out(&shop, Payee::input(10_000, "7770000")).await);
    let silent = id_of(&bed.pay_out(&shop, Payee::input(10_000, "7771111")).await);
    let unanswered = bed.pay_out(&shop, Payee::input(10_000, "7772222")).await;
    assert_eq!(
        (&unanswered["state"], &unanswered["bankReference"]),
        (&json!("IN_TRANSIT"), &Value::Null)
    );
    let unanswered = id_of(&unanswered);

    let ended = bed.until_payout_is(&shop, &rejected, &["FAILED"], STEP).await;
    assert_eq!(
        (&ended["failureCode"], &ended["failureReason"]),
        (&json!("PAYOUT_REJECTED"), &json!("account closed"))
    );
    bed.until_payout_is(&shop, &unanswered, &["PAID"], STEP).await;
    assert_eq!(bed.payout(&shop, &silent).await["state"], "IN_TRANSIT");
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS - 2_000_000);
    let said = bed.report_paid(&bed.admin(), &silent, "BY-HAND").await;
    assert_eq!(
        said.data()["reportPayout"],
        json!({ "payoutId": silent, "state": "PAID", "failureCode": null, "failureReason": null, "bankReference": "BY-HAND" })
    );
    bed.stop_service().await;
    assert_eq!(bed.events_of(&rejected).await[0].0, "payout.failed");
    bed.start_service().await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bank_said_while_nobody_listened_is_asked_for_again() {
    let (mut bed, shop) = sandbox().await;
    let mut begun = Vec::new();
    for number in ["12345", "7770000"] {
        begun.push(id_of(&bed.pay_out(&shop, Payee::input(10_000, number)).await));
    }
    bed.crash_and_restart().await;
    bed.until_payout_is(&shop, &begun[0], &["PAID"], Duration::ZERO).await;
    bed.until_payout_is(&shop, &begun[1], &["FAILED"], Duration::ZERO).await;
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_is_there_is_refused_and_nothing_moves() {
    let (bed, shop) = sandbox().await;
    let refused = bed.pay_out(&shop, Payee::input(100_001, "12345")).await;
    assert_eq!(
        (&refused["state"], &refused["failureCode"]),
        (&json!("FAILED"), &json!("INSUFFICIENT_FUNDS"))
    );
    bed.ledger.freeze(shop.wallet);
    let refused = bed.pay_out(&shop, Payee::input(1, "12345")).await;
    assert_eq!(refused["failureCode"], "WALLET_FROZEN");
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS);
    // What never left cannot have arrived.
    let said = bed.report_paid(&bed.service_token(), &id_of(&refused), "R").await;
    assert_eq!(said.code(), "CONFLICT");
    let said = bed.report_rejected(&bed.service_token(), &id_of(&refused), "no").await;
    assert_eq!(said.code(), "CONFLICT");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_payouts_at_once_never_take_more_than_there_is() {
    let (bed, shop) = sandbox().await;
    let asking: Vec<_> = (0..50)
        .map(|index| {
            let input = Payee::input(3_000, &format!("9{index:05}9"));
            bed.sending(Payee::paying_out(&shop.api_key, input))
        })
        .collect();
    let (mut taken, mut refused) = (0, 0);
    for answer in asking {
        let answer = answer.await.unwrap();
        let payout = &answer.data()["createPayout"];
        match payout["failureCode"].as_str() {
            None => taken += 1,
            Some("INSUFFICIENT_FUNDS") => refused += 1,
            Some(other) => panic!("{other}"),
        }
    }
    assert_eq!((taken, refused), (33, 17), "100,000 are enough for 33 times 3,000");
    bed.until("all have arrived", Duration::ZERO, async || {
        bed.status().await["pendingPayouts"] == 0
    })
    .await;
    assert_eq!(bed.ledger.balance(shop.wallet), 100_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_payout_also_at_once_and_after_a_crash() {
    let (mut bed, shop) = sandbox().await;
    let input = inputs::with_key(Payee::input(10_000, "12345"), "november");
    let asking: Vec<_> = (0..10)
        .map(|_| bed.sending(Payee::paying_out(&shop.api_key, input.clone())))
        .collect();
    let mut ids = Vec::new();
    for answer in asking {
        let answer = answer.await.unwrap();
        assert_eq!(answer.data()["createPayout"]["failureCode"], Value::Null);
        ids.push(id_of(&answer.data()["createPayout"]));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    bed.crash_and_restart().await;
    // The owner's request is the same merchant's, and a header serves as well.
    let by_header =
        Payee::paying_out(&shop.owner_token, Payee::input(10_000, "12345")).with_header("idempotency-key", "november");
    assert_eq!(id_of(&bed.answer(by_header).await.data()["createPayout"]), ids[0]);

    let other = inputs::with_key(Payee::input(10_001, "12346"), "november");
    let refused = bed.try_pay_out(&shop.api_key, other).await;
    assert_eq!(refused.code(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(
        refused.body["errors"][0]["extensions"]["fields"],
        json!(["accountNumber", "amount"])
    );
    bed.until_payout_is(&shop, &ids[0], &["PAID"], Duration::ZERO).await;
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS - 1_000_000);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_taken_once_and_a_contradiction_changes_nothing() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    let bank = bed.service_token();
    let paid = id_of(&bed.pay_out(&shop, Payee::input(10_000, "12345")).await);
    let failed = id_of(&bed.pay_out(&shop, Payee::input(10_000, "12345")).await);
    for _ in 0..2 {
        let said = bed.report_paid(&bank, &paid, "R-1").await;
        assert_eq!(said.data()["reportPayout"]["state"], "PAID");
        let said = bed.report_rejected(&bank, &failed, "account closed").await;
        assert_eq!(said.data()["reportPayout"]["state"], "FAILED");
        assert_eq!(said.data()["reportPayout"]["failureReason"], "account closed");
    }
    let said = bed.report_rejected(&bank, &paid, "account closed").await;
    assert_eq!(said.code(), "CONFLICT");
    let said = bed.report_paid(&bank, &failed, "R-2").await;
    assert_eq!(said.code(), "CONFLICT");
    assert_eq!(bed.payout(&shop, &paid).await["state"], "PAID");
    assert_eq!(bed.payout(&shop, &failed).await["state"], "FAILED");
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS - 1_000_000);

    let waiting = bed.pay_out(&shop, Payee::input(10_000, "12345")).await;
    for (result, reason) in [
        ("PAID", json!("why")),
        ("REJECTED", Value::Null),
        ("REJECTED", json!("")),
    ] {
        let document = "mutation($id: String!, $result: PayoutResult!, $reason: String) {
            reportPayout(payoutId: $id, result: $result, reason: $reason) { state } }";
        let variables = json!({ "id": id_of(&waiting), "result": result, "reason": reason });
        assert_eq!(bed.ask(Some(&bank), document, variables).await.code(), "BAD_USER_INPUT");
    }
    let unknown = ids::PayoutId::generate();
    assert_eq!(bed.report_paid(&bank, unknown.as_str(), "R").await.code(), "NOT_FOUND");
    assert_eq!(bed.report_paid(&bank, "pyt_nonsense", "R").await.code(), "NOT_FOUND");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_contradicting_reports_at_once_leave_one_end() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    let payout_id = id_of(&bed.pay_out(&shop, Payee::input(10_000, "12345")).await);
    let reporting: Vec<_> = (0..100)
        .map(|index| {
            let result = if index % 2 == 0 {
                "PAID"
            } else {
                "REJECTED, reason: \"no\""
            };
            let document =
                format!("mutation {{ reportPayout(payoutId: \"{payout_id}\", result: {result}) {{ state }} }}");
            bed.sending(Ask::new(Some(&bed.service_token()), &document, json!({})))
        })
        .collect();
    let mut refused = 0;
    for answer in reporting {
        refused += usize::from(answer.await.unwrap().body.get("errors").is_some());
    }
    assert_eq!(refused, 50, "one half is right, the other contradicts");
    let ended = bed.until_payout_is(&shop, &payout_id, &["PAID", "FAILED"], STEP).await;
    let left = if ended["state"] == "PAID" {
        FUNDS - 1_000_000
    } else {
        FUNDS
    };
    assert_eq!(bed.ledger.balance(shop.wallet), left);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_refuses_at_once_gives_the_money_back_at_once() {
    let (bed, shop) = Bed::start_with_payee(FUNDS).await;
    bed.faults
        .plan("submitPayout", Side::Before, Fault::Refused("unknown bank"), 1);
    let refused = bed.pay_out(&shop, Payee::input(10_000, "12345")).await;
    assert_eq!(
        (&refused["state"], &refused["failureCode"], &refused["failureReason"]),
        (&json!("FAILED"), &json!("PAYOUT_REJECTED"), &json!("unknown bank"))
    );
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_those_who_act_for_a_merchant_touch_its_money() {
    let mut bed = Bed::prepare(&[]).await;
    let shop = bed.register("Toko", FUNDS).await;
    let other = bed.register("Warung", FUNDS).await;
    bed.start_service().await;
    let named = |shop: &Payee| {
        let mut input = Payee::input(10_000, "7771111");
        input["merchantId"] = json!(shop.id.as_str());
        input
    };
    let customer = bed.user("customer", 0).token;
    let nobody = bed.sign("usr_x", |claims| claims.exp = 1);
    for (token, input, expect) in [
        (other.api_key.as_str(), named(&shop), "NOT_FOUND"),
        (other.owner_token.as_str(), named(&shop), "NOT_FOUND"),
        (customer.as_str(), named(&shop), "NOT_FOUND"),
        (customer.as_str(), Payee::input(1, "12345"), "FORBIDDEN"),
        ("sk_sandbox_wrong", Payee::input(1, "12345"), "UNAUTHENTICATED"),
        (nobody.as_str(), named(&shop), "UNAUTHENTICATED"),
        (bed.service_token().as_str(), named(&shop), "FORBIDDEN"),
    ] {
        assert_eq!(bed.try_pay_out(token, input).await.code(), expect, "{token}");
    }
    let anonymous = Ask {
        token: None,
        ..Payee::paying_out("", named(&shop))
    };
    assert_eq!(bed.answer(anonymous).await.code(), "UNAUTHENTICATED");
    assert_eq!(bed.ledger.balance(shop.wallet), FUNDS);

    let mut mine = Vec::new();
    for (token, input) in [
        (&shop.api_key, Payee::input(10_000, "7771111")),
        (&shop.owner_token, Payee::input(10_000, "7771111")),
        (&bed.admin(), named(&shop)),
    ] {
        mine.push(id_of(&bed.try_pay_out(token, input).await.data()["createPayout"]));
    }
    mine.reverse();
    let list = "query($after: String, $first: Int) { payouts(after: $after, first: $first) { payoutId } }";
    let listed = bed.ask(Some(&shop.owner_token), list, json!({})).await;
    let listed: Vec<String> = listed.data()["payouts"].as_array().unwrap().iter().map(id_of).collect();
    assert_eq!(listed, mine, "newest first");
    let page = bed
        .ask(Some(&shop.api_key), list, json!({ "after": mine[0], "first": 1 }))
        .await;
    assert_eq!(id_of(&page.data()["payouts"][0]), mine[1]);
    let theirs = bed.ask(Some(&other.api_key), list, json!({})).await;
    assert_eq!(theirs.data()["payouts"], json!([]));

    let one = "query($id: String!) { payout(payoutId: $id) { state } }";
    for (token, seen) in [
        (&shop.api_key, true),
        (&shop.owner_token, true),
        (&bed.admin(), true),
        (&other.api_key, false),
        (&customer, false),
    ] {
        let found = bed.ask(Some(token), one, json!({ "id": mine[0] })).await;
        assert_eq!(found.data()["payout"].is_object(), seen, "{token}");
    }
    assert_eq!(
        bed.ask(None, one, json!({ "id": mine[0] })).await.code(),
        "UNAUTHENTICATED"
    );
    for token in [&shop.api_key, &shop.owner_token, &customer] {
        assert_eq!(
            bed.report_paid(token, &mine[0], "R").await.code(),
            "FORBIDDEN",
            "{token}"
        );
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_refused_before_anything_is_written() {
    let (bed, shop) = sandbox().await;
    let good = Payee::input(10_000, "12345");
    for (field, value) in [
        ("amount", json!(0)),
        ("amount", json!(-1)),
        ("amount", json!(0.001)),
        ("bankCode", json!("bca")),
        ("accountNumber", json!("1234")),
        ("accountNumber", json!("1234x")),
        ("accountName", json!(" ")),
        ("description", json!("x".repeat(201))),
        ("idempotencyKey", json!("")),
        ("idempotencyKey", json!("a b")),
    ] {
        let mut input = good.clone();
        input[field] = value.clone();
        let refused = bed.try_pay_out(&shop.api_key, input).await;
        assert_eq!(refused.code(), "BAD_USER_INPUT", "{field} {value}");
    }
    let listed = bed
        .ask(Some(&shop.api_key), "{ payouts { payoutId } }", json!({}))
        .await;
    assert_eq!(listed.data()["payouts"], json!([]));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_merchants_money_stays() {
    let (mut bed, shop) = sandbox().await;
    bed.stop_service().await;
    bed.edit(|tx| tx.execute("UPDATE merchants SET status = 'SUSPENDED' WHERE name = 'Toko'", &[]))
        .await;
    bed.start_service().await;
    for token in [&shop.api_key, &shop.owner_token] {
        let refused = bed.try_pay_out(token, Payee::input(1, "12345")).await;
        assert_eq!(refused.code(), "FORBIDDEN");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_live_mode_without_a_bank_nothing_is_begun() {
    let live = [
        ("SAWIT_MODE", "live"),
        ("SAWIT_PUBLIC_URL", "https://pay.example"),
        ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
        ("SAWIT_MARKETPLACE_WEBHOOK_URL", "https://shop.example/webhook"),
    ];
    let mut bed = Bed::prepare(&live).await;
    let shop = bed.register("Toko", FUNDS).await;
    bed.start_service().await;
    let refused = bed.try_pay_out(&shop.api_key, Payee::input(1, "12345")).await;
    assert_eq!(refused.code(), "FORBIDDEN");
    let message = refused.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("no bank is connected"), "{message}");
    bed.finish().await;
}
