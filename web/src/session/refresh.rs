//! Trading a refresh token for the next tokens, once, however many requests ask at the same time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use service::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use super::Session;
use crate::api::{Api, Asker, Failure, documents};

/// How long the answer to an old refresh token is remembered: for requests that were under way with the old cookie, and for
/// browsers that never got the answer with the new one. As long as the new access token is good.
const REMEMBERED_FOR: Duration = Duration::from_secs(15 * 60);
/// Sessions whose renewal is remembered at once.
const REMEMBERED_MAX: u64 = 20_000;

/// The renewed session, and when it was renewed.
type Slot = Arc<Mutex<Option<(Session, Timestamp)>>>;

/// A refresh token is good once, and its second use ends the session. Two tabs send the same cookie, so the second one
/// waits for the first and gets the same tokens.
pub(crate) struct Refresher {
    slots: Cache<[u8; 32], Slot>,
}

impl Refresher {
    pub(crate) fn new() -> Self {
        Self {
            slots: Cache::builder()
                .max_capacity(REMEMBERED_MAX)
                .time_to_live(REMEMBERED_FOR)
                .build(),
        }
    }

    /// The session with its next tokens.
    ///
    /// It goes on in a task of its own: a browser that goes away must not lose tokens that were already traded.
    pub(crate) async fn renew(
        &self,
        api: &Api,
        address: Option<SocketAddr>,
        session: Session,
        now: Timestamp,
    ) -> Result<Session, Failure> {
        let key: [u8; 32] = Sha256::digest(session.refresh_token.as_bytes()).into();
        let slot = self.slots.get_with(key, Slot::default);
        let api = api.clone();
        let renewal = tokio::spawn(async move {
            let mut known = slot.lock().await;
            if let Some((renewed, at)) = known.as_ref()
                && now.since(*at) < REMEMBERED_FOR
            {
                return Ok(renewed.clone());
            }
            let asker = Asker { address, token: None };
            let variables = serde_json::json!({ "refreshToken": session.refresh_token });
            let login = api.ask(asker, &documents::REFRESH_SESSION, variables).await?;
            let renewed = session.renewed(login, now);
            *known = Some((renewed.clone(), now));
            Ok(renewed)
        });
        renewal.await.unwrap_or(Err(Failure::Unavailable))
    }
}
