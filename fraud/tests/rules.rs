//! Rules as data: written, checked, tried, switched on, replayed, and tried on the past.

mod common;

use std::time::Duration;

use common::{World, payment};
use serde_json::{Value, json};
use service::token::Role;
use testkit::graphql::Answer;

const CREATE: &str = "mutation($input: FraudRuleInput!) { createFraudRule(input: $input) { name version state } }";
const CHANGE: &str = "mutation($input: FraudRuleChange!) { changeFraudRule(input: $input) { version expression } }";
const STATE: &str = "mutation($name: String!, $state: FraudRuleState!, $version: Int!) {
    setFraudRuleState(name: $name, state: $state, expectedVersion: $version, reason: \"tried long enough\") { version state } }";

fn round_amounts(expression: &str) -> Value {
    json!({
        "name": "round_amounts", "description": "the amount {amount} is round", "expression": expression,
        "score": 25, "action": "SCORE", "reason": "seen in three cases",
    })
}

async fn write(world: &World, document: &str, variables: Value) -> Answer {
    world.api.public(Some(&world.admin), document, variables).await
}

async fn log_of(world: &World, transaction_id: &str) -> Value {
    let document = format!(
        "{{ fraudLogOf(transactionId: \"{transaction_id}\") {{ logId status score rules action facts
            fired {{ rule version }} shadowFired {{ rule version score reason }} }} }}"
    );
    world.as_admin(&document).await.data()["fraudLogOf"].clone()
}

#[tokio::test]
async fn a_new_rule_is_tried_first_then_counts_and_every_version_stays() {
    let world = World::start().await;
    let created = write(&world, CREATE, json!({ "input": round_amounts("amount == 1000.0") })).await;
    assert_eq!(
        created.data()["createFraudRule"],
        json!({ "name": "round_amounts", "version": 1, "state": "SHADOW" })
    );
    assert_eq!(
        write(&world, CREATE, json!({ "input": round_amounts("true") }))
            .await
            .code(),
        "CONFLICT"
    );

    // Tried: logged, and nothing else.
    let decision = world.check(vec![payment("t-1", "usr_1", 1_000)]).await;
    assert_eq!(
        (&decision[0]["status"], &decision[0]["score"]),
        (&json!("SAFE"), &json!(0))
    );
    let log = log_of(&world, "t-1").await;
    assert_eq!(log["rules"], json!([]));
    assert_eq!(
        log["shadowFired"],
        json!([{ "rule": "round_amounts", "version": 1, "score": 25, "reason": "the amount 1000 is round" }])
    );

    // Switched on: it counts, as its second version.
    let on = write(
        &world,
        STATE,
        json!({ "name": "round_amounts", "state": "ACTIVE", "version": 1 }),
    )
    .await;
    assert_eq!(
        on.data()["setFraudRuleState"],
        json!({ "version": 2, "state": "ACTIVE" })
    );
    let decision = world.check(vec![payment("t-2", "usr_1", 1_000)]).await;
    assert_eq!(
        (&decision[0]["status"], &decision[0]["reason"]),
        (&json!("SUSPICIOUS"), &json!("the amount 1000 is round"))
    );

    // Two who change the same version: the second is told.
    let change = json!({ "input": { "name": "round_amounts", "expectedVersion": 2, "expression": "amount == 2000.0",
        "reason": "the wrong amount" } });
    assert_eq!(
        write(&world, CHANGE, change.clone()).await.data()["changeFraudRule"]["version"],
        3
    );
    assert_eq!(write(&world, CHANGE, change).await.code(), "CONFLICT");
    assert_eq!(
        world.check(vec![payment("t-3", "usr_1", 1_000)]).await[0]["status"],
        "SAFE"
    );

    let versions = world
        .as_admin("{ fraudRuleVersions(name: \"round_amounts\") { version expression reason author } }")
        .await;
    let versions = versions.data()["fraudRuleVersions"].as_array().unwrap().clone();
    let expressions: Vec<&str> = versions.iter().filter_map(|rule| rule["expression"].as_str()).collect();
    assert_eq!(
        expressions,
        ["amount == 2000.0", "amount == 1000.0", "amount == 1000.0"]
    );
    let actions = world
        .as_admin("{ fraudActions(object: \"round_amounts\") { action reason } }")
        .await;
    let actions: Vec<Value> = actions.data()["fraudActions"].as_array().unwrap().clone();
    let names: Vec<&str> = actions.iter().filter_map(|action| action["action"].as_str()).collect();
    assert_eq!(names, ["changeFraudRule", "setFraudRuleState", "createFraudRule"]);

    // What was decided by the second version is still explained by it.
    let log = log_of(&world, "t-2").await;
    assert_eq!(log["fired"], json!([{ "rule": "round_amounts", "version": 2 }]));
    let replay = format!(
        "{{ replayFraudDecision(logId: {}) {{ isIdentical score difference }} }}",
        log["logId"]
    );
    assert_eq!(
        world.as_admin(&replay).await.data()["replayFraudDecision"],
        json!({ "isIdentical": true, "score": 25, "difference": null })
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_told_and_nothing_is_saved() {
    let world = World::start().await;
    let refused = async |input: Value, field: &str| {
        let answer = write(&world, CREATE, json!({ "input": input })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{}", answer.body);
        let extensions = answer.body["errors"][0]["extensions"].clone();
        assert_eq!(extensions["field"], field, "{}", answer.body);
        extensions
    };
    let with = |field: &str, value: Value| {
        let mut input = round_amounts("amount > 1.0");
        input[field] = value;
        input
    };
    assert_eq!(refused(round_amounts("amonut > 1.0"), "expression").await["column"], 1);
    assert_eq!(
        refused(round_amounts("amount > 1.0 && kind"), "expression").await["column"],
        17
    );
    refused(with("name", json!("Round Amounts")), "name").await;
    refused(with("name", json!("deny_list")), "name").await;
    refused(with("score", json!(101)), "score").await;
    refused(with("score", json!(-1)), "score").await;
    refused(with("description", json!(" ")), "description").await;
    refused(with("reason", json!(" ")), "reason").await;
    let checked = world
        .as_admin("{ checkFraudExpression(expression: \"amount >\") { isValid problem column } }")
        .await;
    let checked = checked.data()["checkFraudExpression"].clone();
    assert_eq!(checked["isValid"], false);
    assert!(
        checked["column"].is_i64() && checked["problem"].is_string(),
        "{checked}"
    );
    let rules = world.as_admin("{ fraudRules { name } }").await;
    assert!(!rules.body.to_string().contains("round_amounts"));
}

#[tokio::test]
async fn the_desk_writes_rules_support_reads_them_and_customers_do_neither() {
    let world = World::start().await;
    let of = |role| world.signer.user("usr_staff", role);
    let callers = [
        (of(Role::FraudAnalyst), "OK", "OK"),
        (of(Role::Support), "OK", "FORBIDDEN"),
        (of(Role::Nasabah), "FORBIDDEN", "FORBIDDEN"),
        (world.service.clone(), "FORBIDDEN", "FORBIDDEN"),
    ];
    for (token, reads, writes) in callers {
        let read = world
            .api
            .public(Some(&token), "{ fraudRules { name } fraudFacts { name } }", json!({}))
            .await;
        assert_eq!(read.code(), reads);
        let input = json!({ "input": round_amounts("amount > 1.0") });
        assert_eq!(world.api.public(Some(&token), CREATE, input).await.code(), writes);
    }
}

/// A payment with much that rules look at, all of it made from a number.
fn varied(number: u64) -> Value {
    // Spreads neighbouring numbers over everything.
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16;
    let mut input = payment(&format!("t-{number}"), &format!("usr_{}", mixed % 7), 1);
    input["amountMinor"] = json!(1 + mixed % 6_500_000_000);
    input["kind"] = json!(if mixed.is_multiple_of(3) { "TRANSFER" } else { "PAYMENT" });
    if mixed.is_multiple_of(3) {
        input["targetWalletId"] = json!(format!("wal_{}", mixed % 23));
    } else {
        input["merchantId"] = json!(format!("mrc_{}", mixed % 5));
    }
    input["recentFailures"] = json!(mixed % 8);
    input["sessionId"] = json!(format!("ses_{}", mixed % 6));
    input["address"] = json!(format!("203.0.113.{}", mixed % 4));
    input["zoneinfo"] = json!(["Asia/Jakarta", "Asia/Jayapura", "no such place"][(mixed % 3) as usize]);
    input["emailDomain"] = json!("mail.example");
    input["walletCreatedAt"] = json!(common::START - (mixed % 9_000_000_000) as i64);
    input
}

#[tokio::test]
async fn a_thousand_decisions_come_out_the_same_again_whatever_the_rules_became() {
    let mut world = World::start().await;
    let mut logs: Vec<String> = Vec::new();
    for round in 0..20_u64 {
        let inputs = (round * 50..(round + 1) * 50).map(varied).collect();
        for decision in world.check(inputs).await {
            logs.push(decision["logId"].as_str().unwrap().to_owned());
        }
        world.clock.advance(Duration::from_secs(60 * (1 + round * 7)));
        match round {
            3 => write(&world, CREATE, json!({ "input": round_amounts("amount > 20000000.0") }))
                .await
                .data()
                .clone(),
            6 => write(
                &world,
                STATE,
                json!({ "name": "round_amounts", "state": "ACTIVE", "version": 1 }),
            )
            .await
            .data()
            .clone(),
            9 => write(
                &world,
                STATE,
                json!({ "name": "far_above_own_mean", "state": "ACTIVE", "version": 1 }),
            )
            .await
            .data()
            .clone(),
            12 => write(
                &world,
                STATE,
                json!({ "name": "count_per_hour_above_limit", "state": "OFF", "version": 1 }),
            )
            .await
            .data()
            .clone(),
            15 => {
                world
                    .set_policy(json!({ "suspiciousFrom": 30, "suspiciousAction": "REVIEW" }))
                    .await;
                Value::Null
            }
            17 => {
                world.restart().await;
                Value::Null
            }
            _ => Value::Null,
        };
    }
    assert_eq!(logs.len(), 1_000);
    for some in logs.chunks(50) {
        let fields: Vec<String> = some
            .iter()
            .enumerate()
            .map(|(number, log)| {
                format!("r{number}: replayFraudDecision(logId: \"{log}\") {{ isIdentical difference }}")
            })
            .collect();
        let replayed = world.as_admin(&format!("{{ {} }}", fields.join(" "))).await;
        for replay in replayed.data().as_object().unwrap().values() {
            assert_eq!(replay["isIdentical"], true, "{replay}");
        }
    }
}

#[tokio::test]
async fn what_came_in_what_failed_and_who_was_paid_is_known_after_a_restart() {
    let mut world = World::start().await;
    let outcome = |id: &str, event: &str, kind: &str, minor: i64| {
        json!({ "transactionId": id, "event": event, "kind": kind, "userId": "usr_1", "amountMinor": minor,
            "currency": "IDR", "occurredAt": common::START })
    };
    let document = "mutation($outcomes: [FraudOutcomeInput!]!) { recordOutcomes(outcomes: $outcomes) }";
    let outcomes = json!({ "outcomes": [
        outcome("t-in", "SUCCEEDED", "DEPOSIT", 700),
        outcome("t-in", "SUCCEEDED", "DEPOSIT", 700),
        outcome("t-bad", "FAILED", "PAYMENT", 100),
    ] });
    for _ in 0..2 {
        world.as_service(document, outcomes.clone()).await.data();
    }
    let mut first = payment("t-1", "usr_1", 5);
    first["merchantId"] = json!("mrc_1");
    first["sessionId"] = json!("ses_1");
    world.check(vec![first]).await;
    world.restart().await;
    let mut second = payment("t-2", "usr_1", 7);
    second["merchantId"] = json!("mrc_1");
    second["sessionId"] = json!("ses_2");
    world.check(vec![second]).await;
    let facts = |log: &Value| -> Value { serde_json::from_str(log["facts"].as_str().unwrap()).unwrap() };
    let (one, two) = (facts(&log_of(&world, "t-1").await), facts(&log_of(&world, "t-2").await));
    let past = |facts: &Value, name: &str| facts["past"][name].clone();
    // What is zero or false is left out.
    let nothing = Value::Null;
    assert_eq!(
        (past(&one, "received1h"), past(&one, "failed1h")),
        (json!(700), json!(1))
    );
    assert_eq!(past(&one, "isFirstToPayee"), true);
    assert_eq!(past(&two, "isFirstToPayee"), nothing);
    assert_eq!(
        (past(&one, "isNewDevice"), past(&two, "isNewDevice")),
        (nothing, json!(true))
    );
    assert_eq!(past(&two, "countPer"), json!([2, 2]));
    assert_eq!(past(&two, "mean30d"), 500);
}

#[tokio::test]
async fn rules_are_tried_on_the_past_and_change_nothing_of_it() {
    let world = World::start().await;
    world
        .check(
            (0..40)
                .map(|number| payment(&format!("t-{number}"), &format!("usr_{number}"), 1_000 * (1 + number)))
                .collect(),
        )
        .await;
    let document = "mutation($input: BacktestInput!) { backtestRules(input: $input) { backtestId state } }";
    let input = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z",
        "rules": [{ "name": "sharper", "expression": "amount > 30000.0", "score": 60, "action": "SCORE" }] });
    let started = write(&world, document, json!({ "input": input })).await.data()["backtestRules"].clone();
    let query = format!(
        "{{ backtest(backtestId: {}) {{ state checked total changed changedAmount problem
            transitions {{ from to count amount }} examples {{ before after fired }} }} }}",
        started["backtestId"]
    );
    let found = testkit::wait::eventually("the back-test is done", async || {
        let found = world.as_admin(&query).await.data()["backtest"].clone();
        (found["state"] == "DONE").then_some(found)
    })
    .await;
    assert_eq!(
        (&found["checked"], &found["changed"]),
        (&json!(40), &json!(10)),
        "{found}"
    );
    assert_eq!(
        found["transitions"],
        json!([{ "from": "SAFE", "to": "SUSPICIOUS", "count": 10, "amount": 355_000 }])
    );
    assert!(!found["examples"].as_array().unwrap().is_empty());
    assert_eq!(log_of(&world, "t-39").await["status"], "SAFE");
    let bad = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z",
        "rules": [{ "name": "sharper", "expression": "amount >", "score": 60, "action": "SCORE" }] });
    assert_eq!(
        write(&world, document, json!({ "input": bad })).await.code(),
        "BAD_USER_INPUT"
    );
}

#[tokio::test]
async fn back_tests_that_have_ended_stay_until_two_hundred_newer_ones_came() {
    let world = World::start().await;
    let file = rusqlite::Connection::open(world.folder.path().join("data/fraud.db")).unwrap();
    for number in 1..=250 {
        file.execute(
            r#"INSERT INTO backtests (backtest_id, state, started_by, rules, checked, total, found, problem, created_at)
             VALUES (?1, 'DONE', 'usr_admin', '{}', 0, 0, '{"changed":0,"changedAmount":0,"transitions":[],"examples":[]}', NULL, ?2)"#,
            rusqlite::params![format!("bkt_{number:026}"), number],
        )
        .unwrap();
    }
    let document = "mutation($input: BacktestInput!) { backtestRules(input: $input) { backtestId } }";
    let input = json!({ "from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z",
        "rules": [{ "name": "sharper", "expression": "amount > 1.0", "score": 60, "action": "SCORE" }] });
    let started = write(&world, document, json!({ "input": input })).await.data()["backtestRules"].clone();
    let listed = world.as_admin("{ backtests(first: 500) { backtestId } }").await;
    let listed = listed.data()["backtests"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 200);
    assert_eq!(listed[0]["backtestId"], started["backtestId"]);
    assert_eq!(listed[199]["backtestId"], format!("bkt_{:026}", 52));
}

/// Writes a version of a rule behind the service's back, as another version of the program might have.
fn write_what_nobody_can_read(world: &World, name: &str, version: i64, expression: &str) {
    let file = rusqlite::Connection::open(world.folder.path().join("data/fraud.db")).unwrap();
    file.execute(
        "INSERT INTO fraud_rules (revision, name, version, description, expression, score, action, state, author, reason, created_at)
         SELECT MAX(revision) + 1, ?1, ?2, 'from another version', ?3, 100, 'BLOCK', 'ACTIVE', 'usr_admin', 'newer', 1 FROM fraud_rules",
        rusqlite::params![name, version, expression],
    )
    .unwrap();
}

#[tokio::test]
async fn a_rule_that_cannot_be_read_is_left_out_and_shown_and_the_others_go_on() {
    let mut world = World::start().await;
    world.fraud.close().await;
    write_what_nobody_can_read(&world, "from_tomorrow", 1, "planets_aligned && amount > 1.0");
    write_what_nobody_can_read(&world, "amount_above_suspicious_limit", 2, "amount >");
    world.restart().await;

    // Payments pass, and what can be read of the rules still counts.
    let inputs = [("t-1", 1_000), ("t-2", 15_000_000), ("t-3", 60_000_000)];
    let inputs = inputs.map(|(id, rupiah)| payment(id, &format!("usr_{id}"), rupiah));
    let decided = world.check(inputs.to_vec()).await;
    let statuses: Vec<&Value> = decided.iter().map(|decision| &decision["status"]).collect();
    assert_eq!(statuses, ["SAFE", "SAFE", "FRAUD"]);
    assert_eq!(decided[2]["rules"][0], "amount_above_block_limit");
    let log = log_of(&world, "t-1").await;
    let replay = format!(
        "{{ replayFraudDecision(logId: {}) {{ isIdentical difference }} }}",
        log["logId"]
    );
    assert_eq!(
        world.as_admin(&replay).await.data()["replayFraudDecision"],
        json!({ "isIdentical": true, "difference": null })
    );

    // Staff see which, and why.
    let problems = async || {
        let listed = world.as_admin("{ fraudRules { name state problem } }").await;
        let rules = listed.data()["fraudRules"].as_array().unwrap().clone();
        let with_a_problem = rules.into_iter().filter(|rule| !rule["problem"].is_null());
        with_a_problem.map(|rule| rule["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(problems().await, ["amount_above_suspicious_limit", "from_tomorrow"]);
    let versions = r#"{ fraudRuleVersions(name: "amount_above_suspicious_limit") { version problem } }"#;
    let versions = world.as_admin(versions).await.data()["fraudRuleVersions"].clone();
    assert!(
        versions[0]["problem"].is_string() && versions[1]["problem"].is_null(),
        "{versions}"
    );

    // It does not come back by its state; it can be switched off, or written so that it is understood.
    let state = |state: &str| json!({ "name": "from_tomorrow", "state": state, "version": 1 });
    assert_eq!(write(&world, STATE, state("ACTIVE")).await.code(), "BAD_USER_INPUT");
    let rests = write(&world, STATE, state("OFF")).await;
    assert_eq!(rests.data()["setFraudRuleState"]["state"], "OFF");
    let input = json!({ "name": "amount_above_suspicious_limit", "expectedVersion": 2, "action": "SCORE", "score": 50,
        "expression": "amount > limit_suspicious", "reason": "as it was" });
    write(&world, CHANGE, json!({ "input": input })).await.data();
    assert_eq!(problems().await, ["from_tomorrow"], "what is off may stay as it is");
    let decided = world.check(vec![payment("t-4", "usr_4", 15_000_000)]).await;
    assert_eq!(decided[0]["rules"], json!(["amount_above_suspicious_limit"]));
}

#[tokio::test]
async fn a_rule_that_cannot_say_does_not_fire_and_is_shown_with_how_often() {
    let world = World::start().await;
    let mut input = round_amounts("100 / failures_1h > 5");
    input["state"] = json!("ACTIVE");
    write(&world, CREATE, json!({ "input": input })).await.data();
    let inputs = ["t-1", "t-2"].map(|id| payment(id, "usr_1", 1_000));
    let decided = world.check(inputs.to_vec()).await;
    assert!(
        decided.iter().all(|decision| decision["status"] == "SAFE"),
        "{decided:?}"
    );
    let listed = world.as_admin("{ fraudRules { name problem couldNotSay } }").await;
    let rules = listed.data()["fraudRules"].as_array().unwrap().clone();
    let counted: Vec<&Value> = rules.iter().filter(|rule| rule["couldNotSay"] != json!(0)).collect();
    assert_eq!(
        counted,
        [&json!({ "name": "round_amounts", "problem": null, "couldNotSay": 2 })]
    );
}
