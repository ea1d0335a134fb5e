//! What merchants are told, how often, and that one way of telling never waits for the other.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use crate::bed::{Bed, Expect, Fault, Side, User, WEBHOOK_SECRET, Webhook, fields, inputs};

/// Pauses after the first, second, … failed attempt, as promised to merchants.
const PAUSES_SECONDS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const PARKED: Expect = Expect {
    parked: 1,
    told_again: false,
};

const TOLD_AGAIN: Expect = Expect {
    parked: 0,
    told_again: true,
};

async fn pay(bed: &Bed) -> (User, String, Value) {
    let payer = bed.user("payer", 2_000_000);
    let bill = bed.market.bill(20_000);
    let ended = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(ended["status"], "SUCCESS");
    (payer, bill, ended)
}

fn sent_at(webhook: &Webhook) -> i64 {
    webhook.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap()
}

async fn until_webhooks(bed: &Bed, count: usize, step: Duration) {
    bed.until("the webhooks have come", step, async || {
        bed.market.webhooks().len() >= count
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paid_merchant_is_told_in_both_ways() {
    let bed = Bed::start().await;
    let (_, bill, paid) = pay(&bed).await;
    bed.until_nothing_waits(Duration::ZERO).await;

    let told = bed
        .market
        .documents()
        .into_iter()
        .find(|document| document.contains("updatePaymentStatus"));
    let expect = format!("mutation {{ n0: updatePaymentStatus(vaNumber: \"{bill}\", status: \"PROCESSED\") }}");
    assert_eq!(told.unwrap(), expect);

    let webhooks = bed.market.webhooks();
    let [webhook] = webhooks.as_slice() else {
        panic!("{webhooks:?}")
    };
    let receiver = standardwebhooks::Webhook::new(WEBHOOK_SECRET).unwrap();
    receiver.verify(&webhook.body, &webhook.headers).unwrap();
    receiver.verify(b"{}", &webhook.headers).unwrap_err();
    let stranger = standardwebhooks::Webhook::new("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD").unwrap();
    stranger.verify(&webhook.body, &webhook.headers).unwrap_err();
    assert_eq!(webhook.headers["content-type"], "application/json");
    let id = paid["transactionId"].as_str().unwrap();
    assert_eq!(webhook.id(), id.replace("trx_", "evt_"));

    let body: Value = serde_json::from_slice(&webhook.body).unwrap();
    assert_eq!(body["type"], "payment.succeeded");
    assert_eq!(body["data"]["transactionId"], id);
    assert_eq!(body["data"]["vaNumber"], bill);
    assert_eq!(body["data"]["amount"], 20_000);
    assert_eq!(
        (&body["data"]["status"], &body["data"]["currency"]),
        (&"SUCCESS".into(), &"IDR".into())
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_was_not_paid() {
    let bed = Bed::start().await;
    let (poor, receiver) = (bed.user("poor", 0), bed.user("receiver", 0));
    let bill = bed.market.bill(20_000);
    bed.create(&poor, inputs::payment(poor.wallet, 20_000, &bill)).await;
    bed.create(&poor, inputs::deposit(poor.wallet, 20_000)).await;
    bed.create(&poor, inputs::transfer(poor.wallet, 20_000, receiver.wallet))
        .await;
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!((bed.market.told().len(), bed.market.webhooks().len()), (0, 0));
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_attempts_over_three_days_and_then_it_is_parked() {
    let bed = Bed::start().await;
    bed.market.answer_webhooks(vec![(500, None); 20]);
    let (_, bill, _) = pay(&bed).await;
    bed.until("the other way does not wait", Duration::ZERO, async || {
        bed.market.told() == [bill.clone()]
    })
    .await;
    bed.until("it is parked", Duration::from_secs(1_200), async || {
        bed.status().await["deliveriesParked"] == 1
    })
    .await;
    let webhooks = bed.market.webhooks();
    assert_eq!(webhooks.len(), 10);
    for (index, pair) in webhooks.windows(2).enumerate() {
        let paused = sent_at(&pair[1]) - sent_at(&pair[0]);
        assert!(paused >= PAUSES_SECONDS[index], "{index}: {paused}");
        assert_eq!(
            (pair[0].id(), &pair[0].body),
            (pair[1].id(), &pair[1].body),
            "the same event in the same bytes"
        );
        assert_ne!(
            pair[0].headers["webhook-signature"], pair[1].headers["webhook-signature"],
            "signed anew"
        );
    }
    assert_eq!(bed.status().await["deliveriesWaiting"], 0);
    bed.finish_expecting(PARKED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_wants_no_more_gets_no_more() {
    let bed = Bed::start().await;
    bed.market.answer_webhooks(vec![(410, None)]);
    pay(&bed).await;
    bed.until("it is parked", Duration::ZERO, async || {
        bed.status().await["deliveriesParked"] == 1
    })
    .await;
    assert_eq!(bed.market.webhooks().len(), 1);
    bed.finish_expecting(PARKED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_may_ask_for_a_longer_pause_and_not_for_a_shorter_one() {
    let cases = [
        (429, Some("3600"), 3_600),
        (503, Some("600"), 600),
        (429, Some("1"), 5),
        (429, Some("soon"), 5),
        (429, Some("99999999999"), 24 * 3_600),
        // Only these two statuses may ask.
        (500, Some("3600"), 5),
        (302, None, 5),
        (404, None, 5),
    ];
    for (status, retry_after, at_least) in cases {
        let at_least: i64 = at_least;
        let bed = Bed::start().await;
        bed.market.answer_webhooks(vec![(status, retry_after)]);
        pay(&bed).await;
        until_webhooks(&bed, 2, Duration::from_secs((at_least / 4).max(1).unsigned_abs())).await;
        let webhooks = bed.market.webhooks();
        let paused = sent_at(&webhooks[1]) - sent_at(&webhooks[0]);
        assert!(paused >= at_least, "{status} {retry_after:?}: {paused}");
        if status == 500 {
            assert!(paused < 3_600, "{paused}");
        }
        bed.finish_expecting(TOLD_AGAIN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_way_of_telling_holds_up_the_other() {
    for (broken, fault) in [
        ("updatePaymentStatus", Fault::Silence),
        ("updatePaymentStatus", Fault::Unavailable),
        ("webhook", Fault::Silence),
        ("webhook", Fault::BrokenOff),
    ] {
        let bed = Bed::start().await;
        bed.faults.plan(broken, Side::Before, fault, 3);
        pay(&bed).await;
        let other = || match broken {
            "webhook" => bed.market.told().len(),
            _ => bed.market.webhooks().len(),
        };
        bed.until("the other way goes on", Duration::ZERO, async || other() == 1)
            .await;
        bed.faults.heal();
        bed.until_nothing_waits(Duration::from_secs(400)).await;
        bed.finish_expecting(TOLD_AGAIN).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bills_paid_meanwhile_are_told_together_and_one_that_fails_loses_none() {
    // A mutation without null that fails takes all data with it, and those behind it never ran.
    let bed = Bed::start().await;
    bed.faults.break_down("updatePaymentStatus", Fault::Unavailable);
    let mut bills = BTreeSet::new();
    for _ in 0..5 {
        bills.insert(pay(&bed).await.1);
    }
    let asked = bed.faults.calls("updatePaymentStatus");
    assert!(asked > 0 || bed.status().await["deliveriesWaiting"] != 0);
    bed.until("each was tried", Duration::ZERO, async || {
        bed.faults.calls("updatePaymentStatus") >= 5
    })
    .await;
    bed.market.script(|document| {
        let list = document.contains("updatePaymentStatus") && fields(document).len() > 1;
        list.then(|| {
            (
                200,
                r#"{"data":null,"errors":[{"message":"boom","path":["n0"]}]}"#.to_owned(),
            )
        })
    });
    bed.faults.heal();
    bed.until_nothing_waits(Duration::from_secs(400)).await;
    assert_eq!(bed.market.told().into_iter().collect::<BTreeSet<_>>(), bills);
    let lists = bed.market.documents();
    let lists = lists
        .iter()
        .filter(|document| document.contains("updatePaymentStatus") && fields(document).len() > 1);
    assert!(lists.count() > 0, "they were told together first");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_the_field_is_no_acknowledgement() {
    for body in [
        r#"{"data":{}}"#,
        r#"{"data":null}"#,
        r#"{"data":{"n0":null},"errors":[{"message":"unknown","path":["n0"]}]}"#,
        r#"{"data":{"n0":null},"errors":[{"message":"unknown"}]}"#,
        "OK",
    ] {
        let bed = Bed::start().await;
        bed.faults
            .plan("updatePaymentStatus", Side::Before, Fault::Raw(200, body.to_owned()), 1);
        pay(&bed).await;
        bed.until("it was told once", Duration::ZERO, async || {
            bed.faults.calls("updatePaymentStatus") == 1
        })
        .await;
        bed.until_nothing_waits(Duration::from_secs(400)).await;
        assert_eq!(bed.market.told().len(), 1, "{body}");
        bed.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_merchant_makes_of_the_value_it_is_told() {
    for value in ["null", "false", "{\"ok\":1}", "[]"] {
        let bed = Bed::start().await;
        let body = format!(r#"{{"data":{{"n0":{value}}}}}"#);
        bed.faults
            .plan("updatePaymentStatus", Side::After, Fault::Raw(200, body), 1);
        pay(&bed).await;
        bed.until_nothing_waits(Duration::ZERO).await;
        assert_eq!(bed.faults.calls("updatePaymentStatus"), 1, "{value}");
        bed.finish().await;
    }
}
