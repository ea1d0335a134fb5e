//! Any filter of the log in any order: what a list shows is what a look at every row would show, page by page, while checks
//! go on.

mod common;

use std::cmp::Reverse;
use std::time::Duration;

use common::{START, World, payment};
use serde_json::{Value, json};
use service::Timestamp;
use service::token::Role;

const FIELDS: &str = "logId transactionId userId amount status score rules createdAt";

/// A hundred and twenty checks of seven users, three at each instant, of all three outcomes.
async fn many_checks(world: &World) {
    for number in 0..120_u32 {
        let rupiah = match number % 10 {
            3 => 15_000_000,
            6 => 60_000_000 + i64::from(number % 4) * 1_000,
            n => 1_000 * i64::from(n + 1),
        };
        let mut input = payment(&format!("t-{number}"), &format!("usr_{}", number % 7), rupiah);
        if number % 11 == 0 {
            input["recentFailures"] = json!(6 + number % 3);
        }
        world.check(vec![input]).await;
        if number % 3 == 2 {
            world.clock.advance(Duration::from_secs(1_800));
        }
    }
}

async fn page(world: &World, arguments: &str) -> Vec<Value> {
    let arguments = if arguments.is_empty() {
        String::new()
    } else {
        format!("({arguments})")
    };
    let answer = world
        .as_admin(&format!("{{ getFraudLogs{arguments} {{ {FIELDS} }} }}"))
        .await;
    answer.data()["getFraudLogs"].as_array().unwrap().clone()
}

fn text<'a>(log: &'a Value, field: &str) -> &'a str {
    log[field].as_str().unwrap_or_default()
}

type Fits = Box<dyn Fn(&Value) -> bool>;

/// Every filter, and what it means.
fn filters() -> Vec<(String, Fits)> {
    let at = |hours: u64| {
        Timestamp::from_micros(START)
            .after(Duration::from_secs(hours * 3_600))
            .to_string()
    };
    let (from, to) = (at(5), at(15));
    let (from2, to2) = (from.clone(), to.clone());
    let rule = "amount_above_suspicious_limit";
    let has_rule = move |log: &Value| log["rules"].as_array().unwrap().contains(&json!(rule));
    vec![
        (String::new(), Box::new(|_| true)),
        ("status: SAFE".into(), Box::new(|log| text(log, "status") == "SAFE")),
        (
            "status: SUSPICIOUS".into(),
            Box::new(|log| text(log, "status") == "SUSPICIOUS"),
        ),
        ("status: FRAUD".into(), Box::new(|log| text(log, "status") == "FRAUD")),
        (
            r#"userId: "usr_3""#.into(),
            Box::new(|log| text(log, "userId") == "usr_3"),
        ),
        (format!(r#"rule: "{rule}""#), Box::new(has_rule)),
        (
            format!(r#"rule: "{rule}", userId: "usr_3""#),
            Box::new(move |log| has_rule(log) && text(log, "userId") == "usr_3"),
        ),
        (
            "minScore: 1".into(),
            Box::new(|log| log["score"].as_u64().unwrap() >= 1),
        ),
        (
            "minScore: 10, maxScore: 60, status: SUSPICIOUS".into(),
            Box::new(|log| (10..=60).contains(&log["score"].as_u64().unwrap()) && text(log, "status") == "SUSPICIOUS"),
        ),
        (
            "minAmount: 5000, maxAmount: 15000000".into(),
            Box::new(|log| (5_000..=15_000_000).contains(&log["amount"].as_u64().unwrap())),
        ),
        (
            r#"minAmount: 5000, userId: "usr_2", status: SAFE"#.into(),
            Box::new(|log| {
                log["amount"].as_u64().unwrap() >= 5_000
                    && text(log, "userId") == "usr_2"
                    && text(log, "status") == "SAFE"
            }),
        ),
        (
            format!(r#"from: "{from}", to: "{to}""#),
            Box::new(move |log| (from.as_str()..to.as_str()).contains(&text(log, "createdAt"))),
        ),
        (
            format!(r#"from: "{from2}", to: "{to2}", status: FRAUD, minScore: 90"#),
            Box::new(move |log| {
                (from2.as_str()..to2.as_str()).contains(&text(log, "createdAt")) && text(log, "status") == "FRAUD"
            }),
        ),
        ("minScore: 60, maxScore: 50".into(), Box::new(|_| false)),
        (r#"userId: "nobody""#.into(), Box::new(|_| false)),
    ]
}

fn sort(logs: &mut [Value], order: &str) {
    let newest = |log: &Value| Reverse((text(log, "createdAt").to_owned(), text(log, "logId").to_owned()));
    match order {
        "NEWEST" => logs.sort_by_key(newest),
        "OLDEST" => logs.sort_by_key(|log| Reverse(newest(log))),
        "HIGHEST_SCORE" => logs.sort_by_key(|log| (Reverse(log["score"].as_u64()), newest(log))),
        "LARGEST_AMOUNT" => logs.sort_by_key(|log| (Reverse(log["amount"].as_u64()), newest(log))),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_filter_in_every_order_shows_each_log_once_while_checks_go_on() {
    let world = World::start().await;
    many_checks(&world).await;
    // Some are hidden: they are in no list.
    let all = page(&world, "first: 500").await;
    for log in all.iter().step_by(17) {
        let delete = format!("mutation {{ deleteFraudLog(logId: {}) }}", log["logId"]);
        world.as_admin(&delete).await.data();
    }
    let shown = page(&world, "first: 500").await;
    assert_eq!(shown.len(), 120 - all.len().div_ceil(17));
    let known: Vec<&str> = shown.iter().map(|log| text(log, "logId")).collect();
    let mut added = 0;
    for (filter, fits) in filters() {
        for order in ["NEWEST", "OLDEST", "HIGHEST_SCORE", "LARGEST_AMOUNT"] {
            let mut expect: Vec<Value> = shown.iter().filter(|log| fits(log)).cloned().collect();
            sort(&mut expect, order);
            let mut seen = Vec::new();
            let mut after = String::new();
            loop {
                let arguments = format!("first: 13, sort: {order}{after}, {filter}");
                let found = page(&world, arguments.trim_end_matches(", ")).await;
                let Some(last) = found.last() else { break };
                after = format!(", after: {}", last["logId"]);
                seen.extend(found);
                // Somebody else's payment comes in between two pages.
                if seen.len() <= 13 {
                    added += 1;
                    let input = payment(&format!("n-{added}"), "usr_new", 15_000_000 * (added % 5) + 500);
                    world.check(vec![input]).await;
                }
            }
            let seen: Vec<Value> = seen
                .into_iter()
                .filter(|log| known.contains(&text(log, "logId")))
                .collect();
            let ids = |logs: &[Value]| {
                logs.iter()
                    .map(|log| text(log, "transactionId").to_owned())
                    .collect::<Vec<_>>()
            };
            assert_eq!(ids(&seen), ids(&expect), "{filter} {order}");
        }
    }
}

#[tokio::test]
async fn the_count_is_that_of_the_list() {
    let world = World::start().await;
    many_checks(&world).await;
    for (filter, fits) in filters() {
        let all = page(&world, "first: 500").await;
        let expect = all.iter().filter(|log| fits(log)).count();
        let arguments = if filter.is_empty() {
            String::new()
        } else {
            format!("({filter})")
        };
        let answer = world
            .as_admin(&format!("{{ fraudLogCount{arguments} {{ total isExact }} }}"))
            .await;
        let expect = json!({ "total": expect, "isExact": true });
        assert_eq!(answer.data()["fraudLogCount"], expect, "{filter}");
    }
}

#[tokio::test]
async fn what_is_rare_and_long_ago_is_found_among_many_and_counting_has_an_end() {
    let world = World::start().await;
    let many = |from: u32, to: u32, rupiah: i64| -> Vec<Value> {
        (from..to)
            .map(|number| payment(&format!("t-{number}"), &format!("usr_{}", number % 5_000), rupiah))
            .collect()
    };
    world.check(many(0, 30, 77)).await;
    for batch in 0..22 {
        world.clock.advance(Duration::from_secs(600));
        world
            .check(many(100 + batch * 500, 600 + batch * 500, 1_000 + i64::from(batch)))
            .await;
    }
    for order in ["NEWEST", "OLDEST", "HIGHEST_SCORE", "LARGEST_AMOUNT"] {
        let filter = format!("minAmount: 77, maxAmount: 77, sort: {order}");
        let first = page(&world, &format!("{filter}, first: 20")).await;
        let after = &first[19]["logId"];
        let second = page(&world, &format!("{filter}, first: 20, after: {after}")).await;
        let mut seen: Vec<&str> = first
            .iter()
            .chain(&second)
            .map(|log| text(log, "transactionId"))
            .collect();
        assert_eq!(seen.len(), 30, "{order}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 30, "{order}");
    }
    let count = async |arguments: &str| {
        let answer = world
            .as_admin(&format!("{{ fraudLogCount{arguments} {{ total isExact }} }}"))
            .await;
        answer.data()["fraudLogCount"].clone()
    };
    assert_eq!(count("(maxAmount: 77)").await, json!({ "total": 30, "isExact": true }));
    assert_eq!(
        count("(minAmount: 1020)").await,
        json!({ "total": 1_000, "isExact": true })
    );
    assert_eq!(count("").await, json!({ "total": 10_000, "isExact": false }));
}

#[tokio::test]
async fn what_is_out_of_range_is_refused_by_name() {
    let world = World::start().await;
    for (arguments, field) in [
        ("minScore: 101", "minScore"),
        ("maxScore: -1", "maxScore"),
        (r#"rule: """#, "rule"),
    ] {
        let answer = world
            .as_admin(&format!("{{ getFraudLogs({arguments}) {{ logId }} }}"))
            .await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{arguments}");
        assert_eq!(answer.body["errors"][0]["extensions"]["field"], field);
    }
}

#[tokio::test]
async fn one_log_by_its_id_and_by_its_transaction() {
    let world = World::start().await;
    let decision = world.check(vec![payment("t-1", "usr_1", 15_000_000)]).await;
    let log_id = text(&decision[0], "logId").to_owned();
    let support = world.signer.user("usr_support", Role::Support);
    let ask = async |document: &str| world.api.public(Some(&support), document, json!({})).await;
    let by_id = ask(&format!(
        r#"{{ fraudLog(logId: "{log_id}") {{ transactionId status }} }}"#
    ))
    .await;
    assert_eq!(
        by_id.data()["fraudLog"],
        json!({ "transactionId": "t-1", "status": "SUSPICIOUS" })
    );
    let by_transaction = ask(r#"{ fraudLogOf(transactionId: "t-1") { logId } }"#).await;
    assert_eq!(by_transaction.data()["fraudLogOf"]["logId"], log_id);
    let unchecked = ask(r#"{ fraudLogOf(transactionId: "t-2") { logId } }"#).await;
    assert_eq!(unchecked.data()["fraudLogOf"], Value::Null);
    let unknown = ask(r#"{ fraudLog(logId: "frd_01JD2Q3V4W5X6Y7Z8A9BCDEFGH") { logId } }"#).await;
    assert_eq!(unknown.code(), "NOT_FOUND");
}
