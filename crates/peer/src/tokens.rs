//! The token with which a service (or the gateway) calls others.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::HeaderValue;
use serde_json::json;
use service::Secret;

use crate::call;
use crate::error::PeerError;
use crate::upstream::Upstream;

/// After a refusal or a time-out the next attempt waits this long, so that a wrong secret does not hammer auth.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Gets a service token from auth, remembers it, and renews it before it ends. Cheap to clone.
#[derive(Clone)]
pub struct ServiceTokens {
    inner: Arc<Inner>,
}

struct Inner {
    auth: Upstream,
    client_id: String,
    client_secret: Secret,
    held: Mutex<Held>,
    /// One renewal at a time; the others wait for its token.
    renewal: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Held {
    token: Option<Token>,
    next_attempt: Option<Instant>,
    forgotten: Option<Instant>,
    renewing: bool,
}

#[derive(Clone)]
struct Token {
    header: HeaderValue,
    renew_at: Instant,
    ends_at: Instant,
}

impl ServiceTokens {
    /// Tokens for this client, from auth.
    pub fn new(auth: Upstream, client_id: &str, client_secret: Secret) -> Self {
        let inner = Inner {
            auth,
            client_id: client_id.to_owned(),
            client_secret,
            held: Mutex::default(),
            renewal: tokio::sync::Mutex::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// `Bearer …`, if a token is held. Starts a renewal in the background when it is time for one.
    pub fn current(&self) -> Option<HeaderValue> {
        let now = Instant::now();
        let mut held = self.inner.lock();
        let token = held.token.clone().filter(|token| now < token.ends_at);
        let due = token.as_ref().is_none_or(|token| now >= token.renew_at);
        if due && !held.renewing && held.next_attempt.is_none_or(|instant| now >= instant) {
            held.renewing = true;
            let tokens = self.clone();
            tokio::spawn(async move {
                let _ = tokens.renew().await;
                tokens.inner.lock().renewing = false;
            });
        }
        token.map(|token| token.header)
    }

    /// `Bearer …`, waiting for auth when there is no token yet.
    pub async fn get(&self) -> Result<HeaderValue, PeerError> {
        if let Some(header) = self.current() {
            return Ok(header);
        }
        self.renew().await
    }

    /// Lets go of a token that a peer did not accept (keys were replaced, say), so that the next call asks for
    /// another. When that one is not accepted either, the next attempt waits like one that failed.
    pub(crate) fn forget(&self, refused: &HeaderValue) {
        let now = Instant::now();
        let mut held = self.inner.lock();
        if held.token.as_ref().is_none_or(|token| token.header != *refused) {
            return;
        }
        held.token = None;
        if held.forgotten.is_some_and(|instant| now < instant + RETRY_AFTER) {
            held.next_attempt = Some(now + RETRY_AFTER);
        }
        held.forgotten = Some(now);
    }

    async fn renew(&self) -> Result<HeaderValue, PeerError> {
        let _one_at_a_time = self.inner.renewal.lock().await;
        let now = Instant::now();
        {
            let held = self.inner.lock();
            if let Some(token) = held.token.as_ref().filter(|token| now < token.renew_at) {
                return Ok(token.header.clone());
            }
            if held.next_attempt.is_some_and(|instant| now < instant) {
                return Err(PeerError::Unavailable {
                    peer: "auth",
                    cause: None,
                });
            }
        }
        let asked = self.inner.ask().await;
        let mut held = self.inner.lock();
        match asked {
            Ok((header, lifetime)) => {
                let token = Token {
                    header: header.clone(),
                    renew_at: now + lifetime * 2 / 3,
                    ends_at: now + lifetime,
                };
                *held = Held {
                    token: Some(token),
                    next_attempt: None,
                    ..*held
                };
                Ok(header)
            }
            Err(error) => {
                held.next_attempt = Some(Instant::now() + RETRY_AFTER);
                Err(error)
            }
        }
    }
}

impl Inner {
    async fn ask(&self) -> Result<(HeaderValue, Duration), PeerError> {
        const DOCUMENT: &str = "mutation($id: String!, $secret: String!) { issueServiceToken(clientId: $id, clientSecret: $secret) { token expiresIn } }";
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            issue_service_token: Issued,
        }
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Issued {
            token: String,
            expires_in: u32,
        }
        let body =
            json!({ "query": DOCUMENT, "variables": { "id": self.client_id, "secret": self.client_secret.expose() } });
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let answer: Answer = call::send("auth", &self.auth, None, body.into(), Duration::from_secs(5)).await?;
        let issued = answer.issue_service_token;
        let mut header =
            HeaderValue::from_str(&format!("Bearer {}", issued.token)).map_err(|error| PeerError::Malformed {
                peer: "auth",
                problem: error.to_string(),
            })?;
        header.set_sensitive(true);
        Ok((header, Duration::from_secs(u64::from(issued.expires_in))))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
