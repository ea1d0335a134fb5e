//! The log: pages of it by any filter, how many there are, one of it, and hiding one.

use async_graphql::{Context, Enum, Object, SimpleObject};
use money::{Currency, Decimal};
use service::page::page_cost;
use service::token::{Role, caller};
use service::{ApiError, DateTime, Timestamp};

use super::types::{FraudLog, FraudStatus};
use crate::app::{AMOUNTS_ALL, App, ListLogs, LogSearch, LogSort, SCORES_ALL, reference};
use crate::domain::Outcome;

/// The order of a list of logs.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "LogSort")]
pub enum FraudLogSort {
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
    /// Highest score first, newest first among those of one score.
    HighestScore,
    /// Largest amount first, newest first among those of one amount.
    LargestAmount,
}

/// How many logs a list has.
#[derive(SimpleObject)]
pub struct FraudLogCount {
    /// How many there are; if `isExact` is false, there are more.
    total: i32,
    /// Whether all were counted. Counting ends at 10,000.
    is_exact: bool,
}

/// Queries about the log.
#[derive(Default)]
pub struct LogQuery;

#[Object]
impl LogQuery {
    /// Logged fraud checks, newest first unless another order is asked for; those that were hidden are not among them. For
    /// staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments)]
    async fn get_fraud_logs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this log in the list: the `logId` of the last one seen.")] after: Option<
            String,
        >,
        #[graphql(desc = "Only checks of this outcome.")] status: Option<FraudStatus>,
        #[graphql(desc = "Only checks of this user.")] user_id: Option<String>,
        #[graphql(desc = "Only checks made at this time or later.")] from: Option<DateTime>,
        #[graphql(desc = "Only checks made before this time.")] to: Option<DateTime>,
        #[graphql(desc = "Only checks in which this rule fired.")] rule: Option<String>,
        #[graphql(desc = "Only checks with this score or more.")] min_score: Option<i32>,
        #[graphql(desc = "Only checks with this score or less.")] max_score: Option<i32>,
        #[graphql(desc = "Only checks of this amount or more, in IDR.")] min_amount: Option<Decimal>,
        #[graphql(desc = "Only checks of this amount or less, in IDR.")] max_amount: Option<Decimal>,
        #[graphql(desc = "The order; newest first when left out.")] sort: Option<FraudLogSort>,
    ) -> async_graphql::Result<Option<Vec<FraudLog>>> {
        caller(context).staff()?;
        let filters = Filters {
            status,
            user_id,
            from,
            to,
            rule,
            scores: (min_score, max_score),
            amounts: (min_amount, max_amount),
        };
        let search = filters.search(sort.map(LogSort::from).unwrap_or_default())?;
        let rows = context
            .data::<App>()?
            .list_logs(ListLogs { first, after, search })
            .await?;
        Ok(Some(rows.into_iter().map(FraudLog::from).collect()))
    }

    /// How many logs the same filters leave: counted exactly up to 10,000. For staff.
    #[allow(clippy::too_many_arguments)]
    async fn fraud_log_count(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only checks of this outcome.")] status: Option<FraudStatus>,
        #[graphql(desc = "Only checks of this user.")] user_id: Option<String>,
        #[graphql(desc = "Only checks made at this time or later.")] from: Option<DateTime>,
        #[graphql(desc = "Only checks made before this time.")] to: Option<DateTime>,
        #[graphql(desc = "Only checks in which this rule fired.")] rule: Option<String>,
        #[graphql(desc = "Only checks with this score or more.")] min_score: Option<i32>,
        #[graphql(desc = "Only checks with this score or less.")] max_score: Option<i32>,
        #[graphql(desc = "Only checks of this amount or more, in IDR.")] min_amount: Option<Decimal>,
        #[graphql(desc = "Only checks of this amount or less, in IDR.")] max_amount: Option<Decimal>,
    ) -> async_graphql::Result<Option<FraudLogCount>> {
        caller(context).staff()?;
        let filters = Filters {
            status,
            user_id,
            from,
            to,
            rule,
            scores: (min_score, max_score),
            amounts: (min_amount, max_amount),
        };
        let search = filters.search(LogSort::Newest)?;
        let (total, is_exact) = context.data::<App>()?.count_logs(search).await?;
        Ok(Some(FraudLogCount {
            total: i32::try_from(total).unwrap_or(i32::MAX),
            is_exact,
        }))
    }

    /// One log, also if it was hidden from the list. For staff.
    async fn fraud_log(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The log.")] log_id: String,
    ) -> async_graphql::Result<Option<FraudLog>> {
        caller(context).staff()?;
        Ok(Some(context.data::<App>()?.find_log(&log_id).await?.into()))
    }

    /// The check of a transaction, or null if it was not checked. For staff.
    async fn fraud_log_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The transaction.")] transaction_id: String,
    ) -> async_graphql::Result<Option<FraudLog>> {
        caller(context).staff()?;
        let transaction_id = reference("transactionId", transaction_id)?;
        let found = context.data::<App>()?.find_log_of(transaction_id).await?;
        Ok(found.map(FraudLog::from))
    }
}

/// Mutations of the log.
#[derive(Default)]
pub struct LogMutation;

#[Object]
impl LogMutation {
    /// Hides a log from the list. Who did it, when and why is kept, and so is the log itself. For admins.
    async fn delete_fraud_log(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The log to hide.")] log_id: String,
        #[graphql(desc = "Why, for the record.")] reason: Option<String>,
    ) -> async_graphql::Result<Option<String>> {
        let admin = caller(context).with_role(&[Role::Admin])?;
        let app = context.data::<App>()?;
        let log_id = app.delete_log(&log_id, reason, admin.sub.clone()).await?;
        Ok(Some(format!("Fraud log {log_id} was deleted")))
    }
}

struct Filters {
    status: Option<FraudStatus>,
    user_id: Option<String>,
    from: Option<DateTime>,
    to: Option<DateTime>,
    rule: Option<String>,
    scores: (Option<i32>, Option<i32>),
    amounts: (Option<Decimal>, Option<Decimal>),
}

impl Filters {
    fn search(self, sort: LogSort) -> Result<LogSearch, ApiError> {
        let score = |field: &str, score: Option<i32>, otherwise: u32| match score.map(u32::try_from) {
            None => Ok(otherwise),
            Some(Ok(score)) if score <= SCORES_ALL.1 => Ok(score),
            Some(_) => Err(ApiError::bad_input(format!("`{field}` must be between 0 and 100")).with("field", field)),
        };
        let amount = |amount: Option<Decimal>, otherwise: i64| match amount {
            None => Ok(otherwise),
            Some(amount) => amount
                .to_money(Currency::Idr)
                .map(|money| money.minor())
                .map_err(ApiError::from),
        };
        let user_id = self.user_id.map(|text| reference("userId", text)).transpose()?;
        Ok(LogSearch {
            outcome: self.status.map(Outcome::from),
            user_id: user_id.map(|id| id.as_str().to_owned()),
            rule: self.rule,
            from: self.from.map_or(Timestamp::from_micros(i64::MIN), |time| time.0),
            to: self.to.map_or(Timestamp::from_micros(i64::MAX), |time| time.0),
            scores: (
                score("minScore", self.scores.0, SCORES_ALL.0)?,
                score("maxScore", self.scores.1, SCORES_ALL.1)?,
            ),
            amounts: (
                amount(self.amounts.0, AMOUNTS_ALL.0)?,
                amount(self.amounts.1, AMOUNTS_ALL.1)?,
            ),
            sort,
        })
    }
}
