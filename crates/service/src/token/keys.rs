//! The public keys that tokens are checked with, from the folder where `sawit keys` puts them.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// One RSA public key and its name.
#[derive(Clone)]
pub struct PublicKey {
    /// `kid` in token headers and in the JWKS; the file's stem.
    pub kid: String,
    /// The key as PEM (`BEGIN PUBLIC KEY`).
    pub pem: String,
}

/// The folder `<keys>/public`, one `<kid>.pem` per key. Only `sawit keys` and auth write it.
#[derive(Clone, Debug)]
pub struct PublicKeys {
    folder: PathBuf,
}

impl PublicKeys {
    /// The public keys below a keys folder.
    pub fn in_keys_dir(keys_dir: &Path) -> Self {
        Self {
            folder: keys_dir.join("public"),
        }
    }

    /// When a key was last added to the folder or removed from it. Blocks for a moment.
    pub(super) fn changed_at(&self) -> std::io::Result<SystemTime> {
        std::fs::metadata(&self.folder)?.modified()
    }

    /// Reads all keys, oldest first (a `kid` begins with the time it was made). Blocks.
    pub fn read(&self) -> std::io::Result<Vec<PublicKey>> {
        let mut keys = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Some(kid) = path.file_stem().and_then(|stem| stem.to_str()) else {
                continue;
            };
            if path.extension().is_some_and(|extension| extension == "pem") {
                match std::fs::read_to_string(&path) {
                    Ok(pem) => keys.push(PublicKey {
                        kid: kid.to_owned(),
                        pem,
                    }),
                    // Removed since the folder was listed.
                    Err(error) if error.kind() == ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
        }
        keys.sort_by(|a, b| a.kid.cmp(&b.kid));
        Ok(keys)
    }
}

/// A JSON Web Key Set (RFC 7517) of these keys. A file that holds no RSA key is left out.
pub fn jwks(keys: &[PublicKey]) -> Value {
    let keys: Vec<Value> = keys
        .iter()
        .filter_map(|key| {
            let (modulus, exponent) = rsa_components(&key.pem)?;
            Some(json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": key.kid,
                "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent),
            }))
        })
        .collect();
    json!({ "keys": keys })
}

/// Modulus and exponent from a SubjectPublicKeyInfo PEM: the last SEQUENCE of two INTEGERs in it (RFC 8017, A.1.1).
fn rsa_components(pem: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body.trim()).ok()?;
    let (0x30, info, _) = der_element(&der)? else {
        return None;
    };
    let (0x30, _algorithm, rest) = der_element(info)? else {
        return None;
    };
    let (0x03, bits, _) = der_element(rest)? else {
        return None;
    };
    let (0x30, key, _) = der_element(bits.strip_prefix(&[0])?)? else {
        return None;
    };
    let (0x02, modulus, rest) = der_element(key)? else {
        return None;
    };
    let (0x02, exponent, _) = der_element(rest)? else {
        return None;
    };
    let unsigned = |integer: &[u8]| integer.strip_prefix(&[0]).unwrap_or(integer).to_vec();
    Some((unsigned(modulus), unsigned(exponent)))
}

/// One DER element: tag, content, and what follows it.
fn der_element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 || rest.len() < count {
            return None;
        }
        let (digits, rest) = rest.split_at(count);
        (
            digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit)),
            rest,
        )
    };
    (rest.len() >= length).then(|| (tag, &rest[..length], &rest[length..]))
}
