//! The desk: who decides what about payments that wait, how often, and until when.

mod common;

use std::time::Duration;

use common::{World, payment};
use serde_json::{Value, json};
use service::token::Role;
use testkit::graphql::Answer;

const CASE: &str = "caseId transactionId userId merchantId amount kind state needsSecond expiresAt closedAt
    log { logId status action score rules caseId } recent { transactionId } decisions { decision by note }";

/// A world in which what is suspicious waits for the desk, and two people approve what is above 20 million.
async fn desk() -> World {
    let world = World::start().await;
    world
        .set_policy(json!({ "suspiciousAction": "REVIEW", "fourEyesAbove": 20_000_000 }))
        .await;
    world
}

/// A payment that waits, and its case.
async fn waiting(world: &World, transaction: &str, user: &str, rupiah: i64) -> String {
    let decision = world.check(vec![payment(transaction, user, rupiah)]).await;
    assert_eq!(decision[0]["action"], "REVIEW", "{decision:?}");
    let cases = cases(world, &format!(r#"userId: "{user}", state: OPEN"#)).await;
    let of_it = cases.iter().find(|case| case["transactionId"] == transaction).unwrap();
    of_it["caseId"].as_str().unwrap().to_owned()
}

async fn cases(world: &World, arguments: &str) -> Vec<Value> {
    let answer = world
        .as_admin(&format!("{{ reviewCases({arguments}) {{ {CASE} }} }}"))
        .await;
    answer.data()["reviewCases"].as_array().unwrap().clone()
}

async fn case(world: &World, case_id: &str) -> Value {
    let answer = world
        .as_admin(&format!(r#"{{ reviewCase(caseId: "{case_id}") {{ {CASE} }} }}"#))
        .await;
    answer.data()["reviewCase"].clone()
}

/// Decides as this analyst.
async fn decide(world: &World, by: &str, what: &str, case_id: &str, note: &str) -> Answer {
    let token = world.signer.user(by, Role::FraudAnalyst);
    let document =
        format!("mutation ($id: String!, $note: String!) {{ {what}(caseId: $id, note: $note) {{ {CASE} }} }}");
    let variables = json!({ "id": case_id, "note": note });
    world.api.public(Some(&token), &document, variables).await
}

/// What transactions was told so far, in order.
fn told(world: &World) -> Vec<(String, String)> {
    let calls = world.transactions.calls();
    let resolutions = calls
        .iter()
        .flat_map(|call| call.variables["resolutions"].as_array().unwrap().clone());
    resolutions
        .map(|it| {
            let text = |field: &str| it[field].as_str().unwrap().to_owned();
            (text("transactionId"), text("decision"))
        })
        .collect()
}

async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it did not come to it that {what}");
}

#[tokio::test]
async fn a_suspicious_payment_waits_with_all_there_is_to_see() {
    let world = desk().await;
    world.check(vec![payment("t-0", "usr_1", 1_000)]).await;
    let mut input = payment("t-1", "usr_1", 15_000_000);
    input["merchantId"] = json!("mrc_1");
    let decision = world.check(vec![input.clone()]).await;
    assert_eq!(decision[0]["action"], "REVIEW");
    let expires_at = world.clock.now().after(Duration::from_secs(24 * 3_600));
    assert_eq!(decision[0]["reviewExpiresAt"], expires_at.micros());
    // Asked again, it is the same decision, and no second case.
    assert_eq!(world.check(vec![input]).await, decision);
    let open = cases(&world, "state: OPEN").await;
    assert_eq!(open.len(), 1);
    let found = &open[0];
    assert_eq!(found["merchantId"], "mrc_1");
    assert_eq!(
        (&found["amount"], &found["kind"]),
        (&json!(15_000_000), &json!("PAYMENT"))
    );
    assert_eq!(
        (&found["state"], &found["needsSecond"]),
        (&json!("OPEN"), &json!(false))
    );
    assert_eq!(found["expiresAt"], expires_at.to_string());
    assert_eq!(found["log"]["logId"], decision[0]["logId"]);
    assert_eq!(found["log"]["caseId"], found["caseId"]);
    assert_eq!(found["log"]["rules"], json!(["amount_above_suspicious_limit"]));
    assert_eq!(found["recent"], json!([{ "transactionId": "t-0" }]));
    assert_eq!(found["decisions"], json!([]));
    // What is refused or goes on does not wait, and a check by hand has nothing that could.
    world
        .check(vec![payment("t-2", "usr_2", 60_000_000), payment("t-3", "usr_4", 1)])
        .await;
    world
        .as_admin(r#"mutation { checkFraud(userId: "usr_5", amount: 15000000) { status } }"#)
        .await
        .data();
    assert_eq!(cases(&world, "first: 5").await.len(), 1);
}

#[tokio::test]
async fn an_approval_ends_the_case_once_and_transactions_is_told_once() {
    let world = desk().await;
    let case_id = waiting(&world, "t-1", "usr_1", 15_000_000).await;
    let first = decide(&world, "usr_ann", "approveReview", &case_id, "  called her, it is her ").await;
    let approved = &first.data()["approveReview"];
    assert_eq!(approved["state"], "APPROVED");
    assert_eq!(approved["closedAt"], world.clock.now().to_string());
    let decisions = json!([{ "decision": "APPROVE", "by": "usr_ann", "note": "called her, it is her" }]);
    assert_eq!(approved["decisions"], decisions);
    world.clock.advance(Duration::from_secs(60));
    for by in ["usr_ann", "usr_bob"] {
        let again = decide(&world, by, "approveReview", &case_id, "again").await;
        assert_eq!(
            &again.data()["approveReview"],
            approved,
            "{by}: the same again changes nothing"
        );
    }
    let otherwise = decide(&world, "usr_bob", "rejectReview", &case_id, "no").await;
    assert_eq!(otherwise.code(), "CONFLICT");
    assert_eq!(otherwise.body["errors"][0]["extensions"]["state"], "APPROVED");
    wait_until("transactions is told", async || !told(&world).is_empty()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(told(&world), [("t-1".to_owned(), "APPROVE".to_owned())]);
    let actions = world
        .as_admin(&format!(
            r#"{{ fraudActions(object: "{case_id}") {{ actor action reason }} }}"#
        ))
        .await;
    let expect = json!([{ "actor": "usr_ann", "action": "approveReview", "reason": "called her, it is her" }]);
    assert_eq!(actions.data()["fraudActions"], expect);
}

#[tokio::test]
async fn two_different_people_approve_what_is_large_and_one_rejects_it() {
    let world = desk().await;
    let case_id = waiting(&world, "t-1", "usr_1", 20_000_001).await;
    for _ in 0..2 {
        let first = decide(&world, "usr_ann", "approveReview", &case_id, "fine").await;
        let first = &first.data()["approveReview"];
        assert_eq!((&first["state"], &first["needsSecond"]), (&json!("OPEN"), &json!(true)));
        assert_eq!(first["decisions"].as_array().unwrap().len(), 1);
    }
    let second = decide(&world, "usr_bob", "approveReview", &case_id, "fine as well").await;
    let second = &second.data()["approveReview"];
    assert_eq!(
        (&second["state"], &second["needsSecond"]),
        (&json!("APPROVED"), &json!(false))
    );
    assert_eq!(second["decisions"].as_array().unwrap().len(), 2);

    let other = waiting(&world, "t-2", "usr_2", 30_000_000).await;
    decide(&world, "usr_ann", "approveReview", &other, "fine").await.data();
    let rejected = decide(&world, "usr_ann", "rejectReview", &other, "it is not fine after all").await;
    assert_eq!(rejected.data()["rejectReview"]["state"], "REJECTED");
    wait_until("transactions is told of both", async || told(&world).len() == 2).await;
    let mut told = told(&world);
    told.sort();
    let pair = |transaction: &str, decision: &str| (transaction.to_owned(), decision.to_owned());
    assert_eq!(told, [pair("t-1", "APPROVE"), pair("t-2", "REJECT")]);
    // The limit itself is not above it.
    let third = waiting(&world, "t-3", "usr_3", 20_000_000).await;
    let at_once = decide(&world, "usr_ann", "approveReview", &third, "fine").await;
    assert_eq!(at_once.data()["approveReview"]["state"], "APPROVED");
}

#[tokio::test]
async fn two_analysts_at_the_same_moment_end_a_case_one_way() {
    let world = desk().await;
    for number in 0..8 {
        let case_id = waiting(&world, &format!("t-{number}"), &format!("usr_{number}"), 15_000_000).await;
        let (one, other) = tokio::join!(
            decide(&world, "usr_ann", "approveReview", &case_id, "yes"),
            decide(&world, "usr_bob", "rejectReview", &case_id, "no"),
        );
        let mut codes = [one.code(), other.code()];
        codes.sort_unstable();
        assert_eq!(codes, ["CONFLICT", "OK"]);
    }
    wait_until("transactions is told", async || told(&world).len() == 8).await;
}

#[tokio::test]
async fn nobody_decides_about_a_payment_of_their_own_or_without_saying_why() {
    let world = desk().await;
    let case_id = waiting(&world, "t-1", "usr_ann", 15_000_000).await;
    for what in ["approveReview", "rejectReview"] {
        let own = decide(&world, "usr_ann", what, &case_id, "it is me").await;
        assert_eq!(own.code(), "FORBIDDEN", "{what}");
        for note in ["", "  ", &"x".repeat(2_001)] {
            let unsaid = decide(&world, "usr_bob", what, &case_id, note).await;
            assert_eq!(unsaid.code(), "BAD_USER_INPUT", "{what}");
        }
        for unknown in ["rev_01JD2Q3V4W5X6Y7Z8A9BCDEFGH", "", "' OR 1=1 --"] {
            assert_eq!(
                decide(&world, "usr_bob", what, unknown, "why").await.code(),
                "NOT_FOUND"
            );
        }
    }
    assert_eq!(case(&world, &case_id).await["state"], "OPEN");
}

#[tokio::test]
async fn what_nobody_decides_the_policy_does_when_its_time_is_over() {
    let world = desk().await;
    let rejected = waiting(&world, "t-1", "usr_1", 15_000_000).await;
    world.clock.advance(Duration::from_secs(24 * 3_600 - 1));
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(case(&world, &rejected).await["state"], "OPEN", "a second too early");
    world.clock.advance(Duration::from_secs(1));
    wait_until("it expires", async || {
        case(&world, &rejected).await["state"] == "EXPIRED"
    })
    .await;
    wait_until("transactions is told", async || told(&world).len() == 1).await;
    assert_eq!(told(&world)[0].1, "REJECT");
    assert_eq!(
        decide(&world, "usr_ann", "approveReview", &rejected, "too late")
            .await
            .code(),
        "CONFLICT"
    );

    world
        .set_policy(json!({
            "suspiciousAction": "REVIEW", "reviewExpiryDecision": "APPROVE", "reviewExpiresAfterSeconds": 600,
        }))
        .await;
    let approved = waiting(&world, "t-2", "usr_2", 15_000_000).await;
    world.clock.advance(Duration::from_secs(600));
    wait_until("it expires, too", async || {
        case(&world, &approved).await["state"] == "EXPIRED"
    })
    .await;
    wait_until("transactions is told of it, too", async || told(&world).len() == 2).await;
    assert_eq!(told(&world)[1], ("t-2".to_owned(), "APPROVE".to_owned()));
}

#[tokio::test]
async fn a_case_is_withdrawn_when_its_payment_fails_and_what_is_decided_is_not_undone() {
    let world = desk().await;
    let open = waiting(&world, "t-1", "usr_1", 15_000_000).await;
    let decided = waiting(&world, "t-2", "usr_2", 15_000_000).await;
    decide(&world, "usr_ann", "approveReview", &decided, "fine")
        .await
        .data();
    let failed = |transaction: &str| {
        json!({
            "transactionId": transaction, "event": "FAILED", "kind": "PAYMENT", "userId": "usr_1", "amountMinor": 1,
            "currency": "IDR", "failureCode": "TIMED_OUT", "occurredAt": world.clock.now().micros(),
        })
    };
    let outcomes = json!({ "outcomes": [failed("t-1"), failed("t-2"), failed("t-unknown")] });
    for _ in 0..2 {
        let record = "mutation ($outcomes: [FraudOutcomeInput!]!) { recordOutcomes(outcomes: $outcomes) }";
        world.as_service(record, outcomes.clone()).await.data();
    }
    assert_eq!(case(&world, &open).await["state"], "WITHDRAWN");
    assert_eq!(case(&world, &decided).await["state"], "APPROVED");
    assert_eq!(
        decide(&world, "usr_ann", "rejectReview", &open, "late").await.code(),
        "CONFLICT"
    );
    wait_until("transactions is told of the approval", async || {
        !told(&world).is_empty()
    })
    .await;
    assert_eq!(
        told(&world),
        [("t-2".to_owned(), "APPROVE".to_owned())],
        "of the one withdrawn it knows"
    );
}

#[tokio::test]
async fn what_was_decided_is_told_after_transactions_was_down_and_after_a_restart() {
    let mut world = desk().await;
    let case_id = waiting(&world, "t-1", "usr_1", 15_000_000).await;
    world
        .transactions
        .answer_tokens_with(Some(testkit::peers::Reply::Raw(503, String::new())));
    decide(&world, "usr_ann", "rejectReview", &case_id, "stolen card")
        .await
        .data();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(told(&world), []);
    world.restart().await;
    assert_eq!(case(&world, &case_id).await["state"], "REJECTED");
    world.transactions.answer_tokens_with(None);
    world.clock.advance(Duration::from_secs(60));
    wait_until("transactions is told", async || told(&world).len() == 1).await;
    assert_eq!(told(&world)[0].1, "REJECT");
}

#[tokio::test]
async fn the_desk_sees_the_oldest_first_and_pages_without_gap() {
    let world = desk().await;
    for number in 0..7 {
        waiting(
            &world,
            &format!("t-{number}"),
            &format!("usr_{}", number % 2),
            15_000_000,
        )
        .await;
        world.clock.advance(Duration::from_secs(1));
    }
    let ids = |cases: &[Value]| -> Vec<String> {
        cases
            .iter()
            .map(|case| case["transactionId"].as_str().unwrap().to_owned())
            .collect()
    };
    let page_all = async |filter: &str| {
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = cases(&world, &format!("first: 2{filter}{after}")).await;
            let Some(last) = page.last() else { break seen };
            after = format!(", after: {}", last["caseId"]);
            seen.extend(ids(&page));
        }
    };
    assert_eq!(
        page_all(", state: OPEN").await,
        ["t-0", "t-1", "t-2", "t-3", "t-4", "t-5", "t-6"]
    );
    assert_eq!(page_all("").await, ["t-6", "t-5", "t-4", "t-3", "t-2", "t-1", "t-0"]);
    assert_eq!(
        page_all(r#", state: OPEN, userId: "usr_1""#).await,
        ["t-1", "t-3", "t-5"]
    );
    assert_eq!(page_all(r#", userId: "usr_0""#).await, ["t-6", "t-4", "t-2", "t-0"]);
    assert_eq!(page_all(", state: REJECTED").await, Vec::<String>::new());
}

#[tokio::test]
async fn every_operation_of_the_desk_by_every_role() {
    let world = desk().await;
    let case_id = waiting(&world, "t-1", "usr_1", 15_000_000).await;
    let add = |list: &str| {
        format!(
            r#"mutation {{ addFraudListEntry(input: {{ list: {list}, kind: USER, value: "usr_9", reason: "why" }}) {{ entryId }} }}"#
        )
    };
    let id = "snz_01JD2Q3V4W5X6Y7Z8A9BCDEFGH";
    let entry = "fle_01JD2Q3V4W5X6Y7Z8A9BCDEFGH";
    let reads = [
        "{ reviewCases { caseId } }".to_owned(),
        format!(r#"{{ reviewCase(caseId: "{case_id}") {{ caseId }} }}"#),
        "{ fraudListEntries { entryId } }".to_owned(),
        "{ ruleSnoozes { snoozeId } }".to_owned(),
        "{ fraudActions { actionId } }".to_owned(),
        "{ getFraudLogs { logId } }".to_owned(),
        "{ fraudLogCount { total } }".to_owned(),
        r#"{ fraudLogOf(transactionId: "t-1") { logId } }"#.to_owned(),
        r#"{ fraudStats(from: "2026-11-19T00:00:00Z", to: "2026-11-20T00:00:00Z") { days { day } } }"#.to_owned(),
        "{ fraudPolicy { version } }".to_owned(),
    ];
    // What the fraud desk may: it gets as far as the input, which is wrong in some.
    let changes = [
        (add("ALLOW"), "OK"),
        (format!(r#"mutation {{ removeFraudListEntry(entryId: "{entry}", reason: "why") {{ entryId }} }}"#), "NOT_FOUND"),
        (format!(r#"mutation {{ endSnooze(snoozeId: "{id}", reason: "why") {{ snoozeId }} }}"#), "NOT_FOUND"),
        (
            r#"mutation { snoozeRule(rule: "x", userId: "usr_1", until: "2020-01-01T00:00:00Z", reason: "why") { rule } }"#
                .to_owned(),
            "BAD_USER_INPUT",
        ),
        (format!(r#"mutation {{ approveReview(caseId: "{case_id}", note: "yes") {{ state }} }}"#), "OK"),
        (format!(r#"mutation {{ rejectReview(caseId: "{case_id}", note: "no") {{ state }} }}"#), "CONFLICT"),
    ];
    let admin_only = [r#"mutation { deleteFraudLog(logId: "frd_01JD2Q3V4W5X6Y7Z8A9BCDEFGH") }"#.to_owned()];
    let roles = [
        (Role::Admin, true, true, true),
        (Role::FraudAnalyst, true, true, false),
        (Role::Support, true, false, false),
        (Role::Merchant, false, false, false),
        (Role::Nasabah, false, false, false),
    ];
    for (role, may_read, may_decide, is_admin) in roles {
        let token = world.signer.user(format!("usr_{role}"), role);
        let ask = async |document: &str| world.api.public(Some(&token), document, json!({})).await;
        for document in &reads {
            let expect = if may_read { "OK" } else { "FORBIDDEN" };
            assert_eq!(ask(document).await.code(), expect, "{role}: {document}");
        }
        for (document, code) in &changes {
            let found = ask(document).await;
            if may_decide {
                // The second one who may adds what stands there already.
                assert!(
                    [*code, "CONFLICT"].contains(&found.code()),
                    "{role}: {document}: {}",
                    found.body
                );
            } else {
                assert_eq!(found.code(), "FORBIDDEN", "{role}: {document}");
            }
        }
        for document in &admin_only {
            let expect = if is_admin { "NOT_FOUND" } else { "FORBIDDEN" };
            assert_eq!(ask(document).await.code(), expect, "{role}: {document}");
        }
    }
    for document in reads.iter().chain(changes.iter().map(|(document, _)| document)) {
        assert_eq!(
            world.api.public(None, document, json!({})).await.code(),
            "UNAUTHENTICATED"
        );
        let service = world.api.public(Some(&world.service), document, json!({})).await;
        assert_eq!(service.code(), "FORBIDDEN", "{document}");
    }
}
