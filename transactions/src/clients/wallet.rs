//! The wallet service: whose a wallet is, transfers, and holds.

mod holds;

use std::collections::BTreeMap;

use graphql_client::GraphQLQuery;
use ids::{HoldId, MerchantId, TransferId, WalletId};
use moka::sync::Cache;
use peer::{Coalescer, Peer, PeerError};

use crate::domain::{Failure, FailureCode, Merchant, Movement};
pub use holds::{HoldAnswer, Holds, hold_of};

const BATCH_MAX: usize = 256;
const REMEMBERED_WALLETS_MAX: u64 = 100_000;
const REMEMBERED_MERCHANTS_MAX: u64 = 10_000;
const WALLET_NAME_CHARS_MAX: usize = 60;

type Micros = i64;
type MinorUnits = i64;

// A document per operation: a call sends its whole document, and the ledger reads all that it is sent.

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/wallets.graphql"
)]
struct Wallets;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/post_transfers.graphql",
    variables_derives = "Clone"
)]
struct PostTransfers;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/fence_transfers.graphql"
)]
struct FenceTransfers;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet/open_merchant_wallets.graphql"
)]
struct OpenMerchantWallets;

/// What never changes about a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletFacts {
    /// The user or merchant it belongs to.
    pub owner_id: String,
    /// ISO 4217 code.
    pub currency: String,
    /// When it was opened, in microseconds since the epoch.
    pub created_at: Option<i64>,
}

/// What is in a wallet at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletBalance {
    /// All money in it, in minor units.
    pub balance_minor: i64,
    /// How much of that is held.
    pub held_minor: i64,
}

/// What became of a transfer in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerAnswer {
    /// The money has moved.
    Posted,
    /// It has not, and under this id never will.
    Refused(Failure),
}

/// What a transfer is for. All of it but the id is compared when it comes again.
#[derive(Clone, Debug)]
pub struct TransferOrder {
    /// Made from the id of what it is for.
    pub transfer_id: TransferId,
    /// Such as `PAYMENT`.
    pub kind: &'static str,
    /// The user in whose name it is: whose wallets alone it may debit.
    pub on_behalf_of: Option<String>,
    /// The hold that its debit is taken from.
    pub hold_id: Option<HoldId>,
    /// What moves.
    pub movement: Movement,
}

/// The wallet service. Cheap to clone.
#[derive(Clone)]
pub struct WalletClient {
    /// Money that is held.
    pub holds: Holds,
    peer: Peer,
    lookups: Coalescer<WalletId, Option<(WalletFacts, WalletBalance)>>,
    transfers: Coalescer<post_transfers::TransferInput, LedgerAnswer>,
    openings: Coalescer<(MerchantId, String), ()>,
    remembered: Cache<WalletId, WalletFacts>,
    /// Merchants whose settlement wallets are open.
    opened: Cache<MerchantId, ()>,
}

impl WalletClient {
    /// A client of this peer.
    pub fn new(peer: Peer) -> Self {
        let lookups = Coalescer::start("wallet", BATCH_MAX, {
            let peer = peer.clone();
            move |wallet_ids| look_up(peer.clone(), wallet_ids)
        });
        let transfers = Coalescer::start("wallet", BATCH_MAX, {
            let peer = peer.clone();
            move |inputs| post(peer.clone(), inputs)
        });
        let openings = Coalescer::start("wallet", BATCH_MAX, {
            let peer = peer.clone();
            move |merchants| open(peer.clone(), merchants)
        });
        Self {
            holds: Holds::new(peer.clone()),
            peer,
            lookups,
            transfers,
            openings,
            remembered: Cache::new(REMEMBERED_WALLETS_MAX),
            opened: Cache::new(REMEMBERED_MERCHANTS_MAX),
        }
    }

    /// Whose a wallet is; `None` when there is no such wallet.
    pub async fn facts(&self, wallet_id: WalletId) -> Result<Option<WalletFacts>, PeerError> {
        if let Some(facts) = self.remembered.get(&wallet_id) {
            return Ok(Some(facts));
        }
        let found = self.lookups.submit(wallet_id).await?.map(|(facts, _)| facts);
        if let Some(facts) = &found {
            self.remembered.insert(wallet_id, facts.clone());
        }
        Ok(found)
    }

    /// What is in a wallet now; `None` when there is no such wallet.
    pub async fn balance(&self, wallet_id: WalletId) -> Result<Option<WalletBalance>, PeerError> {
        Ok(self.lookups.submit(wallet_id).await?.map(|(_, balance)| balance))
    }

    /// Posts a transfer. Asked again, it answers the same and moves nothing more.
    pub async fn post(&self, order: TransferOrder) -> Result<LedgerAnswer, PeerError> {
        let postings = order.movement.postings.into_iter();
        let input = post_transfers::TransferInput {
            transfer_id: order.transfer_id.to_string(),
            kind: order.kind.to_owned(),
            currency: order.movement.currency.code().to_owned(),
            on_behalf_of: order.on_behalf_of,
            hold_id: order.hold_id.map(|hold_id| hold_id.to_string()),
            postings: postings
                .map(|posting| post_transfers::PostingInput {
                    account_id: posting.account_id,
                    amount_minor: posting.amount_minor,
                })
                .collect(),
        };
        self.transfers.submit(input).await
    }

    /// What became of a transfer; if it never came, it is refused from now on.
    pub async fn fence(&self, transfer_id: TransferId) -> Result<LedgerAnswer, PeerError> {
        let transfer_ids = vec![transfer_id.to_string()];
        let data = self
            .peer
            .call::<FenceTransfers>(fence_transfers::Variables { transfer_ids })
            .await?;
        let outcome = data.fence_transfers.into_iter().next();
        let outcome = outcome.ok_or_else(|| malformed("no outcome for one id"))?;
        check_id(&outcome.transfer_id, transfer_id.as_str())?;
        answer(outcome.posted, outcome.refusal, outcome.reason)
    }

    /// Makes sure, once, that a merchant's settlement wallet is open. Whoever needs it at the same time shares a request:
    /// while the ledger does not answer, payments must not queue up behind each other's time-outs.
    pub async fn open_merchant_wallet(&self, merchant: &Merchant) -> Result<(), PeerError> {
        let merchant_id = merchant.merchant_id;
        if self.opened.contains_key(&merchant_id) {
            return Ok(());
        }
        let name = merchant.name.chars().take(WALLET_NAME_CHARS_MAX).collect();
        self.openings.submit((merchant_id, name)).await?;
        self.opened.insert(merchant_id, ());
        Ok(())
    }
}

async fn look_up(
    peer: Peer,
    wallet_ids: Vec<WalletId>,
) -> Result<Vec<Option<(WalletFacts, WalletBalance)>>, PeerError> {
    let wallet_ids = wallet_ids.iter().map(WalletId::to_string).collect();
    let data = peer.call::<Wallets>(wallets::Variables { wallet_ids }).await?;
    let facts = data.wallets.into_iter().map(|found| {
        found.map(|wallet| {
            let balance = WalletBalance {
                balance_minor: wallet.balance_minor,
                held_minor: wallet.held_minor,
            };
            let facts = WalletFacts {
                owner_id: wallet.owner_id,
                currency: wallet.currency,
                created_at: wallet.created_at,
            };
            (facts, balance)
        })
    });
    Ok(facts.collect())
}

async fn post(peer: Peer, inputs: Vec<post_transfers::TransferInput>) -> Result<Vec<LedgerAnswer>, PeerError> {
    let transfer_ids: Vec<String> = inputs.iter().map(|input| input.transfer_id.clone()).collect();
    let data = peer.call::<PostTransfers>(post_transfers::Variables { inputs }).await?;
    if data.post_transfers.len() != transfer_ids.len() {
        return Err(malformed("not one outcome for each transfer"));
    }
    let outcomes = data.post_transfers.into_iter().zip(&transfer_ids);
    outcomes
        .map(|(outcome, transfer_id)| {
            check_id(&outcome.transfer_id, transfer_id)?;
            answer(outcome.posted, outcome.refusal, outcome.reason)
        })
        .collect()
}

async fn open(peer: Peer, merchants: Vec<(MerchantId, String)>) -> Result<Vec<()>, PeerError> {
    let count = merchants.len();
    let distinct: BTreeMap<MerchantId, String> = merchants.into_iter().collect();
    let inputs = distinct
        .into_iter()
        .map(|(merchant_id, name)| open_merchant_wallets::MerchantWalletInput {
            merchant_id: merchant_id.to_string(),
            name,
        })
        .collect();
    peer.call::<OpenMerchantWallets>(open_merchant_wallets::Variables { inputs })
        .await?;
    Ok(vec![(); count])
}

/// One payment's outcome taken for another's would be a lie about money, so the order is not trusted.
fn check_id(answered: &str, asked: &str) -> Result<(), PeerError> {
    if answered == asked {
        return Ok(());
    }
    Err(malformed("an outcome of another transfer"))
}

/// Only a refusal with its code is one. "Not posted" without a reason says nothing that could be relied on.
fn answer(posted: bool, refusal: Option<String>, reason: Option<String>) -> Result<LedgerAnswer, PeerError> {
    match (posted, refusal) {
        (true, None) => Ok(LedgerAnswer::Posted),
        (false, Some(refusal)) => {
            let reason = reason.unwrap_or_else(|| refusal.clone());
            Ok(LedgerAnswer::Refused(Failure::new(
                FailureCode::of_ledger(&refusal),
                reason,
            )))
        }
        (true, Some(_)) | (false, None) => Err(malformed("an outcome that is neither posted nor refused")),
    }
}

fn malformed(problem: &str) -> PeerError {
    PeerError::Malformed {
        peer: "wallet",
        problem: problem.to_owned(),
    }
}
