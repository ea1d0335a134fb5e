//! The real service on a real database file, between fakes that can fail at every point.

mod audit;
mod bank;
mod faults;
mod grpc;
mod hooks;
mod ledger;
mod marketplace;
mod operations;
mod others;
mod payouts;
mod peer;
mod reviews;
mod sessions;
mod shop;

use std::sync::Arc;
use std::time::Duration;

use ::peer as peer_crate;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use ids::WalletId;
use peer_crate::{Peer, ServiceTokens, Upstream};
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::{Claims, Role};
use service::{Clock, Secret, ServiceName, Settings, Timestamp};
use store::{Database, Options, StoreError, Tx};
use testkit::graphql::Answer;
use testkit::tokens::{Signer, claims};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use transactions::clients::bank::BankRail;
use transactions::{Peers, Transactions};

pub use audit::Expect;
pub use bank::FakeBank;
pub use faults::{Fault, Faults, Side};
pub use grpc::{Program, code_of, order};
pub use hooks::{DEFAULT_MERCHANT, Hooks, Reply};
pub use ledger::Ledger;
pub use marketplace::{Marketplace, WEBHOOK_SECRET, Webhook, fields};
pub use others::{Auth, Fraud, History};
pub use payouts::Payee;
pub use sessions::Seller;
pub use shop::{REGISTER, Shop, outcome};

/// Nothing here takes this long unless it never ends.
pub const DEADLINE: Duration = Duration::from_secs(40);

const CREATE: &str = "mutation($input: TransactionInput!) { createTransaction(input: $input) {
    transactionId userId walletId targetWalletId amount currency type status vaNumber description failureCode failureReason
} }";

/// The service and all that is around it.
pub struct Bed {
    pub clock: Clock,
    pub faults: Faults,
    pub ledger: Ledger,
    pub fraud: Fraud,
    pub history: History,
    pub auth: Auth,
    pub market: Marketplace,
    /// The bank that is connected; none: the service simulates one.
    pub bank: Option<FakeBank>,
    folder: tempfile::TempDir,
    signer: Signer,
    settings: Vec<(&'static str, String)>,
    running: Option<Running>,
}

struct Running {
    runtime: Runtime,
    router: Router,
    service: Transactions,
    stop: CancellationToken,
}

/// A user with a wallet.
pub struct User {
    pub id: String,
    pub token: String,
    pub wallet: WalletId,
}

impl Bed {
    /// A running service with a marketplace that takes both kinds of notification.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with some settings more.
    pub async fn start_with(settings: &[(&'static str, &str)]) -> Self {
        let mut bed = Self::prepare(settings).await;
        bed.start_service().await;
        bed
    }

    /// Everything but the service.
    pub async fn prepare(settings: &[(&'static str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let faults = Faults::default();
        let now = Clock::system().now();
        let clock = Clock::manual(Timestamp::from_micros(now.micros()));
        Self {
            ledger: Ledger::new(clock.clone()),
            fraud: Fraud::new(clock.clone()),
            clock,
            history: History::default(),
            auth: Auth::default(),
            market: Marketplace::open(&faults).await,
            bank: None,
            signer: Signer::new(folder.path().join("keys")),
            settings: settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            running: None,
            faults,
            folder,
        }
    }

    /// Starts the service on the bed's file, in a runtime of its own, so that a crash can take all of it away.
    pub async fn start_service(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let settings = self.load_settings();
        let verifier = self.signer.verifier(&self.clock);
        let deadline = tokio::time::Instant::now() + DEADLINE;
        let (service, stop) = loop {
            let stop = CancellationToken::new();
            let (settings, verifier, clock) = (settings.clone(), verifier.clone(), self.clock.clone());
            let (peers, child) = (self.peers(), stop.clone());
            let started = runtime
                .spawn(async move { Transactions::start(&settings, verifier, clock, peers, child).await })
                .await
                .unwrap();
            match started {
                Ok(service) => break (service, stop),
                // What crashed before may not have let go of the file yet.
                Err(error) if tokio::time::Instant::now() > deadline => panic!("{error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        self.running = Some(Running {
            router: service.router(),
            runtime,
            service,
            stop,
        });
    }

    /// Stops the service the way Ctrl-C does.
    pub async fn stop_service(&mut self) {
        let running = self.running.take().expect("the service runs");
        running.stop.cancel();
        drop(running.router);
        let closing = running.runtime.spawn(running.service.close());
        tokio::time::timeout(DEADLINE, closing)
            .await
            .expect("it stops")
            .unwrap();
        running.runtime.shutdown_background();
    }

    /// Takes the service away wherever it stands.
    pub fn crash(&mut self) {
        let running = self.running.take().expect("the service runs");
        running.runtime.shutdown_background();
    }

    /// Takes it away and starts it again.
    pub async fn crash_and_restart(&mut self) {
        self.crash();
        self.start_service().await;
    }

    fn load_settings(&self) -> Settings {
        let mut pairs = vec![
            ("SAWIT_DATA_DIR", self.folder.path().join("data").display().to_string()),
            ("SAWIT_KEYS_DIR", self.folder.path().join("keys").display().to_string()),
            ("SAWIT_MARKETPLACE_URL", self.market.url("/graphql")),
            ("SAWIT_MARKETPLACE_WEBHOOK_URL", self.market.url("/webhook")),
            ("SAWIT_MARKETPLACE_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ];
        pairs.extend(self.settings.iter().cloned());
        let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
        Settings::load(&Sources::from_pairs(pairs)).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn peers(&self) -> Peers {
        let tokens = ServiceTokens::new(
            Upstream::in_process(self.fraud.router(&self.faults)),
            "transactions",
            Secret::new("secret"),
        );
        let peer = |name, router| Peer::new(name, Upstream::in_process(router), tokens.clone());
        Peers {
            wallet: peer(ServiceName::Wallet, self.ledger.router(&self.faults)),
            fraud: peer(ServiceName::Fraud, self.fraud.router(&self.faults)),
            history: peer(ServiceName::History, self.history.router(&self.faults)),
            auth: peer(ServiceName::Auth, self.auth.router(&self.faults)),
            bank: self.bank.clone().map(|bank| Arc::new(bank) as Arc<dyn BankRail>),
        }
    }

    /// A user with this much in a new wallet.
    pub fn user(&self, name: &str, balance_minor: i64) -> User {
        let id = format!("usr_{name}");
        User {
            token: self.signer.user(&id, Role::Nasabah),
            wallet: self.ledger.open_wallet(&id, balance_minor),
            id,
        }
    }

    /// Changes a setting for the next start.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.settings.push((name, value.to_owned()));
    }

    /// The token of somebody with this role.
    pub fn token(&self, id: &str, role: Role) -> String {
        self.signer.user(id, role)
    }

    /// An admin's token.
    pub fn admin(&self) -> String {
        self.signer.user("usr_admin", Role::Admin)
    }

    /// The token of one of our services.
    pub fn service_token(&self) -> String {
        self.signer.service("gateway")
    }

    /// A token with claims of the test's choice.
    pub fn sign(&self, id: &str, change: impl FnOnce(&mut Claims)) -> String {
        let mut claims = claims(id, Role::Nasabah);
        change(&mut claims);
        self.signer.sign(&claims)
    }

    /// Sends a document; the answer comes from a task in the service's runtime, and dies with it.
    pub fn sending(&self, request: Ask) -> JoinHandle<Answer> {
        let running = self.running.as_ref().expect("the service runs");
        let router = running.router.clone();
        running.runtime.spawn(ask(router, request))
    }

    /// Sends a document and waits for the answer.
    pub async fn ask(&self, token: Option<&str>, document: &str, variables: Value) -> Answer {
        self.answer(Ask::new(token, document, variables)).await
    }

    /// Sends a request and waits for the answer.
    pub async fn answer(&self, request: Ask) -> Answer {
        let answer = tokio::time::timeout(DEADLINE, self.sending(request)).await;
        answer.expect("an answer comes").expect("the handler does not panic")
    }

    /// Sends `createTransaction` in the background.
    pub fn creating(&self, user: &User, input: Value) -> JoinHandle<Answer> {
        self.sending(Ask::new(Some(&user.token), CREATE, json!({ "input": input })))
    }

    /// `createTransaction`, whatever it answers.
    pub async fn try_create(&self, user: &User, input: Value) -> Answer {
        self.ask(Some(&user.token), CREATE, json!({ "input": input })).await
    }

    /// `createTransaction`, which answers with a transaction.
    pub async fn create(&self, user: &User, input: Value) -> Value {
        transaction_of(&self.try_create(user, input).await)
    }

    /// One of a user's transactions.
    pub async fn transaction(&self, user: &User, transaction_id: &str) -> Value {
        let document = "query($id: String!) { transaction(transactionId: $id) { transactionId status failureCode failureReason } }";
        let answer = self
            .ask(Some(&user.token), document, json!({ "id": transaction_id }))
            .await;
        answer.data()["transaction"].clone()
    }

    /// A user's newest transaction.
    pub async fn newest(&self, user: &User) -> Value {
        let document = "{ myTransactions(first: 1) { transactionId status failureCode type amount } }";
        let answer = self.ask(Some(&user.token), document, json!({})).await;
        answer.data()["myTransactions"][0].clone()
    }

    /// What is not finished.
    pub async fn status(&self) -> Value {
        let document = "{ operationsStatus { pendingTransactions pendingOperations pendingPayouts deliveriesWaiting deliveriesParked } }";
        let request = Ask {
            path: "/internal/graphql",
            ..Ask::new(Some(&self.service_token()), document, json!({}))
        };
        self.answer(request).await.data()["operationsStatus"].clone()
    }

    /// Turns the clock on, a little at a time, until no transaction is under way.
    pub async fn until_no_transaction_is_pending(&self, step: Duration) {
        self.until("no transaction is pending", step, async || {
            self.status().await["pendingTransactions"] == 0
        })
        .await;
    }

    /// Turns the clock on, a little at a time, until nothing is under way.
    pub async fn until_nothing_waits(&self, step: Duration) {
        self.until("nothing waits", step, async || {
            let status = self.status().await;
            ["pendingTransactions", "pendingOperations", "deliveriesWaiting"]
                .iter()
                .all(|name| status[name] == 0)
        })
        .await;
    }

    /// Turns the clock on by `step`, again and again, until something holds.
    pub async fn until(&self, what: &str, step: Duration, holds: impl AsyncFn() -> bool) {
        let deadline = tokio::time::Instant::now() + DEADLINE;
        while !holds().await {
            assert!(
                tokio::time::Instant::now() < deadline,
                "{what}: {}",
                self.status().await
            );
            self.clock.advance(step);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Calls the ledger as if a request came that the service sent long ago.
    pub async fn call_ledger(&self, operation: &str, variables: Value) -> Value {
        let body = json!({ "operationName": operation, "query": "", "variables": variables });
        let request = Request::post("/internal/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let Ok(response) = self.ledger.router(&self.faults).oneshot(request).await;
        let bytes = to_bytes(response.into_body(), 64 * 1024).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Where the service's database is. Its folder is there.
    pub fn database_path(&self) -> std::path::PathBuf {
        let folder = self.folder.path().join("data");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join("transactions.db")
    }

    /// Opens the database of a service that is stopped.
    pub async fn open_database(&self) -> Database {
        let options = Options::new(self.database_path(), transactions::store::MIGRATIONS)
            .with_migrations(outbox::MIGRATIONS)
            .with_migrations(actions::MIGRATIONS);
        tokio::task::spawn_blocking(move || Database::open(&options).unwrap())
            .await
            .unwrap()
    }

    /// Changes the database of a service that is stopped.
    pub async fn edit<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let database = self.open_database().await;
        let result = database.write(work).await.unwrap();
        database.close().await;
        result
    }
}

/// A request to the service.
pub struct Ask {
    pub path: &'static str,
    pub token: Option<String>,
    pub document: String,
    pub variables: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl Ask {
    pub fn new(token: Option<&str>, document: &str, variables: Value) -> Self {
        Self {
            path: "/graphql",
            token: token.map(str::to_owned),
            document: document.to_owned(),
            variables,
            headers: Vec::new(),
        }
    }

    /// `createTransaction` of a user.
    pub fn create(user: &User, input: Value) -> Self {
        Self::new(Some(&user.token), CREATE, json!({ "input": input }))
    }

    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The transaction of an answer to `createTransaction`.
#[track_caller]
pub fn transaction_of(answer: &Answer) -> Value {
    answer.data()["createTransaction"].clone()
}

async fn ask(router: Router, ask: Ask) -> Answer {
    let mut request = Request::post(ask.path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json");
    if let Some(token) = &ask.token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    let body = json!({ "query": ask.document, "variables": ask.variables });
    let request = request.body(Body::from(body.to_string())).unwrap();
    let Ok(response) = router.oneshot(request).await;
    let status: StatusCode = response.status();
    let bytes = to_bytes(response.into_body(), 64 * 1024 * 1024).await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}"));
    Answer { status, body }
}

/// Inputs of `createTransaction`, in rupiah.
pub mod inputs {
    use ids::WalletId;
    use serde_json::{Value, json};

    pub fn deposit(wallet: WalletId, rupiah: u64) -> Value {
        json!({ "walletId": wallet.as_str(), "amount": rupiah, "type": "DEPOSIT" })
    }

    pub fn payment(wallet: WalletId, rupiah: u64, va_number: &str) -> Value {
        json!({ "walletId": wallet.as_str(), "amount": rupiah, "type": "PAYMENT", "vaNumber": va_number })
    }

    pub fn transfer(wallet: WalletId, rupiah: u64, target: WalletId) -> Value {
        json!({ "walletId": wallet.as_str(), "amount": rupiah, "type": "TRANSFER", "targetWalletId": target.as_str() })
    }

    /// The same with an idempotency key.
    pub fn with_key(mut input: Value, key: &str) -> Value {
        input["idempotencyKey"] = json!(key);
        input
    }
}
