//! The desk: payments that wait for somebody to decide.

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use ids::ReviewCaseId;
use money::Decimal;
use service::DateTime;
use service::page::page_cost;
use service::token::caller;

use super::types::FraudLog;
use crate::app::{App, DecideReview, ListReviews, reference};
use crate::domain::{ReviewDecisionKind as Decision, ReviewState as State};
use crate::store::cases::CaseRow;
use crate::store::decisions::DecisionRow;

/// A case shows so many of the user's checks before it.
const RECENT: i64 = 10;

/// Where a case stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "State")]
pub enum ReviewState {
    /// Nobody has decided yet, or a second person has to.
    Open,
    /// Somebody let the payment go on.
    Approved,
    /// Somebody refused the payment.
    Rejected,
    /// Nobody decided in time; the policy did.
    Expired,
    /// The payment failed for another reason.
    Withdrawn,
}

/// A decision about a case.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Decision")]
pub enum ReviewDecisionKind {
    /// The payment goes on.
    Approve,
    /// The payment is refused.
    Reject,
}

/// What somebody decided.
#[derive(SimpleObject)]
pub struct ReviewDecision {
    /// Which way.
    decision: ReviewDecisionKind,
    /// The user who decided.
    by: String,
    /// Why.
    note: String,
    /// When.
    at: DateTime,
}

/// A payment that waits, or waited, for somebody of the desk. Its money is held meanwhile.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ReviewCase {
    #[graphql(skip)]
    row: CaseRow,
    /// The case's id, also the cursor for `after`.
    case_id: String,
    /// The payment.
    transaction_id: String,
    /// Whose money.
    user_id: String,
    /// Who is to be paid, if it is a merchant.
    merchant_id: Option<String>,
    /// How much, in IDR.
    amount: Decimal,
    /// What for: `PAYMENT` or `TRANSFER`.
    kind: String,
    /// Where it stands.
    state: ReviewState,
    /// True when somebody approved it and a second person has to.
    needs_second: bool,
    /// When it was opened.
    created_at: DateTime,
    /// When the policy decides, if nobody has.
    expires_at: DateTime,
    /// When it ended.
    closed_at: Option<DateTime>,
}

#[ComplexObject]
impl ReviewCase {
    /// The check that asked for it: facts, score, the rules that fired.
    async fn log(&self, context: &Context<'_>) -> async_graphql::Result<FraudLog> {
        let log = context.data::<App>()?.find_log(self.row.log_id.as_str()).await?;
        Ok(log.into())
    }

    /// The last ten checks of the same user before it, newest first.
    #[graphql(complexity = "10 * child_complexity")]
    async fn recent(&self, context: &Context<'_>) -> async_graphql::Result<Vec<FraudLog>> {
        let app = context.data::<App>()?;
        let log = app.find_log(self.row.log_id.as_str()).await?;
        let recent = app.recent_logs(self.row.user_id.clone(), &log, RECENT).await?;
        Ok(recent.into_iter().map(FraudLog::from).collect())
    }

    /// What was decided so far, in order.
    async fn decisions(&self, context: &Context<'_>) -> async_graphql::Result<Vec<ReviewDecision>> {
        let case_id: ReviewCaseId = self.row.case_id;
        let decisions = context.data::<App>()?.decisions_of(case_id).await?;
        Ok(decisions.into_iter().map(ReviewDecision::from).collect())
    }
}

/// Queries of the desk.
#[derive(Default)]
pub struct DeskQuery;

#[Object]
impl DeskQuery {
    /// Cases: of those that are OPEN the oldest first, otherwise the newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn review_cases(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only cases in this state.")] state: Option<ReviewState>,
        #[graphql(desc = "Only cases of this user.")] user_id: Option<String>,
        #[graphql(desc = "How many, 1 to 500; 100 when left out.")] first: Option<i32>,
        #[graphql(desc = "Only those after this case in the list: the `caseId` of the last one seen.")] after: Option<
            String,
        >,
    ) -> async_graphql::Result<Option<Vec<ReviewCase>>> {
        caller(context).staff()?;
        let asked = ListReviews {
            first,
            after,
            state: state.map(State::from),
            user_id: user_id.map(|text| reference("userId", text)).transpose()?,
        };
        let rows = context.data::<App>()?.list_reviews(asked).await?;
        Ok(Some(rows.into_iter().map(ReviewCase::from).collect()))
    }

    /// One case. For staff.
    async fn review_case(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The case.")] case_id: String,
    ) -> async_graphql::Result<Option<ReviewCase>> {
        caller(context).staff()?;
        Ok(Some(context.data::<App>()?.find_review(&case_id).await?.into()))
    }
}

/// Mutations of the desk.
#[derive(Default)]
pub struct DeskMutation;

#[Object]
impl DeskMutation {
    /// Lets a payment go on. Above the policy's `fourEyesAbove` two different people have to. The same approval again
    /// changes nothing; nobody decides about a payment of their own. For the fraud desk.
    async fn approve_review(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The case.")] case_id: String,
        #[graphql(desc = "Why, for the record.")] note: String,
    ) -> async_graphql::Result<Option<ReviewCase>> {
        decide(context, case_id, note, Decision::Approve).await
    }

    /// Refuses a payment: what was held goes back to the payer. One person is enough. The same rejection again changes
    /// nothing; nobody decides about a payment of their own. For the fraud desk.
    async fn reject_review(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The case.")] case_id: String,
        #[graphql(desc = "Why, for the record.")] note: String,
    ) -> async_graphql::Result<Option<ReviewCase>> {
        decide(context, case_id, note, Decision::Reject).await
    }
}

async fn decide(
    context: &Context<'_>,
    case_id: String,
    note: String,
    decision: Decision,
) -> async_graphql::Result<Option<ReviewCase>> {
    let by = caller(context).fraud_desk()?.sub.clone();
    let asked = DecideReview {
        case_id,
        decision,
        note,
        by,
    };
    Ok(Some(context.data::<App>()?.decide_review(asked).await?.into()))
}

impl From<CaseRow> for ReviewCase {
    fn from(row: CaseRow) -> Self {
        Self {
            case_id: row.case_id.to_string(),
            transaction_id: row.transaction_id.clone(),
            user_id: row.user_id.clone(),
            merchant_id: row.merchant_id.clone(),
            amount: row.amount.into(),
            kind: row.kind.clone(),
            state: row.state.into(),
            needs_second: row.needs_second,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.into(),
            closed_at: row.closed_at.map(DateTime::from),
            row,
        }
    }
}

impl From<DecisionRow> for ReviewDecision {
    fn from(row: DecisionRow) -> Self {
        Self {
            decision: row.decision.into(),
            by: row.by,
            note: row.note,
            at: row.at.into(),
        }
    }
}
