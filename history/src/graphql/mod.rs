//! The GraphQL side: thin resolvers that authorise, call and map.

mod internal;
mod public;
mod scalars;
mod types;

use async_graphql::{EmptySubscription, Schema, ValidationMode};
use service::page::COST_MAX;

use crate::app::App;

/// What the gateway exposes.
pub type PublicSchema = Schema<public::Query, public::Mutation, EmptySubscription>;
/// What other services use.
pub type InternalSchema = Schema<internal::Query, internal::Mutation, EmptySubscription>;

/// Deep enough for introspection, and nothing here nests deeper.
const DEPTH_MAX: usize = 16;

/// The public schema. Without an app it can only be printed.
pub fn public_schema(app: Option<App>) -> PublicSchema {
    let mut schema = Schema::build(public::Query, public::Mutation, EmptySubscription)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COST_MAX);
    if let Some(app) = app {
        schema = schema.data(app);
    }
    schema.finish()
}

/// The internal schema. Without an app it can only be printed.
pub fn internal_schema(app: Option<App>, validation: ValidationMode) -> InternalSchema {
    let mut schema = Schema::build(internal::Query, internal::Mutation, EmptySubscription)
        .validation_mode(validation)
        .limit_depth(DEPTH_MAX);
    if let Some(app) = app {
        schema = schema.data(app);
    }
    schema.finish()
}
