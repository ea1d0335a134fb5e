//! A wallet service with a fake history, and documents in the words of those who send them.

use axum::Router;
use axum::body::Bytes;
use axum::http::Request;
use peer::{Peer, ServiceTokens, Upstream};
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::Role;
use service::{Clock, Secret, ServiceName, Settings, Timestamp};
use testkit::graphql::{Answer, Api};
use testkit::peers::{Call, FakePeer, Reply};
use testkit::tokens::Signer;
use tokio_util::sync::CancellationToken;
use wallet::Wallet;

pub const CREATE: &str = "mutation Buat($walletName: String!) { createWallet(walletName: $walletName) { walletId userId walletName balance availableBalance currency status createdAt } }";
pub const TOPUP: &str = "mutation Isi($walletId: String!, $amount: Decimal!, $key: String) { topupWallet(walletId: $walletId, amount: $amount, idempotencyKey: $key) { walletId balance status } }";
pub const DEDUCT: &str = "mutation Tarik($walletId: String!, $amount: Decimal!, $key: String) { deductWallet(walletId: $walletId, amount: $amount, idempotencyKey: $key) { walletId balance status } }";
pub const DELETE: &str = "mutation Hapus($walletId: String!) { deleteWallet(walletId: $walletId) { success message } }";
pub const FREEZE: &str = "mutation($walletId: String!) { freezeWallet(walletId: $walletId) { status } }";
pub const UNFREEZE: &str = "mutation($walletId: String!) { unfreezeWallet(walletId: $walletId) { status } }";
pub const MINE: &str = "query { myWallets { walletId userId walletName balance status } }";
pub const ONE: &str =
    "query($walletId: String!) { wallet(walletId: $walletId) { walletId balance availableBalance status } }";
pub const BOOKS: &str = "query { trialBalance(maxAgeSeconds: 0) { balanced unbalancedTransfers currencies { currency sum accounts mismatches } } }";
pub const POST: &str =
    "mutation($inputs: [TransferInput!]!) { postTransfers(inputs: $inputs) { transferId posted refusal reason } }";
pub const FENCE: &str =
    "mutation($ids: [String!]!) { fenceTransfers(transferIds: $ids) { transferId posted refusal } }";
pub const AUTHORIZE: &str = "mutation($inputs: [HoldInput!]!) { authorizeHolds(inputs: $inputs) { holdId state refusal amountMinor capturedMinor } }";
pub const VOID: &str = "mutation($ids: [String!]!) { voidHolds(holdIds: $ids) { holdId state refusal capturedMinor } }";
pub const FENCE_HOLDS: &str = "mutation($ids: [String!]!) { fenceHolds(holdIds: $ids) { holdId state refusal amountMinor capturedMinor remainingMinor expiresAt } }";
pub const OPEN_MERCHANTS: &str = "mutation($inputs: [MerchantWalletInput!]!) { openMerchantWallets(inputs: $inputs) }";
pub const WALLETS: &str = "query($ids: [String!]!) { wallets(walletIds: $ids) { walletId ownerId name currency status balanceMinor heldMinor } }";
pub const RECEIVING: &str = "query($userId: String!) { receivingWallet(userId: $userId) { walletId currency } }";

/// The service and everything around it.
pub struct World {
    /// The service's HTTP side.
    pub api: Api,
    /// The time; it stands still.
    pub clock: Clock,
    /// What history was told.
    pub history: FakePeer,
    router: Router,
    signer: Signer,
    wallet: Wallet,
    stop: CancellationToken,
    folder: tempfile::TempDir,
}

/// Somebody with a token.
pub struct Person {
    /// The bearer token.
    pub token: String,
}

impl World {
    /// In the sandbox.
    pub async fn sandbox() -> Self {
        Self::start(&[("SAWIT_MODE", "sandbox")]).await
    }

    /// With real money.
    pub async fn live() -> Self {
        Self::start(&[
            ("SAWIT_MODE", "live"),
            ("SAWIT_PUBLIC_URL", "https://pay.example"),
            ("SAWIT_MARKETPLACE_URL", "https://shop.example/graphql"),
        ])
        .await
    }

    async fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data").to_string_lossy().into_owned();
        let pairs = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let pairs = pairs.chain([("SAWIT_DATA_DIR".to_owned(), data_dir)]);
        let settings = Settings::load(&Sources::from_pairs(pairs)).unwrap();
        let clock = Clock::manual(Timestamp::parse("2026-11-21T08:00:00Z").unwrap());
        let signer = Signer::new(folder.path().join("keys"));
        let history = FakePeer::new(acknowledge);
        let upstream = Upstream::in_process(history.router());
        let tokens = ServiceTokens::new(upstream.clone(), "wallet", Secret::new("secret"));
        let peer = Peer::new(ServiceName::History, upstream, tokens);
        let stop = CancellationToken::new();
        let wallet = Wallet::start(&settings, signer.verifier(&clock), clock.clone(), peer, stop.clone());
        let wallet = wallet.await.unwrap();
        let router = wallet.router();
        Self {
            api: Api::new(router.clone()),
            clock,
            history,
            router,
            signer,
            wallet,
            stop,
            folder,
        }
    }

    /// The end of every test: the books are in order, and the service stops cleanly.
    pub async fn end(self) {
        let books = self.api.public(Some(&self.admin().token), BOOKS, json!({})).await;
        let books = &books.data()["trialBalance"];
        assert_eq!(books["balanced"], json!(true), "{books:#}");
        self.stop.cancel();
        self.wallet.close().await;
        drop(self.folder);
    }

    /// Changes a row of the ledger's file behind the service's back.
    pub fn damage(&self, sql: &str) {
        let path = self
            .folder
            .path()
            .join("data")
            .join(ServiceName::Wallet.database_file());
        let file = rusqlite::Connection::open(path).unwrap();
        assert_eq!(file.execute(sql, []).unwrap(), 1, "{sql}");
    }

    pub fn person(&self, id: &str) -> Person {
        self.with_role(id, Role::Nasabah)
    }

    /// Somebody who runs a merchant.
    pub fn merchant(&self, id: &str) -> Person {
        self.with_role(id, Role::Merchant)
    }

    pub fn admin(&self) -> Person {
        self.with_role("usr_admin", Role::Admin)
    }

    pub fn service(&self) -> Person {
        self.with_role("transactions", Role::Service)
    }

    pub fn with_role(&self, id: &str, role: Role) -> Person {
        Person {
            token: self.signer.user(id, role),
        }
    }

    /// Asks the public API as this person.
    pub async fn ask(&self, person: &Person, document: &str, variables: Value) -> Answer {
        self.api.public(Some(&person.token), document, variables).await
    }

    /// Asks the internal API as a service.
    pub async fn tell(&self, document: &str, variables: Value) -> Answer {
        self.api
            .internal(Some(&self.service().token), document, variables)
            .await
    }

    /// Asks the public API with an `Idempotency-Key` header of any bytes.
    pub async fn ask_with_key(&self, person: &Person, key: &[u8], document: &str, variables: &Value) -> Value {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let request = Request::post("/graphql")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", person.token))
            .header("idempotency-key", key)
            .body(Bytes::from(body))
            .unwrap();
        let upstream = Upstream::in_process(self.router.clone());
        let answer = upstream
            .send(request, std::time::Duration::from_secs(60))
            .await
            .unwrap();
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// A new wallet of this person's with so much in it.
    pub async fn wallet_with(&self, person: &Person, amount: i64) -> String {
        let created = self.ask(person, CREATE, json!({ "walletName": "Dompet" })).await;
        let wallet_id = text(&created.data()["createWallet"]["walletId"]);
        if amount > 0 {
            let variables = json!({ "walletId": wallet_id, "amount": amount });
            self.ask(&self.admin(), TOPUP, variables).await.data();
        }
        wallet_id
    }

    /// A merchant's settlement wallet.
    pub async fn merchant_wallet(&self, merchant_id: &str) -> String {
        let inputs = json!([{ "merchantId": merchant_id, "name": "Toko" }]);
        let opened = self.tell(OPEN_MERCHANTS, json!({ "inputs": inputs })).await;
        text(&opened.data()["openMerchantWallets"][0])
    }

    /// What is in a wallet, and what of it can be spent.
    pub async fn balances(&self, wallet_id: &str) -> (Value, Value) {
        let found = self.ask(&self.admin(), ONE, json!({ "walletId": wallet_id })).await;
        let wallet = &found.data()["wallet"];
        (wallet["balance"].clone(), wallet["availableBalance"].clone())
    }

    /// Posts transfers and answers for each with `POSTED` or the refusal's code.
    pub async fn post(&self, inputs: &[Value]) -> Vec<String> {
        let answer = self.tell(POST, json!({ "inputs": inputs })).await;
        let outcomes = answer.data()["postTransfers"].as_array().unwrap();
        let code = |outcome: &Value| match outcome["posted"].as_bool() {
            Some(true) => "POSTED".to_owned(),
            _ => text(&outcome["refusal"]),
        };
        outcomes.iter().map(code).collect()
    }

    /// So many seconds from now, as services say it.
    pub fn in_seconds(&self, seconds: u64) -> i64 {
        self.clock.now().after(std::time::Duration::from_secs(seconds)).micros()
    }

    /// Waits until history was told so many entries, and answers with all of them.
    pub async fn told(&self, count: usize) -> Vec<Value> {
        loop {
            let entries = self.entries();
            if entries.len() >= count {
                return entries;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// What history was told so far.
    pub fn entries(&self) -> Vec<Value> {
        let calls = self.history.calls();
        let inputs = calls.iter().filter_map(|call| call.variables["inputs"].as_array());
        inputs.flatten().cloned().collect()
    }
}

fn acknowledge(call: &Call) -> Reply {
    let count = call.variables["inputs"].as_array().map_or(0, Vec::len);
    Reply::Data(json!({ "appendEntries": vec!["hst"; count] }))
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no string"))
        .to_owned()
}

/// A transfer as a service sends it: between accounts, from the first (negative) to the others.
pub fn transfer(transfer_id: &str, on_behalf_of: Option<&str>, lines: &[(&str, i64)]) -> Value {
    let postings = lines
        .iter()
        .map(|(account_id, minor)| json!({ "accountId": account_id, "amountMinor": minor }));
    json!({
        "transferId": transfer_id, "kind": "PAYMENT", "currency": "IDR", "onBehalfOf": on_behalf_of,
        "postings": postings.collect::<Vec<_>>(),
    })
}

/// A hold as a service asks for it.
pub fn hold(number: u32, wallet_id: &str, user: &str, minor: i64, expires_at: i64) -> Value {
    json!({ "holdId": hold_id(number), "walletId": wallet_id, "onBehalfOf": user, "amountMinor": minor, "expiresAt": expires_at })
}

/// The transfer's id with this number.
pub fn transfer_id(number: u32) -> String {
    format!("xfr_{number:026}")
}

/// The hold's id with this number.
pub fn hold_id(number: u32) -> String {
    format!("hld_{number:026}")
}
