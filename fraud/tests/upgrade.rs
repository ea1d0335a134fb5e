//! A file from before there was a desk: its logs are found by their rules, and counted, after the first start.

mod common;

use std::time::Duration;

use common::{World, payment};
use serde_json::{Value, json};
use store::{Database, Options};

const ASKED: &str = r#"{
    getFraudLogs(rule: "amount_above_suspicious_limit", first: 500) { transactionId action }
    fraudStats(from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z") { days { checks suspicious fraud } rules { rule fired } }
}"#;

/// Makes of the file what it was before: no index of rules, no counts, no policy in a log.
fn make_old(world: &World) {
    let file = rusqlite::Connection::open(world.folder.path().join("data/fraud.db")).unwrap();
    file.execute_batch(
        "DELETE FROM fraud_log_rules; DELETE FROM fraud_quarters; DELETE FROM fraud_rule_quarters;
         DELETE FROM fraud_log_catch_up; UPDATE fraud_logs SET policy_version = 0, action = '', kind = '';",
    )
    .unwrap();
}

#[tokio::test]
async fn logs_from_before_are_brought_in_once() {
    let mut world = World::start().await;
    let inputs = (0..500).map(|number| {
        let rupiah = [1_000, 15_000_000, 60_000_000][number % 3];
        payment(&format!("t-{number}"), &format!("usr_{number}"), rupiah)
    });
    world.check(inputs.collect()).await;
    let before = world.as_admin(ASKED).await.data().clone();
    assert_eq!(before["getFraudLogs"].as_array().unwrap().len(), 167);
    world.fraud.close().await;
    make_old(&world);
    for _ in 0..2 {
        world.restart().await;
        world.check(vec![payment("t-1", "usr_1", 15_000_000)]).await;
        let mut found = Value::Null;
        for _ in 0..100 {
            found = world.as_admin(ASKED).await.data().clone();
            if found == before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(found, before);
    }
    world.check(vec![payment("t-new", "usr_new", 15_000_000)]).await;
    let after = world.as_admin(ASKED).await.data().clone();
    assert_eq!(
        after["fraudStats"]["days"],
        json!([{ "checks": 501, "suspicious": 168, "fraud": 166 }])
    );
}

#[tokio::test]
async fn pasts_that_were_kept_as_json_go_on() {
    let mut world = World::start().await;
    world.check(vec![payment("t-1", "usr_1", 100_000)]).await;
    world.fraud.close().await;
    // Twelve checks of 50,000 rupiah on the day before, 2026-11-18, and one merchant with twenty payments and ten refunds.
    let file = rusqlite::Connection::open(world.folder.path().join("data/fraud.db")).unwrap();
    file.execute_batch(
        r#"UPDATE velocities SET past = NULL,
             past_json = '{"month":[[20775,12,60000000,300000000000000]],"failed":[[1795079100000000,0]]}';
           INSERT INTO merchant_pasts (merchant_id, past_json)
             VALUES ('mrc_1', '{"paid":[[20775,20,100,500]],"refunded":[[20775,10,50,250]]}');"#,
    )
    .unwrap();
    drop(file);
    world.restart().await;
    // The second is of what the first wrote.
    for (id, count) in [("t-2", 13), ("t-3", 14)] {
        let mut input = payment(id, "usr_1", 50_000);
        input["merchantId"] = json!("mrc_1");
        world.check(vec![input]).await;
        let asked = format!("{{ fraudLogOf(transactionId: \"{id}\") {{ facts }} }}");
        let answer = world.as_admin(&asked).await;
        let facts: Value = serde_json::from_str(answer.data()["fraudLogOf"]["facts"].as_str().unwrap()).unwrap();
        assert_eq!(facts["past"]["countPer"][1], count, "{facts}");
        assert_eq!(facts["past"]["mean30d"], 5_000_000, "{facts}");
        assert_eq!(facts["merchantRefundPerMille"], 500, "{facts}");
        assert_eq!(facts["past"]["failed1h"], 1, "{facts}");
    }
}

/// Makes of the file what it was before logs had numbers: the tables of that time, with all that is in those of today.
async fn make_unnumbered(world: &World) {
    let migrations = store::migrations![
        "0001_fraud.sql",
        "0002_policies.sql",
        "0003_desk.sql",
        "0004_rules.sql",
        "0005_packed_pasts.sql",
    ];
    let (old, new) = (
        world.folder.path().join("data/old.db"),
        world.folder.path().join("data/fraud.db"),
    );
    let database = Database::open(&Options::new(old.clone(), migrations)).unwrap();
    database.close().await;
    drop(database);
    let file = rusqlite::Connection::open(&old).unwrap();
    file.execute_batch(&format!("PRAGMA foreign_keys = OFF; ATTACH '{}' AS new", new.display()))
        .unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut statement = file.prepare(sql).unwrap();
        let names = statement.query_map([], |row| row.get(0)).unwrap();
        names.collect::<Result<_, _>>().unwrap()
    };
    let tables = list(
        "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'schema_migrations'",
    );
    for table in tables {
        let columns = list(&format!("SELECT name FROM pragma_table_info('{table}', 'main')")).join(", ");
        let from = match table.as_str() {
            "fraud_log_rules" => {
                "(SELECT r.*, l.log_id FROM new.fraud_log_rules r JOIN new.fraud_logs l USING (number))".into()
            }
            _ => format!("new.{table}"),
        };
        file.execute_batch(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM {from}"
        ))
        .unwrap();
    }
    drop(file);
    std::fs::rename(old, new).unwrap();
}

/// A list in every order and by every kind of index, and what the desk sees.
const EVERYTHING: &str = r#"{
    newest: getFraudLogs { ...Log }
    oldest: getFraudLogs(sort: OLDEST) { ...Log }
    largest: getFraudLogs(sort: LARGEST_AMOUNT) { ...Log }
    worst: getFraudLogs(sort: HIGHEST_SCORE) { ...Log }
    user: getFraudLogs(userId: "usr_1") { ...Log }
    rule: getFraudLogs(rule: "amount_above_suspicious_limit") { ...Log }
    fraud: getFraudLogs(status: FRAUD) { ...Log }
    reviewCases { caseId log { logId } recent { logId } }
    fraudStats(from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z") { days { checks suspicious fraud } rules { rule fired } }
}
fragment Log on FraudLog { logId transactionId userId amount status score action reason rules facts createdAt }"#;

#[tokio::test]
async fn logs_from_before_they_had_numbers_are_found_as_before_and_new_ones_behind_them() {
    let mut world = World::start().await;
    world.set_policy(json!({ "suspiciousAction": "REVIEW" })).await;
    for number in 0..60 {
        let rupiah = [1_000, 15_000_000, 60_000_000][number % 3];
        let input = payment(&format!("t-{number}"), &format!("usr_{}", number % 7), rupiah);
        world.check(vec![input]).await;
        world.clock.advance(Duration::from_secs(90));
    }
    let hidden = world.as_admin("{ getFraudLogs(first: 1) { logId } }").await;
    let hidden = hidden.data()["getFraudLogs"][0]["logId"].as_str().unwrap().to_owned();
    let hide = format!("mutation {{ deleteFraudLog(logId: \"{hidden}\", reason: \"a test\") }}");
    world.as_admin(&hide).await.data();
    let before = world.as_admin(EVERYTHING).await.data().clone();
    assert_eq!(before["newest"].as_array().unwrap().len(), 59);
    assert!(!before["rule"].as_array().unwrap().is_empty());
    assert!(!before["reviewCases"].as_array().unwrap().is_empty());

    world.fraud.close().await;
    make_unnumbered(&world).await;
    world.restart().await;
    assert_eq!(*world.as_admin(EVERYTHING).await.data(), before);
    world.check(vec![payment("t-new", "usr_1", 1_000)]).await;
    let newest = world.as_admin("{ getFraudLogs(first: 1) { transactionId } }").await;
    assert_eq!(newest.data()["getFraudLogs"][0]["transactionId"], "t-new");
    // A transaction from before keeps its decision, whatever is asked now.
    let again = world.check(vec![payment("t-2", "usr_2", 1_000)]).await;
    assert_eq!(again[0]["status"], "FRAUD");
}
