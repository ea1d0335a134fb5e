//! Sealing what a browser keeps for us, and marking what a form must bring back unchanged.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rand::RngExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// No cookie or form field of ours is longer.
const SEALED_CHARS_MAX: usize = 8_192;

/// What something is sealed for: one can never be passed off as the other.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The session's cookie.
    Session,
    /// The console's cookie.
    Console,
    /// The second factor that somebody is setting up, between its two pages.
    Enrolment,
    /// A transfer between its two pages.
    Transfer,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Session => b"session 1",
            Self::Console => b"console 1",
            Self::Enrolment => b"enrolment 1",
            Self::Transfer => b"transfer 1",
        }
    }
}

/// The keys that are made from the one in the file.
pub(crate) struct Vault {
    sealing: RandomizedNonceKey,
    marking: hmac::Key,
}

impl Vault {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, key);
        let derive = |label: &str| hmac::sign(&root, label.as_bytes());
        Self {
            sealing: RandomizedNonceKey::new(&AES_256_GCM, derive("sealing").as_ref())
                .expect("an HMAC-SHA256 is as long as a key of AES-256"),
            marking: hmac::Key::new(hmac::HMAC_SHA256, derive("marking").as_ref()),
        }
    }

    /// Encrypts a value; nobody else can read it, or make one.
    pub(crate) fn seal(&self, purpose: Purpose, value: &impl Serialize) -> Option<String> {
        let mut bytes = serde_json::to_vec(value).ok()?;
        let nonce = self
            .sealing
            .seal_in_place_append_tag(Aad::from(purpose.label()), &mut bytes)
            .ok()?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        Some(BASE64.encode(sealed))
    }

    /// Decrypts what [`Vault::seal`] made for the same purpose.
    pub(crate) fn open<T: DeserializeOwned>(&self, purpose: Purpose, sealed: &str) -> Option<T> {
        if sealed.len() > SEALED_CHARS_MAX {
            return None;
        }
        let mut bytes = BASE64.decode(sealed).ok()?;
        let (nonce, body) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(purpose.label()), body)
            .ok()?;
        serde_json::from_slice(plain).ok()
    }

    /// A mark over these parts that only we can make.
    pub(crate) fn mark(&self, parts: &[&str]) -> String {
        BASE64.encode(hmac::sign(&self.marking, &joined(parts)))
    }

    /// Whether the mark is ours, in constant time.
    pub(crate) fn is_marked(&self, parts: &[&str], mark: &str) -> bool {
        BASE64
            .decode(mark)
            .is_ok_and(|mark| hmac::verify(&self.marking, &joined(parts), &mark).is_ok())
    }
}

/// 128 random bits as text of 22 characters.
pub(crate) fn random_text() -> String {
    BASE64.encode(rand::rng().random::<[u8; 16]>())
}

/// Each part with its length before it, so that no two lists of parts read the same.
fn joined(parts: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_read_only_with_the_key_and_for_its_purpose() {
        let vault = Vault::new(&[7; 32]);
        let sealed = vault.seal(Purpose::Session, &"secret").unwrap();
        assert_eq!(
            vault.open::<String>(Purpose::Session, &sealed).as_deref(),
            Some("secret")
        );
        assert_eq!(vault.open::<String>(Purpose::Transfer, &sealed), None);
        assert_eq!(Vault::new(&[8; 32]).open::<String>(Purpose::Session, &sealed), None);
        for position in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(vault.open::<String>(Purpose::Session, &changed), None, "{position}");
        }
        assert_eq!(vault.open::<String>(Purpose::Session, ""), None);
        assert_eq!(vault.open::<String>(Purpose::Session, "AAAA"), None);
    }

    #[test]
    fn a_mark_fits_its_parts_alone() {
        let vault = Vault::new(&[7; 32]);
        let mark = vault.mark(&["ab", "c"]);
        assert!(vault.is_marked(&["ab", "c"], &mark));
        assert!(!vault.is_marked(&["a", "bc"], &mark));
        assert!(!vault.is_marked(&["ab", "c"], ""));
        assert!(!Vault::new(&[8; 32]).is_marked(&["ab", "c"], &mark));
    }
}
