//! Who may call what.

mod common;

use common::{World, payment};
use serde_json::json;

#[tokio::test]
async fn every_operation_by_every_role() {
    let world = World::start().await;
    world.check(vec![payment("t-1", "usr_nasabah", 5)]).await;
    let log = world.as_admin("{ getFraudLogs { logId } }").await.data()["getFraudLogs"][0]["logId"].clone();
    let delete = format!("mutation {{ deleteFraudLog(logId: {log}) }}");
    let check_own = r#"mutation { checkFraud(userId: "usr_nasabah", amount: 5) { status } }"#;
    let check_foreign = r#"mutation { checkFraud(userId: "usr_else", amount: 5) { status } }"#;
    let internal_check = "mutation { checkTransactions(inputs: []) { logId } }";
    let internal_find = r#"{ fraudDecision(transactionId: "t-1") { logId } }"#;

    // Anonymous, Nasabah, Admin, Service.
    let table = [
        (
            "/graphql",
            "{ getFraudLogs { logId } }",
            ["UNAUTHENTICATED", "FORBIDDEN", "OK", "FORBIDDEN"],
        ),
        ("/graphql", check_own, ["UNAUTHENTICATED", "FORBIDDEN", "OK", "OK"]),
        ("/graphql", check_foreign, ["UNAUTHENTICATED", "FORBIDDEN", "OK", "OK"]),
        ("/graphql", &delete, ["UNAUTHENTICATED", "FORBIDDEN", "OK", "FORBIDDEN"]),
        (
            "/internal/graphql",
            internal_check,
            ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK"],
        ),
        (
            "/internal/graphql",
            internal_find,
            ["UNAUTHENTICATED", "FORBIDDEN", "FORBIDDEN", "OK"],
        ),
    ];
    let callers = [
        ("anonymous", None),
        ("Nasabah", Some(world.nasabah.as_str())),
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
async fn a_forged_token_is_no_token() {
    let world = World::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let forged = testkit::tokens::Signer::stranger(elsewhere.path()).user("usr_admin", service::token::Role::Admin);
    for token in [forged.as_str(), "rubbish", "a.b.c"] {
        let answer = world
            .api
            .public(Some(token), "{ getFraudLogs { logId } }", json!({}))
            .await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
    }
}

#[tokio::test]
async fn the_internal_api_is_not_on_the_public_path() {
    let world = World::start().await;
    let document = json!({ "query": "mutation { checkTransactions(inputs: []) { logId } }" });
    let answer = world.api.post("/graphql", Some(&world.service), document).await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
}
