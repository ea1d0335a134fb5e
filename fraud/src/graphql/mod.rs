//! The GraphQL side: thin resolvers that authorise, call and map.

mod backtests;
mod desk;
mod internal;
mod lists;
mod logs;
mod policy;
mod public;
mod rules;
mod stats;
mod types;

use async_graphql::{EmptySubscription, MergedObject, Schema, ValidationMode};
use service::page::COST_MAX;

use crate::app::App;

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    logs::LogQuery,
    stats::StatsQuery,
    desk::DeskQuery,
    lists::ListQuery,
    policy::PolicyQuery,
    rules::RuleQuery,
    backtests::BacktestQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    public::CheckMutation,
    logs::LogMutation,
    desk::DeskMutation,
    lists::ListMutation,
    policy::PolicyMutation,
    rules::RuleMutation,
    backtests::BacktestMutation,
);

/// What the gateway exposes.
pub type PublicSchema = Schema<Query, Mutation, EmptySubscription>;
/// What other services use.
pub type InternalSchema = Schema<internal::Query, internal::Mutation, EmptySubscription>;

/// Deep enough for introspection, and nothing here nests deeper.
const DEPTH_MAX: usize = 16;

/// The public schema. Without an app it can only be printed.
pub fn public_schema(app: Option<App>) -> PublicSchema {
    let mut schema = Schema::build(Query::default(), Mutation::default(), EmptySubscription)
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
