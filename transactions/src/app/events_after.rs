//! Events to be pulled, and attempts to be looked up.

use service::ApiError;
use service::token::Caller;

use super::App;
use super::merchant_access::Access;
use crate::domain::Attempt;
use crate::store::events::{self, Event};
use crate::store::webhook_attempts;

/// Some of a merchant's events.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// In the order in which they were committed.
    pub events: Vec<Event>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// Whether there are more by now.
    pub has_more: bool,
}

impl App {
    /// A merchant's events behind a cursor, which is the id of the last one seen. Events are committed one after the
    /// other, so whoever goes on from there misses none.
    pub async fn events_after(
        &self,
        caller: &Caller,
        cursor: Option<String>,
        merchant_id: Option<&str>,
        limit: i64,
    ) -> Result<EventPage, ApiError> {
        let merchant_id = self.merchant_seen_by(caller, merchant_id).await?.merchant_id;
        self.database
            .read(move |snapshot| {
                let last = match &cursor {
                    None => 0,
                    Some(event_id) => events::find(snapshot, event_id)?
                        .filter(|event| event.merchant_id == merchant_id)
                        .map(|event| event.event_number)
                        .ok_or_else(|| ApiError::bad_input("`cursor` is none that `eventsAfter` has answered with"))?,
                };
                let mut found = events::after(snapshot, merchant_id, last, limit + 1)?;
                let shown = usize::try_from(limit).unwrap_or(usize::MAX);
                let has_more = found.len() > shown;
                found.truncate(shown);
                Ok(EventPage {
                    cursor: found.last().map(|event| event.event_id.clone()).or(cursor),
                    events: found,
                    has_more,
                })
            })
            .await
    }

    /// Attempts with their numbers, the newest first: of an endpoint, of an event, or of both.
    pub async fn webhook_attempts(
        &self,
        caller: &Caller,
        endpoint_id: Option<&str>,
        event_id: Option<String>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<(i64, Attempt)>, ApiError> {
        let endpoint_id = match endpoint_id {
            Some(endpoint_id) => Some(self.endpoint_for(caller, endpoint_id, Access::Look).await?.endpoint_id),
            None => None,
        };
        match (&event_id, endpoint_id) {
            (Some(event_id), None) => {
                self.event_for(caller, event_id, Access::Look).await?;
            }
            // The endpoint is the caller's, so whatever went there is, too.
            (_, Some(_)) => {}
            (None, None) => return Err(ApiError::bad_input("say which `endpointId` or which `eventId`")),
        }
        self.database
            .read(move |snapshot| {
                Ok(webhook_attempts::list(
                    snapshot,
                    endpoint_id,
                    event_id.as_deref(),
                    before,
                    limit,
                )?)
            })
            .await
    }
}
