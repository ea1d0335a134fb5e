//! Making key pairs and replacing them.

use std::path::Path;
use std::time::Duration;

use service::{Clock, Timestamp};

use super::{KeysError, clients, factor_key, folder, kid, rsa_pair};

/// A replaced public key stays this long. Tokens live a quarter of an hour; the rest is for clocks that differ and for
/// an auth that was stopped in the middle of a rotation.
const REPLACED_KEY_KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// What [`generate_if_missing`] had to make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The new signing key's name, if there was none before.
    pub signing_key: Option<String>,
    /// The callers that got a secret.
    pub clients: Vec<String>,
}

/// What [`rotate`] did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The key that signs from now on.
    pub kid: String,
    /// Public keys that were removed: nothing they signed is still valid.
    pub removed: Vec<String>,
}

/// Makes what is missing in the folder and leaves what is there. Blocks.
pub fn generate_if_missing(dir: &Path) -> Result<Made, KeysError> {
    generate_if_missing_at(dir, Clock::system().now())
}

/// [`generate_if_missing`] as if it were `now`.
pub fn generate_if_missing_at(dir: &Path, now: Timestamp) -> Result<Made, KeysError> {
    if is_complete(dir)? {
        // Nothing is written, not even a lock: the folder may be mounted read-only.
        return Ok(Made::default());
    }
    folder::prepare(dir)?;
    let _lock = folder::lock(dir)?;
    sweep(dir)?;
    let signing_key = match signing_kid(dir)? {
        Some(kid) => {
            restore_public_key(dir, &kid)?;
            None
        }
        None => Some(add_pair(dir, now)?),
    };
    factor_key::generate_missing(dir)?;
    Ok(Made {
        signing_key,
        clients: clients::generate_missing(dir)?,
    })
}

/// Adds a key pair that signs from now on. Tokens of the old one stay valid until they end. Blocks.
pub fn rotate(dir: &Path) -> Result<Rotated, KeysError> {
    rotate_at(dir, Clock::system().now())
}

/// [`rotate`] as if it were `now`.
pub fn rotate_at(dir: &Path, now: Timestamp) -> Result<Rotated, KeysError> {
    folder::prepare(dir)?;
    let _lock = folder::lock(dir)?;
    sweep(dir)?;
    let replaced = our_kids(dir, folder::PRIVATE)?;
    remove_public_keys_that_never_signed(dir, replaced.last())?;
    let kid = add_pair(dir, now)?;
    // From here the new key is the signer; what is left undone by a crash the next rotation does.
    for old in &replaced {
        folder::remove(&dir.join(folder::PRIVATE).join(format!("{old}.pem")))?;
    }
    let removed = remove_expired_public_keys(dir, now)?;
    Ok(Rotated { kid, removed })
}

/// The name of the pair that signs: the newest private key.
pub(super) fn signing_kid(dir: &Path) -> Result<Option<String>, KeysError> {
    Ok(our_kids(dir, folder::PRIVATE)?.pop())
}

fn is_complete(dir: &Path) -> Result<bool, KeysError> {
    let Some(kid) = signing_kid(dir)? else {
        return Ok(false);
    };
    Ok(dir.join(folder::PUBLIC).join(format!("{kid}.pem")).exists()
        && factor_key::exists(dir)
        && clients::complete(dir))
}

/// Public keys with other names may be put into the folder by hand: they are checked with and never touched.
fn our_kids(dir: &Path, subfolder: &str) -> Result<Vec<String>, KeysError> {
    let mut kids = folder::stems(&dir.join(subfolder), "pem")?;
    kids.retain(|kid| kid::made_at(kid).is_some());
    Ok(kids)
}

fn sweep(dir: &Path) -> Result<(), KeysError> {
    [folder::PRIVATE, folder::PUBLIC, folder::CLIENTS]
        .iter()
        .try_for_each(|name| folder::sweep(&dir.join(name)))
}

fn add_pair(dir: &Path, now: Timestamp) -> Result<String, KeysError> {
    let pair = rsa_pair::generate()?;
    let public = rsa_pair::public_pem(&pair)?;
    // The newest must sort last, also after a second rotation in one second or under a clock that was set back.
    let newest = our_kids(dir, folder::PUBLIC)?
        .into_iter()
        .chain(our_kids(dir, folder::PRIVATE)?)
        .filter_map(|kid| kid::made_at(&kid))
        .max();
    let made_at = match newest {
        Some(newest) if newest.seconds() >= now.seconds() => newest.after(Duration::from_secs(1)),
        _ => now,
    };
    let kid = kid::name(made_at, &public).ok_or(KeysError::Cryptography)?;
    // Public first: a token must never be signed by a key that nobody can check.
    write_pem(&dir.join(folder::PUBLIC).join(format!("{kid}.pem")), &public, 0o644)?;
    let private = rsa_pair::private_pem(&pair)?;
    write_pem(&dir.join(folder::PRIVATE).join(format!("{kid}.pem")), &private, 0o600)?;
    Ok(kid)
}

fn restore_public_key(dir: &Path, kid: &str) -> Result<(), KeysError> {
    let public_path = dir.join(folder::PUBLIC).join(format!("{kid}.pem"));
    if public_path.exists() {
        return Ok(());
    }
    let private_path = dir.join(folder::PRIVATE).join(format!("{kid}.pem"));
    let private = std::fs::read_to_string(&private_path).map_err(KeysError::file(&private_path))?;
    let pair = rsa_pair::parse(&private).ok_or(KeysError::Unusable {
        path: private_path,
        problem: "holds no RSA private key",
    })?;
    write_pem(&public_path, &rsa_pair::public_pem(&pair)?, 0o644)
}

/// A crash between the two files of a pair leaves a public key newer than the signer. It would pass for the signer's
/// successor, and so make it look replaced long before it was.
fn remove_public_keys_that_never_signed(dir: &Path, signer: Option<&String>) -> Result<(), KeysError> {
    let Some(signer) = signer else {
        return Ok(());
    };
    for kid in our_kids(dir, folder::PUBLIC)?.iter().filter(|kid| *kid > signer) {
        folder::remove(&dir.join(folder::PUBLIC).join(format!("{kid}.pem")))?;
    }
    Ok(())
}

/// A key was replaced when its successor was made, and that is in the successor's name.
fn remove_expired_public_keys(dir: &Path, now: Timestamp) -> Result<Vec<String>, KeysError> {
    let kids = our_kids(dir, folder::PUBLIC)?;
    let mut removed = Vec::new();
    for (kid, successor) in kids.iter().zip(kids.iter().skip(1)) {
        if kid::made_at(successor).is_some_and(|replaced_at| now.since(replaced_at) > REPLACED_KEY_KEPT) {
            folder::remove(&dir.join(folder::PUBLIC).join(format!("{kid}.pem")))?;
            removed.push(kid.clone());
        }
    }
    Ok(removed)
}

fn write_pem(path: &Path, pem: &str, mode: u32) -> Result<(), KeysError> {
    folder::write_atomically(path, pem.as_bytes(), mode).map_err(KeysError::file(path))
}
