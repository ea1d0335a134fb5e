//! What an endpoint does with documents that the GraphQL library would misunderstand, seen by what was really run.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use async_graphql::{Context, EmptySubscription, InputObject, Object, Schema, ValidationMode};
use serde_json::{Value, json};
use service::{Clock, ServiceName, endpoint};
use testkit::graphql::{Answer, Api};
use testkit::tokens::Signer;

type Count = Arc<AtomicI32>;

struct Query;

#[Object]
impl Query {
    async fn count(&self, context: &Context<'_>, list: Option<Vec<i32>>) -> Option<i32> {
        let _ = list;
        Some(context.data_unchecked::<Count>().load(Ordering::SeqCst))
    }
}

#[derive(InputObject)]
struct Order {
    amount: i32,
    payees: Option<Vec<Payee>>,
}

#[derive(InputObject)]
struct Payee {
    share: i32,
}

struct Mutation;

#[Object]
impl Mutation {
    async fn pay(&self, context: &Context<'_>, by: Option<i32>) -> async_graphql::Result<Option<i32>> {
        let by = by.unwrap_or(1);
        if by == 0 {
            return Err(service::ApiError::bad_input("nothing to pay").into());
        }
        Ok(Some(
            context.data_unchecked::<Count>().fetch_add(by, Ordering::SeqCst) + by,
        ))
    }

    async fn settle(&self, context: &Context<'_>, orders: Vec<Order>) -> Option<i32> {
        let shares = |order: &Order| order.payees.iter().flatten().map(|payee| payee.share).sum::<i32>();
        let sum = orders.iter().map(|order| order.amount + shares(order)).sum();
        Some(context.data_unchecked::<Count>().fetch_add(sum, Ordering::SeqCst) + sum)
    }
}

struct World {
    count: Count,
    api: Api,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let verifier = Signer::new(folder.path()).verifier(&Clock::system());
        let count = Count::default();
        let schema = |validation| {
            Schema::build(Query, Mutation, EmptySubscription)
                .validation_mode(validation)
                .data(Arc::clone(&count))
                .finish()
        };
        let api = Api::new(endpoint::router(
            ServiceName::Wallet,
            &verifier,
            schema(ValidationMode::Strict),
            schema,
        ));
        Self {
            count,
            api,
            _folder: folder,
        }
    }

    /// Sends a document to both endpoints and answers how often each paid, and whether without an error.
    async fn paid_each(&self, query: &str, variables: &Value) -> [(i32, bool); 2] {
        let mut paid = [(0, false); 2];
        for (paid, path) in paid.iter_mut().zip(["/graphql", "/internal/graphql"]) {
            self.count.store(0, Ordering::SeqCst);
            let body = json!({ "query": query, "variables": variables });
            let answer = self.api.post(path, None, body).await;
            *paid = (self.count.load(Ordering::SeqCst), answer.code() == "OK");
        }
        paid
    }

    /// Sends a document to both endpoints and answers how often it paid, which must be the same.
    async fn paid(&self, query: &str, variables: Value) -> (i32, Answer) {
        let mut paid = Vec::new();
        let mut answers = Vec::new();
        for path in ["/graphql", "/internal/graphql"] {
            self.count.store(0, Ordering::SeqCst);
            let body = json!({ "query": query, "variables": variables });
            answers.push(self.api.post(path, None, body).await);
            paid.push(self.count.load(Ordering::SeqCst));
        }
        assert_eq!(paid[0], paid[1], "{query}");
        assert_eq!(answers[0].code(), answers[1].code(), "{query}");
        (paid[0], answers.swap_remove(0))
    }
}

#[tokio::test]
async fn a_mutation_that_stands_there_twice_is_not_run_twice() {
    let world = World::new();
    let table = [
        ("mutation { pay }", 1, "OK"),
        ("mutation { pay again: pay }", 2, "OK"),
        ("mutation { pay pay }", 0, "BAD_USER_INPUT"),
        ("mutation { pay ... on Mutation { pay } }", 0, "BAD_USER_INPUT"),
        (
            "mutation { pay ...F } fragment F on Mutation { pay }",
            0,
            "BAD_USER_INPUT",
        ),
        (
            "mutation { ...F ...F } fragment F on Mutation { pay }",
            0,
            "BAD_USER_INPUT",
        ),
        ("mutation { failed: pay(by: 0) pay }", 1, "BAD_USER_INPUT"),
    ];
    for (query, expect, code) in table {
        let (paid, answer) = world.paid(query, json!({})).await;
        assert_eq!((paid, answer.code()), (expect, code), "{query}: {}", answer.body);
    }
}

#[tokio::test]
async fn what_is_to_be_skipped_is_skipped_by_default_and_never_by_mistake_run() {
    let world = World::new();
    let skip = |declared: &str| format!("mutation ($dry: {declared}) {{ pay @skip(if: $dry) }}");
    let include = |declared: &str| format!("mutation ($real: {declared}) {{ pay @include(if: $real) }}");
    let table = [
        (skip("Boolean! = true"), json!({}), 0, "OK"),
        (skip("Boolean! = true"), json!({ "dry": false }), 1, "OK"),
        (skip("Boolean = true"), json!({}), 0, "OK"),
        (include("Boolean! = false"), json!({}), 0, "OK"),
        (include("Boolean! = true"), json!({}), 1, "OK"),
        (skip("Boolean!"), json!({}), 0, "BAD_USER_INPUT"),
        (skip("Boolean!"), json!({ "dry": null }), 0, "BAD_USER_INPUT"),
        (skip("Boolean!"), json!({ "dry": "yes" }), 0, "BAD_USER_INPUT"),
    ];
    for (query, variables, expect, code) in table {
        let (paid, answer) = world.paid(&query, variables.clone()).await;
        assert_eq!(
            (paid, answer.code()),
            (expect, code),
            "{query} {variables}: {}",
            answer.body
        );
    }
    let (paid, _) = world.paid("mutation ($by: Int = 7) { pay(by: $by) }", json!({})).await;
    assert_eq!(paid, 7);
}

#[tokio::test]
async fn a_document_that_explodes_is_refused_before_it_does() {
    let world = World::new();
    let nested = |levels| format!("{{ count(list: {}{}) }}", "[".repeat(levels), "]".repeat(levels));
    let doubling: String = (0..30)
        .map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1))
        .collect();
    let table = [
        (nested(5_000), "brackets"),
        (nested(60_000), "brackets"),
        (format!("{{ {} }}", "count ".repeat(20_000)), "tokens"),
        (
            format!("{{ ...F0 }} {doubling} fragment F30 on Query {{ count }}"),
            "written out",
        ),
        ("{ ...F } fragment F on Query { count ...F ...F }".to_owned(), "deeper"),
    ];
    for (query, reason) in table {
        let (_, answer) = world.paid(&query, json!({})).await;
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
        let message = answer.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(reason), "{message}");
    }
    // As deep as is allowed, the parser has stack enough.
    let (_, answer) = world.paid(&nested(90), json!({})).await;
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("expected type \"Int\""), "{message}");
}

#[tokio::test]
async fn a_document_that_is_none_is_told_where() {
    let world = World::new();
    let (_, answer) = world.paid("{ count", json!({})).await;
    assert_eq!(answer.code(), "GRAPHQL_PARSE_FAILED");
    assert_eq!(answer.body["errors"][0]["locations"][0]["line"], 1);
}

#[tokio::test]
async fn a_document_that_was_valid_before_runs_with_no_variables_that_it_must_not_have() {
    const SETTLE: &str = "mutation ($orders: [Order!]!) { settle(orders: $orders) }";
    let world = World::new();
    let bad = [
        json!({}),
        json!({ "orders": null }),
        json!({ "orders": [null] }),
        json!({ "orders": [{ "amount": "1" }] }),
        json!({ "orders": [{ "amount": null }] }),
        json!({ "orders": [{ "payees": [] }] }),
        json!({ "orders": [{ "amount": 1 }, { "amount": 1, "amonut": 2 }] }),
        json!({ "orders": [{ "amount": 1, "payees": [{ "share": 1, "of": 2 }] }] }),
        json!({ "orders": [{ "amount": 1, "payees": [{}] }] }),
        json!({ "orders": [{ "amount": 99999999999_i64 }] }),
    ];
    let good = json!({ "orders": [{ "amount": 2, "payees": [{ "share": 3 }] }, { "amount": 4, "payees": null }] });
    for round in ["never seen", "found invalid", "proven"] {
        if round == "proven" {
            assert_eq!(world.paid_each(SETTLE, &good).await, [(9, true), (9, true)]);
        }
        for variables in &bad {
            let paid = world.paid_each(SETTLE, variables).await;
            assert_eq!(paid, [(0, false), (0, false)], "{round}: {variables}");
        }
    }
    assert_eq!(world.paid_each(SETTLE, &good).await, [(9, true), (9, true)]);
    for _ in 0..2 {
        let paid = world
            .paid_each("mutation { settle(orders: [{ amount: 1, x: 1 }]) }", &json!({}))
            .await;
        assert_eq!(paid, [(0, false), (0, false)]);
        let paid = world.paid_each("mutation { pay nothing }", &json!({})).await;
        assert_eq!(paid, [(0, false), (0, false)]);
    }
}
