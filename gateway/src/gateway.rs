//! What all requests share.

use std::sync::Arc;

use peer::Upstream;
use service::ServiceName;
use tokio::sync::Semaphore;

use crate::http::jwks::KeySet;
use crate::pipeline::PlanCache;
use crate::schema::PublicSchema;
use crate::{Config, GatewayError};

pub(crate) struct Gateway {
    pub(crate) schema: PublicSchema,
    pub(crate) config: Config,
    pub(crate) plans: PlanCache,
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) keys: KeySet,
}

impl Gateway {
    pub(crate) fn new(schema: PublicSchema, config: Config) -> Result<Self, GatewayError> {
        let has_upstream = |service: &ServiceName| config.upstreams.iter().any(|(name, _)| name == service);
        if let Some(missing) = schema.services().find(|service| !has_upstream(service)) {
            return Err(GatewayError::NoUpstream(missing));
        }
        let plans = PlanCache::new(config.limits.plan_cache_bytes);
        let in_flight = Arc::new(Semaphore::new(config.limits.in_flight));
        Ok(Self {
            schema,
            config,
            plans,
            in_flight,
            keys: KeySet::default(),
        })
    }

    pub(crate) fn upstream(&self, service: ServiceName) -> Option<&Upstream> {
        self.config
            .upstreams
            .iter()
            .find(|(name, _)| *name == service)
            .map(|(_, upstream)| upstream)
    }
}
