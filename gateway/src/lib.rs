//! The front door: one GraphQL endpoint in front of the five services.
//!
//! - [`schema`]: what clients see, merged from the services' SDL when the gateway starts.
//! - `pipeline`: the way of one request, one file per stage.
//! - `http`: the routes beside `/graphql`: health, keys, and the page for people with a browser.
//!
//! The gateway holds no state that matters: losing it loses nothing, and any number may run side by side.

mod config;
mod error;
mod gateway;
mod http;
mod pipeline;
pub mod schema;

use std::sync::Arc;

use axum::Router;

pub use config::{Config, Limits, ServiceAuthorization};
pub use error::GatewayError;
use schema::PublicSchema;

/// The gateway in front of the five services, whose SDL is built in.
pub fn router(config: Config) -> Result<Router, GatewayError> {
    router_for(PublicSchema::built_in()?, config)
}

/// The gateway in front of other services than the built-in ones.
pub fn router_for(schema: PublicSchema, config: Config) -> Result<Router, GatewayError> {
    Ok(http::router(Arc::new(gateway::Gateway::new(schema, config)?)))
}
