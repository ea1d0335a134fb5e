//! Auth: who somebody is. The one service that holds the private key; the others check its tokens by themselves.
//!
//! - [`keys`]: the keys folder, as `sawit keys` and auth itself use it.
//! - `domain`: what names, passwords, sessions and limits must be. No I/O.
//! - `app`: the operations, one file each.
//! - `store`: all SQL.
//! - `graphql`: the public API and, beside it, the internal one.

mod app;
mod domain;
mod graphql;
pub mod keys;
mod store;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ::store::StoreError;
use axum::Router;
use service::token::TokenVerifier;
use service::{Clock, ServiceName, Settings};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::keys::KeysError;

/// The running service.
pub struct Auth {
    app: Arc<App>,
    verifier: TokenVerifier,
    keys_dir: PathBuf,
    admin: AdminNotice,
    stop: CancellationToken,
    purge: Mutex<Option<JoinHandle<()>>>,
}

/// What whoever started the program should be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminNotice {
    /// The admin's e-mail.
    pub email: String,
    /// Where the generated password stands, until somebody has read and changed it.
    pub password_file: Option<PathBuf>,
}

/// Why auth does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error("auth: {0}")]
    Store(#[from] StoreError),
    /// The keys folder cannot be used.
    #[error("auth: {0}")]
    Keys(#[from] KeysError),
    /// A file could not be written.
    #[error("auth: {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Live mode, and the generated password still lies around.
    #[error(
        "auth: live mode does not start while {} exists: sign in with that password, change it, and delete the file",
        path.display()
    )]
    AdminPasswordUnread {
        /// The file.
        path: PathBuf,
    },
    /// Live mode, no admin, and no password to make one with.
    #[error("auth: live mode needs SAWIT_ADMIN_PASSWORD on its first start, to make the admin account")]
    AdminPasswordMissing,
    /// The account of the admin breaks a rule or its names are taken.
    #[error("auth: the admin account cannot be made (SAWIT_ADMIN_EMAIL, SAWIT_ADMIN_PASSWORD): {0}")]
    AdminRefused(String),
    /// Passwords cannot be hashed here.
    #[error("auth: passwords cannot be hashed on this machine")]
    Hashing,
    /// A thread of the start ended early.
    #[error("auth: the start was interrupted")]
    Interrupted,
}

impl Auth {
    /// Opens the database, loads the signing key, makes the admin if there is none, and begins to purge old rows until
    /// `shutdown`.
    pub async fn start(
        settings: &Settings,
        verifier: TokenVerifier,
        clock: Clock,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        app::refuse_unread_password(settings)?;
        let app = {
            let (settings, verifier) = (settings.clone(), verifier.clone());
            tokio::task::spawn_blocking(move || App::open(&settings, verifier, clock))
                .await
                .map_err(|_| StartError::Interrupted)??
        };
        let admin = match app.ensure_admin(settings).await {
            Ok(admin) => admin,
            Err(error) => {
                app.close().await;
                return Err(error);
            }
        };
        let app = Arc::new(app);
        let stop = shutdown.child_token();
        let purge = app::spawn_purge(Arc::clone(&app), stop.clone());
        Ok(Self {
            app,
            verifier,
            keys_dir: settings.keys_dir.clone(),
            admin: AdminNotice {
                email: admin.email,
                password_file: admin.password_file,
            },
            stop,
            purge: Mutex::new(Some(purge)),
        })
    }

    /// All routes: `/graphql`, `/internal/graphql`, `/healthz` and `/.well-known/jwks.json`.
    pub fn router(&self) -> Router {
        service::endpoint::router(
            ServiceName::Auth,
            &self.verifier,
            graphql::public_schema(Arc::clone(&self.app)),
            |validation| graphql::internal_schema(Arc::clone(&self.app), validation),
        )
        .merge(graphql::jwks::router(&self.keys_dir))
    }

    /// Who administers.
    pub fn admin(&self) -> AdminNotice {
        self.admin.clone()
    }

    /// How many passwords were hashed or checked since start.
    pub fn passwords_computed(&self) -> u64 {
        self.app.passwords_computed()
    }

    /// Stops the timer and closes the database, once what is under way has finished.
    pub async fn close(&self) {
        self.stop.cancel();
        let purge = self.purge.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(purge) = purge {
            // It fails only if it panicked, which it has logged.
            let _ = purge.await;
        }
        self.app.close().await;
    }
}

/// Ends the second factor of the user with this e-mail in a database that no auth has open; `None` when there is no such
/// user, `Some(false)` when they had none.
pub async fn reset_totp_in(database: &Path, email: &str) -> Result<Option<bool>, StartError> {
    Ok(app::reset_by_hand(database, email).await?)
}

/// The public schema, for the checked-in snapshot and whoever merges it.
pub fn public_sdl() -> String {
    graphql::public_sdl()
}

/// The schema that other services use.
pub fn internal_sdl() -> String {
    graphql::internal_sdl()
}
