//! The two cookies of the pages.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::app::App;
use crate::error::Error;

/// What a cookie is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cookie {
    /// The token of who is signed in.
    Session,
    /// A random text for who is not, so that forms can be told from forged ones before anybody signs in.
    Visitor,
}

impl Cookie {
    /// Cookies do not tell ports apart, so the names are unlike those of other programs on the same machine. With
    /// `__Host-`, a browser also refuses cookies that other names of the same domain have set.
    fn name(self, is_https: bool) -> &'static str {
        match (self, is_https) {
            (Self::Session, false) => "blackdoctrine_session",
            (Self::Session, true) => "__Host-blackdoctrine_session",
            (Self::Visitor, false) => "blackdoctrine_visitor",
            (Self::Visitor, true) => "__Host-blackdoctrine_visitor",
        }
    }

    pub(super) fn read(self, app: &App, headers: &HeaderMap) -> Option<String> {
        let name = self.name(is_https(app));
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }

    /// The `Set-Cookie` line; no script and no foreign form gets at it.
    pub(super) fn set(self, app: &App, value: &str, seconds: i64) -> Result<HeaderValue, Error> {
        let is_https = is_https(app);
        let secure = if is_https { "; Secure" } else { "" };
        let name = self.name(is_https);
        // Lax, not Strict: who comes back from the checkout arrives from another site and is still signed in.
        let line = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&line).map_err(Error::internal)
    }

    pub(super) fn clear(self, app: &App) -> Result<HeaderValue, Error> {
        self.set(app, "", 0)
    }
}

fn is_https(app: &App) -> bool {
    app.rules.public_url.scheme() == "https"
}
