//! The list of logs: pages, filters, deletion.

mod common;

use std::time::Duration;

use common::{START, World, payment};
use serde_json::{Value, json};

/// Ten checks a minute apart, by three users; every third is SUSPICIOUS, the fourth FRAUD.
async fn ten_checks(world: &World) {
    for number in 0..10 {
        let rupiah = match number {
            4 => 60_000_000,
            n if n % 3 == 0 => 15_000_000,
            _ => 1_000,
        };
        let user = format!("usr_{}", number % 3);
        world.check(vec![payment(&format!("t-{number}"), &user, rupiah)]).await;
        world.clock.advance(Duration::from_secs(24 * 3_600));
    }
}

/// The transactions a list shows.
async fn list(world: &World, arguments: &str) -> Vec<String> {
    let answer = world
        .as_admin(&format!("{{ getFraudLogs{arguments} {{ transactionId }} }}"))
        .await;
    let logs = answer.data()["getFraudLogs"].as_array().unwrap();
    logs.iter()
        .map(|log| log["transactionId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn filters_and_times() {
    let world = World::start().await;
    ten_checks(&world).await;
    let check = async |arguments: &str, expect: &[&str]| {
        assert_eq!(list(&world, arguments).await, expect, "{arguments}");
    };
    check(
        "",
        &["t-9", "t-8", "t-7", "t-6", "t-5", "t-4", "t-3", "t-2", "t-1", "t-0"],
    )
    .await;
    check("(first: 2)", &["t-9", "t-8"]).await;
    check("(status: FRAUD)", &["t-4"]).await;
    check("(status: SUSPICIOUS)", &["t-9", "t-6", "t-3", "t-0"]).await;
    check("(status: SAFE, first: 2)", &["t-8", "t-7"]).await;
    check(r#"(userId: "usr_1")"#, &["t-7", "t-4", "t-1"]).await;
    check(r#"(userId: "usr_1", status: FRAUD)"#, &["t-4"]).await;
    check(r#"(userId: "nobody")"#, &[]).await;
    let day = |number: i64| {
        let at = service::Timestamp::from_micros(START).after(Duration::from_secs(number as u64 * 24 * 3_600));
        at.to_string()
    };
    check(
        &format!(r#"(from: "{}", to: "{}")"#, day(2), day(5)),
        &["t-4", "t-3", "t-2"],
    )
    .await;
    check(&format!(r#"(from: "{}", status: SUSPICIOUS)"#, day(4)), &["t-9", "t-6"]).await;
    check(&format!(r#"(to: "{}", userId: "usr_2")"#, day(8)), &["t-5", "t-2"]).await;
    check(&format!(r#"(from: "{}", to: "{}")"#, day(5), day(2)), &[]).await;
}

#[tokio::test]
async fn pages_meet_without_gap_or_overlap() {
    let world = World::start().await;
    // All at the same instant: the id alone decides their order.
    for number in 0..7 {
        world.check(vec![payment(&format!("t-{number}"), "usr_1", 1)]).await;
    }
    world.clock.advance(Duration::from_secs(3_600));
    for number in 7..12 {
        world.check(vec![payment(&format!("t-{number}"), "usr_1", 1)]).await;
    }
    for filter in ["", r#", userId: "usr_1""#, ", status: SAFE"] {
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let document = format!("{{ getFraudLogs(first: 5{after}{filter}) {{ logId transactionId }} }}");
            let answer = world.as_admin(&document).await;
            let page = answer.data()["getFraudLogs"].as_array().unwrap().clone();
            let Some(last) = page.last() else { break };
            after = format!(", after: {}", last["logId"]);
            seen.extend(page.iter().map(|log| log["transactionId"].as_str().unwrap().to_owned()));
            // What comes in meanwhile is newer than every page that follows.
            world
                .check(vec![payment(
                    &format!("n{filter}-{}", seen.len()).replace([' ', '"'], ""),
                    "usr_new",
                    1,
                )])
                .await;
        }
        let seen: Vec<&str> = seen
            .iter()
            .map(String::as_str)
            .filter(|id| id.starts_with("t-"))
            .collect();
        let expect: Vec<String> = (0..12).rev().map(|number| format!("t-{number}")).collect();
        assert_eq!(seen, expect, "{filter}");
    }
}

#[tokio::test]
async fn bad_pages_are_refused() {
    let world = World::start().await;
    ten_checks(&world).await;
    for arguments in [
        "first: 0",
        "first: -1",
        "first: 501",
        r#"after: """#,
        r#"after: "frd_01JD2Q3V4W5X6Y7Z8A9BCDEFGH""#,
        r#"after: "hst_01JD2Q3V4W5X6Y7Z8A9BCDEFGH""#,
        r#"after: "' OR 1=1 --""#,
        r#"userId: """#,
        r#"from: "yesterday""#,
    ] {
        let answer = world
            .as_admin(&format!("{{ getFraudLogs({arguments}) {{ logId }} }}"))
            .await;
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&answer.code()),
            "{arguments}: {}",
            answer.body
        );
    }
    // A document cannot multiply pages by aliases.
    let aliases: String = (0..200)
        .map(|number| format!("a{number}: getFraudLogs(first: 500) {{ logId reason }} "))
        .collect();
    assert_eq!(
        world.as_admin(&format!("{{ {aliases} }}")).await.code(),
        "GRAPHQL_VALIDATION_FAILED"
    );
}

#[tokio::test]
async fn a_deleted_log_is_hidden_and_the_deletion_is_kept() {
    let mut world = World::start().await;
    ten_checks(&world).await;
    let answer = world.as_admin("{ getFraudLogs(status: FRAUD) { logId } }").await;
    let log_id = answer.data()["getFraudLogs"][0]["logId"].as_str().unwrap().to_owned();
    let delete = "mutation ($logId: String!) { deleteFraudLog(logId: $logId) }";
    let variables = json!({ "logId": log_id });
    let first = world.api.public(Some(&world.admin), delete, variables.clone()).await;
    assert!(first.data()["deleteFraudLog"].as_str().unwrap().contains(&log_id));
    let hidden_at = world.clock.now();
    world.clock.advance(Duration::from_secs(60));
    let second = world.api.public(Some(&world.admin), delete, variables).await;
    assert_eq!(first.body, second.body);
    assert_eq!(list(&world, "(status: FRAUD)").await, Vec::<String>::new());
    assert_eq!(list(&world, "").await.len(), 9);
    // A page may still begin after it, and the decision about its transaction stands.
    assert_eq!(
        list(&world, &format!(r#"(after: "{log_id}", first: 1)"#)).await,
        ["t-3"]
    );
    let decision = world.check(vec![payment("t-4", "usr_1", 60_000_000)]).await;
    assert_eq!(decision[0]["logId"], log_id);
    for unknown in ["frd_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", "", "1; DROP TABLE fraud_logs"] {
        let answer = world
            .api
            .public(Some(&world.admin), delete, json!({ "logId": unknown }))
            .await;
        assert_eq!(answer.code(), "NOT_FOUND", "{unknown:?}");
    }

    world.restart().await;
    assert_eq!(list(&world, "").await.len(), 9);
    let noted = noted_deletions(&world).await;
    assert_eq!(noted, [(log_id, "usr_admin".to_owned(), hidden_at.micros())]);
}

/// Reads the file itself, after the service has let go of it.
async fn noted_deletions(world: &World) -> Vec<(String, String, i64)> {
    world.fraud.close().await;
    let file = rusqlite::Connection::open(world.folder.path().join("data/fraud.db")).unwrap();
    let logs: i64 = file
        .query_row("SELECT count(*) FROM fraud_logs", [], |row| row.get(0))
        .unwrap();
    assert_eq!(logs, 10, "no log is ever removed");
    let mut statement = file
        .prepare("SELECT log_id, deleted_by, deleted_at FROM fraud_log_deletions")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_log_shows_all_there_is() {
    let world = World::start().await;
    world.check(vec![payment("t-1", "usr_1", 15_000_000)]).await;
    let answer = world
        .as_admin("{ getFraudLogs { userId transactionId amount status reason score rules createdAt } }")
        .await;
    let expect: Value = json!([{
        "userId": "usr_1", "transactionId": "t-1", "amount": 15_000_000, "status": "SUSPICIOUS",
        "reason": "the amount 15000000 is above 10000000", "score": 50,
        "rules": ["amount_above_suspicious_limit"], "createdAt": "2026-11-19T09:06:40.000000Z",
    }]);
    assert_eq!(answer.data()["getFraudLogs"], expect);
}
