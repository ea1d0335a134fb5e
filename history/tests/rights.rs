//! Who may call what.

mod common;

use common::{World, payment};
use serde_json::json;
use service::token::Role;

#[tokio::test]
async fn every_operation_by_every_role() {
    let world = World::start().await;
    let own = &world.append(vec![payment(1)]).await[0];
    let delete = format!(r#"mutation {{ deleteHistory(historyId: "{own}") }}"#);
    let add = r#"mutation { addHistory(input: { transactionId: "trx_9", userId: "usr_narto", amount: 5, type: "DEPOSIT", status: "SUCCESS" }) }"#;
    let append = "mutation { appendEntries(inputs: []) }";
    let find = r#"{ historyId(entryKey: "trx_1:SUCCESS:usr_narto") }"#;
    let proof = format!(r#"{{ historyProof(historyId: "{own}") {{ entry }} }}"#);
    let receipt = r#"{ receipt(transactionId: "trx_1") }"#;
    let code = r#"{ receiptCode(transactionId: "trx_1") }"#;
    let verify_receipt = r#"{ verifyReceipt(receipt: "SRC1:") { holds } }"#;
    let consistency = "{ historyConsistency(fromSize: 1, toSize: 1) { path } }";
    let summary =
        r#"{ historySummary(from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z", by: DAY) { wentOut } }"#;
    let (public, internal) = ("/graphql", "/internal/graphql");
    let (no, never, gone) = ("UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND");

    // Anonymous, owner, another Nasabah, Admin, Service.
    let history_of = r#"{ historyOf(transactionId: "trx_1") { historyId } }"#;
    let table = [
        (public, "{ myHistory { historyId } }", [no, "OK", "OK", "OK", never]),
        (public, add, [no, never, never, "OK", "OK"]),
        (public, &delete, [no, "OK", gone, gone, never]),
        (public, "{ auditHead { sequence } }", [no, never, never, "OK", never]),
        (public, "{ verifyHistory { ok } }", [no, never, never, "OK", never]),
        (public, &proof, [no, "OK", gone, "OK", never]),
        (public, history_of, [no, never, never, "OK", never]),
        (public, receipt, [no, "OK", gone, "OK", never]),
        (public, code, [no, "OK", gone, "OK", never]),
        (public, verify_receipt, ["OK"; 5]),
        (public, "{ historyPublicKeys }", ["OK"; 5]),
        (public, summary, [no, "OK", "OK", "OK", never]),
        (public, consistency, [no, "OK", "OK", "OK", never]),
        (public, "{ historyCheckpoints { size } }", [no, "OK", "OK", "OK", never]),
        (public, "{ historyCheckpoint { size } }", ["OK"; 5]),
        (public, "{ historyPublicKey }", ["OK"; 5]),
        (internal, append, [no, never, never, never, "OK"]),
        (internal, find, [no, never, never, never, "OK"]),
        (public, append, ["GRAPHQL_VALIDATION_FAILED"; 5]),
    ];
    let callers = [
        ("anonymous", None),
        ("owner", Some(world.narto.as_str())),
        ("another Nasabah", Some(&world.sasuke)),
        ("Admin", Some(&world.admin)),
        ("Service", Some(&world.service)),
    ];
    for (path, document, codes) in table {
        for ((name, token), expect) in callers.iter().zip(codes) {
            let answer = world.api.post(path, *token, json!({ "query": document })).await;
            assert_eq!(answer.code(), expect, "{name}: {document}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn nobody_sees_the_history_of_others() {
    let world = World::start().await;
    world.append(vec![payment(1)]).await;
    for token in [&world.sasuke, &world.admin] {
        let answer = world.ask(token, "{ myHistory { historyId } }").await;
        assert_eq!(answer.data()["myHistory"], json!([]));
    }
}

#[tokio::test]
async fn a_field_that_is_refused_leaves_the_others_their_answers() {
    let world = World::start().await;
    let document = "{ auditHead { sequence } myHistory { historyId } verifyHistory { ok } }";
    let answer = world.ask(&world.narto, document).await;
    assert_eq!(
        answer.body["data"],
        json!({ "auditHead": null, "myHistory": [], "verifyHistory": null })
    );
    let mut refused: Vec<_> = answer.body["errors"].as_array().unwrap().iter().collect();
    refused.sort_by_key(|error| error["path"].to_string());
    assert_eq!(refused.len(), 2);
    for (error, field) in refused.into_iter().zip(["auditHead", "verifyHistory"]) {
        assert_eq!(error["path"], json!([field]));
        assert_eq!(error["extensions"]["code"], "FORBIDDEN");
    }
    let alone = world.ask(&world.narto, "{ a: auditHead { sequence } }").await;
    assert_eq!(alone.body["data"], json!({ "a": null }));
}

#[tokio::test]
async fn a_mutation_that_fails_does_not_hide_the_one_before_it() {
    let world = World::start().await;
    let add = |status: &str| {
        let input =
            format!(r#"transactionId: "trx_9", userId: "usr_narto", amount: 5, type: "DEPOSIT", status: "{status}""#);
        format!("addHistory(input: {{ {input} }})")
    };
    let document = format!("mutation {{ done: {} failed: {} }}", add("SUCCESS"), add("no status"));
    let answer = world.ask(&world.service, &document).await;
    assert_eq!(answer.body["data"], json!({ "done": true, "failed": null }));
    assert_eq!(answer.code(), "BAD_USER_INPUT");
    assert_eq!(answer.body["errors"][0]["path"], json!(["failed"]));
    assert_eq!(world.list("").await, ["trx_9"]);
}

#[tokio::test]
async fn staff_see_the_records_and_proofs_of_every_transaction_and_add_none() {
    let world = World::start().await;
    let narto = &world.append(vec![payment(1)]).await[0];
    let documents = [
        r#"{ historyOf(transactionId: "trx_1") { historyId } }"#.to_owned(),
        format!(r#"{{ historyProof(historyId: "{narto}") {{ entry }} }}"#),
        r#"{ receipt(transactionId: "trx_1") }"#.to_owned(),
        r#"{ receiptCode(transactionId: "trx_1") }"#.to_owned(),
        "{ auditHead { sequence } }".to_owned(),
        "{ verifyHistory { ok } }".to_owned(),
    ];
    let add = r#"mutation { addHistory(input: { transactionId: "trx_9", userId: "usr_narto", amount: 5, type: "DEPOSIT", status: "SUCCESS" }) }"#;
    for role in [Role::Support, Role::FraudAnalyst] {
        let token = world.signer.user("usr_staff", role);
        for document in &documents {
            assert_eq!(world.ask(&token, document).await.code(), "OK", "{role:?}: {document}");
        }
        assert_eq!(world.ask(&token, add).await.code(), "FORBIDDEN", "{role:?}");
    }
    let found = world.ask(&world.admin, &documents[0]).await;
    assert_eq!(found.data()["historyOf"], json!([{ "historyId": narto }]));
}
