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
/// Who does nothing at the console for longer has left it.
const IDLE_SECONDS_MAX: i64 = 15 * 60;
/// The cookie is written anew no more often than this.
const TOUCH_SECONDS: i64 = 20;

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
    /// What the console knows besides; nothing in the app's sessions.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) staff: Option<Desk>,
}

/// What a session at the console knows besides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Desk {
    /// As in the access token.
    #[serde(rename = "r")]
    pub(crate) role: String,
    /// Whether a second factor was asked for at sign-in, or has been set up since.
    #[serde(rename = "t")]
    pub(crate) has_totp: bool,
    /// When the reader last did something, in seconds since the epoch.
    #[serde(rename = "l")]
    seen: i64,
}

impl Session {
    /// A session that begins now.
    pub(crate) fn begin(login: Login, clock: &Clock) -> Self {
        Self::from_login(login, vault::random_text(), clock.now())
    }

    /// A session at the console that begins now.
    pub(crate) fn begin_at_console(login: Login, clock: &Clock) -> Self {
        let now = clock.now();
        let desk = Desk {
            role: login.user.role.clone(),
            has_totp: login.user.totp_enabled,
            seen: now.seconds(),
        };
        Self {
            staff: Some(desk),
            ..Self::from_login(login, vault::random_text(), now)
        }
    }

    fn from_login(login: Login, seed: String, now: Timestamp) -> Self {
        Self {
            access_token: login.access_token,
            refresh_token: login.refresh_token,
            access_ends: now.seconds().saturating_add(login.expires_in),
            user_id: login.user.user_id,
            fullname: login.user.fullname,
            seed,
            staff: None,
        }
    }

    /// The same session with the next tokens.
    fn renewed(&self, login: Login, now: Timestamp) -> Self {
        let staff = self.staff.clone().map(|desk| Desk {
            role: login.user.role.clone(),
            has_totp: login.user.totp_enabled,
            ..desk
        });
        Self {
            staff,
            ..Self::from_login(login, self.seed.clone(), now)
        }
    }

    /// The same session, now that a second factor is set up.
    pub(crate) fn with_totp(mut self) -> Self {
        if let Some(desk) = self.staff.as_mut() {
            desk.has_totp = true;
        }
        self
    }

    /// Whether the console has waited too long for its reader.
    pub(crate) fn is_idle(&self, now: Timestamp) -> bool {
        let idle = |desk: &Desk| now.seconds().saturating_sub(desk.seen) > IDLE_SECONDS_MAX;
        self.staff.as_ref().is_some_and(idle)
    }

    /// Notes that the reader is there; true when the browser should keep that.
    pub(crate) fn touch(&mut self, now: Timestamp) -> bool {
        let Some(desk) = self.staff.as_mut() else {
            return false;
        };
        let is_new = now.seconds().saturating_sub(desk.seen) >= TOUCH_SECONDS;
        if is_new {
            desk.seen = now.seconds();
        }
        is_new
    }

    pub(crate) const fn wants_renewal(&self, now: Timestamp) -> bool {
        now.seconds() > self.access_ends - RENEW_BEFORE_SECONDS
    }

    pub(crate) const fn is_usable(&self, now: Timestamp) -> bool {
        now.seconds() < self.access_ends
    }

    pub(crate) fn seal(&self, vault: &Vault) -> Option<String> {
        vault.seal(self.purpose(), self)
    }

    pub(crate) fn open(vault: &Vault, purpose: Purpose, sealed: &str) -> Option<Self> {
        vault.open(purpose, sealed)
    }

    const fn purpose(&self) -> Purpose {
        match self.staff {
            None => Purpose::Session,
            Some(_) => Purpose::Console,
        }
    }
}

pub(crate) use vault::random_text;
