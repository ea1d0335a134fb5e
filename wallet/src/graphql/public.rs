//! The public API. Its root fields may all be null: one that fails leaves the rest of a document its answers, and hides no
//! mutation that was done before it.

use std::time::Duration;

use actions::AdminAction;
use async_graphql::{Context, Object, Result};
use money::{Currency, Decimal};
use service::endpoint::IdempotencyKeyHeader;
use service::page::{page_cost, page_size};
use service::token::{Role, caller};

use super::staff::{LedgerAccount, Posting};
use super::statement::{WalletStatement, read_month};
use super::types::{DeleteWalletResult, ReceivingWallet, TrialBalance, Wallet, wallet_id};
use crate::app::App;
use crate::app::close_wallet::Closing;
use crate::app::list_for_staff::AskedWallets;
use crate::app::make_statement::AskedStatement;
use crate::app::move_by_hand::{ManualMove, MoveByHand};
use crate::app::trial_balance::MAX_AGE_SECONDS;
use crate::domain::WalletStatus;
use crate::store::accounts;

/// Queries.
pub struct Query;

/// Mutations.
pub struct Mutation;

#[Object]
impl Query {
    /// The caller's open wallets, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn my_wallets(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those after this wallet.")] after: Option<String>,
    ) -> Result<Option<Vec<Wallet>>> {
        let user_id = caller(context).user()?.sub.clone();
        let limit = page_size(first)?;
        let after = after.as_deref().map(wallet_id).transpose()?;
        let database = &context.data_unchecked::<App>().database;
        let found = database
            .read(move |snapshot| accounts::list_of_user(snapshot, &user_id, after, limit))
            .await;
        let found = found.map_err(service::ApiError::from)?;
        Ok(Some(found.into_iter().map(Wallet::try_from).collect::<Result<_, _>>()?))
    }

    /// One of the caller's wallets, closed ones too; staff see anybody's.
    async fn wallet(&self, context: &Context<'_>, wallet_id: String) -> Result<Option<Wallet>> {
        let claims = caller(context).user()?.clone();
        let Ok(wallet_id) = super::types::wallet_id(&wallet_id) else {
            return Ok(None);
        };
        let database = &context.data_unchecked::<App>().database;
        let found = database.read(move |snapshot| match claims.role {
            Role::Admin | Role::FraudAnalyst | Role::Support => {
                accounts::find(snapshot, &crate::domain::AccountId::Wallet(wallet_id))
            }
            _ => accounts::find_of_user(snapshot, &claims.sub, wallet_id),
        });
        Ok(found
            .await
            .map_err(service::ApiError::from)?
            .map(Wallet::try_from)
            .transpose()?)
    }

    /// Where somebody takes money that is sent to them: their oldest active wallet, for `createTransaction` of type
    /// TRANSFER. Null when they have none; no more than this is told of it.
    async fn receiving_wallet(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose, as in `recipient`.")] user_id: String,
    ) -> Result<Option<ReceivingWallet>> {
        caller(context).user()?;
        let database = &context.data_unchecked::<App>().database;
        let found = database
            .read(move |snapshot| accounts::receiving_of_user(snapshot, &user_id))
            .await;
        Ok(found.map_err(service::ApiError::from)?.map(ReceivingWallet::from))
    }

    /// Adds up every posting there is: proof that no money was made or lost. One count goes on at a time, and its answer is
    /// shared for as long as it is new enough. For staff and services.
    async fn trial_balance(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "An answer may be this old (10 unless told); with 0 it is counted after this was asked.")]
        max_age_seconds: Option<i32>,
    ) -> Result<Option<TrialBalance>> {
        caller(context).with_role(&[Role::Admin, Role::FraudAnalyst, Role::Support, Role::Service])?;
        let max_age = u32::try_from(max_age_seconds.unwrap_or(MAX_AGE_SECONDS))
            .map_err(|_| service::ApiError::bad_input("`maxAgeSeconds` is not negative"))?;
        let max_age = Duration::from_secs(u64::from(max_age));
        let books = context.data_unchecked::<App>().trial_balance(max_age).await?;
        Ok(Some(books.try_into()?))
    }

    /// All wallets, customers' and merchants', closed ones too, the newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "each is an argument of the field")]
    async fn wallets(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those of this user (or merchant).")] user_id: Option<String>,
        #[graphql(desc = "Only those in this state.")] status: Option<WalletStatus>,
        #[graphql(desc = "Only the wallet with this id, or those with this text in their name.")] query: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those after this wallet.")] after: Option<String>,
    ) -> Result<Option<Vec<Wallet>>> {
        caller(context).staff()?;
        let asked = AskedWallets {
            user_id,
            status,
            query,
            first,
            after,
        };
        let found = context.data_unchecked::<App>().wallets(asked).await?;
        Ok(Some(found.into_iter().map(Wallet::try_from).collect::<Result<_, _>>()?))
    }

    /// What is written on a wallet's account, the latest first. For its owner and staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn wallet_postings(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which wallet.")] wallet_id: String,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those after this posting.")] after: Option<String>,
    ) -> Result<Option<Vec<Posting>>> {
        let claims = caller(context).user()?;
        let wallet_id = super::types::wallet_id(&wallet_id)?;
        let app = context.data_unchecked::<App>();
        let lines = app.wallet_postings(claims, wallet_id, first, after.as_deref()).await?;
        let lines = lines.into_iter().map(|(wallet, line)| Posting::of(&wallet, line));
        Ok(Some(lines.collect::<Result<_, _>>()?))
    }

    /// The statement of a wallet for a month that has begun: what it had, what moved, and what it has. For its owner and
    /// staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "each is an argument of the field")]
    async fn wallet_statement(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which wallet.")] wallet_id: String,
        #[graphql(desc = "Which month, such as `2026-11`.")] month: String,
        #[graphql(desc = "Where days begin, in minutes east of Greenwich; 420 (Jakarta) when left out.")]
        utc_offset_minutes: Option<i32>,
        #[graphql(desc = "At most this many lines (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Lines after this posting.")] after: Option<String>,
    ) -> Result<Option<WalletStatement>> {
        let claims = caller(context).user()?;
        let asked = AskedStatement {
            wallet_id: super::types::wallet_id(&wallet_id)?,
            month: read_month(&month, utc_offset_minutes)?,
            first,
            after,
        };
        let statement = context.data_unchecked::<App>().make_statement(claims, asked).await?;
        Ok(Some(statement.try_into()?))
    }

    /// All accounts of the ledger by their ids, the provider's own first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn ledger_accounts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those after this account.")] after: Option<String>,
    ) -> Result<Option<Vec<LedgerAccount>>> {
        caller(context).staff()?;
        let lines = context.data_unchecked::<App>().ledger_accounts(first, after).await?;
        Ok(Some(
            lines
                .into_iter()
                .map(LedgerAccount::try_from)
                .collect::<Result<_, _>>()?,
        ))
    }

    /// What staff did to wallets, the newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn wallet_actions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what was done to the wallet with this id.")] object: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those after this action.")] after: Option<String>,
    ) -> Result<Option<Vec<AdminAction>>> {
        caller(context).staff()?;
        Ok(Some(
            context
                .data_unchecked::<App>()
                .wallet_actions(object, first, after)
                .await?,
        ))
    }
}

#[Object]
impl Mutation {
    /// Opens an empty wallet for the caller.
    async fn create_wallet(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "1 to 60 characters.")] wallet_name: String,
    ) -> Result<Option<Wallet>> {
        let claims = caller(context).user()?;
        let wallet = context
            .data_unchecked::<App>()
            .create_wallet(&claims.sub, &wallet_name)
            .await?;
        Ok(Some(wallet.try_into()?))
    }

    /// Closes one of the caller's wallets, if it is empty. What it did stays in the ledger.
    async fn delete_wallet(&self, context: &Context<'_>, wallet_id: String) -> Result<Option<DeleteWalletResult>> {
        let claims = caller(context).user()?;
        let wallet_id = super::types::wallet_id(&wallet_id)?;
        let (success, message) = match context
            .data_unchecked::<App>()
            .close_wallet(&claims.sub, wallet_id)
            .await?
        {
            Closing::Closed => (true, "the wallet is closed"),
            Closing::NotEmpty => (false, "the wallet still has money; move it out first"),
            Closing::Frozen => (false, "the wallet is frozen"),
        };
        Ok(Some(DeleteWalletResult {
            success,
            message: message.to_owned(),
        }))
    }

    /// Moves money from the bank into a wallet. For services and admins; in the sandbox for the wallet's owner, too.
    async fn topup_wallet(
        &self,
        context: &Context<'_>,
        wallet_id: String,
        amount: Decimal,
        #[graphql(desc = "Repeating the call with the same key moves nothing more.")] idempotency_key: Option<String>,
        #[graphql(desc = "Why, for `walletActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<Wallet>> {
        let order = by_hand(context, ManualMove::Topup, &wallet_id, amount)?;
        let key = idempotency_key.or(order.idempotency_key);
        let order = MoveByHand {
            idempotency_key: key,
            reason,
            ..order
        };
        move_by_hand(context, order).await
    }

    /// Moves money from a wallet to the bank. For services and admins; in the sandbox for the wallet's owner, too.
    async fn deduct_wallet(
        &self,
        context: &Context<'_>,
        wallet_id: String,
        amount: Decimal,
        #[graphql(desc = "Repeating the call with the same key moves nothing more.")] idempotency_key: Option<String>,
        #[graphql(desc = "Why, for `walletActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<Wallet>> {
        let order = by_hand(context, ManualMove::Deduct, &wallet_id, amount)?;
        let key = idempotency_key.or(order.idempotency_key);
        let order = MoveByHand {
            idempotency_key: key,
            reason,
            ..order
        };
        move_by_hand(context, order).await
    }

    /// Stops a wallet: it keeps its money and moves none. For admins.
    async fn freeze_wallet(
        &self,
        context: &Context<'_>,
        wallet_id: String,
        #[graphql(desc = "Why, for `walletActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<Wallet>> {
        set_frozen(context, &wallet_id, true, reason).await
    }

    /// Lets a frozen wallet go again. For admins.
    async fn unfreeze_wallet(
        &self,
        context: &Context<'_>,
        wallet_id: String,
        #[graphql(desc = "Why, for `walletActions`: at most 500 characters.")] reason: Option<String>,
    ) -> Result<Option<Wallet>> {
        set_frozen(context, &wallet_id, false, reason).await
    }
}

/// What is to be moved, under the key of the request's header if there is one.
fn by_hand(
    context: &Context<'_>,
    direction: ManualMove,
    wallet_text: &str,
    amount: Decimal,
) -> Result<MoveByHand, service::ApiError> {
    caller(context).authenticated()?;
    Ok(MoveByHand {
        direction,
        amount: amount.to_positive_money(Currency::Idr)?,
        wallet_id: wallet_id(wallet_text)?,
        idempotency_key: context
            .data_opt::<IdempotencyKeyHeader>()
            .and_then(|header| header.0.clone()),
        reason: None,
    })
}

async fn move_by_hand(context: &Context<'_>, order: MoveByHand) -> Result<Option<Wallet>> {
    let claims = caller(context).authenticated()?;
    let wallet = context.data_unchecked::<App>().move_by_hand(claims, order).await?;
    Ok(Some(wallet.try_into()?))
}

async fn set_frozen(
    context: &Context<'_>,
    wallet_text: &str,
    frozen: bool,
    reason: Option<String>,
) -> Result<Option<Wallet>> {
    let claims = caller(context).with_role(&[Role::Admin])?;
    let app = context.data_unchecked::<App>();
    let wallet = app
        .set_frozen(&claims.sub, wallet_id(wallet_text)?, frozen, reason)
        .await?;
    Ok(Some(wallet.try_into()?))
}
