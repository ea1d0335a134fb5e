//! Signs tokens with the newest private key, and notices when there is a newer one.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use service::token::Claims;

use super::{KeysError, folder, rotation, rsa_pair};

const LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// Holds the parsed key: parsing costs several times what signing does.
pub(crate) struct Signer {
    dir: PathBuf,
    current: Mutex<Current>,
}

struct Current {
    key: Arc<SigningKey>,
    looked_at: Instant,
}

struct SigningKey {
    kid: String,
    pair: KeyPair,
    /// The JOSE header, encoded: it is the same for every token of this key.
    header: String,
}

/// Why no token could be signed. It says nothing more because there is nothing more to know.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be signed")]
pub(crate) struct SigningFailed;

impl Signer {
    /// Loads the newest private key. Blocks.
    pub(crate) fn load(keys_dir: &Path) -> Result<Self, KeysError> {
        let kid = rotation::signing_kid(keys_dir)?.ok_or_else(|| KeysError::NoSigningKey {
            folder: keys_dir.join(folder::PRIVATE),
        })?;
        let current = Current {
            key: Arc::new(SigningKey::load(keys_dir, kid)?),
            looked_at: Instant::now(),
        };
        Ok(Self {
            dir: keys_dir.to_owned(),
            current: Mutex::new(current),
        })
    }

    /// A signed token (RS256). Takes about a millisecond, and now and then looks at the folder: blocks.
    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, SigningFailed> {
        let key = self.newest();
        let payload = serde_json::to_vec(claims).map_err(|_| SigningFailed)?;
        let mut token = format!("{}.{}", key.header, URL_SAFE_NO_PAD.encode(payload));
        let mut signature = vec![0; key.pair.public_modulus_len()];
        key.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                token.as_bytes(),
                &mut signature,
            )
            .map_err(|_| SigningFailed)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn newest(&self) -> Arc<SigningKey> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looked_at.elapsed() >= LOOK_AT_MOST_EVERY {
            current.looked_at = Instant::now();
            match self.load_newer_than(&current.key.kid) {
                Ok(Some(newer)) => {
                    tracing::info!(kid = newer.kid, "tokens are signed by a new key from now on");
                    current.key = Arc::new(newer);
                }
                Ok(None) => {}
                // The key in hand is as good as before.
                Err(error) => tracing::warn!(%error, "the keys folder cannot be read; the old key goes on signing"),
            }
        }
        Arc::clone(&current.key)
    }

    fn load_newer_than(&self, kid: &str) -> Result<Option<SigningKey>, KeysError> {
        match rotation::signing_kid(&self.dir)? {
            Some(newest) if newest != kid => SigningKey::load(&self.dir, newest).map(Some),
            _ => Ok(None),
        }
    }
}

impl SigningKey {
    fn load(dir: &Path, kid: String) -> Result<Self, KeysError> {
        let path = dir.join(folder::PRIVATE).join(format!("{kid}.pem"));
        let pem = std::fs::read_to_string(&path).map_err(KeysError::file(&path))?;
        let pair = rsa_pair::parse(&pem).ok_or(KeysError::Unusable {
            path,
            problem: "holds no RSA private key",
        })?;
        let header = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "typ": "JWT", "kid": kid}).to_string());
        Ok(Self { kid, pair, header })
    }
}
