//! What an attempt means for its endpoint, in the commit that writes the attempt down.

use ids::EventId;
use serde_json::json;
use service::Timestamp;
use store::{StoreError, Tx};

use crate::domain::{Attempt, ENDPOINT_DISABLED, FAILING_MAX, NewEvent, Verdict};
use crate::store::events::{self, WEBHOOK_LANE};
use crate::store::webhook_attempts;
use crate::store::webhook_endpoints::{self, WebhookEndpoint};

/// Notes an attempt. Answers with the reason when it was the one that disabled the endpoint.
pub fn note(
    tx: &mut Tx<'_>,
    attempt: &Attempt,
    verdict: Verdict,
    notice_id: EventId,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    webhook_attempts::add(tx, attempt)?;
    let endpoint = webhook_endpoints::find(tx, attempt.endpoint_id)?.filter(|endpoint| endpoint.enabled);
    // Meanwhile somebody may have deleted or disabled it.
    let Some(endpoint) = endpoint else { return Ok(None) };
    let reason = match (verdict, endpoint.failing_since) {
        (Verdict::Delivered, None) => return Ok(None),
        (Verdict::Delivered, Some(_)) => {
            webhook_endpoints::set_failing_since(tx, endpoint.endpoint_id, None)?;
            return Ok(None);
        }
        (Verdict::Gone, _) => "it answered 410 (gone): it wants no more events".to_owned(),
        (_, Some(since)) if now.since(since) >= FAILING_MAX => {
            format!("nothing was delivered since {since}")
        }
        (_, Some(_)) => return Ok(None),
        (_, None) => {
            webhook_endpoints::set_failing_since(tx, endpoint.endpoint_id, Some(attempt.attempted_at))?;
            return Ok(None);
        }
    };
    disable(tx, endpoint, &reason, notice_id, now)?;
    Ok(Some(reason))
}

/// Disables an endpoint, parks what waits for it, and gives its merchant notice: by its other endpoints, and to whoever
/// pulls events.
fn disable(
    tx: &mut Tx<'_>,
    endpoint: WebhookEndpoint,
    reason: &str,
    notice_id: EventId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let endpoint_id = endpoint.endpoint_id;
    let notice = NewEvent {
        event_id: notice_id,
        merchant_id: endpoint.merchant_id,
        subject: endpoint_id.to_string(),
        event_type: ENDPOINT_DISABLED,
        data: json!({
            "endpointId": endpoint_id.as_str(),
            "url": endpoint.url.as_str(),
            "reason": reason,
            "failingSince": endpoint.failing_since.map(|since| since.to_string()),
        }),
    };
    let endpoint = WebhookEndpoint {
        enabled: false,
        disabled_reason: Some(reason.to_owned()),
        ..endpoint
    };
    webhook_endpoints::put(tx, &endpoint, now)?;
    let parked_reason = super::disabled(reason);
    outbox::park_waiting(tx, WEBHOOK_LANE, endpoint_id.as_str(), &parked_reason, now)?;
    events::record(tx, &notice, now)
}
