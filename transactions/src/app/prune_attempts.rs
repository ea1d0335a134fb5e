//! Forgets attempts that nobody asks for any more.

use std::time::Duration;

use service::Clock;
use store::Database;
use tokio_util::sync::CancellationToken;

use crate::store::webhook_attempts;

/// Who looks into an attempt does so within a month.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 3_600);
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);

/// Removes old attempts, a few at a time, until `stop`.
pub async fn prune_until(database: Database, clock: Clock, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = clock.now();
        let pruned = database
            .write(move |tx| webhook_attempts::prune(tx, KEPT_FOR, now))
            .await;
        match pruned {
            // Others get their turn between two steps.
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => wait(&stop).await,
            Err(error) => {
                let error: store::StoreError = error;
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "old attempts could not be removed"
                );
                wait(&stop).await;
            }
        }
    }
}

async fn wait(stop: &CancellationToken) {
    let _ = tokio::time::timeout(LOOK_EVERY, stop.cancelled()).await;
}
