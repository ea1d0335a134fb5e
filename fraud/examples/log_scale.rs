//! How long a page of the log takes by every filter, as the log grows: fills a database file of the service with
//! generated checks, and asks the service itself for pages.
//!
//! ```sh
//! cargo run --release -p fraud --example log_scale -- 100000 1000000    # up to 10000000, which takes some 10 GB of disk
//! ```
//!
//! The file lies in a temporary folder and goes with it.

#![allow(clippy::print_stdout, reason = "this program is for people")]

use std::path::Path;
use std::time::{Duration, Instant};

use fraud::Fraud;
use peer::{Peer, ServiceTokens, Upstream};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::Role;
use service::{Clock, Secret, ServiceName, Settings, Timestamp};
use testkit::graphql::Api;
use testkit::peers::{FakePeer, Reply};
use testkit::tokens::Signer;
use tokio_util::sync::CancellationToken;

/// 2026-11-19T09:06:40Z, the time of the last check there is.
const END: i64 = 1_795_079_200_000_000;
/// Checks come five a second.
const BETWEEN_MICROS: i64 = 200_000;
const ROUNDS: usize = 7;
const RULES: [(&str, i64); 6] = [
    ("amount_above_suspicious_limit", 50),
    ("new_account_large_amount", 40),
    ("count_per_minute_above_limit", 40),
    ("count_per_hour_above_limit", 30),
    ("sum_per_day_above_limit", 20),
    ("failures_per_hour_above_limit", 30),
];

fn main() {
    let sizes: Vec<i64> = std::env::args().skip(1).filter_map(|text| text.parse().ok()).collect();
    let sizes = if sizes.is_empty() {
        vec![100_000, 1_000_000]
    } else {
        sizes
    };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let mut filled = 0;
    for size in sizes {
        runtime.block_on(async { start(folder.path()).await.0.close().await });
        let begun = Instant::now();
        fill(&folder.path().join("data/fraud.db"), filled, size);
        filled = size;
        println!("\n{size} checks (filled in {:.0?})", begun.elapsed());
        runtime.block_on(measure(folder.path(), size));
    }
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

struct Row {
    user: String,
    amount: i64,
    status: &'static str,
    action: &'static str,
    fired: Vec<(&'static str, i64)>,
    score: i64,
}

/// Of a hundred checks three are SUSPICIOUS, of a thousand five FRAUD; amounts are spread over five decades.
fn row(dice: &mut Dice) -> Row {
    // A tenth of the users make half of the payments.
    let user = if dice.roll(2) == 0 {
        dice.roll(5_000)
    } else {
        dice.roll(50_000)
    };
    let decade = 10_i64.pow(5 + u32::try_from(dice.roll(5)).unwrap_or(0));
    let amount =
        decade * i64::try_from(1 + dice.roll(9)).unwrap_or(1) + i64::try_from(dice.roll(100)).unwrap_or(0) * 100;
    let fraud = dice.roll(200) == 0;
    let suspicious = !fraud && dice.roll(33) == 0;
    let mut fired = Vec::new();
    if fraud {
        fired.push(("amount_above_block_limit", 100));
    } else if suspicious {
        let first = usize::try_from(dice.roll(6)).unwrap_or(0);
        fired.push(RULES[first]);
        if dice.roll(3) == 0 {
            fired.push(RULES[(first + 1) % 6]);
        }
    }
    let sum: i64 = fired.iter().map(|(_, score)| score).sum();
    let (status, action, most) = match (fraud, suspicious) {
        (true, _) => ("FRAUD", "BLOCK", 100),
        (false, true) => ("SUSPICIOUS", "ALLOW", 99),
        (false, false) => ("SAFE", "ALLOW", 0),
    };
    Row {
        user: format!("usr_{user:026}"),
        amount: if fraud { amount.max(5_000_000_100) } else { amount },
        status,
        action,
        score: sum.min(most),
        fired,
    }
}

/// Adds checks until there are `to`. The indexes are made anew behind it, which is quicker than keeping them up to date.
fn fill(file: &Path, from: i64, to: i64) {
    let mut connection = Connection::open(file).expect("the file can be opened");
    connection
        .execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000;")
        .expect("pragmas can be set");
    let indexes: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name LIKE 'fraud_log%'")
        .and_then(|mut found| found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .expect("the indexes can be listed");
    for (name, _) in &indexes {
        connection
            .execute_batch(&format!("DROP INDEX {name}"))
            .expect("an index can be dropped");
    }
    let rule_set: i64 = connection
        .query_row("SELECT MAX(version) FROM rule_sets", [], |row| row.get(0))
        .expect("there is a rule set");
    insert(&mut connection, rule_set, from, to);
    for (_, sql) in &indexes {
        connection.execute_batch(sql).expect("an index can be made");
    }
    connection
        .execute_batch("PRAGMA journal_mode = WAL;")
        .expect("the log can be switched on");
}

fn insert(connection: &mut Connection, rule_set: i64, from: i64, to: i64) {
    let padding = "x".repeat(400);
    let mut dice = Dice(88_172_645_463_325_252 + u64::try_from(from).unwrap_or(0));
    let tx = connection.transaction().expect("a transaction can begin");
    {
        let mut log = tx
            .prepare(
                "INSERT INTO fraud_logs (log_id, transaction_id, user_id, amount, currency, status, score, fired, facts,
                                         rule_set, created_at, action, kind, shadow, rules_revision, policy_version, number)
                 VALUES (?1, ?2, ?3, ?4, 'IDR', ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'PAYMENT', '[]', 1, 1, ?12)",
            )
            .expect("the statement is good");
        let mut rule = tx
            .prepare(
                "INSERT INTO fraud_log_rules (rule, created_at, number, score, amount, status)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )
            .expect("the statement is good");
        for number in from..to {
            let row = row(&mut dice);
            // Later checks are newer, however large the file gets.
            let at = END - 40_000_000 * BETWEEN_MICROS + number * BETWEEN_MICROS;
            let log_id = format!("frd_01{number:024}");
            let fired: Vec<Value> = row
                .fired
                .iter()
                .map(|(name, score)| json!({ "rule": name, "version": 1, "score": score, "reason": "as generated" }))
                .collect();
            let facts = json!({ "amountMinor": row.amount, "generated": padding }).to_string();
            let fired = Value::from(fired).to_string();
            log.execute(params![
                log_id,
                format!("trx_01{number:024}"),
                row.user,
                row.amount,
                row.status,
                row.score,
                fired,
                facts,
                rule_set,
                at,
                row.action,
                number + 1
            ])
            .expect("a log can be added");
            for (name, _) in &row.fired {
                rule.execute(params![name, at, number + 1, row.score, row.amount, row.status])
                    .expect("a rule can be added");
            }
        }
    }
    tx.commit().expect("the transaction can be committed");
}

async fn start(folder: &Path) -> (Fraud, Signer) {
    let data = folder.join("data").display().to_string();
    let settings = Settings::load(&Sources::from_pairs([("SAWIT_DATA_DIR".to_owned(), data)])).expect("settings");
    let signer = Signer::new(folder.join("keys"));
    let clock = Clock::manual(Timestamp::from_micros(END));
    let upstream = Upstream::in_process(FakePeer::always(Reply::Silence).router());
    let tokens = ServiceTokens::new(upstream.clone(), "fraud", Secret::new("secret"));
    let peer = Peer::new(ServiceName::Transactions, upstream, tokens);
    let verifier = signer.verifier(&clock);
    let fraud = Fraud::start(&settings, verifier, clock, peer, CancellationToken::new()).await;
    (fraud.expect("the service starts"), signer)
}

/// Every filter, the combinations that a console uses, and every order.
fn questions(size: i64) -> Vec<(&'static str, String)> {
    let at = |number: i64| Timestamp::from_micros(END - 40_000_000 * BETWEEN_MICROS + number * BETWEEN_MICROS);
    let (from, to) = (at(size * 4 / 10), at(size * 6 / 10));
    let time = format!(r#"from: "{from}", to: "{to}""#);
    let day = format!(r#"from: "{}", to: "{}""#, at(size - 20_000), at(size));
    let user = r#"userId: "usr_00000000000000000000000042""#;
    let rule = r#"rule: "new_account_large_amount""#;
    let middle = format!(r#"after: "frd_01{:024}""#, size / 2);
    vec![
        ("no filter", String::new()),
        ("deep page", middle.clone()),
        ("oldest", "sort: OLDEST".into()),
        ("highest score", "sort: HIGHEST_SCORE".into()),
        ("largest amount", "sort: LARGEST_AMOUNT".into()),
        ("largest amount, deep page", format!("sort: LARGEST_AMOUNT, {middle}")),
        ("status SAFE", "status: SAFE".into()),
        ("status SUSPICIOUS", "status: SUSPICIOUS".into()),
        ("status FRAUD", "status: FRAUD".into()),
        ("status FRAUD, deep page", format!("status: FRAUD, {middle}")),
        ("status FRAUD + time", format!("status: FRAUD, {time}")),
        ("status SUSPICIOUS, oldest", "status: SUSPICIOUS, sort: OLDEST".into()),
        ("user", user.into()),
        ("user + status", format!("{user}, status: SUSPICIOUS")),
        ("user + time", format!("{user}, {time}")),
        ("user, largest amount", format!("{user}, sort: LARGEST_AMOUNT")),
        ("rule", rule.into()),
        ("rule + time", format!("{rule}, {time}")),
        ("rule + user", format!("{rule}, {user}")),
        ("score 70 and more", "minScore: 70".into()),
        ("score 20 to 60", "minScore: 20, maxScore: 60".into()),
        ("score 20 to 60 + time", format!("minScore: 20, maxScore: 60, {time}")),
        ("score 0 to 100, amount", "minScore: 1, minAmount: 5000000".into()),
        ("amount 1,000 to 2,000", "minAmount: 1000, maxAmount: 2000".into()),
        ("amount 10 million and more", "minAmount: 10000000".into()),
        ("amount 80 million and more", "minAmount: 80000000".into()),
        ("one amount", "minAmount: 50000012, maxAmount: 50000012".into()),
        ("amount + time", format!("minAmount: 80000000, {time}")),
        ("amount + status", "minAmount: 80000000, status: FRAUD".into()),
        ("time", time.clone()),
        ("time, highest score", format!("{time}, sort: HIGHEST_SCORE")),
        ("an hour, largest amount", format!("{day}, sort: LARGEST_AMOUNT")),
        ("time, largest amount", format!("{time}, sort: LARGEST_AMOUNT")),
        (
            "status FRAUD, largest amount",
            "status: FRAUD, sort: LARGEST_AMOUNT".into(),
        ),
    ]
}

async fn measure(folder: &Path, size: i64) {
    let (fraud, signer) = start(folder).await;
    let api = Api::new(fraud.router());
    let admin = signer.user("usr_admin", Role::Admin);
    println!(
        "{:<32} {:>10} {:>10} {:>6}",
        "a page of 100", "median", "longest", "rows"
    );
    for (name, arguments) in questions(size) {
        let arguments = if arguments.is_empty() {
            String::new()
        } else {
            format!(", {arguments}")
        };
        let document = format!(
            "{{ getFraudLogs(first: 100{arguments}) {{ logId userId amount status score reason rules createdAt }} }}"
        );
        let mut took: Vec<Duration> = Vec::new();
        let mut rows = String::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let answer = api.public(Some(&admin), &document, json!({})).await;
            took.push(begun.elapsed());
            rows = match answer.body.pointer("/data/getFraudLogs").and_then(Value::as_array) {
                Some(found) => found.len().to_string(),
                None => answer.code().to_owned(),
            };
        }
        took.sort_unstable();
        println!(
            "{name:<32} {:>10.1?} {:>10.1?} {rows:>6}",
            took[ROUNDS / 2],
            took[ROUNDS - 1]
        );
    }
    for arguments in ["", "(status: FRAUD)", "(minAmount: 80000000)"] {
        let document = format!("{{ fraudLogCount{arguments} {{ total isExact }} }}");
        let begun = Instant::now();
        let answer = api.public(Some(&admin), &document, json!({})).await;
        println!(
            "count {arguments:<26} {:>10.1?} {}",
            begun.elapsed(),
            answer.body["data"]["fraudLogCount"]
        );
    }
    drop(api);
    fraud.close().await;
}
