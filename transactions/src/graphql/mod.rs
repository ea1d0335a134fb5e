//! The service's two schemas.

mod internal;
mod merchant_types;
mod merchants;
mod operation_types;
mod operations;
mod payments;
mod payouts;
mod session_types;
mod sessions;
mod staff;
mod staff_types;
mod types;
mod webhook_types;
mod webhooks;

use async_graphql::{EmptySubscription, MergedObject, Schema, ValidationMode};
use service::page::COST_MAX;

use crate::app::App;
use internal::{InternalMutation, InternalQuery};
use merchants::{MerchantMutation, MerchantQuery};
use operations::{OperationMutation, OperationQuery};
use payments::{PaymentMutation, PaymentQuery};
use payouts::{PayoutMutation, PayoutQuery};
use sessions::{SessionMutation, SessionQuery};
use staff::{StaffMutation, StaffQuery};
use webhooks::{WebhookMutation, WebhookQuery};

/// What can be asked.
#[derive(MergedObject, Default)]
pub struct Query(
    PaymentQuery,
    MerchantQuery,
    SessionQuery,
    OperationQuery,
    PayoutQuery,
    WebhookQuery,
    StaffQuery,
);

/// What can be done.
#[derive(MergedObject, Default)]
pub struct Mutation(
    PaymentMutation,
    MerchantMutation,
    SessionMutation,
    OperationMutation,
    PayoutMutation,
    WebhookMutation,
    StaffMutation,
);

/// What the gateway exposes.
pub type PublicSchema = Schema<Query, Mutation, EmptySubscription>;
/// What other services call.
pub type InternalSchema = Schema<InternalQuery, InternalMutation, EmptySubscription>;

/// The public schema. Without an app it only tells its SDL.
pub fn public_schema(app: Option<App>) -> PublicSchema {
    let builder = Schema::build(Query::default(), Mutation::default(), EmptySubscription).limit_complexity(COST_MAX);
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
