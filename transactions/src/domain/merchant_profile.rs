//! What a merchant says of itself, checked.

use service::outbound::{names_public_host, origin};
use service::{ApiError, Mode};
use url::Url;

use super::merchant::{Merchant, Notification};
use super::text::visible_text;
use super::va::PROVIDER_PREFIX;

const NAME_CHARS_MAX: usize = 80;
const ORIGINS_MAX: usize = 10;
const URL_BYTES_MAX: usize = 2_000;

/// What a merchant says of itself. `None`: as it was.
#[derive(Clone, Debug, Default)]
pub struct ProfileInput {
    /// What buyers read.
    pub name: Option<String>,
    /// What its VA numbers begin with; `Some(None)`: nothing of its own.
    pub va_prefix: Option<Option<String>>,
    /// Its GraphQL endpoint; `Some(None)`: none.
    pub order_url: Option<Option<String>>,
    /// How it is told.
    pub notification: Option<Notification>,
    /// Where buyers may be sent back to.
    pub return_origins: Option<Vec<String>>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub struct Profile {
    name: Option<String>,
    va_prefix: Option<Option<String>>,
    order_url: Option<Option<Url>>,
    notification: Option<Notification>,
    return_origins: Option<Vec<String>>,
}

impl Profile {
    /// Checks what came, as far as other merchants do not matter.
    pub fn parse(input: ProfileInput, mode: Mode) -> Result<Self, ApiError> {
        let name = |text: String| visible_text("a merchant's name", &text, NAME_CHARS_MAX);
        let prefix = |text: Option<String>| text.map(|text| parse_prefix(&text)).transpose();
        let url = |text: Option<String>| text.map(|text| parse_order_url(&text, mode)).transpose();
        Ok(Self {
            name: input.name.map(name).transpose()?,
            va_prefix: input.va_prefix.map(prefix).transpose()?,
            order_url: input.order_url.map(url).transpose()?,
            notification: input.notification,
            return_origins: input
                .return_origins
                .map(|origins| parse_origins(&origins, mode))
                .transpose()?,
        })
    }

    /// The prefix that it asks for, which must not be another merchant's.
    pub fn va_prefix(&self) -> Option<&str> {
        self.va_prefix.as_ref()?.as_deref()
    }

    /// Writes what is said over what was known.
    pub fn apply(&self, merchant: &mut Merchant) {
        let said = self.clone();
        merchant.name = said.name.unwrap_or_else(|| merchant.name.clone());
        merchant.va_prefix = said.va_prefix.unwrap_or_else(|| merchant.va_prefix.clone());
        merchant.order_url = said.order_url.unwrap_or_else(|| merchant.order_url.clone());
        merchant.notification = said.notification.unwrap_or(merchant.notification);
        merchant.return_origins = said.return_origins.unwrap_or_else(|| merchant.return_origins.clone());
    }
}

/// Whether a number could have both prefixes.
pub fn prefixes_overlap(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

fn parse_prefix(text: &str) -> Result<String, ApiError> {
    let prefix = text.trim().to_ascii_uppercase();
    let harmless = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if !(4..=20).contains(&prefix.len()) || !prefix.bytes().all(harmless) {
        return Err(ApiError::bad_input(
            "a VA prefix has 4 to 20 letters, digits and hyphens",
        ));
    }
    if prefixes_overlap(&prefix, PROVIDER_PREFIX) {
        return Err(ApiError::new(
            service::ErrorCode::Conflict,
            format!("VA numbers that begin with {PROVIDER_PREFIX} are the provider's own"),
        ));
    }
    Ok(prefix)
}

fn parse_order_url(text: &str, mode: Mode) -> Result<Url, ApiError> {
    let bad = || ApiError::bad_input("orderUrl is an http:// or https:// address");
    let url = (text.len() <= URL_BYTES_MAX)
        .then(|| Url::parse(text.trim()).ok())
        .flatten()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(bad)?;
    if !mode.is_sandbox() && (url.scheme() != "https" || !names_public_host(&url)) {
        return Err(ApiError::bad_input(
            "in live mode orderUrl is an https:// address of the public internet",
        ));
    }
    Ok(url)
}

fn parse_origins(texts: &[String], mode: Mode) -> Result<Vec<String>, ApiError> {
    if texts.len() > ORIGINS_MAX {
        return Err(ApiError::bad_input(format!("at most {ORIGINS_MAX} returnOrigins")));
    }
    let mut origins = Vec::with_capacity(texts.len());
    for text in texts {
        let parsed = (text.len() <= URL_BYTES_MAX).then(|| origin(text)).flatten();
        let origin = parsed.ok_or_else(|| {
            ApiError::bad_input("an origin is scheme, host and port and nothing more, such as https://shop.example")
        })?;
        if !mode.is_sandbox() && !origin.starts_with("https://") {
            return Err(ApiError::bad_input(
                "in live mode buyers are sent back by https:// only",
            ));
        }
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    Ok(origins)
}

#[cfg(test)]
mod tests {
    use service::ErrorCode;

    use super::*;

    fn code(input: ProfileInput, mode: Mode) -> Option<ErrorCode> {
        Profile::parse(input, mode).err().map(|error| error.code())
    }

    #[test]
    fn prefixes_are_short_harmless_and_not_the_providers() {
        #[track_caller]
        fn check(prefix: &str, expect: Option<ErrorCode>) {
            let input = ProfileInput {
                va_prefix: Some(Some(prefix.to_owned())),
                ..ProfileInput::default()
            };
            assert_eq!(code(input, Mode::Sandbox), expect, "{prefix:?}");
        }
        check("TOKO", None);
        check("toko-1", None);
        check("12345678901234567890", None);
        for bad in [
            "",
            "TOK",
            "123456789012345678901",
            "TO KO",
            "TOKO\"",
            "ＴＯＫＯ",
            "TOKO\n1",
        ] {
            check(bad, Some(ErrorCode::BadUserInput));
        }
        for ours in ["DS-8800", "ds-8800", "DS-8", "DS-88", "DS-88001", "ds-8800-x"] {
            check(ours, Some(ErrorCode::Conflict));
        }
        check("DS-9", None);
    }

    #[test]
    fn addresses_are_public_and_encrypted_where_money_is_real() {
        #[track_caller]
        fn check(order_url: Option<&str>, origins: &[&str], sandbox: bool, live: bool) {
            let input = ProfileInput {
                order_url: order_url.map(|url| Some(url.to_owned())),
                return_origins: Some(origins.iter().map(|&text| text.to_owned()).collect()),
                ..ProfileInput::default()
            };
            assert_eq!(
                code(input.clone(), Mode::Sandbox).is_none(),
                sandbox,
                "{order_url:?} {origins:?}"
            );
            assert_eq!(code(input, Mode::Live).is_none(), live, "{order_url:?} {origins:?}");
        }
        check(
            Some("https://shop.example/graphql"),
            &["https://shop.example"],
            true,
            true,
        );
        check(Some("http://shop.example/graphql"), &[], true, false);
        check(Some("https://127.0.0.1/graphql"), &[], true, false);
        check(Some("https://localhost/"), &[], true, false);
        check(Some("ftp://shop.example"), &[], false, false);
        check(Some("javascript:alert(1)"), &[], false, false);
        check(Some("shop.example"), &[], false, false);
        check(None, &["http://127.0.0.1:7003"], true, false);
        check(None, &["https://shop.example/a"], false, false);
        check(None, &["https://a@shop.example"], false, false);
        check(None, &["*"], false, false);
        check(None, &["https://x.example"; 11], false, false);
    }
}
