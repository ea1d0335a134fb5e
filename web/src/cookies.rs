//! Reading and writing cookies.

use http::{HeaderMap, HeaderValue, header};

/// Whose cookies: with TLS they are bound to this very host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CookiePolicy {
    pub(crate) secure: bool,
}

/// The cookies there are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cookie {
    /// The sealed session.
    Session,
    /// The sealed session of a member of staff at the console, which no other page is sent.
    Console,
    /// A random name of this browser, which forms are bound to before anybody signs in.
    Visit,
    /// The language somebody chose.
    Language,
}

impl Cookie {
    const fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-sawit_session",
            (Self::Session, false) => "sawit_session",
            // Not `__Host-`: that name is for cookies of the whole host.
            (Self::Console, true) => "__Secure-sawit_console",
            (Self::Console, false) => "sawit_console",
            (Self::Visit, true) => "__Host-sawit_visit",
            (Self::Visit, false) => "sawit_visit",
            (Self::Language, true) => "__Host-sawit_language",
            (Self::Language, false) => "sawit_language",
        }
    }

    /// As long as a refresh token, as long as the console waits for its reader, a year for a choice, and until the browser
    /// is closed for the rest.
    const fn max_age(self) -> Option<u32> {
        match self {
            Self::Session => Some(30 * 24 * 60 * 60),
            Self::Console => Some(15 * 60),
            Self::Language => Some(365 * 24 * 60 * 60),
            Self::Visit => None,
        }
    }
}

impl CookiePolicy {
    /// The value that the browser sent. Of two of one name neither is believed: one may have been planted.
    pub(crate) fn read(self, headers: &HeaderMap, cookie: Cookie) -> Option<&str> {
        let name = cookie.name(self.secure);
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// A `Set-Cookie` line; without a value it removes the cookie. `Lax`, because the way from a shop must bring it; no other
    /// site has a way to the console.
    pub(crate) fn write(self, cookie: Cookie, value: Option<&str>) -> Option<HeaderValue> {
        let name = cookie.name(self.secure);
        let secure = if self.secure { "; Secure" } else { "" };
        let age = match (value, cookie.max_age()) {
            (None, _) => "; Max-Age=0".to_owned(),
            (Some(_), Some(seconds)) => format!("; Max-Age={seconds}"),
            (Some(_), None) => String::new(),
        };
        let value = value.unwrap_or_default();
        let (path, site) = match cookie {
            Cookie::Console => ("/console", "Strict"),
            _ => ("/", "Lax"),
        };
        HeaderValue::from_str(&format!(
            "{name}={value}; Path={path}; HttpOnly; SameSite={site}{secure}{age}"
        ))
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(line: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(line))])
    }

    #[test]
    fn cookies_are_read_by_their_whole_name_and_once() {
        let policy = CookiePolicy { secure: false };
        let read = |line| policy.read(&headers(line), Cookie::Visit).map(str::to_owned);
        assert_eq!(read("a=b; sawit_visit=x=y").as_deref(), Some("x=y"));
        assert_eq!(read("my_sawit_visit=x"), None);
        assert_eq!(read("sawit_visit=x; sawit_visit=y"), None);
        let policy = CookiePolicy { secure: true };
        assert_eq!(policy.read(&headers("sawit_visit=x"), Cookie::Visit), None);
        assert_eq!(policy.read(&headers("__Host-sawit_visit=x"), Cookie::Visit), Some("x"));
    }

    #[test]
    fn no_script_and_no_other_site_gets_them() {
        let line = CookiePolicy { secure: true }.write(Cookie::Session, Some("x")).unwrap();
        assert_eq!(
            line,
            "__Host-sawit_session=x; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000"
        );
        let line = CookiePolicy { secure: false }.write(Cookie::Session, None).unwrap();
        assert_eq!(line, "sawit_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
        let line = CookiePolicy { secure: true }.write(Cookie::Console, Some("x")).unwrap();
        assert_eq!(
            line,
            "__Secure-sawit_console=x; Path=/console; HttpOnly; SameSite=Strict; Secure; Max-Age=900"
        );
        assert!(
            CookiePolicy { secure: false }
                .write(Cookie::Language, Some("id\r\nx"))
                .is_none()
        );
    }
}
