//! The two GraphQL endpoints. Resolvers read, authorise, call an operation and map.

pub(crate) mod orders;
mod types;
pub(crate) mod users;

use async_graphql::{Context, ErrorExtensions};

use crate::app::SharedApp;
use crate::error::Error;

/// No honest document is deeper or has more fields; a login counts for many (see its resolver).
pub(super) const DEPTH_MAX: usize = 12;
pub(super) const COMPLEXITY_MAX: usize = 400;

/// What the `Authorization` header said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Viewer {
    /// The user of a token that is ours and still good.
    pub(crate) user_id: Option<i64>,
}

fn app<'a>(context: &Context<'a>) -> &'a SharedApp {
    context.data_unchecked::<SharedApp>()
}

/// The id of who asks, provided their account is open.
async fn active_user_id(context: &Context<'_>) -> async_graphql::Result<i64> {
    let user_id = context
        .data_unchecked::<Viewer>()
        .user_id
        .ok_or(Error::Unauthenticated)
        .map_err(shape)?;
    Ok(app(context).active_user(user_id).await.map_err(shape)?.id)
}

/// What a client sees of an error: the message and the code, never the cause.
fn shape(error: Error) -> async_graphql::Error {
    if let Error::Internal(cause) = &error {
        tracing::error!(error = format!("{cause:#}"), "an operation failed");
    }
    async_graphql::Error::new(error.to_string()).extend_with(|_, extensions| extensions.set("code", error.code()))
}

/// How many entries a list gives.
fn page_size(first: Option<i32>) -> Result<i64, Error> {
    const MAX: i32 = 100;
    match first {
        None => Ok(20),
        Some(first) if (1..=MAX).contains(&first) => Ok(i64::from(first)),
        Some(_) => Err(Error::bad_input("first", format!("1 to {MAX}"))),
    }
}

/// A number used as an id; what is none names nothing.
fn numeric_id(id: &str, what: &'static str) -> Result<i64, Error> {
    id.parse().map_err(|_| Error::NotFound(what))
}
