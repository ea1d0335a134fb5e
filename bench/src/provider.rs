//! The provider under load: a process of its own, on a folder of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::http::Connection;

const ADMIN_PASSWORD: &str = "correct horse battery staple";
/// Signs the webhooks of a run, whose receiver does not check them.
const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAAAAAAAAA=";

/// The provider's process.
pub struct Provider {
    binary: PathBuf,
    child: Child,
    port: u16,
    folder: TempDir,
    data: PathBuf,
    /// From the start of the process until the gateway was ready.
    pub ready_after: Duration,
}

/// What the process has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time.
    pub cpu: Duration,
    /// Resident memory now, in KiB.
    pub rss_kib: u64,
    /// The most it ever was, in KiB.
    pub rss_max_kib: u64,
}

impl Provider {
    pub async fn start(binary: &Path, data: Option<&Path>, marketplace_port: u16) -> Result<Self> {
        ensure!(
            binary.is_file(),
            "{} does not exist: cargo build --release -p sawit",
            binary.display()
        );
        // The provider runs in a folder of its own, where a relative path leads nowhere.
        let binary = &std::path::absolute(binary)?;
        let folder = tempfile::tempdir()?;
        let data = data.map_or_else(|| folder.path().join("data"), Path::to_owned);
        let port = free_ports()?;
        let started = Instant::now();
        let child = Command::new(binary)
            .current_dir(folder.path())
            .env("SAWIT_PORT", port.to_string())
            .env("SAWIT_GRPC_PORT", "0")
            .env("SAWIT_DATA_DIR", &data)
            .env("SAWIT_KEYS_DIR", folder.path().join("keys"))
            .env("SAWIT_ADMIN_PASSWORD", ADMIN_PASSWORD)
            .env("SAWIT_RATE_LIMITS", "off")
            .env("SAWIT_LOG", "warn")
            .env(
                "SAWIT_MARKETPLACE_URL",
                format!("http://127.0.0.1:{marketplace_port}/graphql"),
            )
            .env(
                "SAWIT_MARKETPLACE_WEBHOOK_URL",
                format!("http://127.0.0.1:{marketplace_port}/webhook"),
            )
            .env("SAWIT_MARKETPLACE_WEBHOOK_SECRET", WEBHOOK_SECRET)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut provider = Self {
            binary: binary.to_owned(),
            child,
            port,
            folder,
            data,
            ready_after: Duration::ZERO,
        };
        provider.wait_until_ready(started).await?;
        Ok(provider)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    async fn wait_until_ready(&mut self, started: Instant) -> Result<()> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                anyhow::bail!("the provider ended at once: {status}");
            }
            if let Ok(mut connection) = Connection::open(self.port, None).await
                && connection.post("{\"query\":\"{__typename}\"}").await.is_ok()
            {
                self.ready_after = started.elapsed();
                return Ok(());
            }
            ensure!(
                started.elapsed() < Duration::from_secs(60),
                "the provider was not ready within a minute"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub fn usage(&self) -> Result<Usage> {
        let pid = self.child.id().context("the provider has ended")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // Fields 14 and 15 (proc_pid_stat(5)), counted behind the name, which may hold spaces. In hundredths of a second.
        let behind_name = stat.rsplit_once(')').context("an unknown /proc format")?.1;
        let ticks: u64 = behind_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|text| text.parse::<u64>().ok())
            .sum();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.trim_end_matches("kB").trim().parse().ok())
                .unwrap_or(0)
        };
        Ok(Usage {
            cpu: Duration::from_millis(ticks * 10),
            rss_kib: kib("VmRSS:"),
            rss_max_kib: kib("VmHWM:"),
        })
    }

    /// Waits until every payment is finished and every delivery made, and answers how long that took.
    pub async fn wait_until_drained(&self) -> Result<Duration> {
        let started = Instant::now();
        let mut connection = Connection::open(self.port, Some(&self.admin_token().await?)).await?;
        let query =
            json!({ "query": "{ operationsStatus { pendingTransactions deliveriesWaiting deliveriesParked } }" })
                .to_string();
        loop {
            let answer: Value = serde_json::from_slice(connection.post(&query).await?)?;
            let status = &answer["data"]["operationsStatus"];
            ensure!(status.is_object(), "the provider does not tell its status: {answer}");
            if status["pendingTransactions"] == 0 && status["deliveriesWaiting"] == 0 {
                return Ok(started.elapsed());
            }
            ensure!(
                started.elapsed() < Duration::from_secs(120),
                "the provider does not come to rest: {answer}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends the provider as Ctrl-C does, and has its books checked.
    pub async fn stop_and_audit(&mut self) -> Result<String> {
        let pid = self.child.id().context("the provider has ended")?;
        let killed = Command::new("kill").args(["-INT", &pid.to_string()]).status().await?;
        ensure!(killed.success(), "the provider could not be stopped");
        let status = self.child.wait().await?;
        ensure!(status.success(), "the provider ended with {status}");
        let audit = Command::new(&self.binary)
            .current_dir(self.folder.path())
            .args(["audit", "books"])
            .env("SAWIT_DATA_DIR", &self.data)
            .output()
            .await?;
        let text = String::from_utf8_lossy(&audit.stdout).trim().to_owned();
        ensure!(audit.status.success(), "the books do not balance:\n{text}");
        Ok(text)
    }

    async fn admin_token(&self) -> Result<String> {
        login(self.port, "admin@sawit.example", ADMIN_PASSWORD).await
    }
}

/// Signs in and answers with the access token.
pub async fn login(port: u16, email: &str, password: &str) -> Result<String> {
    let query = "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";
    let body = json!({ "query": query, "variables": { "email": email, "password": password } }).to_string();
    let answer: Value = serde_json::from_slice(Connection::open(port, None).await?.post(&body).await?)?;
    let token = answer["data"]["loginUser"]["access_token"].as_str();
    token
        .map(str::to_owned)
        .with_context(|| format!("{email} cannot sign in: {answer}"))
}

/// The first of six neighbouring ports that are free now.
fn free_ports() -> Result<u16> {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    (20_000..30_000)
        .step_by(10)
        .find(|&base| (base..base + 6).all(free))
        .context("no free ports")
}
