//! Secrets by which the callers of our services prove who they are.

use std::io::ErrorKind;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::Secret;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{KeysError, folder};

/// Who calls our services. Auth is not among them: it calls nobody.
pub const CLIENTS: [&str; 5] = ["gateway", "wallet", "transactions", "fraud", "history"];

const SECRET_BYTES: usize = 32;

/// What a check of a client's secret found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientCheck {
    Good,
    Refused,
}

/// The secret of one caller. Blocks.
pub fn client_secret(dir: &Path, name: &str) -> Result<Secret, KeysError> {
    if !CLIENTS.contains(&name) {
        return Err(KeysError::UnknownClient(name.to_owned()));
    }
    let path = dir.join(folder::CLIENTS).join(format!("{name}.secret"));
    let text = std::fs::read_to_string(&path).map_err(KeysError::file(&path))?;
    let text = text.trim();
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(bytes) if bytes.len() >= SECRET_BYTES => Ok(Secret::new(text)),
        _ => Err(KeysError::Unusable {
            path,
            problem: "holds no secret",
        }),
    }
}

/// Compares what a caller presents with the stored hash. Blocks.
pub(crate) fn check_client(dir: &Path, name: &str, secret: &str) -> Result<ClientCheck, KeysError> {
    let presented = hex(&Sha256::digest(secret.as_bytes()));
    let stored = match CLIENTS.iter().find(|known| **known == name) {
        Some(known) => read_hash(&dir.join(folder::CLIENTS).join(format!("{known}.sha256")))?,
        None => None,
    };
    // Compared with something in any case, so that an unknown name takes as long as a wrong secret.
    let stored = stored.unwrap_or_else(|| "-".repeat(presented.len()));
    let equal = bool::from(presented.as_bytes().ct_eq(stored.as_bytes()));
    Ok(if equal { ClientCheck::Good } else { ClientCheck::Refused })
}

fn read_hash(path: &Path) -> Result<Option<String>, KeysError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeysError::file(path)(error)),
    }
}

/// True when every caller has its hash. A missing secret alone is no fault: each stands only where its caller runs.
pub(super) fn complete(dir: &Path) -> bool {
    let folder = dir.join(folder::CLIENTS);
    CLIENTS
        .iter()
        .all(|name| folder.join(format!("{name}.sha256")).exists())
}

/// Makes the secrets that are missing. Only under the folder's lock. Answers whose.
pub(super) fn generate_missing(dir: &Path) -> Result<Vec<String>, KeysError> {
    let folder = dir.join(folder::CLIENTS);
    let mut made = Vec::new();
    for name in CLIENTS {
        let hash_path = folder.join(format!("{name}.sha256"));
        if hash_path.exists() {
            continue;
        }
        let secret_path = folder.join(format!("{name}.secret"));
        if !secret_path.exists() {
            let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; SECRET_BYTES]>());
            folder::write_atomically(&secret_path, format!("{secret}\n").as_bytes(), 0o600)
                .map_err(KeysError::file(&secret_path))?;
            made.push(name.to_owned());
        }
        // Read back, so that the hash of a secret that stood there before is made the same way.
        let secret = client_secret(dir, name)?;
        let hash = hex(&Sha256::digest(secret.expose().as_bytes()));
        folder::write_atomically(&hash_path, format!("{hash}\n").as_bytes(), 0o644)
            .map_err(KeysError::file(&hash_path))?;
    }
    Ok(made)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
