//! The whole provider as a user runs it: `sawit up`, or six times `sawit serve`, as processes on free ports with folders of
//! their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::client::Client;
use crate::marketplace::Marketplace;
use crate::ports::free_port;
use crate::wait::eventually;

/// The gateway and the services, in the order of their ports.
pub const SERVED: [&str; 6] = ["gateway", "auth", "wallet", "transactions", "fraud", "history"];
/// The gRPC API among the ports; the process is the one of transactions.
pub const GRPC: &str = "grpc";
/// The name of the process that is everything.
pub const UP: &str = "up";
/// The admin that every test provider has.
pub const ADMIN_EMAIL: &str = "admin@sawit.example";
/// Its password.
pub const ADMIN_PASSWORD: &str = "the admin of the tests";
/// Of each process's log this much is shown when a test fails.
const LOG_LINES_SHOWN: usize = 60;

/// One process or six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunMode {
    /// `sawit up`.
    Up,
    /// `sawit up --demo`.
    Demo,
    /// `sawit serve` for the gateway and each service.
    Served,
}

/// What a provider is started with.
pub struct Builder {
    binary: PathBuf,
    root: TempDir,
    ports: BTreeMap<&'static str, u16>,
    demo_ports: [u16; 2],
    env: BTreeMap<String, String>,
    env_of: BTreeMap<String, Vec<(String, String)>>,
}

/// Processes, their ports and folders. Dropped, they are killed; in a failing test their logs are shown.
pub struct Provider {
    binary: PathBuf,
    root: TempDir,
    mode: RunMode,
    ports: BTreeMap<&'static str, u16>,
    demo_ports: [u16; 2],
    env: BTreeMap<String, String>,
    env_of: BTreeMap<String, Vec<(String, String)>>,
    running: BTreeMap<String, Child>,
    logs: BTreeMap<String, Arc<Mutex<Vec<String>>>>,
}

impl Builder {
    /// `binary` is the program: `env!("CARGO_BIN_EXE_sawit")`.
    pub fn new(binary: &str) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder can be made");
        let names = SERVED.into_iter().chain([GRPC]);
        let ports: BTreeMap<&'static str, u16> = names.map(|name| (name, free_port())).collect();
        let mut env: BTreeMap<String, String> = [
            ("SAWIT_RATE_LIMITS", "off"),
            ("SAWIT_ADMIN_EMAIL", ADMIN_EMAIL),
            ("SAWIT_ADMIN_PASSWORD", ADMIN_PASSWORD),
            // Nobody listens there: a test that needs a marketplace names one.
            ("SAWIT_MARKETPLACE_URL", "http://127.0.0.1:9/graphql"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for (name, port) in &ports {
            let variable = match *name {
                "gateway" => "SAWIT_PORT".to_owned(),
                service => format!("SAWIT_{}_PORT", service.to_uppercase()),
            };
            env.insert(variable, port.to_string());
        }
        Self {
            binary: binary.into(),
            root,
            ports,
            demo_ports: [free_port(), free_port()],
            env,
            env_of: BTreeMap::new(),
        }
    }

    /// Sets a variable for every process.
    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a variable out that is set otherwise.
    pub fn without_env(mut self, name: &str) -> Self {
        self.env.remove(name);
        self
    }

    /// Sets a variable for one process.
    pub fn env_of(mut self, part: &str, name: &str, value: impl Into<String>) -> Self {
        self.env_of
            .entry(part.to_owned())
            .or_default()
            .push((name.to_owned(), value.into()));
        self
    }

    /// Makes this the default marketplace, for bills, notifications and webhooks.
    pub fn marketplace(self, marketplace: &Marketplace) -> Self {
        self.env("SAWIT_MARKETPLACE_URL", marketplace.graphql_url())
            .env("SAWIT_MARKETPLACE_WEBHOOK_URL", marketplace.webhook_url())
            .env("SAWIT_MARKETPLACE_WEBHOOK_SECRET", marketplace.webhook_secret())
    }

    /// The base URL of the gateway or of a service, known before it runs.
    pub fn base_url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}", self.ports[name])
    }

    /// Starts, and waits until everything is ready.
    pub async fn start(self, mode: RunMode) -> Provider {
        let mut provider = self.stopped(mode);
        provider.start_all().await;
        provider
    }

    /// The provider without any process yet.
    pub fn stopped(self, mode: RunMode) -> Provider {
        Provider {
            binary: self.binary,
            root: self.root,
            mode,
            ports: self.ports,
            demo_ports: self.demo_ports,
            env: self.env,
            env_of: self.env_of,
            running: BTreeMap::new(),
            logs: BTreeMap::new(),
        }
    }
}

impl Provider {
    /// How it runs.
    pub const fn mode(&self) -> RunMode {
        self.mode
    }

    /// The names of all its processes.
    pub fn parts(&self) -> Vec<&'static str> {
        match self.mode {
            RunMode::Up | RunMode::Demo => vec![UP],
            RunMode::Served => SERVED.to_vec(),
        }
    }

    /// The process that a service lives in.
    pub fn part_of(&self, service: &'static str) -> &'static str {
        if self.mode == RunMode::Served { service } else { UP }
    }

    /// The folder of the databases.
    pub fn data_dir(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// The folder of the keys.
    pub fn keys_dir(&self) -> PathBuf {
        self.root.path().join("keys")
    }

    /// The base URL of the gateway or of a service.
    pub fn base_url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}", self.ports[name])
    }

    /// The demo marketplace's endpoints, for users and for orders.
    pub fn demo_urls(&self) -> [String; 2] {
        self.demo_ports.map(|port| format!("http://127.0.0.1:{port}/graphql"))
    }

    /// A client of the gateway, without a token.
    pub fn gateway(&self) -> Client {
        Client::new(format!("{}/graphql", self.base_url("gateway")))
    }

    /// A client of the gateway with the admin's token.
    pub async fn admin(&self) -> Client {
        let document = "mutation($email: String!, $password: String!) { loginUser(email: $email, password: $password) { access_token } }";
        let variables = serde_json::json!({ "email": ADMIN_EMAIL, "password": ADMIN_PASSWORD });
        let gateway = self.gateway();
        let answer = gateway.send(document, variables).await;
        gateway.with_token(crate::person::text(&answer.data()["loginUser"]["access_token"]))
    }

    /// Sets a variable for the processes that are started from now on.
    pub fn set_env(&mut self, name: &str, value: impl Into<String>) {
        self.env.insert(name.to_owned(), value.into());
    }

    /// Runs a command of the program with the same settings, to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.output().await.expect("the program can be run")
    }

    /// Starts every process, and waits until all are ready.
    pub async fn start_all(&mut self) {
        if self.mode == RunMode::Served && !self.keys_dir().join("private").is_dir() {
            let made = self.run(&["keys", "generate"]).await;
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        for part in self.parts() {
            self.spawn(part);
        }
        for part in self.parts() {
            self.ready(part).await;
        }
    }

    /// Starts one process, and waits until it is ready.
    pub async fn start(&mut self, part: &str) {
        self.spawn(part);
        self.ready(part).await;
    }

    fn spawn(&mut self, part: &str) {
        assert!(!self.running.contains_key(part), "{part} runs already");
        let arguments: Vec<&str> = match (part, self.mode) {
            (UP, RunMode::Demo) => vec!["up", "--demo"],
            (UP, _) => vec!["up"],
            (service, _) => vec!["serve", service],
        };
        let mut command = self.command(&arguments);
        command.envs(
            self.env_of
                .get(part)
                .into_iter()
                .flatten()
                .map(|(name, value)| (name, value)),
        );
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().expect("the program can be started");
        let log = Arc::clone(self.logs.entry(part.to_owned()).or_default());
        log.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(format!("--- {} started", arguments.join(" ")));
        collect(child.stdout.take(), Arc::clone(&log));
        collect(child.stderr.take(), log);
        self.running.insert(part.to_owned(), child);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        // Nothing of the tester's own environment and settings file takes part.
        command.args(arguments).current_dir(self.root.path()).env_clear();
        command
            .env("SAWIT_DATA_DIR", self.data_dir())
            .env("SAWIT_KEYS_DIR", self.keys_dir());
        command.env("BLACKDOCTRINE_USERS_PORT", self.demo_ports[0].to_string());
        command.env("BLACKDOCTRINE_ORDERS_PORT", self.demo_ports[1].to_string());
        command.envs(&self.env);
        command
    }

    async fn ready(&mut self, part: &str) {
        let gateway_alone = self.mode == RunMode::Served;
        let url = format!("{}/readyz", self.base_url(if part == UP { "gateway" } else { part }));
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(2))
            .build();
        let http = http.expect("an HTTP client can be made");
        let child = self.running.get_mut(part).expect("it was just started");
        let ended = eventually("a process becomes ready", async || {
            if let Ok(Some(status)) = child.try_wait() {
                return Some(Some(status));
            }
            let answer = http.get(&url).send().await.ok()?;
            let is_ready = answer.status().is_success();
            let text = answer.text().await.ok()?;
            (is_ready && (gateway_alone || !text.contains("\"down\""))).then_some(None)
        })
        .await;
        assert!(
            ended.is_none(),
            "{part} ended instead of becoming ready: {ended:?}\n{}",
            self.log(part)
        );
    }

    /// `kill -9`.
    pub async fn kill(&mut self, part: &str) {
        let mut child = self.running.remove(part).expect("it runs");
        child.kill().await.expect("it can be killed");
    }

    /// `kill -9` for every process that runs, all before the first has ended.
    pub async fn kill_all(&mut self) {
        let mut killed: Vec<Child> = std::mem::take(&mut self.running).into_values().collect();
        for child in &mut killed {
            let _ = child.start_kill();
        }
        for mut child in killed {
            let _ = child.wait().await;
        }
    }

    /// Ctrl-C, and how the process ended.
    pub async fn interrupt(&mut self, part: &str) -> ExitStatus {
        self.signal(part, "INT").await
    }

    /// `SIGTERM`, as containers are stopped, and how the process ended.
    pub async fn terminate(&mut self, part: &str) -> ExitStatus {
        self.signal(part, "TERM").await
    }

    async fn signal(&mut self, part: &str, name: &str) -> ExitStatus {
        let mut child = self.running.remove(part).expect("it runs");
        let pid = child.id().expect("it has not ended").to_string();
        let told = Command::new("sh")
            .args(["-c", "kill -\"$1\" \"$2\"", "sh", name, &pid])
            .status()
            .await;
        assert!(
            told.is_ok_and(|status| status.success()),
            "{part} could not be told to stop"
        );
        let ended = tokio::time::timeout(Duration::from_secs(60), child.wait()).await;
        let Ok(Ok(status)) = ended else {
            panic!("{part} did not end after SIG{name}\n{}", self.log(part));
        };
        status
    }

    /// Ctrl-C for every process that runs, callers before callees; each must end well.
    pub async fn stop_all(&mut self) {
        for part in ["gateway", "transactions", "wallet", "fraud", "history", "auth", UP] {
            if self.running.contains_key(part) {
                let status = self.interrupt(part).await;
                assert!(status.success(), "{part} ended with {status}\n{}", self.log(part));
            }
        }
    }

    /// How much memory a process has resident.
    pub fn resident_bytes(&self, part: &str) -> usize {
        let pid = self.running.get(part).and_then(Child::id).expect("it runs");
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the system tells of its processes");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .expect("a process has memory");
        let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kilobytes * 1_024
    }

    /// Whether a process was started and not stopped.
    pub fn runs(&self, part: &str) -> bool {
        self.running.contains_key(part)
    }

    /// All that a process has written so far.
    pub fn log(&self, part: &str) -> String {
        let Some(log) = self.logs.get(part) else {
            return String::new();
        };
        log.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// The folder above data and keys.
    pub fn root(&self) -> &Path {
        self.root.path()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for (part, log) in &self.logs {
            let lines = log.lock().unwrap_or_else(PoisonError::into_inner);
            let shown = &lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..];
            #[expect(clippy::print_stderr, reason = "a failing test shows what the processes said")]
            {
                eprintln!("--- log of {part} ({} lines)\n{}", lines.len(), shown.join("\n"));
            }
        }
    }
}

fn collect(stream: Option<impl AsyncRead + Unpin + Send + 'static>, log: Arc<Mutex<Vec<String>>>) {
    let Some(stream) = stream else { return };
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}
