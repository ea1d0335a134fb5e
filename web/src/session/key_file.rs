//! `web.key`: 32 random bytes for the pages alone.

use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Read as _, Result, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rand::RngExt as _;

use super::random_text;
use crate::WebError;

const KEY_BYTES: usize = 32;

/// Reads the key, or makes it if there is none.
pub(crate) fn load_or_make(keys_dir: &Path) -> std::result::Result<[u8; KEY_BYTES], WebError> {
    let path = keys_dir.join("web.key");
    read(&path)
        .or_else(|error| match error.kind() {
            ErrorKind::NotFound => make(keys_dir, &path),
            _ => Err(error),
        })
        .map_err(|cause| WebError::Key { path, cause })
}

fn read(path: &Path) -> Result<[u8; KEY_BYTES]> {
    let mut bytes = Vec::new();
    File::open(path)?.take(KEY_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    bytes
        .try_into()
        .map_err(|_| Error::new(ErrorKind::InvalidData, "32 bytes are expected"))
}

/// Writes a whole file under another name and links it, so that of two that start at once both read the same key.
fn make(keys_dir: &Path, path: &Path) -> Result<[u8; KEY_BYTES]> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(keys_dir)?;
    let draft: PathBuf = keys_dir.join(format!(".web.key-{}", random_text()));
    let key: [u8; KEY_BYTES] = rand::rng().random();
    let mut file = OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(&key)?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let keys_dir = folder.path().join("keys");
        let key = load_or_make(&keys_dir).unwrap();
        assert_eq!(load_or_make(&keys_dir).unwrap(), key);
        let mode = std::fs::metadata(keys_dir.join("web.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&keys_dir).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("web.key"), "short").unwrap();
        assert!(load_or_make(folder.path()).is_err());
        assert_eq!(std::fs::read(folder.path().join("web.key")).unwrap(), b"short");
    }
}
