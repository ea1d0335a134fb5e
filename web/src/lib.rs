//! The pages of the provider: the hosted checkout and the wallet app. They reach the provider only as any client does, through
//! the gateway's public GraphQL API, and so have no right that their user does not have.

use axum::Router;
use peer::Upstream;

/// What the pages are built from.
#[derive(Clone)]
pub struct Config {
    /// The gateway.
    pub gateway: Upstream,
}

/// All pages.
pub fn router(_config: Config) -> Router {
    Router::new()
}
