//! The API of staff: all transactions, how one went, how all go, and what was given up.

use actions::AdminAction;
use async_graphql::{Context, Object, Result};
use ids::{MerchantId, TransactionId, WalletId};
use money::{Currency, Decimal, Money};
use service::page::{page_cost, page_size};
use service::token::caller;
use service::{ApiError, DateTime};

use super::staff_types::{ParkedMessage, PaymentsOverview, TimelineEntry};
use super::types::Transaction;
use crate::app::App;
use crate::domain::{TransactionStatus, TransactionType};
use crate::store::transaction_search::Search;

const MINUTES_DEFAULT: i32 = 60;

/// Queries.
#[derive(Default)]
pub struct StaffQuery;

/// Mutations.
#[derive(Default)]
pub struct StaffMutation;

#[Object]
impl StaffQuery {
    /// All transactions that fit, newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "one for each filter of the contract")]
    async fn all_transactions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those older than this transaction.")] after: Option<String>,
        #[graphql(desc = "In this status only.")] status: Option<TransactionStatus>,
        #[graphql(name = "type", desc = "Of this type only.")] kind: Option<TransactionType>,
        #[graphql(desc = "Of this user.")] user_id: Option<String>,
        #[graphql(desc = "Paying this merchant.")] merchant_id: Option<String>,
        #[graphql(desc = "Out of this wallet, or into it.")] wallet_id: Option<String>,
        #[graphql(desc = "Of this bill.")] va_number: Option<String>,
        #[graphql(desc = "Asked for at or after this moment.")] from: Option<DateTime>,
        #[graphql(desc = "Asked for before this moment.")] to: Option<DateTime>,
        #[graphql(desc = "Over at least this much.")] min_amount: Option<Decimal>,
        #[graphql(desc = "Over at most this much.")] max_amount: Option<Decimal>,
    ) -> Result<Option<Vec<Transaction>>> {
        caller(context).staff()?;
        let limit = page_size(first)?;
        let unknown = |what| move |_| ApiError::bad_input(format!("`{what}` is no such id"));
        let after = after.as_deref().map(TransactionId::parse).transpose();
        let search = Search {
            before: after.map_err(unknown("after"))?.map(|before| before.to_string()),
            status,
            kind,
            user_id,
            merchant_id: merchant_id
                .as_deref()
                .map(MerchantId::parse)
                .transpose()
                .map_err(unknown("merchantId"))?,
            wallet_id: wallet_id
                .as_deref()
                .map(WalletId::parse)
                .transpose()
                .map_err(unknown("walletId"))?,
            va_number,
            from: from.map(|instant| instant.0),
            to: to.map(|instant| instant.0),
            min_minor: min_amount.map(minor).transpose()?,
            max_minor: max_amount.map(minor).transpose()?,
        };
        let app = context.data_unchecked::<App>();
        let found = app.all_transactions(caller(context), search, limit).await?;
        Ok(Some(found.into_iter().map(Transaction::from).collect()))
    }

    /// What happened to a transaction, in the order in which it happened: the steps of its saga, its review, what was done with
    /// it afterwards, and who was told of it. For staff.
    #[graphql(complexity = "50 * child_complexity + 1")]
    async fn payment_timeline(
        &self,
        context: &Context<'_>,
        transaction_id: String,
    ) -> Result<Option<Vec<TimelineEntry>>> {
        let app = context.data_unchecked::<App>();
        let entries = app.payment_timeline(caller(context), &transaction_id).await?;
        Ok(Some(entries.into_iter().map(TimelineEntry::from).collect()))
    }

    /// How payments went in the last minutes, and how full the queues are. For staff.
    #[graphql(complexity = "10 * child_complexity + 1")]
    async fn payments_overview(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many minutes, this one included: 60 unless told, 1,440 at most.")] minutes: Option<i32>,
    ) -> Result<Option<PaymentsOverview>> {
        let app = context.data_unchecked::<App>();
        let overview = app
            .payments_overview(caller(context), minutes.unwrap_or(MINUTES_DEFAULT))
            .await?;
        Ok(Some(overview.into()))
    }

    /// Messages that were given up until an operator looks at them, newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn parked_messages(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of this lane only.")] lane: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those before this message.")] after: Option<String>,
    ) -> Result<Option<Vec<ParkedMessage>>> {
        let limit = page_size(first)?;
        let before = after.as_deref().map(message_id).transpose()?;
        let app = context.data_unchecked::<App>();
        let found = app.parked_messages(caller(context), lane, before, limit).await?;
        Ok(Some(found.into_iter().map(ParkedMessage::from).collect()))
    }

    /// What staff did here, newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn payment_actions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Done to this id.")] object: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those before this action.")] after: Option<String>,
    ) -> Result<Option<Vec<AdminAction>>> {
        caller(context).staff()?;
        let limit = page_size(first)?;
        let app = context.data_unchecked::<App>();
        let found = app
            .database
            .read(move |snapshot| actions::list(snapshot, object.as_deref(), after.as_deref(), limit));
        Ok(Some(found.await.map_err(ApiError::from)?))
    }
}

#[Object]
impl StaffMutation {
    /// Has a message that was given up go out again, with all its attempts before it. For admins.
    async fn requeue_message(
        &self,
        context: &Context<'_>,
        message_id: String,
        #[graphql(desc = "Why; it is noted beside who did it.")] reason: String,
    ) -> Result<Option<bool>> {
        let app = context.data_unchecked::<App>();
        app.requeue_message(caller(context), self::message_id(&message_id)?, reason)
            .await?;
        Ok(Some(true))
    }
}

fn message_id(text: &str) -> Result<i64, ApiError> {
    text.parse().map_err(|_| ApiError::bad_input("that is no message's id"))
}

fn minor(amount: Decimal) -> Result<i64, ApiError> {
    Ok(amount.to_money(Currency::Idr).map(Money::minor)?)
}
