//! I5: who may do what, over the gateway, for every operation there is.

mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use testkit::client::Client;
use testkit::person::{PASSWORD, Person, open_wallet, text};
use testkit::provider::RunMode;

use crate::world::World;
use table::table;

/// What each caller is answered: nobody (no token), the owner of what is asked for, another customer, an admin.
/// `OK`, `NULL` (no error, and nothing shown), or an error's code.
type Expected = [&'static str; 4];

const LOGIN: &str =
    "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";

/// Everything a document of the table can name. Made anew for every request, so that none changes what the next finds.
struct Stage {
    owner: Person,
    stranger: Person,
    admin: Client,
    nobody: Client,
    count: usize,
}

impl Stage {
    /// A value for every variable that these types name.
    async fn variables(&mut self, types: &str) -> Value {
        self.count += 1;
        let mut variables = json!({});
        let names = types
            .split(", ")
            .filter_map(|variable| variable.strip_prefix('$')?.split(':').next());
        for name in names {
            variables[name] = self.value(name).await;
        }
        variables
    }

    async fn value(&self, name: &str) -> Value {
        match name {
            "walletId" => json!(self.owner.wallet_id),
            "strangersWalletId" => json!(self.stranger.wallet_id),
            "emptyWalletId" => json!(open_wallet(&self.owner.api, "Empty").await),
            "transactionId" => self.paid().await["transactionId"].clone(),
            "historyId" => {
                let transaction_id = text(&self.paid().await["transactionId"]);
                self.owner.history_of(&transaction_id).await[0]["historyId"].clone()
            }
            "logId" => {
                self.paid().await;
                let logs = self
                    .admin
                    .send("query { getFraudLogs(first: 1) { logId } }", json!({}))
                    .await;
                logs.data()["getFraudLogs"][0]["logId"].clone()
            }
            "sessionId" => self.other_session().await,
            "userId" => json!(self.owner.user_id),
            "ownerEmail" => json!(self.owner.email),
            "password" => json!(PASSWORD),
            "name" => json!(format!("new{}", self.count)),
            "email" => json!(format!("new{}@example.com", self.count)),
            other => panic!("nothing is known of ${other}"),
        }
    }

    async fn paid(&self) -> Value {
        let bill = self.owner.invoice(1).await;
        self.owner.transact(self.owner.payment(&bill, 1, None)).await
    }

    async fn other_session(&self) -> Value {
        self.nobody
            .send(LOGIN, json!({ "email": self.owner.email, "password": PASSWORD }))
            .await
            .data();
        let sessions = self
            .owner
            .api
            .send("query { mySessions { sessionId current } }", json!({}))
            .await;
        let sessions = sessions.data()["mySessions"].as_array().expect("a list").clone();
        let other = sessions.iter().find(|session| session["current"] == false);
        other.expect("another session")["sessionId"].clone()
    }

    async fn check(&mut self, field: &str, types: &str, document: &str, expected: Expected) {
        let callers = [
            ("nobody", self.nobody.clone()),
            ("the owner", self.owner.api.clone()),
            ("a stranger", self.stranger.api.clone()),
            ("an admin", self.admin.clone()),
        ];
        let shared = self.variables(types).await;
        for ((who, api), expect) in callers.into_iter().zip(expected) {
            // What one caller used up is made anew for the next.
            let variables = if expect == "OK" {
                self.variables(types).await
            } else {
                shared.clone()
            };
            let answer = api.send(document, variables).await;
            let found = match answer.code() {
                "OK" if answer.body["data"][field].is_null() => "NULL",
                code => code,
            };
            assert_eq!(found, expect, "{field} by {who}: {:#}", answer.body);
        }
    }
}

fn name_of(field: &str) -> &str {
    field.split([' ', '(']).next().unwrap_or(field)
}

#[tokio::test]
async fn i5_every_operation_is_open_to_those_it_is_meant_for_and_nobody_else() {
    let world = World::start(RunMode::Up).await;
    let mut stage = Stage {
        owner: world.person("naruto", 1_000_000).await,
        stranger: world.person("sasuke", 1_000_000).await,
        admin: world.provider.admin().await,
        nobody: world.gateway(),
        count: 0,
    };
    let schema = "query { __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let schema = world.gateway().send(schema, json!({})).await.data()["__schema"].clone();
    let fields = ["queryType", "mutationType"].map(|kind| schema[kind]["fields"].as_array().expect("fields").clone());
    let offered: BTreeSet<String> = fields.concat().iter().map(|field| text(&field["name"])).collect();
    let in_table: BTreeSet<String> = table().iter().map(|(_, field, ..)| name_of(field).to_owned()).collect();
    assert_eq!(in_table, offered, "every operation stands in the table");

    for (kind, field, types, expected) in table() {
        let signature = if types.is_empty() {
            String::new()
        } else {
            format!("({types})")
        };
        let document = format!("{kind}{signature} {{ {field} }}");
        if name_of(field) == "disableUser" {
            check_disabling(&mut stage, &document, expected).await;
        } else {
            stage.check(name_of(field), types, &document, expected).await;
        }
    }
    world.close().await;
}

/// The owner of an account that was disabled cannot make a stage for the next caller, so this row has a loop of its own.
async fn check_disabling(stage: &mut Stage, document: &str, expected: Expected) {
    let variables = json!({ "userId": stage.owner.user_id });
    let callers = [&stage.nobody, &stage.owner.api, &stage.stranger.api, &stage.admin];
    for (api, expect) in callers.into_iter().zip(expected) {
        let answer = api.send(document, variables.clone()).await;
        assert_eq!(answer.code(), expect, "{:#}", answer.body);
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
