//! A small ledger with the promises of the real one: a transfer's (and a hold's) id is answered once and for ever, a fenced
//! id is never posted, and what is held can be captured until it is let go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use ids::{MerchantId, Transfer, TransferId, WalletId};
use serde_json::{Value, json};
use service::Clock;

use super::faults::Faults;
use super::peer;

/// The ledger. Clones are the same.
#[derive(Clone)]
pub struct Ledger {
    books: Arc<Mutex<Books>>,
    clock: Clock,
}

#[derive(Clone, Default)]
struct Books {
    wallets: BTreeMap<String, Wallet>,
    balances: BTreeMap<String, i64>,
    transfers: BTreeMap<String, Recorded>,
    holds: BTreeMap<String, Hold>,
}

/// A hold as it stands. One that was fenced before it came has no input.
#[derive(Clone, Debug)]
pub struct Hold {
    pub state: &'static str,
    pub amount_minor: i64,
    pub captured_minor: i64,
    wallet_id: String,
    expires_at: i64,
    input: Option<Value>,
    refusal: Option<&'static str>,
}

/// A transfer that moved money.
#[derive(Clone, Debug)]
pub struct PostedTransfer {
    pub kind: String,
    /// What each account gained.
    pub postings: BTreeMap<String, i64>,
}

#[derive(Clone)]
struct Wallet {
    owner_id: String,
    frozen: bool,
}

#[derive(Clone, Debug)]
struct Recorded {
    /// `None` when it was fenced before it came.
    input: Option<Value>,
    refusal: Option<&'static str>,
}

impl Ledger {
    /// An empty one that goes by this clock.
    pub fn new(clock: Clock) -> Self {
        Self {
            books: Arc::default(),
            clock,
        }
    }

    /// The transfer with this id (whatever its prefix), if it moved money.
    pub fn posted_as(&self, id: &str) -> Option<PostedTransfer> {
        let books = self.lock();
        let recorded = books.transfers.get(&format!("xfr{}", &id[3..]))?;
        let input = recorded.input.as_ref().filter(|_| recorded.refusal.is_none())?;
        Some(PostedTransfer {
            kind: text(&input["kind"]).to_owned(),
            postings: list(&input["postings"])
                .map(|posting| {
                    (
                        text(&posting["accountId"]).to_owned(),
                        posting["amountMinor"].as_i64().unwrap(),
                    )
                })
                .collect(),
        })
    }

    /// The hold of a transaction.
    pub fn hold_of(&self, transaction_id: &str) -> Option<Hold> {
        let mut books = self.lock();
        books.expire(self.clock.now().micros());
        books.holds.get(&format!("hld{}", &transaction_id[3..])).cloned()
    }

    /// Opens a wallet; what is in it came from the bank.
    pub fn open_wallet(&self, owner_id: &str, balance_minor: i64) -> WalletId {
        let wallet_id = WalletId::generate();
        let mut books = self.lock();
        books.open(wallet_id.to_string(), owner_id);
        *books.balances.entry(wallet_id.to_string()).or_default() += balance_minor;
        *books.balances.entry("bank_clearing:IDR".to_owned()).or_default() -= balance_minor;
        wallet_id
    }

    /// Puts money from the bank into a wallet, a merchant's if nobody has opened it.
    pub fn give(&self, wallet_id: WalletId, minor: i64) {
        let mut books = self.lock();
        let merchant_id = wallet_id.retag::<ids::Merchant>();
        books.open(wallet_id.to_string(), merchant_id.as_str());
        *books.balances.entry(wallet_id.to_string()).or_default() += minor;
        *books.balances.entry("bank_clearing:IDR".to_owned()).or_default() -= minor;
    }

    /// Freezes a wallet.
    pub fn freeze(&self, wallet_id: WalletId) {
        self.lock().wallets.get_mut(wallet_id.as_str()).unwrap().frozen = true;
    }

    /// Opens a frozen wallet again.
    pub fn unfreeze(&self, wallet_id: WalletId) {
        self.lock().wallets.get_mut(wallet_id.as_str()).unwrap().frozen = false;
    }

    /// What is in an account.
    pub fn balance(&self, account_id: impl AsRef<str>) -> i64 {
        self.lock()
            .balances
            .get(account_id.as_ref())
            .copied()
            .unwrap_or_default()
    }

    /// Who owns a wallet.
    pub fn owner_of(&self, wallet_id: &str) -> String {
        self.lock().wallets[wallet_id].owner_id.clone()
    }

    /// The sum of all balances: zero, or the books are wrong.
    pub fn total(&self) -> i64 {
        self.lock().balances.values().sum()
    }

    /// Which transfers moved money.
    pub fn posted(&self) -> Vec<TransferId> {
        let books = self.lock();
        let posted = books
            .transfers
            .iter()
            .filter(|(_, recorded)| recorded.refusal.is_none());
        posted.map(|(id, _)| id.parse().unwrap()).collect()
    }

    /// Whether this transaction's transfer moved money; `None` when the ledger has no answer under its id.
    pub fn is_posted(&self, transaction_id: &str) -> Option<bool> {
        let transaction_id: ids::TransactionId = transaction_id.parse().unwrap();
        self.is_transfer_posted(transaction_id.retag::<Transfer>().as_str())
    }

    /// Whether a transfer moved money; `None` when the ledger has no answer under its id.
    pub fn is_transfer_posted(&self, transfer_id: &str) -> Option<bool> {
        self.lock()
            .transfers
            .get(transfer_id)
            .map(|recorded| recorded.refusal.is_none())
    }

    /// Its HTTP side.
    pub fn router(&self, faults: &Faults) -> Router {
        let this = self.clone();
        peer::router(
            faults,
            Arc::new(move |operation, variables| this.call(operation, variables)),
        )
    }

    fn call(&self, operation: &'static str, variables: &Value) -> Result<Value, &'static str> {
        let mut books = self.lock();
        books.expire(self.clock.now().micros());
        match operation {
            "wallets" => Ok(list(&variables["walletIds"]).map(|id| books.facts(text(id))).collect()),
            "openMerchantWallets" => {
                let opened = list(&variables["inputs"]).map(|input| {
                    let merchant_id: MerchantId = text(&input["merchantId"]).parse().unwrap();
                    let wallet_id = merchant_id.retag::<ids::Wallet>().to_string();
                    books.open(wallet_id.clone(), merchant_id.as_str());
                    Value::from(wallet_id)
                });
                Ok(opened.collect())
            }
            "postTransfers" => {
                // All in one commit: a request that is refused as a whole has no effect.
                let mut changed = books.clone();
                let outcomes: Result<Value, _> = list(&variables["inputs"]).map(|input| changed.post(input)).collect();
                *books = changed;
                outcomes
            }
            "fenceTransfers" => Ok(list(&variables["transferIds"])
                .map(|id| books.fence(text(id)))
                .collect()),
            "authorizeHolds" => {
                let mut changed = books.clone();
                let now = self.clock.now().micros();
                let answers: Result<Value, _> = list(&variables["inputs"])
                    .map(|input| changed.authorize(input, now))
                    .collect();
                *books = changed;
                answers
            }
            "fenceHolds" => Ok(list(&variables["holdIds"])
                .map(|id| books.fence_hold(text(id)))
                .collect()),
            "voidHolds" => list(&variables["holdIds"]).map(|id| books.void(text(id))).collect(),
            other => panic!("the ledger has no {other}"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Books {
    fn open(&mut self, wallet_id: String, owner_id: &str) {
        self.wallets.entry(wallet_id).or_insert(Wallet {
            owner_id: owner_id.to_owned(),
            frozen: false,
        });
    }

    fn facts(&self, wallet_id: &str) -> Value {
        let balance = self.balances.get(wallet_id).copied().unwrap_or_default();
        let facts = |wallet: &Wallet| {
            json!({
                "walletId": wallet_id, "ownerId": wallet.owner_id, "currency": "IDR", "balanceMinor": balance, "heldMinor": 0, "createdAt": 1_700_000_000_000_000_i64,
            })
        };
        self.wallets.get(wallet_id).map_or(Value::Null, facts)
    }

    fn post(&mut self, input: &Value) -> Result<Value, &'static str> {
        let transfer_id = text(&input["transferId"]).to_owned();
        if let Some(recorded) = self.transfers.get(&transfer_id) {
            if recorded.input.as_ref().is_some_and(|earlier| earlier != input) {
                return Err("IDEMPOTENCY_KEY_REUSED");
            }
            return Ok(outcome(&transfer_id, recorded.refusal));
        }
        let postings: Vec<(&str, i64)> = list(&input["postings"])
            .map(|posting| (text(&posting["accountId"]), posting["amountMinor"].as_i64().unwrap()))
            .collect();
        assert_eq!(postings.iter().map(|(_, minor)| minor).sum::<i64>(), 0, "{input}");
        let hold_id = input["holdId"].as_str();
        let on_behalf_of = input["onBehalfOf"].as_str();
        let refuse_all = || hold_id.and_then(|hold_id| self.refuse_capture(hold_id, &postings));
        let refuse_one = |posting| self.refusal(posting, on_behalf_of, hold_id.is_some());
        let refusal = refuse_all().or_else(|| postings.iter().copied().find_map(refuse_one));
        if refusal.is_none() {
            if let Some(hold) = hold_id.and_then(|hold_id| self.holds.get_mut(hold_id)) {
                hold.captured_minor += debited(&postings);
                if hold.captured_minor == hold.amount_minor {
                    hold.state = "CAPTURED";
                }
            }
            for (account_id, minor) in postings {
                *self.balances.entry(account_id.to_owned()).or_default() += minor;
            }
        }
        let recorded = Recorded {
            input: Some(input.clone()),
            refusal,
        };
        self.transfers.insert(transfer_id.clone(), recorded);
        Ok(outcome(&transfer_id, refusal))
    }

    fn refusal(
        &self,
        (account_id, minor): (&str, i64),
        on_behalf_of: Option<&str>,
        captures: bool,
    ) -> Option<&'static str> {
        if account_id.starts_with("bank_clearing:") || account_id.starts_with("fees:") {
            return None;
        }
        let Some(wallet) = self.wallets.get(account_id) else {
            return Some("WALLET_NOT_FOUND");
        };
        if wallet.frozen {
            return Some("WALLET_FROZEN");
        }
        if minor < 0 {
            let own = on_behalf_of.is_none_or(|user_id| user_id == wallet.owner_id);
            assert!(own, "somebody else's money");
            if !captures && self.available(account_id) + minor < 0 {
                return Some("INSUFFICIENT_FUNDS");
            }
        }
        None
    }

    fn refuse_capture(&self, hold_id: &str, postings: &[(&str, i64)]) -> Option<&'static str> {
        let Some(hold) = self.holds.get(hold_id) else {
            return Some("HOLD_NOT_FOUND");
        };
        if hold.state != "PENDING" {
            return Some("HOLD_NOT_PENDING");
        }
        let debits: Vec<&str> = postings
            .iter()
            .filter(|(_, minor)| *minor < 0)
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(
            debits,
            [hold.wallet_id.as_str()],
            "a capture debits the held wallet alone"
        );
        (debited(postings) > hold.amount_minor - hold.captured_minor).then_some("HOLD_EXCEEDED")
    }

    fn available(&self, wallet_id: &str) -> i64 {
        let held = self
            .holds
            .values()
            .filter(|hold| hold.wallet_id == wallet_id && hold.state == "PENDING");
        let held: i64 = held.map(|hold| hold.amount_minor - hold.captured_minor).sum();
        self.balances.get(wallet_id).copied().unwrap_or_default() - held
    }

    fn authorize(&mut self, input: &Value, now: i64) -> Result<Value, &'static str> {
        let hold_id = text(&input["holdId"]).to_owned();
        if let Some(known) = self.holds.get(&hold_id) {
            if known.input.as_ref().is_some_and(|earlier| earlier != input) {
                return Err("IDEMPOTENCY_KEY_REUSED");
            }
            return Ok(known.facts(&hold_id));
        }
        let wallet_id = text(&input["walletId"]).to_owned();
        let amount_minor = input["amountMinor"].as_i64().unwrap();
        let expires_at = input["expiresAt"].as_i64().unwrap();
        let wallet = self.wallets.get(&wallet_id);
        let owner = wallet.map(|wallet| wallet.owner_id.as_str());
        assert_eq!(owner, input["onBehalfOf"].as_str(), "somebody else's money");
        let refusal = match wallet {
            Some(wallet) if wallet.frozen => Some("WALLET_FROZEN"),
            _ if self.available(&wallet_id) < amount_minor => Some("INSUFFICIENT_FUNDS"),
            _ if expires_at <= now => Some("HOLD_NOT_PENDING"),
            _ => None,
        };
        let hold = Hold {
            state: if refusal.is_some() { "REFUSED" } else { "PENDING" },
            amount_minor,
            captured_minor: 0,
            wallet_id,
            expires_at,
            input: Some(input.clone()),
            refusal,
        };
        let facts = hold.facts(&hold_id);
        self.holds.insert(hold_id, hold);
        Ok(facts)
    }

    fn fence_hold(&mut self, hold_id: &str) -> Value {
        let fenced = Hold {
            state: "REFUSED",
            amount_minor: 0,
            captured_minor: 0,
            wallet_id: String::new(),
            expires_at: 0,
            input: None,
            refusal: Some("TRANSFER_CANCELLED"),
        };
        self.holds.entry(hold_id.to_owned()).or_insert(fenced).facts(hold_id)
    }

    fn void(&mut self, hold_id: &str) -> Result<Value, &'static str> {
        let hold = self.holds.get_mut(hold_id).ok_or("NOT_FOUND")?;
        hold.end("VOIDED");
        Ok(hold.facts(hold_id))
    }

    fn expire(&mut self, now: i64) {
        let overdue = self.holds.values_mut().filter(|hold| hold.expires_at <= now);
        overdue.for_each(|hold| hold.end("EXPIRED"));
    }

    fn fence(&mut self, transfer_id: &str) -> Value {
        let fenced = Recorded {
            input: None,
            refusal: Some("CANCELLED"),
        };
        let recorded = self.transfers.entry(transfer_id.to_owned()).or_insert(fenced);
        outcome(transfer_id, recorded.refusal)
    }
}

impl Hold {
    fn end(&mut self, ending: &'static str) {
        if self.state == "PENDING" {
            self.state = if self.captured_minor > 0 { "CAPTURED" } else { ending };
        }
    }

    fn facts(&self, hold_id: &str) -> Value {
        json!({
            "holdId": hold_id, "state": self.state, "refusal": self.refusal, "capturedMinor": self.captured_minor,
        })
    }
}

fn debited(postings: &[(&str, i64)]) -> i64 {
    postings.iter().map(|(_, minor)| (-minor).max(0)).sum()
}

fn outcome(transfer_id: &str, refusal: Option<&str>) -> Value {
    json!({ "transferId": transfer_id, "posted": refusal.is_none(), "refusal": refusal, "reason": refusal })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
