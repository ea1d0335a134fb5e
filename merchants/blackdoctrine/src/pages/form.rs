//! Forms that were sent: read only if one of our own pages sent them.

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use reqwest::Url;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::app::SharedApp;
use crate::pages::PageError;
use crate::pages::visitor::Visitor;

/// The name of the field in which a form carries its token.
pub(super) const TOKEN_FIELD: &str = "token";

/// A form, and who sent it.
pub(crate) struct Sent<T> {
    pub(super) visitor: Visitor,
    pub(super) fields: T,
}

/// A form without fields of its own.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

#[derive(Deserialize)]
struct Envelope<T> {
    #[serde(default)]
    token: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<SharedApp> for Sent<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, app: &SharedApp) -> Result<Self, PageError> {
        let page = request.uri().path().to_owned();
        if !is_sent_by_us(request.headers(), &app.rules.public_url) {
            return Err(PageError::Forged(page));
        }
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let form = Form::<Envelope<T>>::from_request(Request::from_parts(parts, body), app).await;
        // Our own pages send whole forms only.
        let Ok(Form(Envelope { token, fields })) = form else {
            return Err(PageError::Forged(page));
        };
        if !visitor.may_send(app, &token)? {
            return Err(PageError::Forged(page));
        }
        Ok(Self { visitor, fields })
    }
}

/// Whether the browser says that the form stood on a page of ours. Browsers that say nothing are told by the token alone.
fn is_sent_by_us(headers: &HeaderMap, public_url: &Url) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // `same-site` is not enough: other ports of this machine are of the same site.
    if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return true;
    };
    // The name the browser used is ours too, also when it is not the one that was set.
    let is_named = |host| origin.strip_prefix("http://").or(origin.strip_prefix("https://")) == Some(host);
    origin == public_url.origin().ascii_serialization() || text(header::HOST.as_str()).is_some_and(is_named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_other_pages_are_known_by_what_browsers_say() {
        let public_url: Url = "https://shop.example".parse().unwrap();
        for (site, origin, host, expect) in [
            (None, None, "shop.example", true),
            (Some("same-origin"), Some("https://shop.example"), "shop.example", true),
            (Some("none"), None, "shop.example", true),
            (None, Some("https://shop.example"), "inside:7003", true),
            (None, Some("http://10.0.0.7:7003"), "10.0.0.7:7003", true),
            (Some("same-site"), Some("https://shop.example"), "shop.example", false),
            (Some("cross-site"), None, "shop.example", false),
            (None, Some("https://evil.example"), "shop.example", false),
            (None, Some("https://shop.example.evil.example"), "shop.example", false),
            (None, Some("http://shop.example:8000"), "inside:7003", false),
            (None, Some("null"), "shop.example", false),
            (None, Some(""), "", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(is_sent_by_us(&headers, &public_url), expect, "{headers:?}");
        }
    }
}
