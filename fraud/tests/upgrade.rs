//! A file from before there was a desk: its logs are found by their rules, and counted, after the first start.

mod common;

use std::time::Duration;

use common::{World, payment};
use serde_json::{Value, json};

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
