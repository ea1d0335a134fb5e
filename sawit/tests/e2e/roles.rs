//! I5: who may do what, over the gateway, for every operation there is and everybody who can call it.

mod document;
mod stage;
mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::person::{PASSWORD, text};
use testkit::provider::RunMode;

use crate::world::World;
use stage::{LOGIN, Stage};

/// Everybody who can call, in the order of the table's columns.
pub(crate) const CALLERS: [&str; 9] = [
    "nobody",
    "the customer whose it is",
    "another customer",
    "the merchant whose it is",
    "another merchant",
    "support",
    "a fraud analyst",
    "an admin",
    "a service",
];

/// What each of [`CALLERS`] is answered: `OK`, `NULL` (no error, and nothing shown), or an error's code. With a `*` behind
/// it: the operation is open to them, and that is what becomes of these arguments.
type Expected = [&'static str; 9];

/// An operation: its kind, its field with arguments and selection, the variables' types, and what callers get.
type Operation = (&'static str, &'static str, &'static str, Expected);

/// The name of an operation's field.
fn name_of(field: &str) -> &str {
    field.split([' ', '(']).next().unwrap_or(field)
}

impl Stage {
    /// Who is answered otherwise than the table says.
    async fn check(&mut self, (kind, field, types, expected): Operation) -> Vec<String> {
        let mut otherwise = Vec::new();
        let signature = if types.is_empty() {
            String::new()
        } else {
            format!("({types})")
        };
        let document = format!("{kind}{signature} {{ {field} }}");
        let name = name_of(field);
        let shared = self.variables(types).await;
        for ((who, api), expect) in CALLERS.into_iter().zip(self.callers()).zip(expected) {
            // What one caller used up is made anew for the next.
            let variables = if expect == "OK" {
                self.variables(types).await
            } else {
                shared.clone()
            };
            let answer = api.send(&document, variables).await;
            let found = match answer.code() {
                "OK" if answer.body["data"][name].is_null() => "NULL",
                code => code,
            };
            if found != expect.trim_end_matches('*') {
                otherwise.push(format!("{name} by {who}: {found} instead of {expect}"));
            }
        }
        otherwise
    }
}

#[tokio::test]
async fn i5_every_operation_is_open_to_those_it_is_meant_for_and_nobody_else() {
    let world = World::start(RunMode::Up).await;
    let mut stage = Stage::set(&world).await;
    let schema = "query { __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let schema = world.gateway().send(schema, json!({})).await.data()["__schema"].clone();
    let fields = ["queryType", "mutationType"].map(|kind| schema[kind]["fields"].as_array().expect("fields").clone());
    let offered: BTreeSet<String> = fields.concat().iter().map(|field| text(&field["name"])).collect();
    let in_table: BTreeSet<String> = table::table()
        .iter()
        .map(|(_, field, ..)| name_of(field).to_owned())
        .collect();
    assert_eq!(in_table, offered, "every operation stands in the table");

    let mut otherwise = Vec::new();
    for operation in table::table() {
        if name_of(operation.1) == "disableUser" {
            check_disabling(&stage, operation).await;
        } else {
            otherwise.extend(stage.check(operation).await);
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
    world.close().await;
}

/// The owner of an account that was disabled cannot make a stage for the next caller, so this row has a loop of its own.
async fn check_disabling(stage: &Stage, (kind, field, types, expected): Operation) {
    let document = format!("{kind}({types}) {{ {field} }}");
    let variables = json!({ "userId": stage.owner.user_id });
    for ((who, api), expect) in CALLERS.into_iter().zip(stage.callers()).zip(expected) {
        let answer = api.send(&document, variables.clone()).await;
        assert_eq!(answer.code(), expect, "{who}: {:#}", answer.body);
    }
    let login_variables = json!({ "email": stage.owner.email, "password": PASSWORD });
    assert_ne!(stage.nobody.send(LOGIN, login_variables).await.code(), "OK");
}

#[tokio::test]
async fn i5_nobody_sees_another_customers_money() {
    let world = World::start(RunMode::Served).await;
    let (naruto, sasuke) = (world.person("naruto", 1_000).await, world.person("sasuke", 1_000).await);
    let paid = naruto
        .transact(naruto.payment(&naruto.invoice(1).await, 1, Some("k")))
        .await;
    let entries = naruto.history_of(&text(&paid["transactionId"])).await;
    assert!(sasuke.transaction(&text(&paid["transactionId"])).await.is_none());
    assert!(
        sasuke
            .history()
            .await
            .iter()
            .all(|entry| entry["userId"] == sasuke.user_id)
    );
    assert!(
        sasuke
            .transactions()
            .await
            .iter()
            .all(|made| made["userId"] == sasuke.user_id)
    );
    // A cursor of somebody else's opens nothing.
    for (document, cursor) in [
        (
            "query($after: String) { myTransactions(after: $after) { userId } }",
            &paid["transactionId"],
        ),
        (
            "query($after: String) { myHistory(after: $after) { userId } }",
            &entries[0]["historyId"],
        ),
        (
            "query($after: String) { myWallets(after: $after) { userId } }",
            &json!(naruto.wallet_id),
        ),
    ] {
        let answer = sasuke.api.send(document, json!({ "after": cursor })).await;
        let lists = answer.body["data"].as_object().cloned().unwrap_or_default();
        for entry in lists.values().filter_map(Value::as_array).flatten() {
            assert_eq!(entry["userId"], json!(sasuke.user_id), "{document}");
        }
    }
    // Pay from one's own wallet only, and to nobody's harm with somebody else's key.
    let mut theft = sasuke.transfer(&sasuke.wallet_id, 100, Some("k"));
    theft["walletId"] = json!(naruto.wallet_id);
    assert_eq!(sasuke.ask_transact(theft).await.code(), "NOT_FOUND");
    assert_eq!((naruto.balance().await, sasuke.balance().await), (999, 1_000));
    world.close().await;
}
