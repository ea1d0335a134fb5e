//! Ends open sessions whose time is over.

use std::time::Duration;

use ids::PaymentSessionId;
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};
use tokio_util::sync::CancellationToken;

use super::App;
use crate::saga::end_session;
use crate::store::events::WEBHOOK_LANE;
use crate::store::sessions;

/// How often the table is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Sessions that end in one commit; payments must not wait behind thousands.
const AT_ONCE: i64 = 100;

/// Ends sessions until `stop`.
pub async fn expire_until(app: App, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let ended = app.expire_sessions().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "sessions whose time is over could not be ended");
            0
        });
        if ended == AT_ONCE as usize {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

impl App {
    /// Ends what is due, and says how many that were.
    async fn expire_sessions(&self) -> Result<usize, ApiError> {
        let now = self.clock.now();
        // Mostly nothing is due, and a look costs no commit.
        let due = self.database.read(move |snapshot| sessions::due(snapshot, now, 1));
        if due.await.map_err(ApiError::from)?.is_empty() {
            return Ok(0);
        }
        let ended = self
            .database
            .write(move |tx| expire_in(tx, now))
            .await
            .map_err(ApiError::from)?;
        self.runner.outbox.nudge(WEBHOOK_LANE);
        for session_id in &ended {
            self.runner.session_changed(*session_id);
        }
        Ok(ended.len())
    }
}

/// A payment that began in time holds a claim from its first commit on, and is let end: it pays the session, or lets go
/// of the claim, and the session ends at the next look.
fn expire_in(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<PaymentSessionId>, StoreError> {
    let due = sessions::due(tx, now, AT_ONCE)?;
    for session in &due {
        end_session(tx, session, now)?;
    }
    Ok(due.into_iter().map(|session| session.session_id).collect())
}
