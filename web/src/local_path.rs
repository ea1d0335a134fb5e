//! Where a page may send its reader next: only to another page of ours.

use std::fmt;

const CHARS_MAX: usize = 300;
/// The app's first page, where nothing else was asked for.
const HOME: &str = "/app";

/// A path of the checkout, the app, the console or the page that verifies receipts, with a simple query. Whatever else a parameter says is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let is_ours = ["/app", "/pay", "/console", "/verify"].contains(&path)
            || ["/app/", "/checkout/", "/console/"]
                .iter()
                .any(|folder| path.starts_with(folder));
        let is_plain = |text: &str, others: &[u8]| {
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
        };
        let has_no_dots = !path.contains("..") && !path.contains("//");
        let fits = text.len() <= CHARS_MAX && is_plain(path, b"/_-.") && is_plain(query, b"=&_-.%+/");
        (is_ours && has_no_dots && fits).then(|| Self(text.to_owned()))
    }

    /// The path if it is one, and the app's first page otherwise.
    pub(crate) fn or_home(text: Option<&str>) -> Self {
        text.and_then(Self::parse).unwrap_or_else(|| Self(HOME.to_owned()))
    }

    /// The address of a page that leads here in the end.
    pub(crate) fn after(&self, page: &str) -> String {
        if self.0 == HOME {
            return page.to_owned();
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("next", &self.0);
        format!("{page}?{}", query.finish())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_followed() {
        #[track_caller]
        fn check(text: &str, expect: bool) {
            assert_eq!(LocalPath::parse(text).is_some(), expect, "{text}");
        }
        for text in [
            "/app",
            "/verify",
            "/console/payments?status=REVIEW",
            "/app/history?type=PAYMENT&from=2026-11-01",
            "/checkout/cks_01M7YA8DWM618HY59GXD4SY2PR",
            "/app/register?next=/checkout/cks_01M7YA8DWM618HY59GXD4SY2PR",
            "/app/register?next=%2Fcheckout%2Fcks_01M7YA8DWM618HY59GXD4SY2PR",
        ] {
            check(text, true);
        }
        for text in [
            "",
            "/",
            "//evil.example",
            "https://evil.example/app",
            "/\\evil.example",
            "/app/../..//evil.example",
            "/app//evil.example",
            "/application",
            "/verify/x",
            "/console.evil.example",
            "/app/\r\nset-cookie: a=b",
            "/app/@evil.example",
            "/app?next=https://evil.example",
            "/graphql",
            "javascript:alert(1)",
        ] {
            check(text, false);
        }
        check(&format!("/app/{}", "a".repeat(300)), false);
        assert_eq!(LocalPath::or_home(Some("//evil.example")).as_str(), "/app");
    }
}
