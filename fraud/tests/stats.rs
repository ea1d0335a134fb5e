//! The counts: what they say is what a count of the log and of the cases says.

mod common;

use std::collections::BTreeMap;
use std::time::Duration;

use common::{START, World, payment};
use serde_json::{Value, json};
use service::Timestamp;

/// Three days of checks, with cases that end in every way.
async fn traffic(world: &World) {
    world
        .set_policy(json!({ "suspiciousAction": "REVIEW", "reviewExpiresAfterSeconds": 86_400 }))
        .await;
    for number in 0..60_u32 {
        let rupiah = match number % 6 {
            2 => 15_000_000,
            4 => 60_000_000,
            n => 1_000 * i64::from(n + 1),
        };
        let mut input = payment(&format!("t-{number}"), &format!("usr_{}", number % 9), rupiah);
        input["recentFailures"] = json!(if number % 12 == 2 { 9 } else { 0 });
        world.check(vec![input]).await;
        if number % 6 == 2 {
            decide(world, number).await;
        }
        world.clock.advance(Duration::from_secs(4_000));
    }
    // Those that nobody decided about, but for the last day's, have expired by now.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

async fn decide(world: &World, number: u32) {
    let what = match number % 30 {
        2 => "approveReview",
        8 | 14 => "rejectReview",
        20 => {
            let outcome = json!([{
                "transactionId": format!("t-{number}"), "event": "FAILED", "kind": "PAYMENT", "userId": "usr_1",
                "amountMinor": 1, "currency": "IDR", "occurredAt": world.clock.now().micros(),
            }]);
            let record = "mutation ($outcomes: [FraudOutcomeInput!]!) { recordOutcomes(outcomes: $outcomes) }";
            world.as_service(record, json!({ "outcomes": outcome })).await.data();
            return;
        }
        _ => return,
    };
    let found = world.as_admin("{ reviewCases(first: 1) { caseId } }").await;
    let case_id = found.data()["reviewCases"][0]["caseId"].clone();
    let document = format!(r#"mutation {{ {what}(caseId: {case_id}, note: "why") {{ state }} }}"#);
    world.as_admin(&document).await.data();
}

const DAY: &str = "day checks safe suspicious fraud reviewed approved rejected amount refusedAmount";

async fn stats(world: &World, from: Timestamp, to: Timestamp, offset: i32) -> Value {
    let answer = world
        .as_admin(&format!(
            r#"{{ fraudStats(from: "{from}", to: "{to}", utcOffsetMinutes: {offset}) {{
                days {{ {DAY} }} rules {{ rule fired approved rejected open precision }} }} }}"#
        ))
        .await;
    answer.data()["fraudStats"].clone()
}

/// Counts anew from the logs and cases.
async fn recount(
    world: &World,
    from: Timestamp,
    to: Timestamp,
    offset: i64,
) -> (BTreeMap<String, Value>, BTreeMap<String, [u64; 4]>) {
    let logs = world
        .as_admin(r#"{ getFraudLogs(first: 500) { transactionId amount status action rules createdAt caseId } }"#)
        .await;
    let cases = world.as_admin("{ reviewCases(first: 500) { caseId state } }").await;
    let state_of = |case_id: &Value| {
        let cases = cases.data()["reviewCases"].as_array().unwrap();
        let found = cases.iter().find(|case| case["caseId"] == *case_id);
        found.map_or("", |case| case["state"].as_str().unwrap()).to_owned()
    };
    let mut days: BTreeMap<String, Value> = BTreeMap::new();
    let mut rules: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for log in logs.data()["getFraudLogs"].as_array().unwrap() {
        let at = Timestamp::parse(log["createdAt"].as_str().unwrap()).unwrap();
        if at < from || at >= to {
            continue;
        }
        let local = Timestamp::from_micros(at.micros() + offset * 60_000_000).to_string();
        let day = days.entry(local[..10].to_owned()).or_insert_with(|| json!({}));
        let state = state_of(&log["caseId"]);
        let amount = log["amount"].as_u64().unwrap();
        // The policy rejects what expires.
        let is_refused = log["action"] == "BLOCK" || ["REJECTED", "EXPIRED"].contains(&state.as_str());
        for (field, plus) in [
            ("checks", 1),
            ("safe", u64::from(log["status"] == "SAFE")),
            ("suspicious", u64::from(log["status"] == "SUSPICIOUS")),
            ("fraud", u64::from(log["status"] == "FRAUD")),
            ("reviewed", u64::from(!log["caseId"].is_null())),
            ("approved", u64::from(state == "APPROVED")),
            ("rejected", u64::from(state == "REJECTED")),
            ("amount", amount),
            ("refusedAmount", if is_refused { amount } else { 0 }),
        ] {
            day[field] = json!(day[field].as_u64().unwrap_or(0) + plus);
        }
        for rule in log["rules"].as_array().unwrap() {
            let counts = rules.entry(rule.as_str().unwrap().to_owned()).or_default();
            counts[0] += 1;
            for (index, wanted) in ["APPROVED", "REJECTED", "OPEN"].into_iter().enumerate() {
                counts[index + 1] += u64::from(state == wanted);
            }
        }
    }
    (days, rules)
}

#[tokio::test]
async fn the_counts_are_what_a_recount_gives_in_any_time_zone() {
    let world = World::start().await;
    traffic(&world).await;
    let start = Timestamp::from_micros(START - START % 900_000_000);
    let ranges = [
        (start, start.after(Duration::from_secs(4 * 86_400))),
        (
            start.after(Duration::from_secs(36_000)),
            start.after(Duration::from_secs(100_800)),
        ),
    ];
    for (from, to) in ranges {
        for offset in [0, 420, -600, 345] {
            let found = stats(&world, from, to, offset).await;
            let (days, rules) = recount(&world, from, to, i64::from(offset)).await;
            let mut checked = 0;
            for day in found["days"].as_array().unwrap() {
                let name = day["day"].as_str().unwrap();
                match days.get(name) {
                    Some(expect) => {
                        for (field, value) in expect.as_object().unwrap() {
                            assert_eq!(day[field], *value, "{name} {field}, {offset}");
                        }
                        checked += 1;
                    }
                    None => assert_eq!(day["checks"], 0, "{name}"),
                }
            }
            assert_eq!(checked, days.len(), "no day is missing");
            let found: BTreeMap<String, [u64; 4]> = found["rules"]
                .as_array()
                .unwrap()
                .iter()
                .map(|rule| {
                    let of = |field: &str| rule[field].as_u64().unwrap();
                    let counts = [of("fired"), of("approved"), of("rejected"), of("open")];
                    let decided = counts[1] + counts[2];
                    let precision = (decided > 0).then(|| counts[2] as f64 / decided as f64);
                    assert_eq!(rule["precision"].as_f64(), precision);
                    (rule["rule"].as_str().unwrap().to_owned(), counts)
                })
                .collect();
            assert_eq!(found, rules, "{from} {to}");
        }
    }
}

#[tokio::test]
async fn ranges_that_make_no_sense_are_refused() {
    let world = World::start().await;
    let day = "2026-11-19T00:00:00Z";
    for arguments in [
        format!(r#"from: "{day}", to: "{day}""#),
        format!(r#"from: "{day}", to: "2026-11-18T00:00:00Z""#),
        format!(r#"from: "{day}", to: "2028-11-18T00:00:00Z""#),
        format!(r#"from: "{day}", to: "2026-11-20T00:00:00Z", utcOffsetMinutes: 7"#),
        format!(r#"from: "{day}", to: "2026-11-20T00:00:00Z", utcOffsetMinutes: 900"#),
    ] {
        let answer = world
            .as_admin(&format!("{{ fraudStats({arguments}) {{ days {{ day }} }} }}"))
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}");
    }
}
