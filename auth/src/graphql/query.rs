//! The public queries. All may be null, so that one that fails leaves the rest of a document its answers.

use actions::AdminAction;
use async_graphql::{Context, Object};
use service::ApiError;
use service::page::page_cost;
use service::token::caller;

use super::app;
use super::types::{ActiveSession, Recipient, User};
use crate::app::{AskedUsers, UserFilter};

/// The public queries.
pub(crate) struct Query;

/// What can be asked about accounts.
#[Object]
impl Query {
    /// The caller's own account.
    async fn my_profile(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "An access token; without it the Authorization header counts.")] token: Option<String>,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        let caller = app.caller_with(token.as_deref(), caller(context));
        let signed_in = app.signed_in(&caller).await?;
        Ok(Some(signed_in.user.into()))
    }

    /// Where the caller is logged in, the latest login first.
    async fn my_sessions(&self, context: &Context<'_>) -> Result<Option<Vec<ActiveSession>>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let sessions = app.my_sessions(&signed_in).await?;
        let current = signed_in.session_id;
        Ok(Some(
            sessions
                .into_iter()
                .map(|session| ActiveSession::new(session, current))
                .collect(),
        ))
    }

    /// Whom money can be sent to under this e-mail or username; null when there is nobody. For people who are signed in,
    /// and at most thirty times a minute.
    async fn recipient(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The whole e-mail or username, in any case.")] login: String,
    ) -> Result<Option<Recipient>, ApiError> {
        let app = app(context);
        let signed_in = app.signed_in(caller(context)).await?;
        let user = app.find_recipient(&signed_in, &login).await?;
        Ok(user.map(Recipient::from))
    }

    /// All accounts, the newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    #[allow(clippy::too_many_arguments, reason = "each is an argument of the field")]
    async fn users(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many: 1 to 500, 100 if not given.")] first: Option<i32>,
        #[graphql(desc = "The `user_id` of the last account of the page before.")] after: Option<String>,
        #[graphql(desc = "Only accounts with this text in username, e-mail or full name.")] query: Option<String>,
        #[graphql(desc = "Only accounts with this role.")] role: Option<String>,
        #[graphql(desc = "Only accounts that are locked out, or only those that are not.")] is_disabled: Option<bool>,
    ) -> Result<Option<Vec<User>>, ApiError> {
        let app = app(context);
        app.signed_in_staff(caller(context)).await?;
        let filter = UserFilter::parse(&AskedUsers {
            first,
            after: after.as_deref(),
            query: query.as_deref(),
            role: role.as_deref(),
            is_disabled,
        })?;
        let users = app.users(filter).await?;
        Ok(Some(users.into_iter().map(User::from).collect()))
    }

    /// One account. For staff.
    async fn user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Whose.")] user_id: String,
    ) -> Result<Option<User>, ApiError> {
        let app = app(context);
        app.signed_in_staff(caller(context)).await?;
        Ok(Some(app.user(&user_id).await?.into()))
    }

    /// What staff did to accounts, the newest first. For staff.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn auth_actions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only what was done to the account with this id.")] object: Option<String>,
        #[graphql(desc = "How many: 1 to 500, 100 if not given.")] first: Option<i32>,
        #[graphql(desc = "The `actionId` of the last action of the page before.")] after: Option<String>,
    ) -> Result<Option<Vec<AdminAction>>, ApiError> {
        let app = app(context);
        app.signed_in_staff(caller(context)).await?;
        Ok(Some(app.auth_actions(object, first, after).await?))
    }
}
