//! Checks tokens with the public keys alone: no service asks auth whether a token is good.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, Validation};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::claims::{AUDIENCE, Claims, ISSUER};
use super::key_ring::{Key, KeyRing};
use super::keys::PublicKeys;
use crate::time::Clock;

/// A signature check costs about 100 µs, so good tokens are remembered until they end.
const REMEMBERED_MAX: u64 = 50_000;
/// A token is a few hundred bytes; nothing longer is even hashed.
const TOKEN_BYTES_MAX: usize = 4_096;

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
    keys: KeyRing,
    remembered: Cache<[u8; 32], Arc<Verified>>,
    clock: Clock,
}

/// A token whose signature is good, and the key that says so: a token is no better than its key is now.
struct Verified {
    claims: Arc<Claims>,
    kid: String,
    key: Arc<Key>,
}

impl TokenVerifier {
    /// A verifier with the keys of a folder. It reads them when the first token comes.
    pub fn new(source: PublicKeys, clock: Clock) -> Self {
        let remembered = Cache::builder()
            .max_capacity(REMEMBERED_MAX)
            .time_to_live(Duration::from_secs(15 * 60))
            .build();
        let inner = Inner {
            keys: KeyRing::new(source),
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
        self.inner.keys.look();
        let claims = match self.inner.remembered.get(&digest) {
            Some(verified) if self.inner.keys.holds(&verified.kid, &verified.key) => Arc::clone(&verified.claims),
            _ => {
                let verified = self.inner.check_signature(token)?;
                let claims = Arc::clone(&verified.claims);
                self.inner.remembered.insert(digest, Arc::new(verified));
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
    fn check_signature(&self, token: &str) -> Result<Verified, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        let kid = header.kid.ok_or(TokenError::Invalid)?;
        let key = self.keys.find(&kid).ok_or(TokenError::Invalid)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The end is compared with our clock by the caller, at every use.
        rules.validate_exp = false;
        let token = jsonwebtoken::decode::<Claims>(token, &key.decoding, &rules).map_err(|_| TokenError::Invalid)?;
        Ok(Verified {
            claims: Arc::new(token.claims),
            kid,
            key,
        })
    }
}
