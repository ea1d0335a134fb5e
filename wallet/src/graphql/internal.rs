//! What other services call. Everything takes lists, and everything is idempotent by the ids in it.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use ids::{HoldId, MerchantId, TransferId};
use money::{Currency, MinorUnits};
use service::endpoint::require_service;
use service::{ApiError, Micros};

use super::types::{account_id, wallet_id};
use crate::app::App;
use crate::app::authorize_holds::Authorization;
use crate::app::open_merchant_wallets::MerchantWallet;
use crate::app::post_transfers::Posted;
use crate::domain::{AccountId, Hold, HoldAnswer, HoldState, Posting, Refusal, Transfer, WalletStatus};
use crate::store::accounts;

/// A request carries at most this many items.
const ITEMS_MAX: usize = 512;

/// Internal queries.
pub struct InternalQuery;

/// Internal mutations.
pub struct InternalMutation;

/// One line of a transfer.
#[derive(InputObject)]
struct PostingInput {
    /// `wal_…`, `bank_clearing:IDR` or `fees:IDR`.
    account_id: String,
    /// What it gains; negative: loses.
    amount_minor: MinorUnits,
}

/// A transfer: postings that sum to zero.
#[derive(InputObject)]
struct TransferInput {
    /// Chosen by the caller; the same id gets the same answer.
    transfer_id: String,
    /// Such as PAYMENT.
    kind: String,
    /// ISO 4217 code.
    currency: String,
    /// The user in whose name it is: users' wallets that it debits must be theirs.
    on_behalf_of: Option<String>,
    /// The hold that its debit is taken from.
    hold_id: Option<String>,
    /// Two or more.
    postings: Vec<PostingInput>,
}

/// What became of a transfer.
#[derive(SimpleObject)]
struct TransferOutcome {
    /// Its id.
    transfer_id: String,
    /// Whether the money has moved.
    posted: bool,
    /// Why not: a stable code.
    refusal: Option<String>,
    /// Why not, in words.
    reason: Option<String>,
}

/// A hold to be granted.
#[derive(InputObject)]
struct HoldInput {
    /// Chosen by the caller; the same id gets the same answer.
    hold_id: String,
    /// Whose money.
    wallet_id: String,
    /// The wallet's owner.
    on_behalf_of: String,
    /// How much.
    amount_minor: MinorUnits,
    /// When it ends by itself.
    expires_at: Micros,
}

/// A hold as it stands.
#[derive(SimpleObject)]
struct HoldFacts {
    /// Its id.
    hold_id: String,
    /// PENDING, CAPTURED, VOIDED, EXPIRED or REFUSED.
    state: String,
    /// Why it was refused.
    refusal: Option<String>,
    /// How much was authorized.
    amount_minor: MinorUnits,
    /// How much of it was captured.
    captured_minor: MinorUnits,
    /// How much of it can still be captured. Nothing unless it is PENDING.
    remaining_minor: MinorUnits,
    /// From then on it cannot be captured; of a hold that was fenced before it was seen, when it was fenced.
    expires_at: Micros,
}

/// A merchant that needs a settlement wallet.
#[derive(InputObject)]
struct MerchantWalletInput {
    /// `mrc_…`
    merchant_id: String,
    /// What the wallet is called.
    name: String,
}

/// What another service may know of a wallet.
#[derive(SimpleObject)]
struct WalletFacts {
    /// Its id.
    wallet_id: String,
    /// The user or merchant it belongs to.
    owner_id: String,
    /// What its owner calls it.
    name: String,
    /// ISO 4217 code.
    currency: String,
    /// Whether it moves money.
    status: WalletStatus,
    /// All money in it, held money included.
    balance_minor: MinorUnits,
    /// How much of that is held.
    held_minor: MinorUnits,
    /// When it was opened.
    created_at: Option<Micros>,
}

#[Object]
impl InternalQuery {
    /// The wallets with these ids, in their order; `null` where there is none.
    async fn wallets(&self, context: &Context<'_>, wallet_ids: Vec<String>) -> Result<Vec<Option<WalletFacts>>> {
        require_service(context)?;
        check_count(wallet_ids.len())?;
        let found = context.data_unchecked::<App>().database.read(move |snapshot| {
            let find = |text: &String| match wallet_id(text) {
                Ok(wallet_id) => accounts::find(snapshot, &AccountId::Wallet(wallet_id)),
                Err(_) => Ok(None),
            };
            wallet_ids
                .iter()
                .map(find)
                .collect::<Result<Vec<_>, store::StoreError>>()
        });
        let found = found.await.map_err(ApiError::from)?;
        let facts = found.into_iter().map(|account| {
            account.map(|account| WalletFacts {
                wallet_id: account.account_id.to_string(),
                owner_id: account.owner_id,
                name: account.name,
                currency: account.currency.code().to_owned(),
                status: account.status,
                balance_minor: MinorUnits(account.balance_minor),
                held_minor: MinorUnits(account.held_minor),
                created_at: Some(Micros(account.created_at)),
            })
        });
        Ok(facts.collect())
    }
}

#[Object]
impl InternalMutation {
    /// Posts transfers, each by itself. One that was answered before gets the same answer.
    async fn post_transfers(&self, context: &Context<'_>, inputs: Vec<TransferInput>) -> Result<Vec<TransferOutcome>> {
        require_service(context)?;
        check_count(inputs.len())?;
        let transfers = inputs
            .into_iter()
            .map(TransferInput::parse)
            .collect::<Result<Vec<_>, ApiError>>()?;
        let posted = context.data_unchecked::<App>().post_transfers(transfers).await?;
        Ok(posted.into_iter().map(TransferOutcome::from).collect())
    }

    /// Answers for each transfer; one that was never seen is refused from now on.
    async fn fence_transfers(&self, context: &Context<'_>, transfer_ids: Vec<String>) -> Result<Vec<TransferOutcome>> {
        require_service(context)?;
        check_count(transfer_ids.len())?;
        let transfer_ids = transfer_ids
            .iter()
            .map(|text| transfer_id(text))
            .collect::<Result<Vec<_>, ApiError>>()?;
        let fenced = context.data_unchecked::<App>().fence_transfers(transfer_ids).await?;
        Ok(fenced.into_iter().map(TransferOutcome::from).collect())
    }

    /// Holds money. A hold that was answered before gets the same answer.
    async fn authorize_holds(&self, context: &Context<'_>, inputs: Vec<HoldInput>) -> Result<Vec<HoldFacts>> {
        require_service(context)?;
        check_count(inputs.len())?;
        let authorizations = inputs
            .into_iter()
            .map(HoldInput::parse)
            .collect::<Result<Vec<_>, ApiError>>()?;
        let holds = context.data_unchecked::<App>().authorize_holds(authorizations).await?;
        Ok(holds.into_iter().map(HoldFacts::from).collect())
    }

    /// Answers for each hold as it stands; one that was never seen is refused from now on.
    async fn fence_holds(&self, context: &Context<'_>, hold_ids: Vec<String>) -> Result<Vec<HoldFacts>> {
        require_service(context)?;
        let hold_ids = parse_hold_ids(&hold_ids)?;
        let answers = context.data_unchecked::<App>().fence_holds(hold_ids).await?;
        Ok(answers.into_iter().map(HoldFacts::from).collect())
    }

    /// Lets go what is left of holds. One that holds nothing (any more) stays as it is.
    async fn void_holds(&self, context: &Context<'_>, hold_ids: Vec<String>) -> Result<Vec<HoldFacts>> {
        require_service(context)?;
        let hold_ids = parse_hold_ids(&hold_ids)?;
        let answers = context.data_unchecked::<App>().void_holds(hold_ids).await?;
        Ok(answers.into_iter().map(HoldFacts::from).collect())
    }

    /// Opens merchants' settlement wallets, where they are not open yet, and answers with their ids.
    async fn open_merchant_wallets(
        &self,
        context: &Context<'_>,
        inputs: Vec<MerchantWalletInput>,
    ) -> Result<Vec<String>> {
        require_service(context)?;
        check_count(inputs.len())?;
        let merchants = inputs.into_iter().map(|input| {
            let merchant_id =
                MerchantId::parse(&input.merchant_id).map_err(|error| ApiError::bad_input(error.to_string()))?;
            Ok(MerchantWallet {
                merchant_id,
                name: input.name,
            })
        });
        let merchants = merchants.collect::<Result<Vec<_>, ApiError>>()?;
        let opened = context.data_unchecked::<App>().open_merchant_wallets(merchants).await?;
        Ok(opened.into_iter().map(|wallet_id| wallet_id.to_string()).collect())
    }
}

impl TransferInput {
    fn parse(self) -> Result<Transfer, ApiError> {
        let bad = |error: &dyn std::fmt::Display| ApiError::bad_input(error.to_string());
        let currency: Currency = self
            .currency
            .parse()
            .map_err(|_| ApiError::bad_input("unknown currency"))?;
        let postings = self
            .postings
            .into_iter()
            .map(|posting| {
                Ok(Posting {
                    account_id: account_id(&posting.account_id)?,
                    amount_minor: posting.amount_minor.0,
                })
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        let id = transfer_id(&self.transfer_id)?;
        let transfer =
            Transfer::new(id, &self.kind, currency, self.on_behalf_of, postings).map_err(|error| bad(&error))?;
        match self.hold_id {
            None => Ok(transfer),
            Some(text) => transfer.capturing(hold_id(&text)?).map_err(|error| bad(&error)),
        }
    }
}

impl HoldInput {
    fn parse(self) -> Result<Authorization, ApiError> {
        Ok(Authorization {
            hold_id: hold_id(&self.hold_id)?,
            wallet_id: wallet_id(&self.wallet_id)?,
            on_behalf_of: self.on_behalf_of,
            amount_minor: self.amount_minor.0,
            expires_at: self.expires_at.0,
        })
    }
}

impl From<Posted> for TransferOutcome {
    fn from(posted: Posted) -> Self {
        Self {
            transfer_id: posted.transfer_id.to_string(),
            posted: posted.refusal.is_none(),
            refusal: posted.refusal.map(|refusal| refusal.code().to_owned()),
            reason: posted.refusal.map(|refusal| refusal.to_string()),
        }
    }
}

impl From<Hold> for HoldFacts {
    fn from(hold: Hold) -> Self {
        Self {
            hold_id: hold.hold_id.to_string(),
            state: hold.state.as_str().to_owned(),
            refusal: match hold.state {
                HoldState::Refused(refusal) => Some(refusal.code().to_owned()),
                _ => None,
            },
            amount_minor: MinorUnits(hold.amount_minor),
            captured_minor: MinorUnits(hold.captured_minor),
            remaining_minor: MinorUnits(hold.remaining_minor()),
            expires_at: Micros(hold.expires_at),
        }
    }
}

impl From<HoldAnswer> for HoldFacts {
    fn from(answer: HoldAnswer) -> Self {
        match answer {
            HoldAnswer::Known(hold) => hold.into(),
            HoldAnswer::Fenced { hold_id, fenced_at } => {
                let refusal = Refusal::Cancelled;
                Self {
                    hold_id: hold_id.to_string(),
                    state: HoldState::Refused(refusal).as_str().to_owned(),
                    refusal: Some(refusal.code().to_owned()),
                    amount_minor: MinorUnits(0),
                    captured_minor: MinorUnits(0),
                    remaining_minor: MinorUnits(0),
                    expires_at: Micros(fenced_at),
                }
            }
        }
    }
}

fn transfer_id(text: &str) -> Result<TransferId, ApiError> {
    TransferId::parse(text).map_err(|error| ApiError::bad_input(error.to_string()))
}

fn hold_id(text: &str) -> Result<HoldId, ApiError> {
    HoldId::parse(text).map_err(|error| ApiError::bad_input(error.to_string()))
}

fn parse_hold_ids(texts: &[String]) -> Result<Vec<HoldId>, ApiError> {
    check_count(texts.len())?;
    texts.iter().map(|text| hold_id(text)).collect()
}

fn check_count(count: usize) -> Result<(), ApiError> {
    if count <= ITEMS_MAX {
        Ok(())
    } else {
        Err(ApiError::bad_input(format!("at most {ITEMS_MAX} items in a request")))
    }
}
