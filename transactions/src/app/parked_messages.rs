//! Messages that were given up, and how an operator has them go out again.

use actions::NewAction;
use service::ApiError;
use service::token::{Caller, Role};

use super::App;
use super::payments_overview::LANES;
use crate::store::outbox_messages::{self, ParkedRow};

impl App {
    /// Messages that were given up, the newest first: of one lane, or of all.
    pub async fn parked_messages(
        &self,
        caller: &Caller,
        lane: Option<String>,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<ParkedRow>, ApiError> {
        caller.staff()?;
        let lanes: Vec<&'static str> = match &lane {
            None => LANES.to_vec(),
            Some(wanted) => LANES.into_iter().filter(|lane| lane == wanted).collect(),
        };
        if lanes.is_empty() {
            return Err(ApiError::bad_input(format!("the lanes are {}", LANES.join(", "))));
        }
        let found = self.database.read(move |snapshot| {
            let mut all = Vec::new();
            for lane in lanes {
                all.extend(outbox_messages::parked(snapshot, lane, before, limit)?);
            }
            all.sort_unstable_by_key(|message| std::cmp::Reverse(message.message_id));
            all.truncate(usize::try_from(limit).unwrap_or(0));
            Ok(all)
        });
        found.await
    }

    /// Has a message that was given up go out again. For admins; it is noted who did it and why.
    pub async fn requeue_message(&self, caller: &Caller, message_id: i64, reason: String) -> Result<(), ApiError> {
        let actor = caller.with_role(&[Role::Admin])?.sub.clone();
        let reason = actions::required_reason(reason)?;
        let now = self.clock.now();
        let lane = self
            .database
            .write(move |tx| {
                let found = outbox_messages::find_parked(tx, message_id)?;
                let message = found.ok_or_else(|| ApiError::not_found("parked message"))?;
                outbox_messages::requeue(tx, message_id, now)?;
                let detail = format!("{} {}", message.lane, message.ordering_key);
                let action = NewAction {
                    actor: &actor,
                    action: "requeueMessage",
                    object: &message_id.to_string(),
                    reason: Some(&reason),
                    detail: Some(&detail),
                };
                actions::record(tx, &action, now)?;
                Ok::<_, ApiError>(message.lane)
            })
            .await?;
        self.runner.outbox.nudge(&lane);
        Ok(())
    }
}
