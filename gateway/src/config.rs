//! What the gateway is built from.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::http::HeaderValue;
use peer::Upstream;
use service::ServiceName;

/// Gives the gateway's own service token (`Bearer …`), if there is one now.
pub type ServiceAuthorization = Arc<dyn Fn() -> Option<HeaderValue> + Send + Sync>;

/// What the gateway is built from.
#[derive(Clone)]
pub struct Config {
    /// The way to each service that owns a part of the schema.
    pub upstreams: Vec<(ServiceName, Upstream)>,
    /// Whether clients may ask for the schema.
    pub introspection: bool,
    /// Where GraphiQL's files are, so that its page needs no CDN.
    pub graphiql_assets: Option<PathBuf>,
    /// Where `/` leads.
    pub home: &'static str,
    /// What one request may cost.
    pub limits: Limits,
    /// With this token the gateway vouches for the client's address towards the services.
    pub service_authorization: ServiceAuthorization,
    /// How long one request may take, all services together.
    pub timeout: Duration,
}

impl Config {
    /// The defaults in front of these services: introspection on, no token, thirty seconds.
    pub fn new(upstreams: Vec<(ServiceName, Upstream)>) -> Self {
        Self {
            upstreams,
            introspection: true,
            graphiql_assets: None,
            home: "/graphql",
            limits: Limits::default(),
            service_authorization: Arc::new(|| None),
            timeout: Duration::from_secs(30),
        }
    }
}

/// What one request may cost. All of these are checked before the costly work that they bound.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The request's body.
    pub body_bytes: usize,
    /// How long a client may take to send its body.
    pub body_timeout: Duration,
    /// Names, values and punctuation of a document.
    pub tokens: usize,
    /// Fields inside fields. What lies below `__schema` and `__type` has its own limit.
    pub depth: usize,
    /// Aliased fields, fragments written out.
    pub aliases: usize,
    /// Fields at the root, fragments written out.
    pub root_fields: usize,
    /// All fields, fragments written out: a few fragments inside each other can stand for millions.
    pub fields: usize,
    /// `__schema` and `__type` at the root: each can answer with the whole schema.
    pub introspection_fields: usize,
    /// Requests under way at once; more are refused, not queued.
    pub in_flight: usize,
    /// Memory for plans of documents seen before.
    pub plan_cache_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            body_timeout: Duration::from_secs(10),
            tokens: 2_000,
            depth: 15,
            aliases: 50,
            root_fields: 50,
            fields: 2_000,
            introspection_fields: 4,
            in_flight: 2_048,
            plan_cache_bytes: 16 * 1024 * 1024,
        }
    }
}
