//! Clients that pay as fast as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Kind;
use crate::http::Connection;
use crate::marketplace::BILL_AMOUNT;
use crate::provider::{Provider, login};

/// More than any run can spend.
const DEPOSIT: u64 = 2_000_000_000;
const PASSWORD: &str = "a password of a buyer";

/// A client: who pays, and from where.
pub struct Buyer {
    token: String,
    wallet_id: String,
    other_wallet_id: String,
}

/// What a run saw.
#[derive(Default)]
pub struct Run {
    /// Operations that succeeded, by how long they took, in microseconds, ascending.
    pub latencies_us: Vec<u32>,
    /// Operations that did not succeed, and the first one's answer.
    pub errors: u64,
    pub first_error: Option<String>,
    /// How long the run was.
    pub elapsed: Duration,
}

/// VA numbers of one run never repeat.
static NEXT_BILL: AtomicU64 = AtomicU64::new(0);

/// Registers as many users as there are clients, each with two wallets and money.
pub async fn open_accounts(provider: &Provider, clients: usize, kind: Kind) -> Result<Vec<Arc<Buyer>>> {
    let mut buyers = Vec::with_capacity(clients);
    for number in 0..clients {
        buyers.push(Arc::new(
            open_account(provider.port(), number, kind)
                .await
                .with_context(|| format!("buyer {number}"))?,
        ));
    }
    Ok(buyers)
}

async fn open_account(port: u16, number: usize, kind: Kind) -> Result<Buyer> {
    let (name, email) = (format!("buyer{number}"), format!("buyer{number}@bench.example"));
    let register = "mutation($name: String!, $email: String!, $password: String!) {
        registerUser(username: $name, fullname: $name, email: $email, password: $password) }";
    let variables = json!({ "name": name, "email": email, "password": PASSWORD });
    let body = json!({ "query": register, "variables": variables }).to_string();
    Connection::open(port, None).await?.post(&body).await?;
    let token = login(port, &email, PASSWORD).await?;
    let mut connection = Connection::open(port, Some(&token)).await?;
    let wallet_id = open_wallet(&mut connection).await?;
    let other_wallet_id = open_wallet(&mut connection).await?;
    if kind != Kind::Noop {
        let body = json!({ "query": MUTATION, "variables": { "input": { "walletId": wallet_id, "amount": DEPOSIT, "type": "DEPOSIT" } } });
        let answer: Value = serde_json::from_slice(connection.post(&body.to_string()).await?)?;
        anyhow::ensure!(
            answer["data"]["createTransaction"]["status"] == "SUCCESS",
            "no deposit: {answer}"
        );
    }
    Ok(Buyer {
        token,
        wallet_id,
        other_wallet_id,
    })
}

async fn open_wallet(connection: &mut Connection) -> Result<String> {
    let body = json!({ "query": "mutation { createWallet(walletName: \"Bench\") { walletId } }" }).to_string();
    let answer: Value = serde_json::from_slice(connection.post(&body).await?)?;
    let wallet_id = answer["data"]["createWallet"]["walletId"].as_str();
    wallet_id
        .map(str::to_owned)
        .with_context(|| format!("no wallet: {answer}"))
}

const MUTATION: &str =
    "mutation($input: TransactionInput!) { createTransaction(input: $input) { transactionId status failureCode } }";

/// Lets every buyer pay until the time is over.
pub async fn drive(provider: &Provider, buyers: &[Arc<Buyer>], kind: Kind, duration: Duration) -> Result<Run> {
    let started = Instant::now();
    let until = started + duration;
    let mut clients = JoinSet::new();
    for buyer in buyers {
        clients.spawn(pay_until(provider.port(), Arc::clone(buyer), kind, until));
    }
    let mut run = Run::default();
    while let Some(client) = clients.join_next().await {
        let client = client??;
        run.latencies_us.extend(client.latencies_us);
        run.errors += client.errors;
        run.first_error = run.first_error.or(client.first_error);
    }
    run.elapsed = started.elapsed();
    run.latencies_us.sort_unstable();
    Ok(run)
}

async fn pay_until(port: u16, buyer: Arc<Buyer>, kind: Kind, until: Instant) -> Result<Run> {
    let mut connection = Connection::open(port, Some(&buyer.token)).await?;
    let mut run = Run::default();
    while Instant::now() < until {
        let body = match kind {
            Kind::Invoice => invoice_body(&mut connection, &buyer).await?,
            _ => body(&buyer, kind),
        };
        let sent = Instant::now();
        let answer = connection.post(&body).await?;
        let latency = sent.elapsed();
        let succeeded: &[u8] = if kind == Kind::Noop {
            b"\"__typename\""
        } else {
            b"\"status\":\"SUCCESS\""
        };
        if answer.windows(succeeded.len()).any(|window| window == succeeded) {
            run.latencies_us
                .push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
        } else {
            run.errors += 1;
            run.first_error
                .get_or_insert_with(|| String::from_utf8_lossy(answer).into_owned());
        }
    }
    Ok(run)
}

fn body(buyer: &Buyer, kind: Kind) -> String {
    let wallet_id = &buyer.wallet_id;
    let input = match kind {
        Kind::Payment | Kind::Invoice => {
            let number = NEXT_BILL.fetch_add(1, Ordering::Relaxed);
            format!(
                "\"walletId\":\"{wallet_id}\",\"amount\":{BILL_AMOUNT},\"type\":\"PAYMENT\",\"vaNumber\":\"DS-8800{number:012}\""
            )
        }
        Kind::Transfer => {
            format!(
                "\"walletId\":\"{wallet_id}\",\"amount\":1,\"type\":\"TRANSFER\",\"targetWalletId\":\"{}\"",
                buyer.other_wallet_id
            )
        }
        Kind::Deposit => format!("\"walletId\":\"{wallet_id}\",\"amount\":1,\"type\":\"DEPOSIT\""),
        Kind::Noop => return "{\"query\":\"{__typename}\"}".to_owned(),
    };
    format!("{{\"query\":\"{MUTATION}\",\"variables\":{{\"input\":{{{input}}}}}}}")
}

/// An invoice is asked for first; only paying it is measured.
async fn invoice_body(connection: &mut Connection, buyer: &Buyer) -> Result<String> {
    let body = format!("{{\"query\":\"mutation {{ generateInvoiceVA(amount: {BILL_AMOUNT}) }}\"}}");
    let answer: Value = serde_json::from_slice(connection.post(&body).await?)?;
    let va_number = answer["data"]["generateInvoiceVA"]
        .as_str()
        .with_context(|| format!("no invoice: {answer}"))?;
    let input = json!({ "walletId": buyer.wallet_id, "amount": BILL_AMOUNT, "type": "PAYMENT", "vaNumber": va_number });
    Ok(json!({ "query": MUTATION, "variables": { "input": input } }).to_string())
}
