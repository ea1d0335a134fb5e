//! Auth, the fraud service and history, as far as payments know them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use serde_json::{Value, json};

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

/// A fraud check that says what it is told, and to the same transaction the same.
#[derive(Clone, Default)]
pub struct Fraud {
    inner: Arc<Mutex<Checks>>,
}

#[derive(Default)]
struct Checks {
    status: Option<&'static str>,
    decided: BTreeMap<String, (&'static str, Value)>,
}

impl Fraud {
    /// What it says to transactions that it sees for the first time.
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
        checks.decided.values().map(|(_, input)| input.clone()).collect()
    }

    /// Its HTTP side.
    pub fn router(&self, faults: &Faults) -> Router {
        let this = self.clone();
        let check = move |_: &'static str, variables: &Value| {
            let mut checks = this.inner.lock().unwrap();
            let status = checks.status.unwrap_or("SAFE");
            let inputs = variables["inputs"].as_array().expect("a list");
            let decisions = inputs.iter().map(|input| {
                let id = input["transactionId"].as_str().expect("a text").to_owned();
                let (status, _) = checks.decided.entry(id.clone()).or_insert((status, input.clone()));
                json!({ "transactionId": id, "status": status })
            });
            Ok(decisions.collect())
        };
        peer::router(faults, Arc::new(check))
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
