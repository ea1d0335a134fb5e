//! Who is signed in, kept in a sealed cookie: the pages have no table of sessions, so a restart signs nobody out.

mod key_file;
mod refresh;
mod vault;

pub(crate) use key_file::load_or_make;
pub(crate) use refresh::Refresher;
pub(crate) use vault::{Purpose, Vault};

use serde::{Deserialize, Serialize};
use service::{Clock, Timestamp};

use crate::api::Login;

/// An access token is renewed when it has less than this left.
const RENEW_BEFORE_SECONDS: i64 = 60;

/// What the cookie holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    #[serde(rename = "a")]
    pub(crate) access_token: String,
    #[serde(rename = "r")]
    pub(crate) refresh_token: String,
    /// Seconds since the epoch.
    #[serde(rename = "e")]
    access_ends: i64,
    #[serde(rename = "u")]
    pub(crate) user_id: String,
    #[serde(rename = "n")]
    pub(crate) fullname: String,
    /// Drawn at sign-in; what forms are bound to, and the same for as long as the session.
    #[serde(rename = "s")]
    pub(crate) seed: String,
}

impl Session {
    /// A session that begins now.
    pub(crate) fn begin(login: Login, clock: &Clock) -> Self {
        Self::from_login(login, vault::random_text(), clock.now())
    }

    fn from_login(login: Login, seed: String, now: Timestamp) -> Self {
        Self {
            access_token: login.access_token,
            refresh_token: login.refresh_token,
            access_ends: now.seconds().saturating_add(login.expires_in),
            user_id: login.user.user_id,
            fullname: login.user.fullname,
            seed,
        }
    }

    /// The same session with the next tokens.
    fn renewed(&self, login: Login, now: Timestamp) -> Self {
        Self::from_login(login, self.seed.clone(), now)
    }

    pub(crate) const fn wants_renewal(&self, now: Timestamp) -> bool {
        now.seconds() > self.access_ends - RENEW_BEFORE_SECONDS
    }

    pub(crate) const fn is_usable(&self, now: Timestamp) -> bool {
        now.seconds() < self.access_ends
    }

    pub(crate) fn seal(&self, vault: &Vault) -> Option<String> {
        vault.seal(Purpose::Session, self)
    }

    pub(crate) fn open(vault: &Vault, sealed: &str) -> Option<Self> {
        vault.open(Purpose::Session, sealed)
    }
}

pub(crate) use vault::random_text;
