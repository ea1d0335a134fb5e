//! The table `webhook_endpoints`.

use std::time::Duration;

use ids::{MerchantId, WebhookEndpointId};
use service::{Secret, Timestamp};
use store::{Row, Snapshot, StoreError, Tx};
use url::Url;

use super::corrupt;

/// A secret that was replaced signs for this long.
const PREVIOUS_SECRET_FOR: Duration = Duration::from_secs(24 * 3_600);

/// Where a merchant takes webhooks.
#[derive(Clone, Debug)]
pub struct WebhookEndpoint {
    /// Its id.
    pub endpoint_id: WebhookEndpointId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// The address.
    pub url: Url,
    /// The types of events that it wants; empty: all.
    pub events: Vec<String>,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why not.
    pub disabled_reason: Option<String>,
    /// `whsec_…`: what is signed with now.
    pub secret: Secret,
    /// The secret before it, which signs too for a while.
    pub previous_secret: Option<(Secret, Timestamp)>,
    /// Since when nothing was delivered.
    pub failing_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The endpoint of the configuration has the first id there is, as its merchant has.
const CONFIGURED_ENDPOINT: &str = "whe_00000000000000000000000001";

impl WebhookEndpoint {
    /// The id of the endpoint that the configuration names.
    pub fn configured_id() -> WebhookEndpointId {
        WebhookEndpointId::parse(CONFIGURED_ENDPOINT).expect("the constant is an endpoint's id")
    }

    /// Whether it is the endpoint of the configuration.
    pub fn is_configured(&self) -> bool {
        self.endpoint_id == Self::configured_id()
    }

    /// The secrets to sign with: the present one and, for a while, the one before.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        let previous = self.previous_secret.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.secret).chain(previous.map(|(secret, _)| secret))
    }

    /// Signs with another secret from now on, and with the one so far as well until its time is over.
    pub fn rotate(&mut self, secret: Secret, now: Timestamp) {
        let earlier = std::mem::replace(&mut self.secret, secret);
        self.previous_secret = Some((earlier, now.after(PREVIOUS_SECRET_FOR)));
    }

    /// Whether its filter lets this type of event through.
    pub fn wants(&self, event_type: &str) -> bool {
        self.events.is_empty() || self.events.iter().any(|wanted| wanted == event_type)
    }
}

/// Adds an endpoint, or writes what it is by now.
pub fn put(tx: &mut Tx<'_>, endpoint: &WebhookEndpoint, now: Timestamp) -> Result<(), StoreError> {
    let events = serde_json::to_string(&endpoint.events).map_err(|_| corrupt(3, "the events are no JSON"))?;
    let (previous_secret, until) = endpoint
        .previous_secret
        .as_ref()
        .map(|(secret, until)| (secret.expose(), *until))
        .unzip();
    tx.execute(
        "INSERT INTO webhook_endpoints (endpoint_id, merchant_id, url, events, state, disabled_reason, secret, previous_secret,
             previous_secret_until, failing_since, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (endpoint_id) DO UPDATE SET url = excluded.url, events = excluded.events, state = excluded.state,
             disabled_reason = excluded.disabled_reason, secret = excluded.secret, previous_secret = excluded.previous_secret,
             previous_secret_until = excluded.previous_secret_until, failing_since = excluded.failing_since,
             updated_at = excluded.updated_at",
        &[
            &endpoint.endpoint_id,
            &endpoint.merchant_id,
            &endpoint.url.as_str(),
            &events,
            &(if endpoint.enabled { "ENABLED" } else { "DISABLED" }),
            &endpoint.disabled_reason,
            &endpoint.secret.expose(),
            &previous_secret,
            &until,
            &endpoint.failing_since,
            &endpoint.created_at,
            &now,
        ],
    )?;
    Ok(())
}

/// An endpoint by its id; a deleted one is none.
pub fn find(snapshot: &Snapshot<'_>, endpoint_id: WebhookEndpointId) -> Result<Option<WebhookEndpoint>, StoreError> {
    snapshot.query_opt(
        "SELECT endpoint_id, merchant_id, url, events, state, disabled_reason, secret, previous_secret, previous_secret_until,
             failing_since, created_at
         FROM webhook_endpoints WHERE endpoint_id = $1 AND state <> 'DELETED'",
        &[&endpoint_id],
        endpoint,
    )
}

/// The endpoints of a merchant that events are sent to.
pub fn enabled_of_merchant(
    snapshot: &Snapshot<'_>,
    merchant_id: MerchantId,
) -> Result<Vec<WebhookEndpoint>, StoreError> {
    snapshot.query(
        "SELECT endpoint_id, merchant_id, url, events, state, disabled_reason, secret, previous_secret, previous_secret_until,
             failing_since, created_at
         FROM webhook_endpoints WHERE merchant_id = $1 AND state = 'ENABLED' ORDER BY endpoint_id",
        &[&merchant_id],
        endpoint,
    )
}

/// All endpoints of a merchant that are not deleted, the oldest first.
pub fn of_merchant(snapshot: &Snapshot<'_>, merchant_id: MerchantId) -> Result<Vec<WebhookEndpoint>, StoreError> {
    snapshot.query(
        "SELECT endpoint_id, merchant_id, url, events, state, disabled_reason, secret, previous_secret, previous_secret_until,
             failing_since, created_at
         FROM webhook_endpoints WHERE merchant_id = $1 AND state <> 'DELETED' ORDER BY endpoint_id",
        &[&merchant_id],
        endpoint,
    )
}

/// Deletes an endpoint: attempts still name it, but its secrets are gone.
pub fn delete(tx: &mut Tx<'_>, endpoint_id: WebhookEndpointId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE webhook_endpoints SET state = 'DELETED', secret = '', previous_secret = NULL, previous_secret_until = NULL,
             updated_at = $2
         WHERE endpoint_id = $1",
        &[&endpoint_id, &now],
    )?;
    Ok(())
}

/// Notes since when an endpoint takes nothing; `None`: it took something.
pub fn set_failing_since(
    tx: &mut Tx<'_>,
    endpoint_id: WebhookEndpointId,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE webhook_endpoints SET failing_since = $2 WHERE endpoint_id = $1",
        &[&endpoint_id, &since],
    )?;
    Ok(())
}

fn endpoint(row: &Row<'_>) -> Result<WebhookEndpoint, StoreError> {
    let previous: Option<String> = row.get(7)?;
    let until: Option<Timestamp> = row.get(8)?;
    Ok(WebhookEndpoint {
        endpoint_id: row.get(0)?,
        merchant_id: row.get(1)?,
        url: Url::parse(&row.get::<String>(2)?).map_err(|_| corrupt(2, "no address"))?,
        events: serde_json::from_str(&row.get::<String>(3)?).map_err(|_| corrupt(3, "no list of events"))?,
        enabled: row.get::<String>(4)? == "ENABLED",
        disabled_reason: row.get(5)?,
        secret: Secret::new(row.get::<String>(6)?),
        previous_secret: previous.map(Secret::new).zip(until),
        failing_since: row.get(9)?,
        created_at: row.get(10)?,
    })
}
