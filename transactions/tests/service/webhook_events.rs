//! Events to be pulled: all of them, once, in their order, numbered without a gap.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::bed::{Bed, DEFAULT_MERCHANT, inputs};

fn ids(events: &[Value]) -> Vec<String> {
    events
        .iter()
        .map(|event| event["eventId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pulls_while_events_are_written_misses_none_and_gets_none_twice() {
    let bed = Bed::start().await;
    let (payer, poor) = (bed.user("payer", 200_000_000), bed.user("poor", 0));
    let bills: Vec<String> = (0..10).map(|_| bed.market.bill(20_000)).collect();
    let mut writing = Vec::new();
    for round in 0..4 {
        let user = if round == 3 { &payer } else { &poor };
        for bill in &bills {
            writing.push(bed.creating(user, inputs::payment(user.wallet, 20_000, bill)));
        }
    }
    let (mut pulled, mut cursor) = (Vec::new(), None);
    loop {
        let done = writing.iter().all(|one| one.is_finished());
        let (events, next, has_more) = bed.pull(cursor.clone(), 3).await;
        assert!(events.len() <= 3);
        assert!(!has_more || events.len() == 3);
        pulled.extend(events);
        cursor = next;
        if done && !has_more {
            break;
        }
    }
    // Whoever was last to pay may have found the bill paid or taken; every attempt has ended, and made its event.
    let (all, last, has_more) = bed.pull(None, 500).await;
    assert_eq!(ids(&pulled), ids(&all));
    assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!((all.len(), has_more), (40, false));
    assert_eq!(last, cursor);
    let (none, same, _) = bed.pull(cursor.clone(), 10).await;
    assert!(none.is_empty() && same == cursor);

    let mut sequences: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for event in &all {
        let body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
        assert_eq!((&body["type"], &body["sequence"]), (&event["type"], &event["sequence"]));
        let subject = event["subject"].as_str().unwrap().to_owned();
        let sequence = event["sequence"].as_i64().unwrap();
        sequences.entry(subject).or_default().push(sequence);
    }
    assert_eq!(sequences.len(), 10);
    for (subject, sequences) in sequences {
        assert_eq!(sequences, [1, 2, 3, 4], "{subject}");
    }
    bed.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_the_id_of_any_event_seen() {
    let bed = Bed::start().await;
    let payer = bed.user("payer", 200_000_000);
    for _ in 0..3 {
        let bill = bed.market.bill(20_000);
        bed.create(&payer, inputs::payment(payer.wallet, 20_000, &bill)).await;
    }
    let (none, cursor, has_more) = bed.pull(None, 1).await;
    assert_eq!((none.len(), has_more), (1, true));
    assert_eq!(cursor.as_deref(), none[0]["eventId"].as_str());
    let all = bed.pull(None, 500).await.0;
    // As a receiver of webhooks knows it: `webhook-id`.
    let seen = bed.market.webhooks();
    if let Some(webhook) = seen.first() {
        let behind = bed.pull(Some(webhook.id()), 500).await.0;
        let position = ids(&all).iter().position(|id| *id == webhook.id()).unwrap();
        assert_eq!(ids(&behind), ids(&all)[position + 1..]);
    }
    let document = "query($cursor: String, $merchant: String, $first: Int) {
        eventsAfter(cursor: $cursor, merchantId: $merchant, first: $first) { cursor hasMore } }";
    for (cursor, first) in [
        (json!("evt_01M7YA8DWM618HY59GXD4SY2PR"), 1),
        (json!("1"), 1),
        (Value::Null, 0),
        (Value::Null, 501),
    ] {
        let variables = json!({ "cursor": cursor, "merchant": DEFAULT_MERCHANT, "first": first });
        let answer = bed.ask(Some(&bed.admin()), document, variables).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{cursor} {first}");
    }
    bed.finish().await;
}
