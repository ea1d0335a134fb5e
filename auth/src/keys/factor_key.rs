//! The key that second factors are stored under. It stands in the keys folder and not in the database, so that whoever
//! has a copy of the database alone makes nobody's codes.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{KeysError, folder};

const FILE: &str = "second-factors.key";
const KEY_BYTES: usize = 32;
/// First byte of what is sealed: how it was sealed.
const AES_256_GCM_RANDOM_NONCE: u8 = 1;

/// Seals and opens what second factors are made of.
pub(crate) struct FactorKey(RandomizedNonceKey);

/// Something could not be sealed, or was not sealed by this key for this user.
#[derive(Debug, thiserror::Error)]
#[error("a second factor cannot be opened with the key of the keys folder")]
pub(crate) struct SealBroken;

impl FactorKey {
    /// Reads the key. Blocks.
    pub(crate) fn load(dir: &Path) -> Result<Self, KeysError> {
        let path = path(dir);
        let unusable = || KeysError::Unusable {
            path: path.clone(),
            problem: "holds no key for second factors",
        };
        let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => KeysError::NoFactorKey { path: path.clone() },
            _ => KeysError::file(&path)(error),
        })?;
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| unusable())?;
        if bytes.len() != KEY_BYTES {
            return Err(unusable());
        }
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).map_err(|_| unusable())?;
        Ok(Self(key))
    }

    /// Encrypts for one owner: moved to another's row it does not open.
    pub(crate) fn seal(&self, owner: &str, plain: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let mut text = plain.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(owner.as_bytes()), &mut text)
            .map_err(|_| SealBroken)?;
        let mut sealed = vec![AES_256_GCM_RANDOM_NONCE];
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// Decrypts what was sealed for that owner.
    pub(crate) fn open(&self, owner: &str, sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let rest = sealed.strip_prefix(&[AES_256_GCM_RANDOM_NONCE]).ok_or(SealBroken)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or(SealBroken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealBroken)?;
        let mut text = text.to_vec();
        let plain = self
            .0
            .open_in_place(nonce, Aad::from(owner.as_bytes()), &mut text)
            .map_err(|_| SealBroken)?;
        Ok(plain.to_vec())
    }
}

pub(super) fn exists(dir: &Path) -> bool {
    path(dir).exists()
}

/// Makes the key if there is none. Only under the folder's lock.
pub(super) fn generate_missing(dir: &Path) -> Result<(), KeysError> {
    let path = path(dir);
    if path.exists() {
        return Ok(());
    }
    let key = URL_SAFE_NO_PAD.encode(rand::random::<[u8; KEY_BYTES]>());
    folder::write_atomically(&path, format!("{key}\n").as_bytes(), 0o600).map_err(KeysError::file(&path))
}

fn path(dir: &Path) -> PathBuf {
    dir.join(folder::PRIVATE).join(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_owner_alone_and_unchanged_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(folder::PRIVATE)).unwrap();
        assert!(matches!(
            FactorKey::load(folder.path()),
            Err(KeysError::NoFactorKey { .. })
        ));
        generate_missing(folder.path()).unwrap();
        let key = FactorKey::load(folder.path()).unwrap();
        let sealed = key.seal("usr_1", b"secret").unwrap();
        assert_eq!(key.open("usr_1", &sealed).unwrap(), b"secret");
        assert_ne!(key.seal("usr_1", b"secret").unwrap(), sealed);
        assert!(key.open("usr_2", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open("usr_1", &changed).is_err(), "byte {at}");
            assert!(key.open("usr_1", &sealed[..at]).is_err(), "cut at {at}");
        }
        // The same key again, and no other in its place.
        generate_missing(folder.path()).unwrap();
        let again = FactorKey::load(folder.path()).unwrap();
        assert_eq!(again.open("usr_1", &sealed).unwrap(), b"secret");
    }
}
