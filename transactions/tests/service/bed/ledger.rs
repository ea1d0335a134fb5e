//! A small ledger with the promises of the real one: a transfer's id is answered once and for ever, and a fenced id is
//! never posted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use ids::{MerchantId, Transfer, TransferId, WalletId};
use serde_json::{Value, json};

use super::faults::Faults;
use super::peer;

/// The ledger. Clones are the same.
#[derive(Clone, Default)]
pub struct Ledger {
    books: Arc<Mutex<Books>>,
}

#[derive(Clone, Default)]
struct Books {
    wallets: BTreeMap<String, Wallet>,
    balances: BTreeMap<String, i64>,
    transfers: BTreeMap<String, Recorded>,
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
    /// Opens a wallet; what is in it came from the bank.
    pub fn open_wallet(&self, owner_id: &str, balance_minor: i64) -> WalletId {
        let wallet_id = WalletId::generate();
        let mut books = self.lock();
        books.open(wallet_id.to_string(), owner_id);
        *books.balances.entry(wallet_id.to_string()).or_default() += balance_minor;
        *books.balances.entry("bank_clearing:IDR".to_owned()).or_default() -= balance_minor;
        wallet_id
    }

    /// Freezes a wallet.
    pub fn freeze(&self, wallet_id: WalletId) {
        self.lock().wallets.get_mut(wallet_id.as_str()).unwrap().frozen = true;
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
        let transfer_id = transaction_id.retag::<Transfer>().to_string();
        self.lock()
            .transfers
            .get(&transfer_id)
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
                "walletId": wallet_id, "ownerId": wallet.owner_id, "currency": "IDR", "balanceMinor": balance, "heldMinor": 0,
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
        let refusal = postings
            .iter()
            .find_map(|posting| self.refusal(*posting, input["onBehalfOf"].as_str()));
        if refusal.is_none() {
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

    fn refusal(&self, (account_id, minor): (&str, i64), on_behalf_of: Option<&str>) -> Option<&'static str> {
        if account_id.starts_with("bank_clearing:") {
            return None;
        }
        let Some(wallet) = self.wallets.get(account_id) else {
            return Some("WALLET_NOT_FOUND");
        };
        if wallet.frozen {
            return Some("WALLET_FROZEN");
        }
        if minor < 0 {
            assert_eq!(on_behalf_of, Some(wallet.owner_id.as_str()), "somebody else's money");
            if self.balances.get(account_id).copied().unwrap_or_default() + minor < 0 {
                return Some("INSUFFICIENT_FUNDS");
            }
        }
        None
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

fn outcome(transfer_id: &str, refusal: Option<&str>) -> Value {
    json!({ "transferId": transfer_id, "posted": refusal.is_none(), "refusal": refusal, "reason": refusal })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().expect("a list").iter()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
