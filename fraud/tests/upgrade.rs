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
