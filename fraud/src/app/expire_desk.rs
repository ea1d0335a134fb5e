//! What ends by itself: cases that nobody decided in time, entries of lists, snoozes.

use std::time::Duration;

use service::{ApiError, Timestamp};
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use super::App;
use super::reviews::end_in;
use crate::clients::reviews::LANE;
use crate::store::stats::Ended;
use crate::store::{cases, lists, policies, snoozes};

/// How often the tables are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What ends in one commit; checks must not wait behind thousands.
const AT_ONCE: i64 = 100;

/// Ends what is due until `stop`, after logs from before there was a desk have been brought in.
pub async fn expire_until(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() && app.catch_up().await.unwrap_or(false) {}
    while !stop.is_cancelled() {
        // An error was logged where it became one; the next look tries again.
        let is_full = app.expire_desk().await.unwrap_or(false);
        if is_full {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl App {
    /// Ends what is due, and says whether there may be more.
    async fn expire_desk(&self) -> Result<bool, ApiError> {
        let now = self.clock.now();
        // Mostly nothing is due, and a look costs no commit.
        let is_due = self
            .database
            .read(move |snapshot| -> Result<bool, StoreError> {
                Ok(!cases::due(snapshot, now, 1)?.is_empty()
                    || lists::any_expired(snapshot, now)?
                    || snoozes::any_expired(snapshot, now)?)
            })
            .await
            .map_err(ApiError::from)?;
        if !is_due {
            return Ok(false);
        }
        let ended = self.database.write(move |tx| expire_in(tx, now)).await;
        let (ended, is_full) = ended.map_err(ApiError::from)?;
        if ended > 0 {
            tracing::info!(ended, "review cases were not decided in time; the policy decided");
            self.outbox.nudge(LANE);
        }
        Ok(is_full)
    }
}

fn expire_in(tx: &mut Tx<'_>, now: Timestamp) -> Result<(usize, bool), StoreError> {
    let due = cases::due(tx, now, AT_ONCE)?;
    let decision = policies::current(tx)?.policy.review_expiry_decision;
    for case in &due {
        end_in(tx, case, Ended::ByExpiry(decision), now)?;
    }
    let entries = lists::delete_expired(tx, now, AT_ONCE)?;
    let woken = snoozes::delete_expired(tx, now, AT_ONCE)?;
    let at_once = AT_ONCE.unsigned_abs();
    let is_full = due.len() as u64 == at_once || entries == at_once || woken == at_once;
    Ok((due.len(), is_full))
}
