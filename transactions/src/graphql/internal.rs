//! What other services call.

use async_graphql::{Context, InputObject, Object, Result};
use service::endpoint::require_service;

use super::types::OperationsStatus;
use crate::app::App;
use crate::app::resolve_reviews::Resolution;

/// Internal queries.
pub struct InternalQuery;

/// Internal mutations.
pub struct InternalMutation;

/// What the fraud desk says of a transaction under review.
#[derive(InputObject)]
struct ReviewResolutionInput {
    /// The transaction.
    transaction_id: String,
    /// The case at the desk.
    case_id: String,
    /// `APPROVE` or `REJECT`.
    decision: String,
}

impl From<ReviewResolutionInput> for Resolution {
    fn from(input: ReviewResolutionInput) -> Self {
        Self {
            transaction_id: input.transaction_id,
            case_id: input.case_id,
            decision: input.decision,
        }
    }
}

#[Object]
impl InternalQuery {
    /// What is not finished.
    async fn operations_status(&self, context: &Context<'_>) -> Result<OperationsStatus> {
        require_service(context)?;
        Ok(context.data_unchecked::<App>().operations_status().await?.into())
    }
}

#[Object]
impl InternalMutation {
    /// Takes the fraud desk's word about transactions under review, in one commit: APPROVE lets one go on with the money that is
    /// held for it, REJECT fails it and lets the money go. Answers the ids that were taken; taken again, nothing changes, and
    /// what is not known here, or has ended, is taken and has no effect. Only one that was decided otherwise before is
    /// missing in the answer. At most 512.
    async fn resolve_reviews(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The decisions.")] resolutions: Vec<ReviewResolutionInput>,
    ) -> Result<Vec<String>> {
        require_service(context)?;
        let resolutions = resolutions.into_iter().map(Resolution::from).collect();
        Ok(context.data_unchecked::<App>().resolve_reviews(resolutions).await?)
    }
}
