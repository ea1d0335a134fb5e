//! A fraud service of its own for each test.

#![allow(dead_code, reason = "each test program uses a part")]

use std::path::Path;

use fraud::Fraud;
use peer::{Peer, ServiceTokens, Upstream};
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::Role;
use service::{Clock, Secret, ServiceName, Settings, Timestamp};
use testkit::graphql::{Answer, Api};
use testkit::peers::{Call, FakePeer, Reply};
use testkit::tokens::Signer;
use tokio_util::sync::CancellationToken;

/// 2026-11-19T09:06:40Z.
pub const START: i64 = 1_795_079_200_000_000;

pub struct World {
    pub api: Api,
    pub clock: Clock,
    pub fraud: Fraud,
    /// The other end of what the desk decides: takes all of it.
    pub transactions: FakePeer,
    pub signer: Signer,
    pub folder: tempfile::TempDir,
    pub admin: String,
    pub nasabah: String,
    pub service: String,
}

impl World {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::new(folder.path().join("keys"));
        let clock = Clock::manual(Timestamp::from_micros(START));
        let transactions = FakePeer::new(take_reviews);
        let fraud = start(folder.path(), &signer, &clock, &transactions).await;
        Self {
            api: Api::new(fraud.router()),
            admin: signer.user("usr_admin", Role::Admin),
            nasabah: signer.user("usr_nasabah", Role::Nasabah),
            service: signer.service("transactions"),
            clock,
            fraud,
            transactions,
            signer,
            folder,
        }
    }

    /// Stops the service and starts it again on the same file.
    pub async fn restart(&mut self) {
        self.fraud.close().await;
        // The file stays locked until the last handle of it is gone.
        self.api = Api::new(axum::Router::new());
        let parked = tempfile::tempdir().unwrap();
        self.fraud = start(parked.path(), &self.signer, &self.clock, &self.transactions).await;
        self.fraud = start(self.folder.path(), &self.signer, &self.clock, &self.transactions).await;
        self.api = Api::new(self.fraud.router());
    }

    pub async fn as_admin(&self, document: &str) -> Answer {
        self.api.public(Some(&self.admin), document, json!({})).await
    }

    pub async fn as_service(&self, document: &str, variables: Value) -> Answer {
        self.api.internal(Some(&self.service), document, variables).await
    }

    /// Sets a policy: the one in force with these changes.
    pub async fn set_policy(&self, changes: Value) {
        const FIELDS: &str = "suspiciousFrom fraudFrom suspiciousAction fraudAction reviewExpiresAfterSeconds
            reviewExpiryDecision fourEyesAbove";
        let current = self
            .as_admin(&format!("{{ fraudPolicy {{ version {FIELDS} }} }}"))
            .await;
        let mut input = current.data()["fraudPolicy"].clone();
        input["expectedVersion"] = input["version"].clone();
        input.as_object_mut().unwrap().remove("version");
        input["reason"] = json!("the test wants it");
        for (field, value) in changes.as_object().unwrap() {
            input[field] = value.clone();
        }
        let document = "mutation ($input: FraudPolicyInput!) { setFraudPolicy(input: $input) { version } }";
        let answer = self
            .api
            .public(Some(&self.admin), document, json!({ "input": input }))
            .await;
        answer.data();
    }

    /// Checks transactions and answers the decisions.
    pub async fn check(&self, inputs: Vec<Value>) -> Vec<Value> {
        let answer = self.as_service(CHECK, json!({ "inputs": inputs })).await;
        answer.data()["checkTransactions"].as_array().unwrap().clone()
    }
}

async fn start(folder: &Path, signer: &Signer, clock: &Clock, transactions: &FakePeer) -> Fraud {
    let sources = Sources::from_pairs([(
        "SAWIT_DATA_DIR".to_owned(),
        folder.join("data").to_str().unwrap().to_owned(),
    )]);
    let settings = Settings::load(&sources).unwrap();
    let upstream = Upstream::in_process(transactions.router());
    let tokens = ServiceTokens::new(upstream.clone(), "fraud", Secret::new("secret"));
    Fraud::start(
        &settings,
        signer.verifier(clock),
        clock.clone(),
        Peer::new(ServiceName::Transactions, upstream, tokens),
        CancellationToken::new(),
    )
    .await
    .unwrap()
}

/// Answers as transactions does: with the ids of what it took.
fn take_reviews(call: &Call) -> Reply {
    let resolutions = call.variables["resolutions"].as_array().unwrap().clone();
    let taken: Vec<Value> = resolutions.iter().map(|it| it["transactionId"].clone()).collect();
    Reply::Data(json!({ "resolveReviews": taken }))
}

pub const CHECK: &str = "mutation ($inputs: [FraudCheckInput!]!) {
    checkTransactions(inputs: $inputs) {
        transactionId logId status action reviewExpiresAt score rules reasons reason
    }
}";

/// A payment of an old account without failures.
pub fn payment(transaction_id: &str, user_id: &str, rupiah: i64) -> Value {
    json!({
        "transactionId": transaction_id, "userId": user_id, "amountMinor": rupiah * 100, "currency": "IDR",
        "kind": "PAYMENT", "accountCreatedAt": 1_600_000_000_000_000_i64, "recentFailures": 0,
    })
}
