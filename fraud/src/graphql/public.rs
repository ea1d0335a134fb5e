//! The public API: what operators ask. Its root fields may all be null: one that fails leaves the rest of a document its
//! answers, and hides no mutation that was done before it.

use async_graphql::{Context, Object};
use money::{Currency, Decimal};
use service::page::page_cost;
use service::token::{Role, caller};
use service::{ApiError, DateTime};

use super::types::{FraudCheck, FraudLog, FraudStatus};
use crate::app::{App, ListLogs, reference};
use crate::domain::{Check, CheckKind, Outcome};

/// Queries.
pub struct Query;

#[Object]
impl Query {
    /// Logged fraud checks, newest first. For admins.
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
    ) -> async_graphql::Result<Option<Vec<FraudLog>>> {
        caller(context).with_role(&[Role::Admin])?;
        let asked = ListLogs {
            first,
            after,
            status: status.map(Outcome::from),
            user_id: user_id.map(|text| reference("userId", text)).transpose()?,
            from: from.map(|time| time.0),
            to: to.map(|time| time.0),
        };
        let rows = context.data::<App>()?.list_logs(asked).await?;
        Ok(Some(rows.into_iter().map(FraudLog::from).collect()))
    }
}

/// Mutations.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Checks an amount that a user is about to pay, counts it, and logs the decision. For services and admins.
    async fn check_fraud(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Who is about to pay.")] user_id: String,
        #[graphql(desc = "How much, in IDR.")] amount: Decimal,
    ) -> async_graphql::Result<Option<FraudCheck>> {
        caller(context).operator()?;
        let check = Check {
            transaction_id: None,
            user_id: reference("userId", user_id)?,
            amount: amount.to_positive_money(Currency::Idr).map_err(ApiError::from)?,
            kind: CheckKind::Manual,
            account_created_at: None,
            recent_failures: 0,
        };
        let logged = context.data::<App>()?.check(vec![check]).await?;
        let logged = logged.into_iter().next().ok_or("no decision was made")?;
        Ok(Some(logged.into()))
    }

    /// Hides a log from the list. Who did it and when is kept, and so is the log itself. For admins.
    async fn delete_fraud_log(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The log to hide.")] log_id: String,
    ) -> async_graphql::Result<Option<String>> {
        let admin = caller(context).with_role(&[Role::Admin])?;
        let log_id = context.data::<App>()?.delete_log(&log_id, admin.sub.clone()).await?;
        Ok(Some(format!("Fraud log {log_id} was deleted")))
    }
}
