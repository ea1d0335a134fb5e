//! What a check costs with fifty active rules and full facts: batches through the service's own internal API, on a
//! real database file.
//!
//! ```sh
//! cargo run --release -p fraud --example check_speed           # batches of 256
//! cargo run --release -p fraud --example check_speed -- 512    # the largest there are
//! ```
//!
//! CPU time is the whole process's, the parsing of requests and the writing of the log included. An empty loop beside it says
//! how fast the machine is at the time.

#![allow(clippy::print_stdout, reason = "this program is for people")]

use std::time::Instant;

use bytes::Bytes;
use fraud::Fraud;
use peer::{Peer, ServiceTokens, Upstream};
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::Role;
use service::{Clock, Secret, ServiceName, Settings};
use testkit::graphql::Api;
use testkit::peers::{FakePeer, Reply};
use testkit::tokens::Signer;
use tokio_util::sync::CancellationToken;

/// The one that the provider has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const RULES: usize = 50;
const BATCH: usize = 256;
const CHECKS: usize = 20_480;
/// These fill caches and pasts.
const WARM_UP: usize = 10;
const USERS: usize = 2_000;
const CHECK: &str =
    "mutation ($inputs: [FraudCheckInput!]!) { checkTransactions(inputs: $inputs) { transactionId status action } }";

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let signer = Signer::new(folder.path().join("keys"));
    let clock = Clock::system();
    let data = folder.path().join("data").display().to_string();
    let settings = Settings::load(&Sources::from_pairs([("SAWIT_DATA_DIR".to_owned(), data)])).expect("settings");
    let transactions = FakePeer::new(|_| Reply::Data(json!({ "resolveReviews": [] })));
    let upstream = Upstream::in_process(transactions.router());
    let tokens = ServiceTokens::new(upstream.clone(), "fraud", Secret::new("secret"));
    let peer = Peer::new(ServiceName::Transactions, upstream, tokens);
    let fraud = Fraud::start(
        &settings,
        signer.verifier(&clock),
        clock.clone(),
        peer,
        CancellationToken::new(),
    )
    .await
    .expect("the service starts");
    let api = Api::new(fraud.router());
    let (admin, service) = (signer.user("usr_admin", Role::Admin), signer.service("transactions"));
    let active = make_active(&api, &admin).await;

    let batch = std::env::args()
        .nth(1)
        .map_or(BATCH, |text| text.parse().expect("a size of batches"));
    let rounds = CHECKS / batch;
    // Written beforehand: what asks is not what is measured.
    let requests: Vec<Bytes> = (0..WARM_UP + rounds).map(|round| request(round, batch)).collect();
    let mut begun = (Instant::now(), cpu_seconds());
    for (round, request) in requests.into_iter().enumerate() {
        if round == WARM_UP {
            begun = (Instant::now(), cpu_seconds());
        }
        let (status, answer) = api.post_bytes("/internal/graphql", Some(&service), request).await;
        assert!(status.is_success() && answer.starts_with(br#"{"data":{"checkTransactions":[{"transactionId":"#));
    }
    let (begun, cpu) = begun;
    let checks = (rounds * batch) as f64;
    println!("the machine: {:.2} ns CPU a step of an empty loop", empty_loop_ns());
    println!(
        "{active} active rules, {rounds} batches of {batch}: {:.1} µs CPU a check, {:.1} µs by the clock",
        (cpu_seconds() - cpu) * 1e6 / checks,
        begun.elapsed().as_secs_f64() * 1e6 / checks
    );
    fraud.close().await;
}

fn request(round: usize, batch: usize) -> Bytes {
    let inputs: Vec<Value> = (0..batch).map(|index| input(round * batch + index)).collect();
    Bytes::from(json!({ "query": CHECK, "variables": { "inputs": inputs } }).to_string())
}

/// Switches every rule on, and writes more until there are enough.
async fn make_active(api: &Api, admin: &str) -> usize {
    let rules = api
        .public(Some(admin), "{ fraudRules { name version state } }", json!({}))
        .await;
    let rules = rules.data()["fraudRules"].as_array().cloned().unwrap_or_default();
    for rule in rules.iter().filter(|rule| rule["state"] != "ACTIVE") {
        let document = "mutation($name: String!, $version: Int!) { setFraudRuleState(name: $name, state: ACTIVE,
            expectedVersion: $version, reason: \"measured\") { version } }";
        api.public(
            Some(admin),
            document,
            json!({ "name": rule["name"], "version": rule["version"] }),
        )
        .await
        .data();
    }
    for number in rules.len()..RULES {
        let expression = format!(
            "(amount > {number}000000.0 && times_mean > 3.5 || payees_24h > {number} && sum_7d > 2.0 * sum_24h) && \
             kind in [\"PAYMENT\", \"TRANSFER\"] && email_domain.endsWith(\".example{number}\")"
        );
        let document = "mutation($input: FraudRuleInput!) { createFraudRule(input: $input) { version } }";
        let input = json!({ "name": format!("measured_{number}"), "description": "{amount}", "expression": expression,
            "score": 1, "action": "SCORE", "state": "ACTIVE", "reason": "measured" });
        api.public(Some(admin), document, json!({ "input": input }))
            .await
            .data();
    }
    let active = api
        .public(Some(admin), "{ fraudRules(state: ACTIVE) { name } }", json!({}))
        .await;
    active.data()["fraudRules"].as_array().map_or(0, Vec::len)
}

fn input(number: usize) -> Value {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    json!({
        "transactionId": format!("t-{number}"), "userId": format!("usr_{}", mixed % USERS),
        "amountMinor": 100 + mixed % 500_000_000, "currency": "IDR", "kind": "PAYMENT",
        "accountCreatedAt": 1_600_000_000_000_000_i64, "recentFailures": 0, "merchantId": format!("mrc_{}", mixed % 50),
        "walletId": format!("wal_{}", mixed % USERS), "emailDomain": "mail.example", "zoneinfo": "Asia/Jakarta",
        "address": format!("203.0.113.{}", mixed % 200), "sessionId": format!("ses_{}", mixed % 4_000),
        "walletCreatedAt": 1_700_000_000_000_000_i64,
    })
}

/// A loop in which each step waits for the one before.
fn empty_loop_ns() -> f64 {
    const STEPS: u64 = 100_000_000;
    let begun = cpu_seconds();
    let mut value = 88_172_645_463_325_252_u64;
    for _ in 0..STEPS {
        value ^= value << 13;
        value ^= value >> 7;
        value ^= value << 17;
    }
    std::hint::black_box(value);
    (cpu_seconds() - begun) * 1e9 / STEPS as f64
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or_default()
    };
    // Fields 14 and 15 of proc(5), in hundredths of a second.
    (ticks(11) + ticks(12)) / 100.0
}
