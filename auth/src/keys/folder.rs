//! Files and folders with the right mode from their first moment, and whole or not at all.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::KeysError;

pub(super) const PRIVATE: &str = "private";
pub(super) const PUBLIC: &str = "public";
pub(super) const CLIENTS: &str = "clients";

const TEMPORARY: &str = "part";

/// Makes the folders that are missing, and narrows those that are too open where we may.
pub(super) fn prepare(dir: &Path) -> Result<(), KeysError> {
    for (path, mode) in [
        (dir.to_owned(), 0o700),
        (dir.join(PRIVATE), 0o700),
        (dir.join(PUBLIC), 0o755),
        (dir.join(CLIENTS), 0o700),
    ] {
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.permissions().mode() & 0o777 == mode => {}
            Ok(_) => match std::fs::set_permissions(&path, Permissions::from_mode(mode)) {
                // Somebody else's folder (a mounted volume): its owner decides.
                Err(error) if error.kind() != ErrorKind::PermissionDenied => return Err(KeysError::file(&path)(error)),
                _ => {}
            },
            Err(error) if error.kind() == ErrorKind::NotFound => DirBuilder::new()
                .recursive(true)
                .mode(mode)
                .create(&path)
                .map_err(KeysError::file(&path))?,
            Err(error) => return Err(KeysError::file(&path)(error)),
        }
    }
    Ok(())
}

/// Keeps other processes from changing the folder for as long as the answer lives.
pub(super) fn lock(dir: &Path) -> Result<File, KeysError> {
    let path = dir.join(".lock");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .map_err(KeysError::file(&path))?;
    file.lock().map_err(KeysError::file(&path))?;
    Ok(file)
}

/// Removes what a crash left half written. Only under [`lock`].
pub(super) fn sweep(folder: &Path) -> Result<(), KeysError> {
    for entry in std::fs::read_dir(folder).map_err(KeysError::file(folder))? {
        let path = entry.map_err(KeysError::file(folder))?.path();
        if path.extension().is_some_and(|extension| extension == TEMPORARY) {
            std::fs::remove_file(&path).map_err(KeysError::file(&path))?;
        }
    }
    Ok(())
}

/// The names, without their extension and sorted, of the files with that extension. No folder, no files.
pub(super) fn stems(folder: &Path, extension: &str) -> Result<Vec<String>, KeysError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(KeysError::file(folder)(error)),
    };
    let mut stems = Vec::new();
    for entry in entries {
        let path = entry.map_err(KeysError::file(folder))?.path();
        if path.extension().is_some_and(|found| found == extension)
            && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
        {
            stems.push(stem.to_owned());
        }
    }
    stems.sort();
    Ok(stems)
}

/// Removes a file for good.
pub(super) fn remove(path: &Path) -> Result<(), KeysError> {
    std::fs::remove_file(path).map_err(KeysError::file(path))?;
    sync_folder_of(path).map_err(KeysError::file(path))
}

/// Writes a file so that a reader, also one after a crash, finds it whole or not at all.
pub(crate) fn write_atomically(path: &Path, content: &[u8], mode: u32) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{:016x}.{TEMPORARY}", rand::random::<u64>()));
    let written = write_new(&temporary, content, mode).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: the next change of the folder sweeps it otherwise.
        let _ = std::fs::remove_file(&temporary);
    }
    written.and_then(|()| sync_folder_of(path))
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    // The umask may have taken rights away that a public file needs.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
