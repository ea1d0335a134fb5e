//! Webhooks that arrive: signed, in order, at least once, whoever hangs beside.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::{Bed, Expect, Hooks, Reply, User, WEBHOOK_SECRET, inputs};

const TOLD_AGAIN: Expect = Expect {
    parked: 0,
    told_again: true,
};

async fn pay(bed: &Bed, payer: &User) -> Value {
    let bill = bed.market.bill(20_000);
    let paid = bed.create(payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(paid["status"], "SUCCESS");
    paid
}

fn event_of(paid: &Value) -> String {
    paid["transactionId"].as_str().unwrap().replace("trx_", "evt_")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_endpoint_gets_what_it_asks_for_signed_with_its_own_secret() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(200)).await;
    let (all, all_secret) = bed.endpoint(&hooks.url("/all"), &[]).await;
    let (_, failed_secret) = bed.endpoint(&hooks.url("/failed"), &["payment.failed"]).await;
    assert!(all_secret.starts_with("whsec_") && all_secret != failed_secret);
    let (payer, poor) = (bed.user("payer", 200_000_000), bed.user("poor", 0));
    let paid = pay(&bed, &payer).await;
    let bill = bed.market.bill(20_000);
    bed.create(&poor, inputs::payment(poor.wallet, 20_000, &bill)).await;
    bed.until_nothing_waits(Duration::ZERO).await;

    let (at_all, at_failed) = (hooks.at("/all"), hooks.at("/failed"));
    assert_eq!((at_all.len(), at_failed.len()), (2, 1));
    assert!(at_all.iter().all(|received| received.is_believed_by(&all_secret)));
    assert!(!at_all[0].is_believed_by(&failed_secret) && at_failed[0].is_believed_by(&failed_secret));
    assert_eq!(at_failed[0].json()["type"], "payment.failed");
    assert_eq!(at_failed[0].json()["data"]["failureCode"], "INSUFFICIENT_FUNDS");
    let success = at_all
        .iter()
        .find(|received| received.webhook.id() == event_of(&paid))
        .unwrap();
    let body = success.json();
    assert_eq!(
        (&body["type"], &body["sequence"]),
        (&json!("payment.succeeded"), &json!(1))
    );
    assert_eq!(body["data"]["capturedAmount"], 20_000);

    let attempts = bed.attempts(&all).await;
    assert_eq!(attempts.len(), 2);
    for attempt in &attempts {
        assert_eq!(
            (&attempt["outcome"], &attempt["status"]),
            (&json!("DELIVERED"), &json!(200))
        );
        assert_eq!(attempt["responseExcerpt"], "status 200");
        assert!(attempt["latencyMs"].as_i64().unwrap() < 10_000);
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_rotation_both_secrets_sign_and_after_a_day_the_new_one_alone() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(204)).await;
    let (id, old) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let document =
        "mutation($id: String!) { rotateWebhookSecret(endpointId: $id) { secret endpoint { previousSecretUntil } } }";
    let rotated = bed.as_admin(document, json!({ "id": id })).await["rotateWebhookSecret"].clone();
    let new = rotated["secret"].as_str().unwrap();
    assert!(new != old && rotated["endpoint"]["previousSecretUntil"].is_string());
    let payer = bed.user("payer", 200_000_000);
    pay(&bed, &payer).await;
    bed.until_received(&hooks, "/", 1, Duration::ZERO).await;
    let during = &hooks.at("/")[0];
    assert!(during.is_believed_by(new) && during.is_believed_by(&old));
    assert!(!during.is_believed_by(WEBHOOK_SECRET));
    let header = during.webhook.headers["webhook-signature"].to_str().unwrap();
    assert_eq!(header.split(' ').count(), 2, "{header}");

    bed.clock.advance(Duration::from_secs(24 * 3_600));
    pay(&bed, &payer).await;
    bed.until_received(&hooks, "/", 2, Duration::ZERO).await;
    let after = &hooks.at("/")[1];
    assert!(after.is_signed_with(new) && !after.is_signed_with(&old));
    assert!(bed.endpoint_now(&id).await["previousSecretUntil"].is_null());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_hangs_holds_up_nobody_and_is_called_a_few_times_at_once() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |path, _| match path {
        "/hanging" => Reply::Hang,
        _ => Reply::Status(200),
    })
    .await;
    let (hanging, _) = bed.endpoint(&hooks.url("/hanging"), &["payment.succeeded"]).await;
    bed.endpoint(&hooks.url("/good"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    let began = std::time::Instant::now();
    for _ in 0..40 {
        pay(&bed, &payer).await;
    }
    bed.until_received(&hooks, "/good", 40, Duration::ZERO).await;
    let called = hooks.at("/hanging").len();
    // Four at a time until the first gave up, and one at a time since: whatever the machine needed for the rest.
    let rounds = usize::try_from(began.elapsed().as_secs()).unwrap() / 10;
    assert!(called >= 1 && called <= 4 + 4 * rounds, "{called}");
    hooks.answer(|_, _| Reply::Status(200));
    bed.until_nothing_waits(Duration::from_secs(400)).await;
    let attempts = bed.attempts(&hanging).await;
    assert_eq!(attempts[0]["outcome"], "TIMED_OUT");
    assert!(attempts[0]["latencyMs"].as_i64().unwrap() >= 9_000);
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_that_hangs_holds_up_no_other_ones_notification() {
    // `updatePaymentStatus` has a lane of its own, which is shared by merchants, too.
    let mut bed = Bed::prepare(&[]).await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Hang).await;
    let other = crate::webhook_endpoints::add_merchant(&bed, "usr_owner", Some(&hooks.url("/graphql"))).await;
    let now = bed.clock.now();
    bed.edit(move |tx| {
        for number in 0..200 {
            let message = outbox::NewMessage {
                lane: "merchant_status",
                ordering_key: format!("{other}/trx_{number}"),
                payload: json!({ "merchant_id": other.as_str(), "va_number": format!("DS-8800{number}") }).to_string(),
            };
            outbox::enqueue(tx, &message, now)?;
        }
        Ok(())
    })
    .await;
    bed.start_service().await;
    bed.until_received(&hooks, "/graphql", 1, Duration::ZERO).await;
    let payer = bed.user("payer", 200_000_000);
    let began = std::time::Instant::now();
    pay(&bed, &payer).await;
    bed.until("the other merchant is told", Duration::ZERO, async || {
        bed.market.told().len() == 1
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    bed.stop_service().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_one_subject_arrive_in_order_whatever_fails() {
    let bed = Bed::start().await;
    // Every other call is refused, so that what comes later would overtake if it could.
    let hooks = Hooks::open(&bed.clock, |_, count| match count % 2 {
        0 => Reply::Status(500),
        _ => Reply::Status(200),
    })
    .await;
    bed.endpoint(&hooks.url("/"), &[]).await;
    let (payer, poor) = (bed.user("payer", 200_000_000), bed.user("poor", 0));
    let bills: Vec<String> = (0..6).map(|_| bed.market.bill(20_000)).collect();
    for _ in 0..3 {
        let failing: Vec<_> = bills
            .iter()
            .map(|bill| bed.creating(&poor, inputs::payment(poor.wallet, 20_000, bill)))
            .collect();
        for one in failing {
            one.await.unwrap();
        }
    }
    let paying: Vec<_> = bills
        .iter()
        .map(|bill| bed.creating(&payer, inputs::payment(payer.wallet, 20_000, bill)))
        .collect();
    for one in paying {
        one.await.unwrap();
    }
    bed.until_nothing_waits(Duration::from_secs(400)).await;

    let mut tried: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for received in hooks.at("/") {
        let body = received.json();
        let subject = body["data"]["vaNumber"].as_str().unwrap().to_owned();
        tried
            .entry(subject)
            .or_default()
            .push(body["sequence"].as_i64().unwrap());
    }
    assert_eq!(tried.len(), 6);
    for (subject, mut sequences) in tried {
        assert!(sequences.is_sorted(), "{subject}: {sequences:?}");
        sequences.dedup();
        assert_eq!(sequences, [1, 2, 3, 4], "{subject}");
    }
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_can_be_sent_again_under_its_id() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(200)).await;
    let (one, _) = bed.endpoint(&hooks.url("/one"), &["payment.succeeded"]).await;
    bed.endpoint(&hooks.url("/two"), &["payout.paid"]).await;
    let payer = bed.user("payer", 200_000_000);
    let event_id = event_of(&pay(&bed, &payer).await);
    bed.until_nothing_waits(Duration::ZERO).await;
    bed.resend(&event_id, Some(&one)).await;
    bed.until_received(&hooks, "/one", 2, Duration::ZERO).await;
    // To all that ask for such events: the one of the configuration does, too, and the other does not.
    bed.resend(&event_id, None).await;
    bed.until_received(&hooks, "/one", 3, Duration::ZERO).await;
    bed.until("the marketplace has it again", Duration::ZERO, async || {
        bed.market.webhooks().len() == 2
    })
    .await;
    let received = hooks.at("/one");
    assert!(received.iter().all(|one| one.webhook.id() == event_id));
    assert!(received.iter().all(|one| one.webhook.body == received[0].webhook.body));
    assert!(hooks.at("/two").is_empty());
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_but_not_noted_comes_again_after_a_crash() {
    let mut bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Hang).await;
    let (endpoint_id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    let event_id = event_of(&pay(&bed, &payer).await);
    bed.until_received(&hooks, "/", 1, Duration::ZERO).await;
    bed.crash();
    hooks.answer(|_, _| Reply::Status(200));
    bed.start_service().await;
    bed.until_received(&hooks, "/", 2, Duration::ZERO).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    let received = hooks.at("/");
    assert!(received.iter().all(|one| one.webhook.id() == event_id));
    assert_eq!(received[0].webhook.body, received[1].webhook.body);
    assert_eq!(
        bed.attempts(&endpoint_id).await.len(),
        1,
        "what was cut off left no line"
    );
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_program_before_left_in_the_lane_is_delivered() {
    let mut bed = Bed::prepare(&[]).await;
    let (now, body) = (bed.clock.now(), r#"{"type":"payment.succeeded","data":{}}"#);
    bed.edit(move |tx| {
        let payload =
            json!({ "event_id": "evt_01M7YA8DWM618HY59GXD4SY2PR", "merchant_id": "mrc_whoever", "body": body });
        let message = outbox::NewMessage {
            lane: "webhook",
            ordering_key: "trx_01M7YA8DWM618HY59GXD4SY2PR".into(),
            payload: payload.to_string(),
        };
        outbox::enqueue(tx, &message, now)
    })
    .await;
    bed.start_service().await;
    bed.until_nothing_waits(Duration::ZERO).await;
    let webhooks = bed.market.webhooks();
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].body, body);
    assert_eq!(webhooks[0].id(), "evt_01M7YA8DWM618HY59GXD4SY2PR");
    let receiver = standardwebhooks::Webhook::new(WEBHOOK_SECRET).unwrap();
    receiver.verify(&webhooks[0].body, &webhooks[0].headers).unwrap();
    bed.stop_service().await;
}
