//! The public API. Its root fields may all be null: one that fails leaves the rest of a document its answers, and hides no
//! mutation that was done before it.

use async_graphql::{Context, Object};
use service::page::page_cost;
use service::token::caller;
use service::{ApiError, DateTime};

use super::scalars::Sequence;
use super::types::{
    AuditHead, History, HistoryCheckpoint, HistoryConsistency, HistoryInput, HistoryProof, HistorySummary,
    HistorySummaryBy, HistoryVerification, ReceiptVerification,
};
use crate::app::{App, ListHistory, Sees, Summarize};
use crate::domain::checkpoint::VerifierKey;

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

    /// What came in and went out by day or month, for charts: what succeeded, also what you deleted from your list. Every
    /// day or month of the range has its place, 366 or 120 at most.
    #[graphql(complexity = "366 * child_complexity")]
    async fn history_summary(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what happened at this time or later.")] from: DateTime,
        #[graphql(desc = "Only what happened before this time.")] to: DateTime,
        #[graphql(desc = "How long each part is.")] by: HistorySummaryBy,
        #[graphql(desc = "Where days begin, in minutes east of Greenwich; 420 (Jakarta) when left out.")]
        utc_offset_minutes: Option<i32>,
    ) -> async_graphql::Result<Option<Vec<HistorySummary>>> {
        let asked = Summarize {
            user_id: caller(context).user()?.sub.clone(),
            from: from.0,
            to: to.0,
            by: by.into(),
            offset_minutes: utc_offset_minutes,
        };
        let buckets = context.data::<App>()?.summarize(asked).await?;
        Ok(Some(buckets.into_iter().map(HistorySummary::from).collect()))
    }

    /// All records of a transaction, of everybody who took part, in the order they were made. For staff.
    #[graphql(complexity = "page_cost(None, child_complexity)")]
    async fn history_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The transaction.")] transaction_id: String,
    ) -> async_graphql::Result<Option<Vec<History>>> {
        caller(context).staff()?;
        let entries = context.data::<App>()?.history_of(transaction_id).await?;
        let records = entries.into_iter().map(History::try_from);
        Ok(Some(records.collect::<Result<Vec<_>, ApiError>>()?))
    }

    /// The proof that one of your records is in the history, and with it in a signed checkpoint. Staff get anybody's.
    #[graphql(complexity = "200 + child_complexity")]
    async fn history_proof(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The record.")] history_id: String,
    ) -> async_graphql::Result<Option<HistoryProof>> {
        let sees = sees(context)?;
        let proof = context.data::<App>()?.prove_entry(&history_id, sees).await?;
        Ok(Some(proof.into()))
    }

    /// The receipt of one of your transactions, as JSON to be kept in a file: your record of it, the proof that it is in
    /// the history, and the signed checkpoint. Whoever has the public key can verify it without asking anybody. Staff get
    /// anybody's.
    #[graphql(complexity = 200)]
    async fn receipt(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The transaction.")] transaction_id: String,
    ) -> async_graphql::Result<Option<String>> {
        let sees = sees(context)?;
        Ok(Some(context.data::<App>()?.receipt(transaction_id, sees).await?))
    }

    /// The same receipt as a code for a QR code or a link (`sawit-receipt-code/1`): it proves as much as the JSON, and the
    /// JSON can be made of it. Null when there is so much in the receipt that a code would be too long.
    #[graphql(complexity = 200)]
    async fn receipt_code(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The transaction.")] transaction_id: String,
    ) -> async_graphql::Result<Option<String>> {
        let sees = sees(context)?;
        Ok(context.data::<App>()?.receipt_code(transaction_id, sees).await?)
    }

    /// Verifies a receipt, as anybody could without asking. For anyone; whoever wants to be sure verifies it themselves.
    #[graphql(complexity = "200 + child_complexity")]
    async fn verify_receipt(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The receipt: its JSON, or its code, alone or in its link.")] receipt: String,
        #[graphql(
            desc = "The public key to verify it with; any that has ever signed for this provider when left out."
        )]
        public_key: Option<String>,
    ) -> async_graphql::Result<Option<ReceiptVerification>> {
        let key = public_key.as_deref().map(VerifierKey::parse).transpose();
        let key = key.map_err(|error| ApiError::bad_input(format!("`publicKey`: {error}")))?;
        let verified = context.data::<App>()?.verify_receipt(&receipt, key);
        Ok(Some(ReceiptVerification::of(verified)?))
    }

    /// The proof that the history of `toSize` entries begins with that of `fromSize`: nothing was changed in between.
    #[graphql(complexity = "200 + child_complexity")]
    async fn history_consistency(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The smaller size, from 1.")] from_size: Sequence,
        #[graphql(desc = "The larger size, no larger than the history.")] to_size: Sequence,
    ) -> async_graphql::Result<Option<HistoryConsistency>> {
        caller(context).user()?;
        let proof = context.data::<App>()?.consistency(from_size.0, to_size.0).await?;
        Ok(Some(proof.into()))
    }

    /// The signed checkpoints, newest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn history_checkpoints(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this one in the list: the `size` of the last one seen.")] after: Option<
            Sequence,
        >,
    ) -> async_graphql::Result<Option<Vec<HistoryCheckpoint>>> {
        caller(context).user()?;
        let after = after.map(|size| size.0);
        let found = context.data::<App>()?.list_checkpoints(first, after).await?;
        Ok(Some(found.into_iter().map(HistoryCheckpoint::from).collect()))
    }

    /// The newest signed checkpoint; null while there is none. For anyone: keep it, and compare later.
    async fn history_checkpoint(&self, context: &Context<'_>) -> async_graphql::Result<Option<HistoryCheckpoint>> {
        let latest = context.data::<App>()?.latest_checkpoint().await?;
        Ok(latest.map(HistoryCheckpoint::from))
    }

    /// The public key that checkpoints and receipts are verified with now (C2SP: name, id and base64, with `+` between).
    /// For anyone; whoever wants to be sure gets it from the provider some other way.
    async fn history_public_key(&self, context: &Context<'_>) -> async_graphql::Result<Option<String>> {
        Ok(Some(context.data::<App>()?.public_key().to_string()))
    }

    /// All public keys that checkpoints and receipts were ever signed with, newest first. For anyone.
    async fn history_public_keys(&self, context: &Context<'_>) -> async_graphql::Result<Option<Vec<String>>> {
        let keys = context.data::<App>()?.public_keys().iter();
        Ok(Some(keys.map(ToString::to_string).collect()))
    }

    /// Where the audit trail ends. For staff.
    async fn audit_head(&self, context: &Context<'_>) -> async_graphql::Result<Option<AuditHead>> {
        caller(context).staff()?;
        Ok(Some(context.data::<App>()?.audit_head().await?.into()))
    }

    /// Verifies a stretch of the audit trail. Begin at 0 and go on from each `lastSequence` to verify all of it. For staff.
    async fn verify_history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Begin after this entry; at the first one when left out.")] after_sequence: Option<Sequence>,
        #[graphql(desc = "How many entries, 1 to 10000; 1000 when left out.")] first: Option<i32>,
    ) -> async_graphql::Result<Option<HistoryVerification>> {
        caller(context).staff()?;
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

/// Whose entries the caller may see.
fn sees(context: &Context<'_>) -> Result<Sees, ApiError> {
    let caller = caller(context);
    let user = caller.user()?;
    Ok(match caller.staff() {
        Ok(_) => Sees::All(user.sub.clone()),
        Err(_) => Sees::Own(user.sub.clone()),
    })
}
