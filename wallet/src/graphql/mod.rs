//! The wallet's two schemas.

mod internal;
mod public;
mod staff;
mod statement;
mod types;

use async_graphql::{EmptySubscription, Schema, ValidationMode};
use service::page::COST_MAX;

use crate::app::App;
use internal::{InternalMutation, InternalQuery};
use public::{Mutation, Query};

/// What the gateway exposes.
pub type PublicSchema = Schema<Query, Mutation, EmptySubscription>;
/// What other services call.
pub type InternalSchema = Schema<InternalQuery, InternalMutation, EmptySubscription>;

/// The public schema. Without an app it only tells its SDL.
pub fn public_schema(app: Option<App>) -> PublicSchema {
    let builder = Schema::build(Query, Mutation, EmptySubscription).limit_complexity(COST_MAX);
    match app {
        Some(app) => builder.data(app).finish(),
        None => builder.finish(),
    }
}

/// The internal schema. Without an app it only tells its SDL.
pub fn internal_schema(app: Option<App>, validation: ValidationMode) -> InternalSchema {
    let builder = Schema::build(InternalQuery, InternalMutation, EmptySubscription).validation_mode(validation);
    match app {
        Some(app) => builder.data(app).finish(),
        None => builder.finish(),
    }
}
