//! The users endpoint.

use async_graphql::{Context, EmptySubscription, Object, Result, Schema};

use crate::app::{SharedApp, login, register};
use crate::domain::account::Registration;
use crate::graphql::types::{AuthView, UserView};
use crate::graphql::{COMPLEXITY_MAX, DEPTH_MAX, Viewer, app, shape};

pub(crate) type UsersSchema = Schema<UsersQuery, UsersMutation, EmptySubscription>;

pub(crate) fn schema(app: SharedApp) -> UsersSchema {
    Schema::build(UsersQuery, UsersMutation, EmptySubscription)
        .data(app)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .finish()
}

pub(crate) struct UsersQuery;

#[Object(name = "Query")]
impl UsersQuery {
    /// The account of who asks; null without a valid token.
    async fn me(&self, context: &Context<'_>) -> Result<Option<UserView>> {
        let Some(user_id) = context.data_unchecked::<Viewer>().user_id else {
            return Ok(None);
        };
        Ok(Some(app(context).active_user(user_id).await.map_err(shape)?.into()))
    }
}

pub(crate) struct UsersMutation;

// Hashing a password is meant to be slow, so these two cost as much as many fields: repeating them under aliases in one
// document ends soon.
#[Object(name = "Mutation")]
impl UsersMutation {
    /// Makes an account.
    #[graphql(complexity = "100 + child_complexity")]
    async fn register(&self, context: &Context<'_>, nama: String, email: String, password: String) -> Result<UserView> {
        let registration = Registration::parse(&nama, &email, password).map_err(shape)?;
        Ok(register::register(app(context), registration)
            .await
            .map_err(shape)?
            .into())
    }

    /// Gives a token for both endpoints.
    #[graphql(complexity = "100 + child_complexity")]
    async fn login(&self, context: &Context<'_>, email: String, password: String) -> Result<AuthView> {
        let login = login::login(app(context), &email, password).await.map_err(shape)?;
        Ok(AuthView {
            token: login.token,
            user: login.user.into(),
        })
    }
}
