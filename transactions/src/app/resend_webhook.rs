//! Sends an event once more, whatever became of it before.

use service::token::Caller;
use service::{ApiError, ErrorCode};

use super::App;
use super::merchant_access::Access;
use crate::store::events::{self, Delivery, Event, WEBHOOK_LANE};
use crate::store::webhook_endpoints::{self, WebhookEndpoint};

impl App {
    /// Sends an event to one endpoint, or to all that are enabled and want it. Its id stays, so that a receiver that has
    /// it knows.
    pub async fn resend_webhook(
        &self,
        caller: &Caller,
        event_id: &str,
        endpoint_id: Option<&str>,
    ) -> Result<(), ApiError> {
        let event = self.own_event(caller, event_id).await?;
        let endpoint_id = match endpoint_id {
            Some(endpoint_id) => Some(self.own_endpoint(caller, endpoint_id).await?.endpoint_id),
            None => None,
        };
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                let enabled = webhook_endpoints::enabled_of_merchant(tx, event.merchant_id)?;
                let wanted = |endpoint: &&WebhookEndpoint| match endpoint_id {
                    Some(endpoint_id) => endpoint.endpoint_id == endpoint_id,
                    None => endpoint.wants(&event.event_type),
                };
                let endpoints: Vec<&WebhookEndpoint> = enabled.iter().filter(wanted).collect();
                if endpoints.is_empty() {
                    return Err(ApiError::new(
                        ErrorCode::Conflict,
                        "there is no enabled endpoint to send this event to",
                    ));
                }
                for endpoint in endpoints {
                    let delivery = Delivery {
                        event_id: event.event_id.clone(),
                        endpoint_id: endpoint.endpoint_id.to_string(),
                    };
                    outbox::requeue(tx, &events::message(&delivery, &event.subject)?, now)?;
                    // Whoever asks for it says that the endpoint is there again.
                    outbox::resume(tx, WEBHOOK_LANE, endpoint.endpoint_id.as_str())?;
                }
                Ok(())
            })
            .await?;
        self.runner.outbox.nudge(WEBHOOK_LANE);
        Ok(())
    }

    /// An event of a merchant that the caller acts for.
    pub async fn own_event(&self, caller: &Caller, event_id: &str) -> Result<Event, ApiError> {
        self.event_for(caller, event_id, Access::Act).await
    }

    /// An event with which the caller may do this much; any other is as good as none.
    pub(super) async fn event_for(&self, caller: &Caller, event_id: &str, access: Access) -> Result<Event, ApiError> {
        let not_found = || ApiError::not_found("event");
        let wanted = event_id.to_owned();
        let found = self.database.read(move |snapshot| events::find(snapshot, &wanted));
        match found.await.map_err(ApiError::from)? {
            Some(event) => {
                self.check_access(caller, event.merchant_id, "event", access).await?;
                Ok(event)
            }
            None => Err(self.refusal_of(caller, not_found()).await),
        }
    }
}
