//! The two GraphQL APIs: thin resolvers over `app`.

mod internal;
pub(crate) mod jwks;
mod mutation;
mod query;
mod types;

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription, Schema, ValidationMode};
use service::endpoint::ClientAddress;
use service::page::COST_MAX;

use crate::app::{Address, App};
use internal::{InternalMutation, InternalQuery};
use mutation::Mutation;
use query::Query;

/// Selections inside selections. Introspection, which tools send, has fifteen or so.
const DEPTH_MAX: usize = 20;

pub(crate) type PublicSchema = Schema<Query, Mutation, EmptySubscription>;
pub(crate) type InternalSchema = Schema<InternalQuery, InternalMutation, EmptySubscription>;

pub(crate) fn public_schema(app: Arc<App>) -> PublicSchema {
    Schema::build(Query, Mutation, EmptySubscription)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COST_MAX)
        .data(app)
        .finish()
}

pub(crate) fn internal_schema(app: Arc<App>, validation: ValidationMode) -> InternalSchema {
    Schema::build(InternalQuery, InternalMutation, EmptySubscription)
        .validation_mode(validation)
        .limit_depth(DEPTH_MAX)
        .data(app)
        .finish()
}

pub(crate) fn public_sdl() -> String {
    Schema::build(Query, Mutation, EmptySubscription).finish().sdl()
}

pub(crate) fn internal_sdl() -> String {
    Schema::build(InternalQuery, InternalMutation, EmptySubscription)
        .finish()
        .sdl()
}

/// The app behind a resolver. Both schemas are built with it.
fn app<'a>(context: &Context<'a>) -> &'a App {
    context.data_unchecked::<Arc<App>>()
}

fn address(context: &Context<'_>) -> Address {
    context.data_opt::<ClientAddress>().and_then(|address| address.0)
}
