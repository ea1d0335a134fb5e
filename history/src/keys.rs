//! The key that signs checkpoints, in a folder of its own within the keys folder:
//!
//! ```text
//! <keys>/history/                0700
//!   <kid>.pem                    0600  Ed25519, PKCS#8; only history reads it
//!   <kid>.pub                    0644  what everybody verifies checkpoints and receipts with
//! ```
//!
//! A `kid` is the time the pair was made and the key's id in signatures, so the newest sorts last; the newest private key
//! signs. Public keys stay, because what they signed is to be verified for as long as somebody keeps it.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use service::Timestamp;

use crate::domain::checkpoint::{Checkpoint, VerifierKey};

const FOLDER: &str = "history";
const PRIVATE: &str = "pem";
const PUBLIC: &str = "pub";
const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----\n";
const PEM_END: &str = "-----END PRIVATE KEY-----\n";

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that should hold a key does not. It is never overwritten: somebody may still need it.
    #[error("{}: holds no key; move it away and run `sawit keys generate`", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
    },
    /// The cryptography library refused.
    #[error("no Ed25519 key pair could be made")]
    Cryptography,
}

/// One key of the folder. Says nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name in the folder.
    pub kid: String,
    /// What others verify with.
    pub public: VerifierKey,
    /// Whether it is the one that signs.
    pub signs: bool,
}

/// Signs checkpoints.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    public: VerifierKey,
}

impl Signer {
    /// Loads the newest private key, and makes one where there is none. Blocks.
    pub(crate) fn load_or_make(keys_dir: &Path, now: Timestamp) -> Result<Self, KeysError> {
        generate_if_missing(keys_dir, now)?;
        let folder = keys_dir.join(FOLDER);
        let kid = stems(&folder, PRIVATE)?.pop().ok_or(KeysError::Cryptography)?;
        Self::load(&folder, &kid)
    }

    fn load(folder: &Path, kid: &str) -> Result<Self, KeysError> {
        let path = folder.join(format!("{kid}.{PRIVATE}"));
        let pem = std::fs::read_to_string(&path).map_err(at(&path))?;
        let body = pem
            .strip_prefix(PEM_BEGIN)
            .and_then(|rest| rest.split("-----END").next());
        let der = body.and_then(|body| BASE64.decode(body.replace(['\n', '\r'], "")).ok());
        let pair = der.and_then(|der| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok());
        pair.map_or(Err(KeysError::Unusable { path }), Self::of)
    }

    fn of(pair: Ed25519KeyPair) -> Result<Self, KeysError> {
        let public = pair.public_key().as_ref().try_into();
        let public = VerifierKey::new(public.map_err(|_| KeysError::Cryptography)?);
        Ok(Self { pair, public })
    }

    /// The signed note. The same checkpoint gives the same note.
    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> String {
        let signature = self.pair.sign(checkpoint.body().as_bytes());
        checkpoint.with_signature(&self.public, signature.as_ref())
    }

    /// What others verify with.
    pub(crate) fn public(&self) -> &VerifierKey {
        &self.public
    }
}

/// Makes a pair where there is no private key, and answers its name. Writes nothing where there is one. Blocks.
pub fn generate_if_missing(keys_dir: &Path, now: Timestamp) -> Result<Option<String>, KeysError> {
    let folder = keys_dir.join(FOLDER);
    if let Some(kid) = stems(&folder, PRIVATE)?.pop() {
        let public = folder.join(format!("{kid}.{PUBLIC}"));
        if !public.exists() {
            let signer = Signer::load(&folder, &kid)?;
            write(&public, &format!("{}\n", signer.public), 0o644)?;
        }
        return Ok(None);
    }
    make_folder(&folder)?;
    let pair = Ed25519KeyPair::generate().map_err(|_| KeysError::Cryptography)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeysError::Cryptography)?;
    let pem = format!("{PEM_BEGIN}{}\n{PEM_END}", BASE64.encode(der.as_ref()));
    let signer = Signer::of(pair)?;
    let time = jiff::Timestamp::from_microsecond(now.micros()).map_err(|_| KeysError::Cryptography)?;
    let kid = format!("{}-{}", time.strftime("%Y%m%dT%H%M%SZ"), signer.public.id());
    // Public first: nothing must ever be signed by a key that nobody can check.
    let public = format!("{}\n", signer.public);
    write(&folder.join(format!("{kid}.{PUBLIC}")), &public, 0o644)?;
    write(&folder.join(format!("{kid}.{PRIVATE}")), &pem, 0o600)?;
    Ok(Some(kid))
}

/// The keys of the folder, oldest first. Blocks.
pub fn show(keys_dir: &Path) -> Result<Vec<KeyInfo>, KeysError> {
    let folder = keys_dir.join(FOLDER);
    let signer = stems(&folder, PRIVATE)?.pop();
    let mut keys = Vec::new();
    for kid in stems(&folder, PUBLIC)? {
        let path = folder.join(format!("{kid}.{PUBLIC}"));
        let text = std::fs::read_to_string(&path).map_err(at(&path))?;
        let public = VerifierKey::parse(&text).map_err(|_| KeysError::Unusable { path })?;
        let signs = signer.as_ref() == Some(&kid);
        keys.push(KeyInfo { kid, public, signs });
    }
    Ok(keys)
}

/// All public keys, newest first. A file that cannot be read keeps nobody from signing: then it is the signer's alone.
pub(crate) fn published(keys_dir: &Path, signer: &Signer) -> Vec<VerifierKey> {
    match show(keys_dir) {
        Ok(keys) => keys.into_iter().rev().map(|key| key.public).collect(),
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "receipts that an older key has signed are not verified here"
            );
            vec![signer.public().clone()]
        }
    }
}

fn at(path: &Path) -> impl FnOnce(std::io::Error) -> KeysError {
    let path = path.to_owned();
    move |source| KeysError::File { path, source }
}

/// The names, without their extension and sorted, of the files with that extension. No folder, no files.
fn stems(folder: &Path, extension: &str) -> Result<Vec<String>, KeysError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(folder)(error)),
    };
    let mut stems = Vec::new();
    for entry in entries {
        let path = entry.map_err(at(folder))?.path();
        if path.extension().is_some_and(|found| found == extension)
            && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
        {
            stems.push(stem.to_owned());
        }
    }
    stems.sort();
    Ok(stems)
}

fn make_folder(folder: &Path) -> Result<(), KeysError> {
    if !folder.is_dir() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(at(folder))?;
    }
    Ok(())
}

/// Writes a file so that a reader, also one after a crash, finds it whole or not at all, and with no wider mode ever.
fn write(path: &Path, content: &str, mode: u32) -> Result<(), KeysError> {
    let temporary = path.with_extension(format!("{:016x}.part", rand::random::<u64>()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(&temporary)
        .and_then(|mut file| {
            // The umask may have taken rights away that a public file needs.
            file.set_permissions(Permissions::from_mode(mode))?;
            file.write_all(content.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, path))
        .and_then(|()| File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all());
    if written.is_err() {
        // Best effort: a left-over has another extension and is never read.
        let _ = std::fs::remove_file(&temporary);
    }
    written.map_err(at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_795_079_200_000_000);

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_pair_is_made_once_and_its_private_half_is_for_its_owner_alone() {
        let keys = tempfile::tempdir().unwrap();
        let kid = generate_if_missing(keys.path(), NOW).unwrap().unwrap();
        assert!(kid.starts_with("20261119T090640Z-"), "{kid}");
        let folder = keys.path().join("history");
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join(format!("{kid}.pem"))), 0o600);
        assert_eq!(mode(&folder.join(format!("{kid}.pub"))), 0o644);
        assert_eq!(generate_if_missing(keys.path(), NOW).unwrap(), None);

        let signer = Signer::load_or_make(keys.path(), NOW).unwrap();
        let shown = show(keys.path()).unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!((&shown[0].public, shown[0].signs), (signer.public(), true));
        let checkpoint = Checkpoint {
            size: 1,
            root: [1; 32],
            time: NOW,
        };
        assert_eq!(shown[0].public.verify(&signer.sign(&checkpoint)), Ok(checkpoint));
    }

    #[test]
    fn a_lost_public_half_comes_back_and_a_damaged_private_one_is_not_replaced() {
        let keys = tempfile::tempdir().unwrap();
        let kid = generate_if_missing(keys.path(), NOW).unwrap().unwrap();
        let before = show(keys.path()).unwrap();
        let file = |extension: &str| keys.path().join(format!("history/{kid}.{extension}"));
        std::fs::remove_file(file("pub")).unwrap();
        generate_if_missing(keys.path(), NOW).unwrap();
        assert_eq!(show(keys.path()).unwrap(), before);
        std::fs::write(file("pem"), "no key").unwrap();
        assert!(matches!(
            Signer::load_or_make(keys.path(), NOW),
            Err(KeysError::Unusable { .. })
        ));
        assert_eq!(std::fs::read_to_string(file("pem")).unwrap(), "no key");
    }

    /// Whoever moves the private half away and starts again has a new signer, and what the old one signed still holds.
    #[test]
    fn the_newest_signs_and_the_old_one_still_verifies() {
        let keys = tempfile::tempdir().unwrap();
        let old = generate_if_missing(keys.path(), NOW).unwrap().unwrap();
        std::fs::remove_file(keys.path().join(format!("history/{old}.pem"))).unwrap();
        let later = NOW.after(std::time::Duration::from_secs(1));
        let new = generate_if_missing(keys.path(), later).unwrap().unwrap();
        let shown = show(keys.path()).unwrap();
        let signs: Vec<_> = shown.iter().map(|key| (key.kid.clone(), key.signs)).collect();
        assert_eq!(signs, [(old, false), (new, true)]);
    }
}
