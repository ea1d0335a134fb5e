//! Argon2id at OWASP's parameters, off the async threads and never more at once than the machine can take.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::Error;

const MEMORY_KIB: u32 = 19 * 1024;
const ITERATIONS: u32 = 2;
const LANES: u32 = 1;
const AT_ONCE: usize = 4;

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
    /// Of a password nobody has, so that an unknown e-mail costs the same time as a wrong password.
    decoy: Arc<str>,
}

impl Passwords {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let decoy = hash_now(&rand::random::<[u8; 16]>()).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
        Ok(Self {
            permits: Arc::new(Semaphore::new(AT_ONCE)),
            decoy: decoy.into(),
        })
    }

    pub(crate) async fn hash(&self, password: String) -> Result<String, Error> {
        self.blocking(move || hash_now(password.as_bytes()).map_err(internal))
            .await
    }

    /// Whether the password belongs to the stored hash; without one the answer is no, after the same work.
    pub(crate) async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Error> {
        let decoy = self.decoy.clone();
        self.blocking(move || {
            let known = stored.is_some();
            let hash = PasswordHash::new(stored.as_deref().unwrap_or(&decoy)).map_err(internal)?;
            Ok(hasher()
                .map_err(internal)?
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
                && known)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = self.permits.clone().acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // Given back when the work is done, not when its caller has gone away.
            let _permit = permit;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn hash_now(password: &[u8]) -> argon2::password_hash::Result<String> {
    Ok(PasswordHasher::<PasswordHash>::hash_password(&hasher()?, password)?.to_string())
}

fn hasher() -> argon2::password_hash::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, ITERATIONS, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::internal(anyhow::anyhow!("argon2: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_passes() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("password123".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        for (password, stored, expect) in [
            ("password123", Some(hash.clone()), true),
            ("password124", Some(hash.clone()), false),
            ("", Some(hash), false),
            ("password123", None, false),
        ] {
            assert_eq!(
                passwords.verify(password.to_owned(), stored).await.unwrap(),
                expect,
                "{password}"
            );
        }
    }
}
