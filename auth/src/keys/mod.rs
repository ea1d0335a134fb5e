//! The keys folder: the RSA pairs that tokens are signed with, and the secrets by which our services prove to auth who
//! they are.
//!
//! ```text
//! <keys>/                        0700
//!   private/<kid>.pem            0600  PKCS#8; only auth reads it
//!   private/second-factors.key   0600  what auth encrypts the secrets of authenticator apps with
//!   public/<kid>.pem             0644  SubjectPublicKeyInfo; what everybody checks tokens with
//!   clients/<name>.secret        0600  one per caller, which alone reads it
//!   clients/<name>.sha256        0644  what auth checks it against, so that auth needs no secrets
//! ```
//!
//! A `kid` begins with the time the pair was made, so the newest sorts last; the newest private key signs.

mod clients;
mod factor_key;
mod folder;
mod kid;
mod rotation;
mod rsa_pair;
mod signer;

use std::path::{Path, PathBuf};

use service::Timestamp;

pub use clients::{CLIENTS, client_secret};
pub(crate) use clients::{ClientCheck, check_client};
pub(crate) use factor_key::FactorKey;
pub(crate) use folder::write_atomically;
pub use rotation::{Made, Rotated, generate_if_missing, generate_if_missing_at, rotate, rotate_at};
pub(crate) use signer::Signer;

/// Why the keys folder cannot be used.
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
    /// There is no private key to sign with.
    #[error("{}: there is no signing key; `sawit keys generate` makes one", folder.display())]
    NoSigningKey {
        /// Where it should be.
        folder: PathBuf,
    },
    /// There is no key to store second factors under.
    #[error("{}: there is no key for second factors; `sawit keys generate` makes one", path.display())]
    NoFactorKey {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file that should hold a key or a secret does not. It is never overwritten: somebody may still need it.
    #[error("{}: {problem}; move it away and run `sawit keys generate`", path.display())]
    Unusable {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// No caller of that name exists.
    #[error("{0:?} is none of the callers that have a secret")]
    UnknownClient(String),
    /// The cryptography library refused.
    #[error("no RSA key pair could be made")]
    Cryptography,
}

impl KeysError {
    fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// What stands in a keys folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeysReport {
    /// The key pairs, oldest first.
    pub keys: Vec<KeyInfo>,
    /// The callers that have a secret.
    pub clients: Vec<String>,
}

/// One key pair. Says nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name in token headers and in the JWKS.
    pub kid: String,
    /// Whether it is the one that signs.
    pub signs: bool,
    /// When it was made, if its name says so.
    pub made_at: Option<Timestamp>,
    /// When another took over signing. Tokens it signed are accepted until they end.
    pub replaced_at: Option<Timestamp>,
}

/// What stands in the folder. Blocks.
pub fn show(dir: &Path) -> Result<KeysReport, KeysError> {
    let public = folder::stems(&dir.join(folder::PUBLIC), "pem")?;
    let signer = rotation::signing_kid(dir)?;
    let ours: Vec<&String> = public.iter().filter(|kid| kid::made_at(kid).is_some()).collect();
    let successor = |kid: &String| {
        ours.iter()
            .find(|other| **other > kid)
            .and_then(|other| kid::made_at(other))
    };
    let keys = public
        .iter()
        .map(|kid| KeyInfo {
            kid: kid.clone(),
            signs: signer.as_ref() == Some(kid),
            made_at: kid::made_at(kid),
            replaced_at: kid::made_at(kid).and_then(|_| successor(kid)),
        })
        .collect();
    Ok(KeysReport {
        keys,
        clients: folder::stems(&dir.join(folder::CLIENTS), "secret")?,
    })
}
