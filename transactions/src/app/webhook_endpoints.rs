//! Making, changing and deleting the addresses where a merchant takes webhooks.

use std::time::Duration;

use ids::WebhookEndpointId;
use service::token::Caller;
use service::{ApiError, ErrorCode, Timestamp};
use store::{StoreError, Tx};

use super::App;
use super::merchant_access::Access;
use crate::domain::{Attempt, AttemptOutcome, new_secret, parse_events};
use crate::store::events::{Delivery, WEBHOOK_LANE};
use crate::store::webhook_attempts;
use crate::store::webhook_endpoints::{self, WebhookEndpoint};

/// So that one payment does not become a hundred calls.
const ENDPOINTS_MAX: usize = 10;

/// What shall be different.
#[derive(Clone, Debug, Default)]
pub struct EndpointChange {
    /// Another address.
    pub url: Option<String>,
    /// Other events; none: all.
    pub events: Option<Vec<String>>,
    /// Whether events are sent.
    pub enabled: Option<bool>,
}

impl App {
    /// The endpoints of a merchant.
    pub async fn webhook_endpoints(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
    ) -> Result<Vec<WebhookEndpoint>, ApiError> {
        let merchant_id = self.merchant_seen_by(caller, merchant_id).await?.merchant_id;
        self.database
            .read(move |snapshot| Ok(webhook_endpoints::of_merchant(snapshot, merchant_id)?))
            .await
    }

    /// Makes an endpoint with a new secret.
    pub async fn create_webhook_endpoint(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        url: &str,
        events: Vec<String>,
    ) -> Result<WebhookEndpoint, ApiError> {
        let merchant_id = self.merchant_of(caller, merchant_id).await?.merchant_id;
        let now = self.clock.now();
        let endpoint = WebhookEndpoint {
            endpoint_id: WebhookEndpointId::generate(),
            merchant_id,
            url: self.webhook_addresses.parse(url)?,
            events: parse_events(events)?,
            enabled: true,
            disabled_reason: None,
            secret: new_secret(),
            previous_secret: None,
            failing_since: None,
            created_at: now,
        };
        self.database
            .write(move |tx| {
                if webhook_endpoints::of_merchant(tx, merchant_id)?.len() >= ENDPOINTS_MAX {
                    return Err(ApiError::new(
                        ErrorCode::Conflict,
                        format!("a merchant has at most {ENDPOINTS_MAX} endpoints; delete one first"),
                    ));
                }
                webhook_endpoints::put(tx, &endpoint, now)?;
                Ok(endpoint.clone())
            })
            .await
    }

    /// Changes an endpoint. Enabled again, it begins anew: what it failed at before is forgotten.
    pub async fn update_webhook_endpoint(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        change: EndpointChange,
    ) -> Result<WebhookEndpoint, ApiError> {
        let url = change.url.map(|url| self.webhook_addresses.parse(&url)).transpose()?;
        let events = change.events.map(parse_events).transpose()?;
        self.change_endpoint(caller, endpoint_id, move |tx, mut endpoint, now| {
            if let Some(url) = url.clone().filter(|url| *url != endpoint.url) {
                refuse_if_configured(&endpoint)?;
                endpoint.url = url;
                endpoint.failing_since = None;
                outbox::resume(tx, WEBHOOK_LANE, endpoint.endpoint_id.as_str())?;
            }
            if let Some(events) = events.clone() {
                endpoint.events = events;
            }
            match change.enabled {
                Some(true) => enable(tx, &mut endpoint)?,
                Some(false) if endpoint.enabled => disable(tx, &mut endpoint, now)?,
                _ => {}
            }
            Ok(endpoint)
        })
        .await
    }

    /// Gives an endpoint another secret. The one so far signs as well, for a day.
    pub async fn rotate_webhook_secret(&self, caller: &Caller, endpoint_id: &str) -> Result<WebhookEndpoint, ApiError> {
        let secret = new_secret();
        self.change_endpoint(caller, endpoint_id, move |_, mut endpoint, now| {
            refuse_if_configured(&endpoint)?;
            endpoint.rotate(secret.clone(), now);
            Ok(endpoint)
        })
        .await
    }

    /// Deletes an endpoint. What waited for it is dropped, with a line in the log of attempts for each; the events stay,
    /// to be pulled or sent elsewhere.
    pub async fn delete_webhook_endpoint(&self, caller: &Caller, endpoint_id: &str) -> Result<(), ApiError> {
        let endpoint = self.own_endpoint(caller, endpoint_id).await?;
        refuse_if_configured(&endpoint)?;
        let now = self.clock.now();
        let dropped = self
            .database
            .write(move |tx| delete(tx, &endpoint, now).map_err(ApiError::from))
            .await?;
        tracing::info!(
            endpoint = endpoint_id,
            dropped,
            "an endpoint was deleted, and what waited for it was dropped"
        );
        Ok(())
    }

    /// An endpoint of a merchant that the caller acts for.
    pub async fn own_endpoint(&self, caller: &Caller, endpoint_id: &str) -> Result<WebhookEndpoint, ApiError> {
        self.endpoint_for(caller, endpoint_id, Access::Act).await
    }

    /// An endpoint with which the caller may do this much; any other is as good as none.
    pub(super) async fn endpoint_for(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        access: Access,
    ) -> Result<WebhookEndpoint, ApiError> {
        let not_found = || ApiError::not_found("webhook endpoint");
        let Ok(endpoint_id) = WebhookEndpointId::parse(endpoint_id) else {
            return Err(self.refusal_of(caller, not_found()).await);
        };
        let found = self
            .database
            .read(move |snapshot| webhook_endpoints::find(snapshot, endpoint_id));
        match found.await.map_err(ApiError::from)? {
            Some(endpoint) => {
                self.check_access(caller, endpoint.merchant_id, "webhook endpoint", access)
                    .await?;
                Ok(endpoint)
            }
            None => Err(self.refusal_of(caller, not_found()).await),
        }
    }

    /// What to say of something that there is not: who is nobody is told that first, so that nobody can probe for it.
    pub(super) async fn refusal_of(&self, caller: &Caller, not_found: ApiError) -> ApiError {
        match self.merchant_of(caller, None).await {
            Err(error) if error.code() == ErrorCode::Unauthenticated => error,
            _ => not_found,
        }
    }

    async fn change_endpoint(
        &self,
        caller: &Caller,
        endpoint_id: &str,
        change: impl Fn(&mut Tx<'_>, WebhookEndpoint, Timestamp) -> Result<WebhookEndpoint, ApiError> + Send + 'static,
    ) -> Result<WebhookEndpoint, ApiError> {
        let endpoint_id = self.own_endpoint(caller, endpoint_id).await?.endpoint_id;
        let now = self.clock.now();
        let changed = self.database.write(move |tx| {
            let endpoint = webhook_endpoints::find(tx, endpoint_id)?;
            let endpoint = endpoint.ok_or_else(|| ApiError::not_found("webhook endpoint"))?;
            let changed = change(tx, endpoint, now)?;
            webhook_endpoints::put(tx, &changed, now)?;
            Ok::<_, ApiError>(changed)
        });
        let changed = changed.await?;
        self.runner.outbox.nudge(WEBHOOK_LANE);
        Ok(changed)
    }
}

/// Where the configuration says what an endpoint is, a change elsewhere would last until the next start.
fn refuse_if_configured(endpoint: &WebhookEndpoint) -> Result<(), ApiError> {
    if endpoint.is_configured() {
        return Err(ApiError::new(
            ErrorCode::Conflict,
            "the address and the secret of this endpoint stand in the configuration: change them there",
        ));
    }
    Ok(())
}

fn enable(tx: &mut Tx<'_>, endpoint: &mut WebhookEndpoint) -> Result<(), StoreError> {
    endpoint.enabled = true;
    endpoint.disabled_reason = None;
    endpoint.failing_since = None;
    outbox::resume(tx, WEBHOOK_LANE, endpoint.endpoint_id.as_str())
}

fn disable(tx: &mut Tx<'_>, endpoint: &mut WebhookEndpoint, now: Timestamp) -> Result<(), StoreError> {
    let reason = "its merchant disabled it";
    endpoint.enabled = false;
    endpoint.disabled_reason = Some(reason.to_owned());
    let parked = format!("the endpoint is disabled: {reason}");
    outbox::park_waiting(tx, WEBHOOK_LANE, endpoint.endpoint_id.as_str(), &parked, now)?;
    Ok(())
}

fn delete(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint, now: Timestamp) -> Result<usize, StoreError> {
    webhook_endpoints::delete(tx, endpoint.endpoint_id, now)?;
    let dropped = outbox::drop_all(tx, WEBHOOK_LANE, endpoint.endpoint_id.as_str())?;
    for payload in &dropped {
        let Ok(delivery) = serde_json::from_str::<Delivery>(payload) else {
            continue;
        };
        let attempt = Attempt {
            event_id: delivery.event_id,
            endpoint_id: endpoint.endpoint_id,
            merchant_id: endpoint.merchant_id,
            attempted_at: now,
            outcome: AttemptOutcome::Dropped,
            status: None,
            latency: Duration::ZERO,
            excerpt: Some("the endpoint was deleted".to_owned()),
        };
        webhook_attempts::add(tx, &attempt)?;
    }
    Ok(dropped.len())
}
