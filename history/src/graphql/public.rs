//! The public API. Its root fields may all be null: one that fails leaves the rest of a document its answers, and hides no
//! mutation that was done before it.

use async_graphql::{Context, Object};
use service::page::page_cost;
use service::token::{Role, caller};
use service::{ApiError, DateTime};

use super::scalars::Sequence;
use super::types::{AuditHead, History, HistoryInput, HistoryVerification};
use crate::app::{App, ListHistory};

/// Queries.
pub struct Query;

#[Object]
impl Query {
    /// Your own history, newest first, without the records you deleted.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments)]
    async fn my_history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this record in the list: the `historyId` of the last one seen.")]
        after: Option<String>,
        #[graphql(name = "type", desc = "Only records of this type.")] kind: Option<String>,
        #[graphql(desc = "Only records of this status.")] status: Option<String>,
        #[graphql(desc = "Only what happened at this time or later.")] from: Option<DateTime>,
        #[graphql(desc = "Only what happened before this time.")] to: Option<DateTime>,
    ) -> async_graphql::Result<Option<Vec<History>>> {
        let user = caller(context).user()?;
        let asked = ListHistory {
            user_id: user.sub.clone(),
            first,
            after,
            kind,
            status,
            from: from.map(|time| time.0),
            to: to.map(|time| time.0),
        };
        let entries = context.data::<App>()?.list_history(asked).await?;
        let records = entries.into_iter().map(History::try_from);
        Ok(Some(records.collect::<Result<Vec<_>, ApiError>>()?))
    }

    /// Where the audit trail ends. For admins.
    async fn audit_head(&self, context: &Context<'_>) -> async_graphql::Result<Option<AuditHead>> {
        caller(context).with_role(&[Role::Admin])?;
        Ok(Some(context.data::<App>()?.audit_head().await?.into()))
    }

    /// Verifies a stretch of the audit trail. Begin at 0 and go on from each `lastSequence` to verify all of it. For admins.
    async fn verify_history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Begin after this entry; at the first one when left out.")] after_sequence: Option<Sequence>,
        #[graphql(desc = "How many entries, 1 to 10000; 1000 when left out.")] first: Option<i32>,
    ) -> async_graphql::Result<Option<HistoryVerification>> {
        caller(context).with_role(&[Role::Admin])?;
        let after = after_sequence.map_or(0, |sequence| sequence.0);
        Ok(Some(context.data::<App>()?.verify(after, first).await?.into()))
    }
}

/// Mutations.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Adds a record. The same record again changes nothing. For services and admins.
    async fn add_history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The record.")] input: HistoryInput,
    ) -> async_graphql::Result<Option<bool>> {
        caller(context).operator()?;
        context.data::<App>()?.add_history(input.into()).await?;
        Ok(Some(true))
    }

    /// Deletes one of your own records from your list; the audit trail keeps it.
    async fn delete_history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The record.")] history_id: String,
    ) -> async_graphql::Result<Option<bool>> {
        let user = caller(context).user()?;
        context.data::<App>()?.hide_entry(&history_id, user.sub.clone()).await?;
        Ok(Some(true))
    }
}
