//! All routes of the gateway.

pub(crate) mod health;
pub(crate) mod jwks;
mod playground;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{Redirect, Response};
use axum::routing::{any, get};

use crate::gateway::Gateway;
use crate::pipeline;

pub(crate) fn router(gateway: Arc<Gateway>) -> Router {
    let home = gateway.config.home;
    Router::new()
        .route("/", get(move || async move { Redirect::temporary(home) }))
        .route("/graphql", any(graphql))
        .route("/graphiql/{file}", get(playground::asset))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(health::ready))
        .route("/.well-known/jwks.json", get(jwks::jwks))
        .with_state(gateway)
}

async fn graphql(state: State<Arc<Gateway>>, request: Request) -> Response {
    if playground::is_wanted(&request) {
        return playground::page(&state).await;
    }
    pipeline::handle(state, request).await
}
