//! The wallet service: whose a wallet is, and transfers.

use graphql_client::GraphQLQuery;
use ids::{TransactionId, WalletId};
use moka::sync::Cache;
use peer::{Coalescer, Peer, PeerError};
use tokio::sync::OnceCell;

use crate::domain::{Failure, FailureCode, Merchant, Movement};

const BATCH_MAX: usize = 256;
const REMEMBERED_WALLETS_MAX: u64 = 100_000;

type MinorUnits = i64;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet.graphql"
)]
struct Wallets;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet.graphql",
    variables_derives = "Clone"
)]
struct PostTransfers;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet.graphql"
)]
struct FenceTransfers;

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/wallet.internal.graphql",
    query_path = "src/clients/wallet.graphql"
)]
struct OpenMerchantWallets;

/// What never changes about a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletFacts {
    /// The user or merchant it belongs to.
    pub owner_id: String,
    /// ISO 4217 code.
    pub currency: String,
}

/// What became of a transfer in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerAnswer {
    /// The money has moved.
    Posted,
    /// It has not, and under this id never will.
    Refused(Failure),
}

/// The wallet service. Cheap to clone.
#[derive(Clone)]
pub struct WalletClient {
    peer: Peer,
    lookups: Coalescer<WalletId, Option<WalletFacts>>,
    transfers: Coalescer<post_transfers::TransferInput, LedgerAnswer>,
    remembered: Cache<WalletId, WalletFacts>,
    merchant_wallet: std::sync::Arc<OnceCell<()>>,
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
        let remembered = Cache::new(REMEMBERED_WALLETS_MAX);
        Self {
            peer,
            lookups,
            transfers,
            remembered,
            merchant_wallet: std::sync::Arc::default(),
        }
    }

    /// Whose a wallet is; `None` when there is no such wallet.
    pub async fn facts(&self, wallet_id: WalletId) -> Result<Option<WalletFacts>, PeerError> {
        if let Some(facts) = self.remembered.get(&wallet_id) {
            return Ok(Some(facts));
        }
        let found = self.lookups.submit(wallet_id).await?;
        if let Some(facts) = &found {
            self.remembered.insert(wallet_id, facts.clone());
        }
        Ok(found)
    }

    /// Posts the transfer of a transaction. Asked again, it answers the same and moves nothing more.
    pub async fn post(
        &self,
        transaction_id: TransactionId,
        kind: &str,
        on_behalf_of: Option<String>,
        movement: &Movement,
    ) -> Result<LedgerAnswer, PeerError> {
        let posting = |account_id: &str, amount_minor| post_transfers::PostingInput {
            account_id: account_id.to_owned(),
            amount_minor,
        };
        let minor = movement.amount.minor();
        let input = post_transfers::TransferInput {
            transfer_id: transfer_id(transaction_id),
            kind: kind.to_owned(),
            currency: movement.amount.currency().code().to_owned(),
            on_behalf_of,
            hold_id: None,
            postings: vec![posting(&movement.from, -minor), posting(&movement.to, minor)],
        };
        self.transfers.submit(input).await
    }

    /// What became of the transfer of a transaction; if it never came, it is refused from now on.
    pub async fn fence(&self, transaction_id: TransactionId) -> Result<LedgerAnswer, PeerError> {
        let transfer_ids = vec![transfer_id(transaction_id)];
        let data = self
            .peer
            .call::<FenceTransfers>(fence_transfers::Variables { transfer_ids })
            .await?;
        let outcome = data.fence_transfers.into_iter().next();
        let outcome = outcome.ok_or_else(|| PeerError::Malformed {
            peer: "wallet",
            problem: "no outcome for one id".into(),
        })?;
        Ok(answer(outcome.posted, outcome.refusal, outcome.reason))
    }

    /// Makes sure, once, that a merchant's settlement wallet is open.
    pub async fn open_merchant_wallet(&self, merchant: &Merchant) -> Result<(), PeerError> {
        let open = || async {
            let merchant_id = merchant.merchant_id.to_string();
            let name = merchant.name.chars().take(60).collect();
            let inputs = vec![open_merchant_wallets::MerchantWalletInput { merchant_id, name }];
            self.peer
                .call::<OpenMerchantWallets>(open_merchant_wallets::Variables { inputs })
                .await
                .map(drop)
        };
        self.merchant_wallet.get_or_try_init(open).await.copied()
    }
}

fn transfer_id(transaction_id: TransactionId) -> String {
    transaction_id.retag::<ids::Transfer>().to_string()
}

async fn look_up(peer: Peer, wallet_ids: Vec<WalletId>) -> Result<Vec<Option<WalletFacts>>, PeerError> {
    let wallet_ids = wallet_ids.iter().map(WalletId::to_string).collect();
    let data = peer.call::<Wallets>(wallets::Variables { wallet_ids }).await?;
    let facts = data.wallets.into_iter().map(|found| {
        found.map(|wallet| WalletFacts {
            owner_id: wallet.owner_id,
            currency: wallet.currency,
        })
    });
    Ok(facts.collect())
}

async fn post(peer: Peer, inputs: Vec<post_transfers::TransferInput>) -> Result<Vec<LedgerAnswer>, PeerError> {
    let data = peer.call::<PostTransfers>(post_transfers::Variables { inputs }).await?;
    let answers = data
        .post_transfers
        .into_iter()
        .map(|outcome| answer(outcome.posted, outcome.refusal, outcome.reason));
    Ok(answers.collect())
}

fn answer(posted: bool, refusal: Option<String>, reason: Option<String>) -> LedgerAnswer {
    if posted {
        return LedgerAnswer::Posted;
    }
    let refusal = refusal.unwrap_or_default();
    let reason = reason.unwrap_or_else(|| refusal.clone());
    LedgerAnswer::Refused(Failure::new(FailureCode::of_ledger(&refusal), reason))
}
