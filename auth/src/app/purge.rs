//! Removes, on a timer, what nobody will ask for again, so that the tables stay bounded.

use std::sync::Arc;
use std::time::Duration;

use service::{ApiError, Timestamp};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::App;
use crate::domain::Attempts;
use crate::store::{attempts, refresh_tokens, sessions};

const EVERY: Duration = Duration::from_secs(60);
/// Ended sessions are kept so long for whoever looks into an incident.
const ENDED_SESSIONS_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// However many made-up e-mails come, no more rows than this: some tens of megabytes.
const ATTEMPTS_KEPT_MAX: i64 = 200_000;
/// Work of one transaction: others wait for it.
const BATCH: i64 = 500;
/// A session has up to thousands of tokens.
const SESSION_BATCH: i64 = 20;
/// Batches of one round. What is left waits for the next.
const BATCHES_MAX: usize = 40;

/// Purges until `stop`.
pub(crate) fn spawn(app: Arc<App>, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut timer = tokio::time::interval(EVERY);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = timer.tick() => {}
            }
            if let Err(error) = app.purge(ATTEMPTS_KEPT_MAX).await {
                tracing::warn!(%error, "old rows could not be purged; the next round tries again");
            }
        }
    })
}

impl App {
    async fn purge(&self, attempts_max: i64) -> Result<(), ApiError> {
        let now = self.clock.now();
        self.purge_attempts(now.before(Attempts::FORGOTTEN_AFTER)).await?;
        let surplus = self
            .db
            .read(move |snapshot| Ok::<_, ApiError>(attempts::age_beyond(snapshot, attempts_max)?))
            .await?;
        if let Some(newest) = surplus {
            self.purge_attempts(newest.after(Duration::from_micros(1))).await?;
        }
        self.purge_sessions(now.before(ENDED_SESSIONS_KEPT)).await
    }

    async fn purge_attempts(&self, before: Timestamp) -> Result<(), ApiError> {
        for _ in 0..BATCHES_MAX {
            let removed = self
                .db
                .write(move |tx| Ok::<_, ApiError>(attempts::delete_older(tx, before, BATCH)?))
                .await?;
            if removed == 0 {
                break;
            }
        }
        Ok(())
    }

    async fn purge_sessions(&self, before: Timestamp) -> Result<(), ApiError> {
        for _ in 0..BATCHES_MAX {
            let over = self
                .db
                .read(move |snapshot| Ok::<_, ApiError>(sessions::over_before(snapshot, before, SESSION_BATCH)?))
                .await?;
            if over.is_empty() {
                break;
            }
            self.db
                .write(move |tx| {
                    for session_id in &over {
                        refresh_tokens::delete_of_session(tx, *session_id)?;
                        sessions::delete(tx, *session_id)?;
                    }
                    Ok::<_, ApiError>(())
                })
                .await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use service::settings::Sources;
    use service::token::{PublicKeys, TokenVerifier};
    use service::{Clock, Settings};

    use super::*;
    use crate::app::{Login, Registration};

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    async fn count(app: &App, sql: &'static str) -> i64 {
        app.db
            .read(move |snapshot| Ok::<_, ApiError>(snapshot.query_one(sql, &[], |row| row.get(0))?))
            .await
            .unwrap()
    }

    fn open(folder: &std::path::Path, clock: &Clock) -> App {
        let keys = folder.join("keys");
        crate::keys::generate_if_missing(&keys).unwrap();
        let pairs = [
            ("SAWIT_DATA_DIR", folder.join("data")),
            ("SAWIT_KEYS_DIR", keys.clone()),
        ];
        let pairs = pairs.map(|(name, path)| (name.to_owned(), path.display().to_string()));
        let settings = Settings::load(&Sources::from_pairs(pairs)).unwrap();
        let verifier = TokenVerifier::new(PublicKeys::in_keys_dir(&keys), clock.clone());
        App::open(&settings, verifier, clock.clone()).unwrap()
    }

    #[tokio::test]
    async fn rows_go_when_nobody_will_ask_for_them() {
        const SESSIONS: &str = "SELECT COUNT(*) FROM sessions";
        const TOKENS: &str = "SELECT COUNT(*) FROM refresh_tokens";
        const ATTEMPTS: &str = "SELECT COUNT(*) FROM attempts";
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(Timestamp::parse("2026-11-21T05:00:00Z").unwrap());
        let app = open(folder.path(), &clock);
        let registration = || Registration::parse("naruto", "N", "n@x.id", "correct horse battery").unwrap();
        let ended = app.register_and_login(registration(), None).await.unwrap();
        let ended = app.refresh(ended.refresh_token.expose()).await.unwrap();
        let live = app
            .login(&Login::new("n@x.id", "correct horse battery", None))
            .await
            .unwrap();
        let anonymous = service::token::Caller::Anonymous;
        app.logout(Some(ended.refresh_token.expose()), &anonymous)
            .await
            .unwrap();
        for email in ["a@x.id", "b@x.id", "c@x.id"] {
            let wrong = Login::new(email, "wrong password", None);
            assert!(app.login(&wrong).await.is_err());
            clock.advance(Duration::from_secs(1));
        }

        app.purge(100).await.unwrap();
        assert_eq!((count(&app, SESSIONS).await, count(&app, TOKENS).await), (2, 3));
        assert_eq!(count(&app, ATTEMPTS).await, 3);
        app.purge(2).await.unwrap();
        assert_eq!(count(&app, ATTEMPTS).await, 2, "the oldest beyond the bound");

        clock.advance(8 * DAY);
        app.purge(100).await.unwrap();
        assert_eq!((count(&app, SESSIONS).await, count(&app, TOKENS).await), (1, 1));
        assert_eq!(count(&app, ATTEMPTS).await, 0);
        app.refresh(live.refresh_token.expose()).await.unwrap();

        clock.advance(40 * DAY);
        app.purge(100).await.unwrap();
        assert_eq!((count(&app, SESSIONS).await, count(&app, TOKENS).await), (0, 0));
        app.close().await;
    }
}
