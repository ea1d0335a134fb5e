//! What other services call.

use async_graphql::{Context, Object, Result};
use service::endpoint::require_service;

use super::types::OperationsStatus;
use crate::app::App;

/// Internal queries.
pub struct InternalQuery;

#[Object]
impl InternalQuery {
    /// What is not finished.
    async fn operations_status(&self, context: &Context<'_>) -> Result<OperationsStatus> {
        require_service(context)?;
        Ok(context.data_unchecked::<App>().operations_status().await?.into())
    }
}
