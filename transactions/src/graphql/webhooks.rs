//! What merchants do with webhooks and events.

use async_graphql::{Context, Object, Result};
use service::ApiError;
use service::page::{page_cost, page_size};
use service::token::caller;

use super::webhook_types::{EventPage, NewWebhookEndpoint, WebhookAttempt, WebhookEndpoint};
use crate::app::App;
use crate::app::webhook_endpoints::EndpointChange;

/// Queries.
#[derive(Default)]
pub struct WebhookQuery;

/// Mutations.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookQuery {
    /// Where a merchant takes webhooks. For the merchant.
    async fn webhook_endpoints(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed by admins, and by who runs several merchants.")] merchant_id: Option<String>,
    ) -> Result<Option<Vec<WebhookEndpoint>>> {
        let app = context.data_unchecked::<App>();
        let found = app.webhook_endpoints(caller(context), merchant_id.as_deref()).await?;
        let now = app.clock.now();
        Ok(Some(
            found
                .into_iter()
                .map(|endpoint| WebhookEndpoint::new(endpoint, now))
                .collect(),
        ))
    }

    /// Attempts to deliver events, newest first, of the last 30 days: to an endpoint, of an event, or both. For the
    /// merchant.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn webhook_attempts(
        &self,
        context: &Context<'_>,
        endpoint_id: Option<String>,
        event_id: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those before this attempt.")] after: Option<String>,
    ) -> Result<Option<Vec<WebhookAttempt>>> {
        let limit = page_size(first)?;
        let unknown = |_| ApiError::bad_input("`after` is no attempt's id");
        let before = after.map(|after| after.parse::<i64>()).transpose().map_err(unknown)?;
        let app = context.data_unchecked::<App>();
        let found = app
            .webhook_attempts(caller(context), endpoint_id.as_deref(), event_id, before, limit)
            .await?;
        Ok(Some(found.into_iter().map(WebhookAttempt::from).collect()))
    }

    /// A merchant's events in the order in which they happened, for who would rather ask than be called, or has missed
    /// some. Going on from the `cursor` of the answer before misses none and repeats none. For the merchant.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn events_after(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "The `cursor` of the answer before, or the id of the last event seen. None: from the beginning."
        )]
        cursor: Option<String>,
        #[graphql(desc = "Needed by admins, and by who runs several merchants.")] merchant_id: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
    ) -> Result<Option<EventPage>> {
        let limit = page_size(first)?;
        let app = context.data_unchecked::<App>();
        let page = app
            .events_after(caller(context), cursor, merchant_id.as_deref(), limit)
            .await?;
        Ok(Some(page.into()))
    }
}

#[Object]
impl WebhookMutation {
    /// Adds an address where a merchant takes webhooks. Its secret is in this answer and in no other. For the merchant.
    async fn create_webhook_endpoint(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed by admins, and by who runs several merchants.")] merchant_id: Option<String>,
        #[graphql(desc = "https:// and a public address; the sandbox takes http:// and private ones as well.")]
        url: String,
        #[graphql(desc = "The types of events to be sent. None: all, also those to come.")] events: Option<Vec<String>>,
    ) -> Result<Option<NewWebhookEndpoint>> {
        let app = context.data_unchecked::<App>();
        let events = events.unwrap_or_default();
        let created = app
            .create_webhook_endpoint(caller(context), merchant_id.as_deref(), &url, events)
            .await?;
        Ok(Some(NewWebhookEndpoint::new(created, app.clock.now())))
    }

    /// Changes an endpoint: what is left out stays. Disabled, what waits for it is parked until `resendWebhook`; enabled
    /// again, it begins anew. For the merchant.
    async fn update_webhook_endpoint(
        &self,
        context: &Context<'_>,
        endpoint_id: String,
        url: Option<String>,
        #[graphql(desc = "An empty list: all.")] events: Option<Vec<String>>,
        enabled: Option<bool>,
    ) -> Result<Option<WebhookEndpoint>> {
        let app = context.data_unchecked::<App>();
        let change = EndpointChange { url, events, enabled };
        let changed = app
            .update_webhook_endpoint(caller(context), &endpoint_id, change)
            .await?;
        Ok(Some(WebhookEndpoint::new(changed, app.clock.now())))
    }

    /// Gives an endpoint a new secret, which is in this answer and in no other. For 24 hours the one so far signs as well,
    /// so that there is time to change it. For the merchant.
    async fn rotate_webhook_secret(
        &self,
        context: &Context<'_>,
        endpoint_id: String,
    ) -> Result<Option<NewWebhookEndpoint>> {
        let app = context.data_unchecked::<App>();
        let rotated = app.rotate_webhook_secret(caller(context), &endpoint_id).await?;
        Ok(Some(NewWebhookEndpoint::new(rotated, app.clock.now())))
    }

    /// Deletes an endpoint. What waited for it is not sent any more; `eventsAfter` has it. For the merchant.
    async fn delete_webhook_endpoint(&self, context: &Context<'_>, endpoint_id: String) -> Result<Option<bool>> {
        let app = context.data_unchecked::<App>();
        app.delete_webhook_endpoint(caller(context), &endpoint_id).await?;
        Ok(Some(true))
    }

    /// Sends an event once more, under the same id, also one that was delivered. For the merchant.
    async fn resend_webhook(
        &self,
        context: &Context<'_>,
        event_id: String,
        #[graphql(
            desc = "To this endpoint, whatever it asks for. None: to all that are enabled and ask for such events."
        )]
        endpoint_id: Option<String>,
    ) -> Result<Option<bool>> {
        let app = context.data_unchecked::<App>();
        app.resend_webhook(caller(context), &event_id, endpoint_id.as_deref())
            .await?;
        Ok(Some(true))
    }
}
