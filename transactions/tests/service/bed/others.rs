//! Auth, the fraud service and history, as far as payments know them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use serde_json::{Value, json};
use service::Clock;

use super::faults::Faults;
use super::peer;

/// An auth that knows every user but two.
#[derive(Clone, Default)]
pub struct Auth {
    owners: Arc<Mutex<Vec<String>>>,
}

impl Auth {
    /// Nobody has this id.
    pub const NOBODY: &str = "usr_nobody";
    /// An admin has locked this one out.
    pub const DISABLED: &str = "usr_disabled";

    /// Who was made a merchants' owner, as often as they were.
    pub fn owners(&self) -> Vec<String> {
        self.owners.lock().unwrap().clone()
    }

    /// Its HTTP side.
    pub fn router(&self, faults: &Faults) -> Router {
        let this = self.clone();
        let grant = move |_: &'static str, variables: &Value| match variables["userId"].as_str().expect("a text") {
            Self::NOBODY => Err("NOT_FOUND"),
            Self::DISABLED => Err("CONFLICT"),
            user_id => {
                this.owners.lock().unwrap().push(user_id.to_owned());
                Ok(json!(true))
            }
        };
        peer::router(faults, Arc::new(grant))
    }
}

/// A fraud check that says what it is told, and to the same transaction the same. It keeps what became of transactions.
#[derive(Clone)]
pub struct Fraud {
    inner: Arc<Mutex<Checks>>,
    clock: Clock,
}

#[derive(Default)]
struct Checks {
    status: Option<&'static str>,
    decided: BTreeMap<String, Decided>,
    told: BTreeMap<(String, String, String), Value>,
}

struct Decided {
    status: &'static str,
    review_expires_at: i64,
    input: Value,
}

impl Fraud {
    /// How long its reviews may take.
    pub const REVIEW_TAKES: Duration = Duration::from_secs(24 * 3_600);

    /// One that goes by this clock.
    pub fn new(clock: Clock) -> Self {
        Self {
            inner: Arc::default(),
            clock,
        }
    }

    /// What it says to transactions that it sees for the first time: SAFE, SUSPICIOUS, FRAUD, or REVIEW.
    pub fn says(&self, status: &'static str) {
        self.inner.lock().unwrap().status = Some(status);
    }

    /// The same to all transactions, as one does that lost its memory.
    pub fn forgets_and_says(&self, status: &'static str) {
        self.says(status);
        self.inner.lock().unwrap().decided.clear();
    }

    /// Every payment that was checked, as it was asked about.
    pub fn checked(&self) -> Vec<Value> {
        let checks = self.inner.lock().unwrap();
        checks.decided.values().map(|decided| decided.input.clone()).collect()
    }

    /// The events that it was told of a transaction, in the order of their names.
    pub fn told_of(&self, transaction_id: &str) -> Vec<String> {
        let checks = self.inner.lock().unwrap();
        let told = checks.told.keys().filter(|(id, ..)| id == transaction_id);
        told.map(|(_, event, _)| event.clone()).collect()
    }

    /// Its HTTP side.
    pub fn router(&self, faults: &Faults) -> Router {
        let this = self.clone();
        let call = move |operation: &'static str, variables: &Value| match operation {
            "recordOutcomes" => Ok(this.record(variables)),
            _ => Ok(this.check(variables)),
        };
        peer::router(faults, Arc::new(call))
    }

    fn check(&self, variables: &Value) -> Value {
        let mut checks = self.inner.lock().unwrap();
        let status = checks.status.unwrap_or("SAFE");
        let review_expires_at = self.clock.now().after(Self::REVIEW_TAKES).micros();
        let inputs = variables["inputs"].as_array().expect("a list");
        let decisions = inputs.iter().map(|input| {
            let id = input["transactionId"].as_str().expect("a text").to_owned();
            let decided = checks.decided.entry(id.clone()).or_insert(Decided {
                status,
                review_expires_at,
                input: input.clone(),
            });
            let action = match decided.status {
                "FRAUD" => "BLOCK",
                "REVIEW" => "REVIEW",
                _ => "ALLOW",
            };
            let expires_at = (action == "REVIEW").then_some(decided.review_expires_at);
            json!({ "transactionId": id, "action": action, "reviewExpiresAt": expires_at })
        });
        decisions.collect()
    }

    fn record(&self, variables: &Value) -> Value {
        let mut checks = self.inner.lock().unwrap();
        let outcomes = variables["outcomes"].as_array().expect("a list");
        for outcome in outcomes {
            let name = |field: &str| outcome[field].as_str().unwrap_or_default().to_owned();
            let key = (name("transactionId"), name("event"), name("operationId"));
            let known = checks.told.entry(key).or_insert_with(|| outcome.clone());
            assert_eq!(known, outcome, "the same event is told the same way");
        }
        json!(outcomes.len())
    }
}

/// A history that keeps entries by their keys.
#[derive(Clone, Default)]
pub struct History {
    entries: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl History {
    /// The keys of all entries.
    pub fn keys(&self) -> Vec<String> {
        self.entries.lock().unwrap().keys().cloned().collect()
    }

    /// The entry with a key.
    pub fn entry(&self, key: &str) -> Option<Value> {
        self.entries.lock().unwrap().get(key).cloned()
    }

    /// Its HTTP side.
    pub fn router(&self, faults: &Faults) -> Router {
        let this = self.clone();
        let append = move |_: &'static str, variables: &Value| {
            let mut entries = this.entries.lock().unwrap();
            let inputs = variables["inputs"].as_array().expect("a list");
            let ids = inputs.iter().map(|input| {
                let key = input["entryKey"].as_str().expect("a text").to_owned();
                let known = entries.entry(key).or_insert(input.clone());
                assert_eq!(known, input, "the same key stands for the same entry");
                json!("hst_1")
            });
            Ok(ids.collect())
        };
        peer::router(faults, Arc::new(append))
    }
}
