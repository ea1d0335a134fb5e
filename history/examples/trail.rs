//! What the tree costs when entries are added, and how long a whole file takes to verify.
//!
//! `cargo run --release -p history --example trail -- 1000000` fills a history in a temporary folder through the internal
//! API, as the outbox does, and verifies it. Before that it adds entries to two histories in turn, one of which grows no
//! tree, because its tree was made to look cut off. Figures hold for the machine and the run they were taken in.

#![allow(clippy::print_stdout, reason = "a report for a person")]

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use history::{History, audit, keys};
use serde_json::{Value, json};
use service::settings::Sources;
use service::{Clock, Settings};
use testkit::graphql::Api;
use testkit::tokens::Signer;
use tokio_util::sync::CancellationToken;

const APPEND: &str = "mutation ($inputs: [HistoryEntryInput!]!) { appendEntries(inputs: $inputs) }";
/// What the outbox sends together at most, and what one payment sends.
const BATCHES: [usize; 2] = [256, 1];
const ROUNDS: usize = 8;
const UNDER_WAY: usize = 64;

type Failure = Box<dyn Error + Send + Sync>;

struct Trail {
    history: History,
    api: Api,
    token: String,
    next: u64,
}

impl Trail {
    async fn start(folder: &Path) -> Result<Self, Failure> {
        let path = |name: &str| folder.join(name).display().to_string();
        let sources = Sources::from_pairs([
            ("SAWIT_DATA_DIR".to_owned(), path("data")),
            ("SAWIT_KEYS_DIR".to_owned(), path("keys")),
        ]);
        let settings = Settings::load(&sources).map_err(|errors| format!("{errors:?}"))?;
        let (signer, clock) = (Signer::new(folder.join("keys")), Clock::system());
        let verifier = signer.verifier(&clock);
        let history = History::start(&settings, verifier, clock, CancellationToken::new()).await?;
        Ok(Self {
            api: Api::new(history.router()),
            token: signer.service("transactions"),
            history,
            next: 0,
        })
    }

    /// Adds so many entries, `batch` in one call and many calls at once; answers how long it took.
    async fn add(&mut self, entries: usize, batch: usize) -> Result<Duration, Failure> {
        let calls: Vec<Value> = (0..entries.div_ceil(batch))
            .map(|_| {
                let inputs = (0..batch).map(|_| {
                    self.next += 1;
                    entry(self.next)
                });
                json!({ "inputs": inputs.collect::<Vec<_>>() })
            })
            .collect();
        let began = Instant::now();
        let mut calls = calls.into_iter();
        let mut under_way = tokio::task::JoinSet::new();
        loop {
            while under_way.len() < UNDER_WAY
                && let Some(inputs) = calls.next()
            {
                let (api, token) = (self.api.clone(), self.token.clone());
                under_way.spawn(async move {
                    let answer = api.internal(Some(&token), APPEND, inputs).await;
                    answer.code().to_owned()
                });
            }
            match under_way.join_next().await {
                Some(code) => assert_eq!(code?, "OK"),
                None => return Ok(began.elapsed()),
            }
        }
    }
}

fn entry(number: u64) -> Value {
    json!({
        "entryKey": format!("trx_{number:026}:SUCCESS:usr_01M7YA8DWM618HY59GXD4SY2PR"),
        "transactionId": format!("trx_{number:026}"), "userId": "usr_01M7YA8DWM618HY59GXD4SY2PR",
        "amountMinor": 2_000_000, "currency": "IDR", "kind": "PAYMENT", "status": "SUCCESS",
        "vaNumber": "DS-8800681956929598", "direction": "OUT", "walletId": "wal_01M7YA8DWM618HY59GXD4SY2PR",
        "counterparty": "mrc_01M7YA8DWM618HY59GXD4SY2PR", "failureCode": null, "occurredAt": 1_795_079_200_000_000_u64,
    })
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let entries = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let (with, without) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let mut grown = Trail::start(with.path()).await?;
    let mut bare = Trail::start(without.path()).await?;
    let file = rusqlite::Connection::open(without.path().join("data/history.db"))?;
    file.busy_timeout(Duration::from_secs(5))?;
    file.execute(
        "INSERT INTO tree_nodes (leaf, hashes) VALUES (1000000000, zeroblob(32))",
        [],
    )?;
    drop(file);

    for batch in BATCHES {
        let each = if batch == 1 { 4_000 } else { 16_384 };
        let (mut tree, mut none) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            // In turn, and each first as often as the other.
            if round % 2 == 0 {
                tree.push(grown.add(each, batch).await?);
                none.push(bare.add(each, batch).await?);
            } else {
                none.push(bare.add(each, batch).await?);
                tree.push(grown.add(each, batch).await?);
            }
        }
        let rate = |times: &mut Vec<Duration>| {
            times.sort();
            each as f64 / times[ROUNDS / 2].as_secs_f64()
        };
        let (tree, none) = (rate(&mut tree), rate(&mut none));
        println!(
            "{batch} in a call: {tree:.0} entries/s with the tree, {none:.0} without, ratio {:.3} (medians of {ROUNDS})",
            tree / none
        );
    }
    bare.history.close().await;

    while (grown.next as usize) < entries {
        let left = entries - grown.next as usize;
        grown.add(left.min(65_536), 256.min(left)).await?;
    }
    let path = with.path().join("data/history.db");
    let public: Vec<_> = keys::show(&with.path().join("keys"))?
        .into_iter()
        .map(|key| key.public)
        .collect();
    for _ in 0..5 {
        let began = Instant::now();
        let report = audit::verify(&path, &public, None)?;
        assert_eq!(report.findings, []);
        println!(
            "{} entries and {} checkpoints verified in {:.2} s",
            report.entries,
            report.checkpoints,
            began.elapsed().as_secs_f64()
        );
    }
    println!("{} MB", std::fs::metadata(&path)?.len() / 1_000_000);
    grown.history.close().await;
    Ok(())
}
