//! What other services use.

use async_graphql::{Context, Object};
use service::endpoint::require_service;
use service::{ApiError, Secret};

use super::types::{IssuedServiceToken, UserFacts};
use super::{address, app};
use crate::app::ClientCredentials;

/// The internal queries.
pub(crate) struct InternalQuery;

/// The internal mutations.
pub(crate) struct InternalMutation;

/// What our services ask about users.
#[Object(name = "Query")]
impl InternalQuery {
    /// The users of these ids, in this order; null where there is none.
    async fn users(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "At most 500.")] user_ids: Vec<String>,
    ) -> async_graphql::Result<Vec<Option<UserFacts>>> {
        require_service(context)?;
        let users = app(context).users_by_id(&user_ids).await?;
        Ok(users.into_iter().map(|user| user.map(UserFacts::from)).collect())
    }

    /// The user with this e-mail or username.
    async fn user_by_login(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "E-mail or username, in any case.")] login: String,
    ) -> async_graphql::Result<Option<UserFacts>> {
        require_service(context)?;
        let user = app(context).user_by_login(&login).await?;
        Ok(user.map(UserFacts::from))
    }
}

/// How a service gets its token, and what it may do to accounts.
#[Object(name = "Mutation")]
impl InternalMutation {
    /// Trades a client's id and secret for a service token. The one internal operation that needs none.
    async fn issue_service_token(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "gateway, wallet, transactions, fraud or history.")] client_id: String,
        #[graphql(desc = "From its `.secret` file in the keys folder.")] client_secret: String,
    ) -> Result<IssuedServiceToken, ApiError> {
        let credentials = ClientCredentials {
            client_id,
            secret: Secret::new(client_secret),
            address: address(context),
        };
        Ok(app(context).issue_service_token(credentials).await?.into())
    }

    /// Makes a customer a merchant, which shows in their tokens from the next refresh on. A merchant or an admin stays
    /// what they are. NOT_FOUND for nobody's id, CONFLICT for an account that is disabled.
    async fn grant_merchant_role(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose.")] user_id: String,
    ) -> async_graphql::Result<bool> {
        require_service(context)?;
        app(context).grant_merchant_role(&user_id).await?;
        Ok(true)
    }
}
