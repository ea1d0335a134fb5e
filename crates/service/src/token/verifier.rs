//! Checks tokens with the public keys alone: no service asks auth whether a token is good.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::claims::{AUDIENCE, Claims, ISSUER};
use super::keys::PublicKeys;
use crate::time::Clock;

/// A signature check costs about 100 µs, so good tokens are remembered until they end.
const REMEMBERED_MAX: u64 = 50_000;
/// A token is a few hundred bytes; nothing longer is even hashed.
const TOKEN_BYTES_MAX: usize = 4_096;
/// The folder is read again for an unknown `kid`, but not at the pace of a client that makes them up.
const RELOAD_AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// Wrong shape, algorithm, key, signature, issuer or audience. Which one is nobody's business.
    #[error("the token is not valid")]
    Invalid,
}

/// Checks tokens. Cheap to clone; clones share keys and memory.
#[derive(Clone)]
pub struct TokenVerifier {
    inner: Arc<Inner>,
}

struct Inner {
    source: PublicKeys,
    keys: RwLock<HashMap<String, DecodingKey>>,
    last_reload: Mutex<Option<Instant>>,
    remembered: Cache<[u8; 32], Arc<Claims>>,
    clock: Clock,
}

impl TokenVerifier {
    /// A verifier with the keys of a folder. It reads them when the first token comes.
    pub fn new(source: PublicKeys, clock: Clock) -> Self {
        let remembered = Cache::builder()
            .max_capacity(REMEMBERED_MAX)
            .time_to_live(Duration::from_secs(15 * 60))
            .build();
        let inner = Inner {
            source,
            keys: RwLock::default(),
            last_reload: Mutex::new(None),
            remembered,
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The claims of a token that is signed by one of our keys (RS256), names us, and has not ended.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid);
        }
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = match self.inner.remembered.get(&digest) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(self.inner.check_signature(token)?);
                self.inner.remembered.insert(digest, Arc::clone(&claims));
                claims
            }
        };
        if claims.exp <= self.inner.clock.now().seconds() {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

impl Inner {
    fn check_signature(&self, token: &str) -> Result<Claims, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let kid = header.kid.ok_or(TokenError::Invalid)?;
        let key = self.key(&kid).ok_or(TokenError::Invalid)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The end is compared with our clock by the caller, at every use.
        rules.validate_exp = false;
        jsonwebtoken::decode::<Claims>(token, &key, &rules)
            .map(|token| token.claims)
            .map_err(|_| TokenError::Invalid)
    }

    fn key(&self, kid: &str) -> Option<DecodingKey> {
        if let Some(key) = self.known(kid) {
            return Some(key);
        }
        self.reload();
        self.known(kid)
    }

    fn known(&self, kid: &str) -> Option<DecodingKey> {
        self.keys
            .read()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .get(kid)
            .cloned()
    }

    fn reload(&self) {
        let mut last = self.last_reload.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if last.is_some_and(|instant| instant.elapsed() < RELOAD_AT_MOST_EVERY) {
            return;
        }
        *last = Some(Instant::now());
        match self.source.read() {
            Ok(keys) => {
                let parsed = keys
                    .into_iter()
                    .filter_map(|key| Some((key.kid, DecodingKey::from_rsa_pem(key.pem.as_bytes()).ok()?)))
                    .collect();
                *self.keys.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = parsed;
            }
            Err(error) => tracing::warn!(%error, "the public keys cannot be read"),
        }
    }
}
