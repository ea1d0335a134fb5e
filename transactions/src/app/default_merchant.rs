//! Makes the marketplace of the configuration a merchant like any other, at every start.

use service::settings::MarketplaceSettings;
use service::{Secret, Timestamp};
use store::{StoreError, Tx};

use crate::domain::{Merchant, MerchantStatus, Notification};
use crate::store::events::WEBHOOK_LANE;
use crate::store::merchants;
use crate::store::webhook_endpoints::{self, WebhookEndpoint};

/// Why the endpoint is disabled when it was taken out of the configuration.
const NOT_CONFIGURED: &str = "it stands in the configuration no more";

/// What a configured receiver is sent until an admin says otherwise. Those of the first release know of success alone, and
/// some believe every event to be one.
const FIRST_EVENTS: [&str; 2] = ["payment.succeeded", "payment.refunded"];

/// Writes what the configuration says of its marketplace, and answers with all merchants there are.
pub fn configure(
    tx: &mut Tx<'_>,
    settings: &MarketplaceSettings,
    fresh: &Secret,
    now: Timestamp,
) -> Result<Vec<Merchant>, StoreError> {
    let known = merchants::all(tx)?;
    let earlier = known.iter().find(|merchant| merchant.is_default());
    let merchant = Merchant {
        merchant_id: Merchant::default_id(),
        owner_user_id: None,
        name: settings.name.clone(),
        // An admin may have stopped it, which the configuration does not know.
        status: earlier.map_or(MerchantStatus::Active, |merchant| merchant.status),
        va_prefix: settings.va_prefix.as_deref().map(str::to_ascii_uppercase),
        order_url: Some(settings.url.clone()),
        notification: Notification::Both,
        return_origins: settings.return_origins.clone(),
        // Unless the configuration names one, whoever checks signatures has been given the first there was.
        signing_secret: settings
            .signing_secret
            .clone()
            .or_else(|| earlier.map(|merchant| merchant.signing_secret.clone()))
            .unwrap_or_else(|| fresh.clone()),
        created_at: earlier.map_or(now, |merchant| merchant.created_at),
    };
    if let Some(prefix) = &merchant.va_prefix
        && merchants::prefix_is_taken(tx, prefix, merchant.merchant_id)?
    {
        // The longest prefix wins, so the bills of one would be asked of the other.
        return Err(StoreError::Migration(format!(
            "SAWIT_MARKETPLACE_VA_PREFIX={prefix} overlaps the prefix of a merchant that is registered; choose another"
        )));
    }
    merchants::put(tx, &merchant, now)?;
    configure_endpoint(tx, settings, now)?;
    merchants::all(tx)
}

fn configure_endpoint(tx: &mut Tx<'_>, settings: &MarketplaceSettings, now: Timestamp) -> Result<(), StoreError> {
    let endpoint_id = WebhookEndpoint::configured_id();
    let earlier = webhook_endpoints::find(tx, endpoint_id)?;
    let endpoint = match (&settings.webhook, earlier) {
        (None, None) => return Ok(()),
        // The configuration does not name it any more: nothing new comes, and what waits for it is parked.
        (None, Some(earlier)) if !earlier.enabled => earlier,
        (None, Some(earlier)) => {
            outbox::park_waiting(tx, WEBHOOK_LANE, endpoint_id.as_str(), NOT_CONFIGURED, now)?;
            WebhookEndpoint {
                enabled: false,
                disabled_reason: Some(NOT_CONFIGURED.to_owned()),
                ..earlier
            }
        }
        (Some((url, secret)), None) => WebhookEndpoint {
            endpoint_id,
            merchant_id: Merchant::default_id(),
            url: url.clone(),
            events: FIRST_EVENTS.map(str::to_owned).to_vec(),
            enabled: true,
            disabled_reason: None,
            secret: secret.clone(),
            previous_secret: None,
            failing_since: None,
            created_at: now,
        },
        (Some((url, secret)), Some(mut earlier)) => {
            let is_new = earlier.url != *url || earlier.secret != *secret;
            if earlier.secret != *secret {
                earlier.rotate(secret.clone(), now);
            }
            // Found disabled, it stays so until the configuration says something new.
            if is_new || earlier.disabled_reason.as_deref() == Some(NOT_CONFIGURED) {
                earlier.url = url.clone();
                earlier.enabled = true;
                earlier.disabled_reason = None;
                earlier.failing_since = None;
                outbox::resume(tx, WEBHOOK_LANE, endpoint_id.as_str())?;
            }
            earlier
        }
    };
    webhook_endpoints::put(tx, &endpoint, now)
}
