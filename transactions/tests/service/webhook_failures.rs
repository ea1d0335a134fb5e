//! Webhooks that do not arrive: when they are tried again, when they rest, and when they are given up.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bed::{Bed, Expect, Hooks, Reply, User, inputs};

const DAY: Duration = Duration::from_secs(24 * 3_600);
const TOLD_AGAIN: Expect = Expect {
    parked: 0,
    told_again: true,
};

async fn pay(bed: &Bed, payer: &User) -> String {
    let bill = bed.market.bill(20_000);
    let paid = bed.create(payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(paid["status"], "SUCCESS");
    paid["transactionId"].as_str().unwrap().replace("trx_", "evt_")
}

async fn parked(bed: &Bed) -> i64 {
    bed.status().await["deliveriesParked"].as_i64().unwrap()
}

fn outcomes(attempts: &[Value]) -> Vec<&str> {
    attempts
        .iter()
        .map(|attempt| attempt["outcome"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_some_times_gets_it_all_the_same() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, count| match count {
        0 => Reply::Status(500),
        1 => Reply::Status(404),
        2 => Reply::Status(400),
        _ => Reply::Status(200),
    })
    .await;
    let (id, secret) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    let event_id = pay(&bed, &payer).await;
    bed.until_received(&hooks, "/", 1, Duration::ZERO).await;
    bed.until("it is known that it fails", Duration::ZERO, async || {
        bed.endpoint_now(&id).await["failingSince"].is_string()
    })
    .await;
    bed.until_nothing_waits(Duration::from_secs(400)).await;
    let received = hooks.at("/");
    assert_eq!(received.len(), 4);
    assert!(received.iter().all(|one| one.webhook.id() == event_id));
    assert!(received.iter().all(|one| one.is_signed_with(&secret)));
    let attempts = bed.attempts(&id).await;
    assert_eq!(outcomes(&attempts), ["REJECTED", "REJECTED", "REJECTED", "DELIVERED"]);
    let statuses: Vec<i64> = attempts
        .iter()
        .map(|attempt| attempt["status"].as_i64().unwrap())
        .collect();
    assert_eq!(statuses, [500, 404, 400, 200]);
    assert!(
        bed.endpoint_now(&id).await["failingSince"].is_null(),
        "it is well again"
    );
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn down_for_the_whole_schedule_it_is_parked_and_comes_back_when_asked_for() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(200)).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let (id, _) = bed
        .endpoint(&format!("http://{address}/"), &["payment.succeeded"])
        .await;
    let payer = bed.user("payer", 200_000_000);
    let event_id = pay(&bed, &payer).await;
    bed.until("it is parked", Duration::from_secs(600), async || {
        parked(&bed).await == 1
    })
    .await;
    let attempts = bed.attempts(&id).await;
    assert_eq!(outcomes(&attempts), ["NOT_REACHED"; 10]);
    assert!(attempts.iter().all(|attempt| attempt["status"].is_null()));
    assert_eq!(attempts[0]["responseExcerpt"], "no connection");
    let at = |index: usize| service::Timestamp::parse(attempts[index]["attemptedAt"].as_str().unwrap()).unwrap();
    let took = at(9).since(at(0));
    assert!(took > 3 * DAY && took < 5 * DAY, "{took:?}");
    assert_eq!(bed.endpoint_now(&id).await["enabled"], true, "five days are not over");

    // The receiver has moved, and its merchant says so and asks for what it missed.
    let document = "mutation($id: String!, $url: String) { updateWebhookEndpoint(endpointId: $id, url: $url) { url failingSince } }";
    let moved = bed
        .as_admin(document, json!({ "id": id, "url": hooks.url("/moved") }))
        .await;
    assert!(moved["updateWebhookEndpoint"]["failingSince"].is_null());
    bed.resend(&event_id, None).await;
    bed.until_received(&hooks, "/moved", 1, Duration::ZERO).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(hooks.at("/moved")[0].webhook.id(), event_id);
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_are_failures_and_never_followed() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, count| match count {
        0 => Reply::Header(302, "location", "/elsewhere".into()),
        1 => Reply::Header(307, "location", "/elsewhere".into()),
        2 => Reply::Header(308, "location", "/elsewhere".into()),
        _ => Reply::Status(200),
    })
    .await;
    let (id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    pay(&bed, &payer).await;
    bed.until_received(&hooks, "/", 1, Duration::ZERO).await;
    bed.until_nothing_waits(Duration::from_secs(400)).await;
    assert!(hooks.at("/elsewhere").is_empty());
    let attempts = bed.attempts(&id).await;
    assert_eq!(outcomes(&attempts), ["REJECTED", "REJECTED", "REJECTED", "DELIVERED"]);
    assert_eq!(attempts[1]["status"], 307);
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_huge_an_endless_or_a_missing_answer_no_more_than_the_beginning_is_read() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |path, count| match (path, count) {
        ("/endless", 0) => Reply::Endless(500),
        ("/endless", _) => Reply::Endless(200),
        ("/binary", _) => Reply::Body(200, (0..=255).cycle().take(5_000_000).collect()),
        ("/silent", _) => Reply::NoBody(200),
        _ => Reply::Status(200),
    })
    .await;
    let mut endpoints = Vec::new();
    for path in ["/endless", "/binary", "/silent"] {
        endpoints.push(bed.endpoint(&hooks.url(path), &["payment.succeeded"]).await.0);
    }
    let payer = bed.user("payer", 200_000_000);
    let began = std::time::Instant::now();
    pay(&bed, &payer).await;
    bed.until("each was called", Duration::ZERO, async || {
        ["/endless", "/binary", "/silent"]
            .iter()
            .all(|path| !hooks.at(path).is_empty())
    })
    .await;
    bed.until_nothing_waits(Duration::from_secs(10)).await;
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let endless = bed.attempts(&endpoints[0]).await;
    assert_eq!(outcomes(&endless), ["REJECTED", "DELIVERED"]);
    assert_eq!(endless[0]["responseExcerpt"].as_str().unwrap(), "x".repeat(1_024));
    let binary = bed.attempts(&endpoints[1]).await;
    let excerpt = binary[0]["responseExcerpt"].as_str().unwrap();
    assert!(
        excerpt.len() <= 1_024 && !excerpt.chars().any(char::is_control),
        "{excerpt:?}"
    );
    let silent = bed.attempts(&endpoints[2]).await;
    assert_eq!(outcomes(&silent), ["DELIVERED"]);
    assert!(silent[0]["responseExcerpt"].is_null());
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gone_disables_the_endpoint_and_its_merchant_gets_notice() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |path, count| match (path, count) {
        ("/gone", 0) => Reply::Status(410),
        _ => Reply::Status(200),
    })
    .await;
    let (gone, _) = bed.endpoint(&hooks.url("/gone"), &["payment.succeeded"]).await;
    let (_, secret) = bed.endpoint(&hooks.url("/notices"), &["endpoint.disabled"]).await;
    let payer = bed.user("payer", 200_000_000);
    let event_id = pay(&bed, &payer).await;
    bed.until_received(&hooks, "/notices", 1, Duration::ZERO).await;
    let notice = &hooks.at("/notices")[0];
    assert!(notice.is_believed_by(&secret));
    assert_eq!(notice.json()["type"], "endpoint.disabled");
    assert_eq!(notice.json()["data"]["endpointId"], gone);
    let now = bed.endpoint_now(&gone).await;
    assert_eq!(now["enabled"], false);
    assert!(now["disabledReason"].as_str().unwrap().contains("410"));
    assert_eq!(parked(&bed).await, 1);

    // What happens meanwhile is not for it, and nothing is sent to it by force.
    let missed = pay(&bed, &payer).await;
    let refused =
        "mutation($event: String!, $endpoint: String) { resendWebhook(eventId: $event, endpointId: $endpoint) }";
    let variables = json!({ "event": event_id, "endpoint": gone });
    let answer = bed.ask(Some(&bed.admin()), refused, variables).await;
    assert_eq!(answer.code(), "CONFLICT");
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(hooks.at("/gone").len(), 1);

    bed.set_enabled(&gone, true).await;
    bed.resend(&event_id, Some(&gone)).await;
    bed.resend(&missed, Some(&gone)).await;
    bed.until_received(&hooks, "/gone", 3, Duration::ZERO).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(parked(&bed).await, 0);
    bed.finish_expecting(TOLD_AGAIN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_rest_gets_one_for_all_its_events_and_none_loses_an_attempt() {
    for status in [429, 503] {
        let bed = Bed::start().await;
        let hooks = Hooks::open(&bed.clock, move |_, count| match count {
            0 => Reply::Header(status, "retry-after", "3600".into()),
            _ => Reply::Status(200),
        })
        .await;
        let (id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
        let payer = bed.user("payer", 200_000_000);
        let first = pay(&bed, &payer).await;
        bed.until("the rest is noted", Duration::ZERO, async || {
            bed.attempts(&id).await.len() == 1 && bed.status().await["deliveriesWaiting"] == 1
        })
        .await;
        for _ in 0..3 {
            pay(&bed, &payer).await;
        }
        bed.until("the others have theirs", Duration::ZERO, async || {
            bed.market.webhooks().len() == 4
        })
        .await;
        bed.clock.advance(Duration::from_secs(3_500));
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(hooks.at("/").len(), 1, "it rests, {status}");
        bed.until_nothing_waits(Duration::from_secs(100)).await;
        let attempts = bed.attempts(&id).await;
        assert_eq!(attempts.len(), 5);
        let of_first = attempts.iter().filter(|attempt| attempt["eventId"] == first).count();
        assert_eq!(of_first, 2, "the others were tried once");
        bed.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_endpoint_is_called_ever_more_seldom() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, count| match count {
        0..4 => Reply::Status(502),
        _ => Reply::Status(200),
    })
    .await;
    let (id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    pay(&bed, &payer).await;
    bed.until_received(&hooks, "/", 1, Duration::ZERO).await;
    for _ in 0..4 {
        pay(&bed, &payer).await;
    }
    bed.until("all have arrived", Duration::from_secs(2), async || {
        bed.status().await["deliveriesWaiting"] == 0
    })
    .await;
    let attempts = bed.attempts(&id).await;
    let refused = attempts.iter().filter(|attempt| attempt["status"] == 502).count();
    assert_eq!((refused, attempts.len()), (4, 9));
    let at = |index: usize| hooks.at("/")[index].at;
    for (index, least) in [10, 20, 40, 80].into_iter().enumerate() {
        // It was called by one message at a time, so each refusal made the rest longer for all.
        let rested = at(index + 1).since(at(index));
        assert!(rested >= Duration::from_secs(least), "{index}: {rested:?}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_five_days_without_a_delivery_an_endpoint_is_disabled_with_notice() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |path, _| match path {
        "/broken" => Reply::Status(500),
        _ => Reply::Status(200),
    })
    .await;
    let (broken, _) = bed.endpoint(&hooks.url("/broken"), &["payment.succeeded"]).await;
    bed.endpoint(&hooks.url("/notices"), &["endpoint.disabled"]).await;
    let payer = bed.user("payer", 200_000_000);
    pay(&bed, &payer).await;
    bed.until_received(&hooks, "/broken", 1, Duration::ZERO).await;
    bed.until("it is known that it fails", Duration::ZERO, async || {
        bed.endpoint_now(&broken).await["failingSince"].is_string()
    })
    .await;
    for _ in 0..4 {
        bed.clock.advance(DAY);
        let before = hooks.at("/broken").len();
        pay(&bed, &payer).await;
        bed.until_received(&hooks, "/broken", before + 1, Duration::ZERO).await;
    }
    assert_eq!(bed.endpoint_now(&broken).await["enabled"], true, "four days");
    assert!(hooks.at("/notices").is_empty());
    bed.clock.advance(DAY);
    pay(&bed, &payer).await;
    bed.until_received(&hooks, "/notices", 1, Duration::ZERO).await;
    let now = bed.endpoint_now(&broken).await;
    assert_eq!(now["enabled"], false);
    assert!(
        now["disabledReason"]
            .as_str()
            .unwrap()
            .starts_with("nothing was delivered since")
    );
    bed.until_nothing_waits(Duration::ZERO).await;
    assert!(parked(&bed).await >= 2, "what waited for it is parked");

    let (events, _, _) = bed.pull(None, 500).await;
    let notice = events
        .iter()
        .find(|event| event["type"] == "endpoint.disabled")
        .unwrap();
    assert_eq!((&notice["subject"], &notice["sequence"]), (&json!(broken), &json!(1)));
    let parked = parked(&bed).await;
    bed.finish_expecting(Expect {
        parked,
        ..Expect::default()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_deleted_endpoint_is_dropped_and_the_log_says_so() {
    let bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(500)).await;
    let (id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    let event_id = pay(&bed, &payer).await;
    bed.until("it was refused", Duration::ZERO, async || {
        bed.attempts(&id).await.len() == 1
    })
    .await;
    let document = "mutation($id: String!) { deleteWebhookEndpoint(endpointId: $id) }";
    let deleted = bed.as_admin(document, json!({ "id": id })).await;
    assert_eq!(deleted["deleteWebhookEndpoint"], true);
    assert!(bed.endpoint_now(&id).await.is_null());
    bed.until_nothing_waits(Duration::ZERO).await;
    let document = "query($id: String) { webhookAttempts(eventId: $id) { endpointId outcome responseExcerpt } }";
    let attempts = bed.as_admin(document, json!({ "id": event_id })).await["webhookAttempts"].clone();
    let dropped = attempts
        .as_array()
        .unwrap()
        .iter()
        .find(|attempt| attempt["outcome"] == "DROPPED")
        .unwrap();
    assert_eq!(
        (&dropped["endpointId"], &dropped["responseExcerpt"]),
        (&json!(id), &json!("the endpoint was deleted"))
    );
    let (events, _, _) = bed.pull(None, 10).await;
    assert!(
        events.iter().any(|event| event["eventId"] == event_id),
        "the event stays"
    );
    let again = bed
        .ask(
            Some(&bed.admin()),
            "mutation($id: String!) { deleteWebhookEndpoint(endpointId: $id) }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(again.code(), "NOT_FOUND");
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_may_not_be_called_any_more_is_not_called() {
    let mut bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(200)).await;
    let (id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    bed.stop_service().await;
    bed.set("SAWIT_WEBHOOK_PRIVATE_ADDRESSES", "off");
    bed.start_service().await;
    let payer = bed.user("payer", 200_000_000);
    // An invoice of ours: order endpoints at private addresses are not called either, and of it nobody need be asked.
    let invoice = bed
        .ask(None, "mutation { generateInvoiceVA(amount: 20000) }", json!({}))
        .await;
    let invoice = invoice.data()["generateInvoiceVA"].as_str().unwrap().to_owned();
    let paid = bed
        .create(&payer, inputs::payment(payer.wallet, 20_000, &invoice))
        .await;
    assert_eq!(paid["status"], "SUCCESS");
    bed.until("the attempt is noted", Duration::ZERO, async || {
        bed.attempts(&id).await.len() == 1
    })
    .await;
    let attempts = bed.attempts(&id).await;
    assert_eq!(outcomes(&attempts), ["ADDRESS_REFUSED"]);
    assert!(hooks.at("/").is_empty() && bed.market.webhooks().is_empty());
    assert!(bed.market.told().is_empty());
    let bill = bed.market.bill(20_000);
    let refused = bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    assert_eq!(refused["failureCode"], "MERCHANT_UNAVAILABLE");
    bed.stop_service().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_forgotten_after_thirty_days() {
    let mut bed = Bed::start().await;
    let hooks = Hooks::open(&bed.clock, |_, _| Reply::Status(200)).await;
    let (id, _) = bed.endpoint(&hooks.url("/"), &["payment.succeeded"]).await;
    let payer = bed.user("payer", 200_000_000);
    pay(&bed, &payer).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    bed.clock.advance(29 * DAY);
    pay(&bed, &payer).await;
    bed.until_nothing_waits(Duration::ZERO).await;
    assert_eq!(bed.attempts(&id).await.len(), 2);
    bed.clock.advance(2 * DAY);
    bed.stop_service().await;
    bed.start_service().await;
    bed.until("the old one is gone", Duration::ZERO, async || {
        bed.attempts(&id).await.len() == 1
    })
    .await;
    bed.finish().await;
}
