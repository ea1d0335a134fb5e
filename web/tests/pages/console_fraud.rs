//! The desk against fraud at the console: who may do what, what is shown, and what a service that is down takes with it.

use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{Browser, World, login};

const CASE: &str = "rev_01M7YA8DWM618HY59GXD4SY2PR";
const LOG: &str = "frd_01M7YA8DWM618HY59GXD4SY2PR";

/// A browser of somebody with this role, signed in with a second factor.
async fn staff(world: &World, role: &str) -> Browser {
    let mut answer = login("access-1", "refresh-1");
    answer["user"]["role"] = json!(role);
    answer["user"]["totpEnabled"] = json!(true);
    world.data("loginUser", answer);
    let mut browser = world.browser();
    let page = browser.get("/console/sign-in").await;
    let fields = [
        ("email", "a@b.example"),
        ("password", "password123"),
        ("code", "123456"),
    ];
    let answer = browser.send(&page, "/console/sign-in", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser
}

fn world() -> World {
    let world = World::new();
    world.data("reviewCase", case(&json!({})));
    world.data("reviewCases", json!([case(&json!({}))]));
    world.data("fraudPolicy", policy());
    world.data(
        "fraudFacts",
        json!([{ "name": "amount", "type": "double", "description": "What is about to be paid" }]),
    );
    world.data("fraudLog", log());
    world
}

fn case(changes: &Value) -> Value {
    let mut case = json!({
        "caseId": CASE, "transactionId": "trx_1", "userId": "usr_9", "merchantId": null, "amount": 30_000_000,
        "kind": "PAYMENT", "state": "OPEN", "needsSecond": false, "createdAt": "2026-11-25T11:00:00Z",
        "expiresAt": "2026-11-26T11:00:00Z", "closedAt": null, "decisions": [], "log": log(), "recent": [],
    });
    for (name, value) in changes.as_object().unwrap() {
        case[name] = value.clone();
    }
    case
}

fn log() -> Value {
    json!({
        "logId": LOG, "userId": "usr_9", "transactionId": "trx_1", "merchantId": null, "caseId": CASE,
        "amount": 30_000_000, "kind": "PAYMENT", "status": "SUSPICIOUS", "action": "REVIEW", "score": 50,
        "rules": ["large"], "createdAt": "2026-11-25T11:00:00Z", "reason": "the amount is <large>",
        "readings": [
            { "name": "amount", "value": "30000000", "unit": "RUPIAH", "description": "What is about to be paid" },
            { "name": "is_new_device", "value": "true", "unit": "NONE", "description": "A new one." },
            { "name": "email_domain", "value": "<script>", "unit": "NONE", "description": "What stands behind the @." },
        ],
        "policyVersion": 3,
        "fired": [{ "rule": "large", "version": 2, "score": 50, "reason": "the amount is <large>" }],
        "shadowFired": [],
    })
}

fn policy() -> Value {
    json!({
        "version": 3, "suspiciousFrom": 1, "fraudFrom": 100, "suspiciousAction": "REVIEW", "fraudAction": "BLOCK",
        "reviewExpiresAfterSeconds": 86_400, "reviewExpiryDecision": "REJECT", "fourEyesAbove": 20_000_000,
        "author": "usr_1", "reason": "first", "createdAt": "2026-11-25T10:00:00Z",
    })
}

#[tokio::test]
async fn a_case_shows_what_it_is_decided_by_and_takes_a_decision_once() {
    let world = world();
    let mut desk = staff(&world, "FraudAnalyst").await;
    let path = format!("/console/reviews/{CASE}");
    let page = desk.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    for text in [
        "Rp 30.000.000",
        "What is about to be paid",
        "is_new_device",
        "&lt;script&gt;",
        "Two people must approve.",
    ] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(!page.body.contains("<script>"), "{}", page.body);
    let first = json!({ "needsSecond": true,
        "decisions": [{ "decision": "APPROVE", "by": "usr_1", "note": "fine", "at": "2026-11-25T11:30:00Z" }] });
    world.data("approveReview", case(&first));
    world.data("reviewCase", case(&first));
    let sent = desk
        .send(&page, &format!("{path}/approve"), &[("note", " Known. ")])
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let call = world.calls("approveReview").remove(0);
    assert_eq!(call.variables, json!({ "caseId": CASE, "note": "Known." }));
    assert_eq!(call.token.as_deref(), Some("Bearer access-1"));
    let next = sent.location().to_owned();
    let page = desk.get(&next).await;
    assert!(page.body.contains("A second person must approve"), "{}", page.body);
    assert!(
        !page.body.contains(">Approve</button>"),
        "the same person is not asked twice"
    );
}

#[tokio::test]
async fn a_decision_that_is_refused_is_told_with_the_note_kept() {
    let world = world();
    let mut desk = staff(&world, "Admin").await;
    let path = format!("/console/reviews/{CASE}");
    let page = desk.get(&path).await;
    world.refuse("approveReview", "CONFLICT", json!({}));
    let action = format!("{path}/approve");
    let answer = desk.send(&page, &action, &[("note", "My <words>")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in ["It has changed in the meantime", "My &lt;words&gt;"] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    let forged = desk.post(&action, &[("note", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    assert_eq!(world.calls("approveReview").len(), 1);
}

#[tokio::test]
async fn what_a_role_may_not_do_is_not_offered() {
    let world = world();
    world.data("fraudListEntries", json!([]));
    let case_path = format!("/console/reviews/{CASE}");
    let mut desk = staff(&world, "Support").await;
    for path in [case_path.as_str(), "/console/fraud/lists", "/console/fraud/policy"] {
        let page = desk.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let main = page.body.split_once("<main").unwrap().1;
        assert!(!main.contains("method=\"post\""), "{path}: {main}");
    }
    let own = case(&json!({ "userId": "usr_1" }));
    world.data("reviewCase", own);
    let mut analyst = staff(&world, "FraudAnalyst").await;
    let page = analyst.get(&case_path).await;
    assert!(page.body.contains("a payment of your own"), "{}", page.body);
    assert!(!page.body.contains("/approve"), "{}", page.body);
    let policy = analyst.get("/console/fraud/policy").await;
    assert!(policy.body.contains("Only an admin changes the policy."));
    let mut buyer = world.buyer().await;
    let refused = buyer.get(&case_path).await;
    assert_eq!(
        refused.status,
        StatusCode::SEE_OTHER,
        "the wallet app's session is none of the console's"
    );
}

#[tokio::test]
async fn a_part_that_cannot_be_had_leaves_the_page() {
    let world = world();
    world.down("fraudPolicy");
    let mut desk = staff(&world, "FraudAnalyst").await;
    let page = desk.get(&format!("/console/reviews/{CASE}")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("new_device"), "{}", page.body);
    world.down("reviewCases");
    let page = desk.get("/console/reviews").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("the service does not answer"), "{}", page.body);
    world.down("fraudLog");
    let page = desk.get(&format!("/console/fraud/logs/{LOG}")).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn filters_are_asked_for_as_they_were_meant_or_not_at_all() {
    let world = world();
    world.data("getFraudLogs", json!([log()]));
    world.data("fraudLogCount", json!({ "total": 10_000, "isExact": false }));
    let mut desk = staff(&world, "Support").await;
    let query = "status=FRAUD&rule=large&user=usr_9&from=2026-11-24&to=2026-11-25&score_from=5&score_to=90\
                 &amount_from=10.000&amount_to=&sort=HIGHEST_SCORE&after=frd_0";
    let page = desk.get(&format!("/console/fraud/logs?{query}")).await;
    assert!(page.body.contains("10,000 or more checks"), "{}", page.body);
    let asked = world.calls("getFraudLogs").remove(0).variables;
    assert_eq!(
        asked,
        json!({
            "first": 26, "after": "frd_0", "sort": "HIGHEST_SCORE", "status": "FRAUD", "rule": "large", "userId": "usr_9",
            "from": "2026-11-23T17:00:00.000000Z", "to": "2026-11-25T17:00:00.000000Z", "minScore": 5, "maxScore": 90,
            "minAmount": 10_000, "maxAmount": null,
        })
    );
    for wrong in ["score_from=101", "amount_to=much", "from=25-11-2026"] {
        let page = desk.get(&format!("/console/fraud/logs?{wrong}")).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(page.body.contains("aria-invalid"), "{wrong}");
    }
    assert_eq!(world.calls("getFraudLogs").len(), 1);
}

#[tokio::test]
async fn an_expression_that_is_wrong_is_marked_and_not_saved() {
    let world = world();
    let wrong = json!({ "isValid": false, "problem": "there is no fact `amonut`", "column": 8 });
    world.data("checkFraudExpression", wrong);
    let mut desk = staff(&world, "FraudAnalyst").await;
    let page = desk.get("/console/fraud/rules/new").await;
    let fields = [
        ("name", "same"),
        ("description", "d"),
        ("expression", "true &&\n amonut > 5.0"),
        ("score", "30"),
        ("action", "SCORE"),
        ("state", "SHADOW"),
        ("reason", "why"),
        ("do", "save"),
    ];
    let answer = desk.send(&page, "/console/fraud/rules/new", &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for text in ["Column 8", "there is no fact `amonut`", "\n<strong>       ^</strong>"] {
        assert!(answer.body.contains(text), "{text}: {}", answer.body);
    }
    assert!(world.calls("createFraudRule").is_empty());
}

#[tokio::test]
async fn a_policy_that_is_refused_stays_as_it_was_typed() {
    let world = world();
    world.refuse("setFraudPolicy", "BAD_USER_INPUT", json!({ "field": "fraudFrom" }));
    let mut chief = staff(&world, "Admin").await;
    let page = chief.get("/console/fraud/policy").await;
    for above in ["59.000", "much"] {
        let fields = [
            ("suspicious_from", "37"),
            ("suspicious_action", "BLOCK"),
            ("fraud_from", "36"),
            ("fraud_action", "ALLOW"),
            ("expires", "7261"),
            ("expiry", "APPROVE"),
            ("above", above),
            ("reason", "Because <we> said so"),
        ];
        let answer = chief.send(&page, "/console/fraud/policy", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        for text in [
            "value=\"37\"",
            "value=\"36\"",
            "value=\"7261\"",
            "<option value=\"APPROVE\" selected",
            "Because &lt;we&gt; said so",
            &format!("value=\"{above}\""),
        ] {
            assert!(answer.body.contains(text), "{text}: {}", answer.body);
        }
        // What is in force is shown beside it.
        assert!(answer.body.contains("24 h"), "{}", answer.body);
    }
    assert_eq!(
        world.calls("setFraudPolicy").len(),
        1,
        "what cannot be read is not sent"
    );
}

#[tokio::test]
async fn a_rule_that_is_not_asked_is_marked() {
    let world = world();
    let rule = |name: &str, problem: Value, could_not_say: i64| {
        json!({
            "name": name, "version": 1, "description": "d", "expression": "amount > 1.0", "score": 10, "action": "SCORE",
            "state": "ACTIVE", "author": "usr_1", "reason": "r", "createdAt": "2026-11-25T10:00:00Z",
            "problem": problem, "couldNotSay": could_not_say,
        })
    };
    let broken = rule("from_tomorrow", json!("there is no fact `<planets>`"), 0);
    world.data(
        "fraudRules",
        json!([
            rule("good", Value::Null, 0),
            broken.clone(),
            rule("divides", Value::Null, 1_204)
        ]),
    );
    world.data("fraudRuleVersions", json!([broken]));
    let mut desk = staff(&world, "Support").await;
    let list = desk.get("/console/fraud/rules").await;
    assert_eq!(list.body.matches("class=\"mistake\"").count(), 2, "{}", list.body);
    for text in [
        "Counts as off",
        "there is no fact `&lt;planets&gt;`",
        "Could not say of 1,204 checks",
    ] {
        assert!(list.body.contains(text), "{text}: {}", list.body);
    }
    let one = desk.get("/console/fraud/rules/from_tomorrow").await;
    assert!(one.body.contains("Counts as off"), "{}", one.body);
}
