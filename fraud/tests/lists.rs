//! Lists and snoozes: the next check heeds them, until they end.

mod common;

use std::time::Duration;

use common::{World, payment};
use serde_json::{Value, json};

async fn add(
    world: &World,
    list: &str,
    kind: &str,
    value: &str,
    expires_at: Option<String>,
) -> testkit::graphql::Answer {
    let document = "mutation ($input: FraudListEntryInput!) { addFraudListEntry(input: $input) {
        entryId list kind value reason author expiresAt } }";
    let input = json!({ "list": list, "kind": kind, "value": value, "reason": "why", "expiresAt": expires_at });
    world
        .api
        .public(Some(&world.admin), document, json!({ "input": input }))
        .await
}

/// Checks a payment that shows all that can stand on a list; answers status, action, score and the rules.
async fn check(world: &World, transaction: &str, rupiah: i64) -> Value {
    let mut input = payment(transaction, "usr_1", rupiah);
    input["merchantId"] = json!("mrc_1");
    input["address"] = json!("::ffff:203.0.113.7");
    input["emailDomain"] = json!("mail.example");
    let decision = world.check(vec![input]).await;
    let of = |field: &str| decision[0][field].clone();
    json!([of("status"), of("action"), of("score"), of("rules")])
}

#[tokio::test]
async fn whatever_stands_on_the_deny_list_is_refused_until_it_is_taken_off() {
    let world = World::start().await;
    let entries = [
        ("USER", "usr_1"),
        ("MERCHANT", "mrc_1"),
        ("ADDRESS", "203.0.113.7"),
        ("EMAIL_DOMAIN", "Mail.Example"),
    ];
    for (kind, value) in entries {
        let added = add(&world, "DENY", kind, value, None).await;
        let entry_id = added.data()["addFraudListEntry"]["entryId"]
            .as_str()
            .unwrap()
            .to_owned();
        let denied = check(&world, &format!("t-{kind}"), 1_000).await;
        assert_eq!(denied, json!(["FRAUD", "BLOCK", 100, ["deny_list"]]), "{kind}");
        let remove =
            format!(r#"mutation {{ removeFraudListEntry(entryId: "{entry_id}", reason: "a mistake") {{ value }} }}"#);
        world.as_admin(&remove).await.data();
        assert_eq!(world.as_admin(&remove).await.code(), "NOT_FOUND");
        let free = check(&world, &format!("t-{kind}-free"), 1_000).await;
        assert_eq!(free, json!(["SAFE", "ALLOW", 0, []]), "{kind}");
        // Who is refused several times in an hour is suspicious for that.
        world.clock.advance(Duration::from_secs(3_601));
    }
    // Others are not concerned.
    add(&world, "DENY", "USER", "usr_2", None).await.data();
    assert_eq!(check(&world, "t-other", 1_000).await[0], "SAFE");
}

#[tokio::test]
async fn no_rule_holds_or_refuses_what_stands_on_the_allow_list_but_the_deny_list_wins() {
    let world = World::start().await;
    world.set_policy(json!({ "suspiciousAction": "REVIEW" })).await;
    add(&world, "ALLOW", "MERCHANT", "mrc_1", None).await.data();
    let large = check(&world, "t-1", 60_000_000).await;
    assert_eq!((&large[0], &large[1]), (&json!("SUSPICIOUS"), &json!("ALLOW")));
    assert!(
        large[3]
            .as_array()
            .unwrap()
            .contains(&json!("amount_above_block_limit")),
        "what fired is logged: {large}"
    );
    add(&world, "DENY", "EMAIL_DOMAIN", "mail.example", None).await.data();
    let both = check(&world, "t-2", 1_000).await;
    assert_eq!(
        (&both[0], &both[1], &both[2]),
        (&json!("FRAUD"), &json!("BLOCK"), &json!(100))
    );
    let cases = world.as_admin("{ reviewCases { caseId } }").await;
    assert_eq!(cases.data()["reviewCases"], json!([]));
}

#[tokio::test]
async fn an_entry_ends_at_its_time_and_may_be_made_again() {
    let world = World::start().await;
    let until = world.clock.now().after(Duration::from_secs(3_600));
    add(&world, "DENY", "USER", "usr_1", Some(until.to_string()))
        .await
        .data();
    assert_eq!(add(&world, "DENY", "USER", "usr_1", None).await.code(), "CONFLICT");
    assert_eq!(check(&world, "t-1", 1).await[0], "FRAUD");
    world.clock.advance(Duration::from_secs(3_600));
    assert_eq!(check(&world, "t-2", 1).await[0], "SAFE");
    let listed = world.as_admin("{ fraudListEntries { value } }").await;
    assert_eq!(listed.data()["fraudListEntries"], json!([]));
    add(&world, "DENY", "USER", "usr_1", None).await.data();
    assert_eq!(check(&world, "t-3", 1).await[0], "FRAUD");
    let past = world.clock.now().to_string();
    assert_eq!(
        add(&world, "DENY", "USER", "usr_5", Some(past)).await.code(),
        "BAD_USER_INPUT"
    );
    for (kind, value) in [
        ("ADDRESS", "here"),
        ("EMAIL_DOMAIN", "mail"),
        ("USER", "a b"),
        ("MERCHANT", ""),
    ] {
        assert_eq!(
            add(&world, "DENY", kind, value, None).await.code(),
            "BAD_USER_INPUT",
            "{kind} {value:?}"
        );
    }
}

#[tokio::test]
async fn the_lists_are_paged_newest_first_and_changes_are_on_record() {
    let world = World::start().await;
    for number in 0..5 {
        let list = ["ALLOW", "DENY"][number % 2];
        add(&world, list, "USER", &format!("usr_{number}"), None).await.data();
    }
    add(&world, "DENY", "ADDRESS", "203.0.113.9", None).await.data();
    let list = async |arguments: &str| -> Vec<String> {
        let answer = world
            .as_admin(&format!("{{ fraudListEntries({arguments}) {{ entryId value }} }}"))
            .await;
        let entries = answer.data()["fraudListEntries"].as_array().unwrap().clone();
        entries
            .iter()
            .map(|entry| entry["value"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(list("list: ALLOW").await, ["usr_4", "usr_2", "usr_0"]);
    assert_eq!(list("list: DENY, kind: USER").await, ["usr_3", "usr_1"]);
    assert_eq!(list("kind: ADDRESS").await, ["203.0.113.9"]);
    let first = world.as_admin("{ fraudListEntries(first: 4) { entryId } }").await;
    let last = first.data()["fraudListEntries"][3]["entryId"].clone();
    assert_eq!(list(&format!("after: {last}")).await, ["usr_1", "usr_0"]);
    let actions = world
        .as_admin("{ fraudActions(first: 1) { actor action reason detail } }")
        .await;
    let expect = json!([{
        "actor": "usr_admin", "action": "addFraudListEntry", "reason": "why", "detail": "DENY ADDRESS 203.0.113.9",
    }]);
    assert_eq!(actions.data()["fraudActions"], expect);
}

#[tokio::test]
async fn a_rule_sleeps_for_one_user_until_its_time() {
    let world = World::start().await;
    let rule = "amount_above_suspicious_limit";
    let snooze = async |rule: &str, hours: u64| {
        let until = world.clock.now().after(Duration::from_secs(hours * 3_600));
        let document = format!(
            r#"mutation {{ snoozeRule(rule: "{rule}", userId: "usr_1", until: "{until}", reason: "a wedding") {{ snoozeId }} }}"#
        );
        world.as_admin(&document).await
    };
    assert_eq!(check(&world, "t-1", 15_000_000).await[0], "SUSPICIOUS");
    world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(snooze("no_such_rule", 1).await.code(), "NOT_FOUND");
    assert_eq!(snooze(rule, 0).await.code(), "BAD_USER_INPUT");
    assert_eq!(snooze(rule, 24 * 30 + 1).await.code(), "BAD_USER_INPUT");
    snooze(rule, 2).await.data();
    assert_eq!(check(&world, "t-2", 15_000_000).await, json!(["SAFE", "ALLOW", 0, []]));
    let other = world.check(vec![payment("t-3", "usr_2", 15_000_000)]).await;
    assert_eq!(other[0]["status"], "SUSPICIOUS", "for others it is awake");
    world.clock.advance(Duration::from_secs(86_400));
    assert_eq!(check(&world, "t-4", 15_000_000).await[0], "SUSPICIOUS");

    world.clock.advance(Duration::from_secs(86_400));
    snooze(rule, 2).await.data();
    let again = snooze(rule, 3).await;
    let snooze_id = again.data()["snoozeRule"]["snoozeId"].as_str().unwrap().to_owned();
    let listed = world
        .as_admin(r#"{ ruleSnoozes(userId: "usr_1") { snoozeId rule reason author } }"#)
        .await;
    let expect = json!([{ "snoozeId": snooze_id, "rule": rule, "reason": "a wedding", "author": "usr_admin" }]);
    assert_eq!(listed.data()["ruleSnoozes"], expect, "the earlier one ended by it");
    let end = format!(r#"mutation {{ endSnooze(snoozeId: "{snooze_id}", reason: "it is over") {{ rule }} }}"#);
    world.as_admin(&end).await.data();
    assert_eq!(world.as_admin(&end).await.code(), "NOT_FOUND");
    assert_eq!(check(&world, "t-5", 15_000_000).await[0], "SUSPICIOUS");
}
