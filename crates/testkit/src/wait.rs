//! Waiting for what must come true, without saying when.

use std::time::Duration;

use tokio::time::Instant;

/// Generous, because a busy machine is no failure; only what never comes true runs into it.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(25);

/// Asks until there is an answer. Panics, naming `what`, when there is none for far too long.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            Instant::now() < deadline,
            "this did not come true in {PATIENCE:?}: {what}"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
