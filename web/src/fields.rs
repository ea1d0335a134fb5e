//! The fields of a form that was sent.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};

/// No form of ours is larger.
pub(crate) const BYTES_MAX: usize = 16 * 1024;
const FIELDS_MAX: usize = 32;
const TIME_MAX: Duration = Duration::from_secs(10);

/// Names and values, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Arc<Vec<(String, String)>>);

impl Fields {
    /// Reads a bounded body in bounded time.
    pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, StatusCode> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if !content_type.starts_with("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let bytes = match tokio::time::timeout(TIME_MAX, Limited::new(body, BYTES_MAX).collect()).await {
            Err(_) => return Err(StatusCode::REQUEST_TIMEOUT),
            Ok(Ok(collected)) => collected.to_bytes(),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            Ok(Err(_)) => return Err(StatusCode::BAD_REQUEST),
        };
        Ok(Self::parse(&bytes))
    }

    pub(crate) fn parse(bytes: &Bytes) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        let fields = pairs
            .take(FIELDS_MAX)
            .map(|(name, value)| (name.into_owned(), value.into_owned()));
        Self(Arc::new(fields.collect()))
    }

    /// A field as it was sent; empty when it was not.
    pub(crate) fn raw(&self, name: &str) -> &str {
        let field = self.0.iter().find(|(key, _)| key == name);
        field.map_or("", |(_, value)| value.as_str())
    }

    /// A field without the blanks around it: passwords are taken raw, everything else is trimmed.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field that was filled in.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::BAD_REQUEST)
    }
}
