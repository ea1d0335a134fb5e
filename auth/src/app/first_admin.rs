//! The admin that is there from the first start on.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use service::token::Role;
use service::{ApiError, Secret, Settings};

use super::{App, Registration, blocking};
use crate::StartError;
use crate::keys::write_atomically;
use crate::store::users;

const USERNAME: &str = "admin";
const FULLNAME: &str = "Administrator";
const PASSWORD_FILE: &str = "admin-password";
/// Gives 24 characters.
const PASSWORD_RANDOM_BYTES: usize = 18;

/// Who administers, and where the password stands if it was generated and is still there.
#[derive(Clone, Debug)]
pub(crate) struct FirstAdmin {
    pub(crate) email: String,
    pub(crate) password_file: Option<PathBuf>,
}

/// Refuses, before anything is opened, to go live with a password that lies in a file.
pub(crate) fn refuse_unread_password(settings: &Settings) -> Result<(), StartError> {
    let path = settings.data_dir.join(PASSWORD_FILE);
    if !settings.mode.is_sandbox() && path.exists() {
        return Err(StartError::AdminPasswordUnread { path });
    }
    Ok(())
}

/// Removes the file when it holds the password that was just replaced. Blocks.
pub(super) fn remove_password_file(data_dir: &Path, replaced: &Secret) -> std::io::Result<()> {
    let path = data_dir.join(PASSWORD_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim() == replaced.expose() => std::fs::remove_file(&path),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

impl App {
    /// Makes the admin if there is none.
    pub(crate) async fn ensure_admin(&self, settings: &Settings) -> Result<FirstAdmin, StartError> {
        let password_file = self.data_dir.join(PASSWORD_FILE);
        let standing = |path: &Path| path.exists().then(|| path.to_owned());
        let admin = self.db.read(users::first_admin).await?;
        if let Some(admin) = admin {
            return Ok(FirstAdmin {
                email: admin.email,
                password_file: standing(&password_file),
            });
        }
        let password = match &settings.admin_password {
            Some(chosen) => chosen.clone(),
            None if !self.mode.is_sandbox() => return Err(StartError::AdminPasswordMissing),
            None => write_generated_password(password_file.clone()).await?,
        };
        self.create_admin(&settings.admin_email, &password).await?;
        Ok(FirstAdmin {
            email: settings.admin_email.clone(),
            password_file: settings.admin_password.is_none().then_some(password_file),
        })
    }

    async fn create_admin(&self, email: &str, password: &Secret) -> Result<(), StartError> {
        let refused = |error: ApiError| StartError::AdminRefused(error.to_string());
        let registration = Registration::parse(USERNAME, FULLNAME, email, password.expose()).map_err(refused)?;
        self.check_registration_strength(&registration).map_err(refused)?;
        let admin = self.prepare_user(registration, Role::Admin).await.map_err(refused)?;
        self.db
            .write(move |tx| users::insert(tx, &admin)?.map_err(super::register::taken))
            .await
            .map_err(refused)
    }
}

/// The file is on disk before the account is: a crash between the two must not leave an admin whose password nobody
/// knows.
async fn write_generated_password(path: PathBuf) -> Result<Secret, StartError> {
    let password = Secret::new(URL_SAFE_NO_PAD.encode(rand::random::<[u8; PASSWORD_RANDOM_BYTES]>()));
    let content = format!("{}\n", password.expose());
    let target = path.clone();
    let written = blocking(move || write_atomically(&target, content.as_bytes(), 0o600)).await;
    match written {
        Ok(Ok(())) => Ok(password),
        Ok(Err(source)) => Err(StartError::File { path, source }),
        Err(error) => Err(StartError::AdminRefused(error.to_string())),
    }
}
