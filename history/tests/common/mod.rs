//! A history service of its own for each test.

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::Path;

use history::History;
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::Role;
use service::{Clock, Settings, Timestamp};
use testkit::graphql::{Answer, Api};
use testkit::tokens::Signer;
use tokio_util::sync::CancellationToken;

/// 2026-11-19T09:06:40Z.
pub const START: i64 = 1_795_079_200_000_000;
pub const MINUTE: i64 = 60_000_000;

pub struct World {
    pub api: Api,
    pub clock: Clock,
    pub history: History,
    pub signer: Signer,
    pub folder: tempfile::TempDir,
    pub admin: String,
    pub narto: String,
    pub sasuke: String,
    pub service: String,
}

impl World {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new(folder.path().join("keys"));
        let clock = Clock::manual(Timestamp::from_micros(START));
        let history = start(folder.path(), &signer, &clock).await;
        Self {
            api: Api::new(history.router()),
            admin: signer.user("usr_admin", Role::Admin),
            narto: signer.user("usr_narto", Role::Nasabah),
            sasuke: signer.user("usr_sasuke", Role::Nasabah),
            service: signer.service("transactions"),
            clock,
            history,
            signer,
            folder,
        }
    }

    /// Stops the service, lets `tamper` at its file, and starts it again on what is left.
    pub async fn restart(&mut self, tamper: impl FnOnce(&rusqlite::Connection)) {
        self.history.close().await;
        // The file stays locked until the last handle of it is gone.
        self.api = Api::new(axum::Router::new());
        let parked = tempfile::tempdir().unwrap();
        self.history = start(parked.path(), &self.signer, &self.clock).await;
        tamper(&rusqlite::Connection::open(self.folder.path().join("data/history.db")).unwrap());
        self.history = start(self.folder.path(), &self.signer, &self.clock).await;
        self.api = Api::new(self.history.router());
    }

    pub async fn ask(&self, token: &str, document: &str) -> Answer {
        self.api.public(Some(token), document, json!({})).await
    }

    /// Appends entries as the orchestrator does and answers their ids.
    pub async fn append(&self, inputs: Vec<Value>) -> Vec<String> {
        let answer = self.try_append(inputs).await;
        let ids = answer.data()["appendEntries"].as_array().unwrap();
        ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    pub async fn try_append(&self, inputs: Vec<Value>) -> Answer {
        self.api
            .internal(Some(&self.service), APPEND, json!({ "inputs": inputs }))
            .await
    }

    /// The transactions of narto's list.
    pub async fn list(&self, arguments: &str) -> Vec<String> {
        let document = format!("{{ myHistory{arguments} {{ transactionId }} }}");
        let answer = self.ask(&self.narto, &document).await;
        let records = answer.data()["myHistory"].as_array().unwrap();
        records
            .iter()
            .map(|record| record["transactionId"].as_str().unwrap().to_owned())
            .collect()
    }

    /// `ok firstBadSequence lastSequence` of the whole trail.
    pub async fn verify(&self) -> (bool, Option<i64>, i64) {
        let document = "{ verifyHistory(first: 10000) { ok firstBadSequence lastSequence } }";
        let answer = self.ask(&self.admin, document).await;
        let verdict = &answer.data()["verifyHistory"];
        (
            verdict["ok"].as_bool().unwrap(),
            verdict["firstBadSequence"].as_i64(),
            verdict["lastSequence"].as_i64().unwrap(),
        )
    }
}

pub const APPEND: &str = "mutation ($inputs: [HistoryEntryInput!]!) { appendEntries(inputs: $inputs) }";

async fn start(folder: &Path, signer: &Signer, clock: &Clock) -> History {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let sources = Sources::from_pairs([
        ("SAWIT_DATA_DIR".to_owned(), path("data")),
        ("SAWIT_KEYS_DIR".to_owned(), path("keys")),
    ]);
    let settings = Settings::load(&sources).unwrap();
    History::start(
        &settings,
        signer.verifier(clock),
        clock.clone(),
        CancellationToken::new(),
    )
    .await
    .unwrap()
}

/// Narto's payment of 20,000 in the minute of this number.
pub fn payment(number: i64) -> Value {
    json!({
        "entryKey": format!("trx_{number}:SUCCESS:usr_narto"), "transactionId": format!("trx_{number}"),
        "userId": "usr_narto", "amountMinor": 2_000_000, "currency": "IDR", "kind": "PAYMENT", "status": "SUCCESS",
        "vaNumber": format!("DS-8800{number}"), "direction": "OUT", "walletId": "wal_1",
        "counterparty": "BlackDoctrine", "failureCode": null, "occurredAt": START + number * MINUTE,
    })
}

/// The same, refused: an entry of which no field is empty.
pub fn refused(number: i64) -> Value {
    let key = format!("trx_{number}:FAILED:usr_narto");
    let failed = with(with(payment(number), "entryKey", json!(key)), "status", json!("FAILED"));
    with(failed, "failureCode", json!("INSUFFICIENT_FUNDS"))
}

/// The same with one field changed.
pub fn with(mut input: Value, field: &str, value: Value) -> Value {
    input[field] = value;
    input
}
