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
/// The page that takes a file: a receipt of 64 KiB, and what stands around it.
pub(crate) const UPLOADS_AT: &str = "/verify";
const UPLOAD_BYTES_MAX: usize = 80 * 1024;
const FIELDS_MAX: usize = 32;
const TIME_MAX: Duration = Duration::from_secs(10);

/// Names and values, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Arc<Vec<(String, String)>>);

impl Fields {
    /// Reads a bounded body in bounded time, as the page at this path takes it.
    pub(crate) async fn read(path: &str, headers: &HeaderMap, body: Body) -> Result<Self, StatusCode> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if path == UPLOADS_AT {
            let boundary = multer::parse_boundary(content_type).map_err(|_| StatusCode::UNSUPPORTED_MEDIA_TYPE)?;
            let bytes = collect(body, UPLOAD_BYTES_MAX).await?;
            return Self::parse_parts(bytes, boundary).await;
        }
        if !content_type.starts_with("application/x-www-form-urlencoded") {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        Ok(Self::parse(&collect(body, BYTES_MAX).await?))
    }

    /// Fields and files alike, whatever a file is called. Bytes that are no text are shown as such.
    async fn parse_parts(bytes: Bytes, boundary: String) -> Result<Self, StatusCode> {
        let mut parts = multer::Multipart::new(Body::from(bytes).into_data_stream(), boundary);
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|_| StatusCode::BAD_REQUEST)? {
            let name = part.name().unwrap_or_default().to_owned();
            let value = part.bytes().await.map_err(|_| StatusCode::BAD_REQUEST)?;
            if fields.len() < FIELDS_MAX {
                fields.push((name, String::from_utf8_lossy(&value).into_owned()));
            }
        }
        Ok(Self(Arc::new(fields)))
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

async fn collect(body: Body, bytes_max: usize) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(TIME_MAX, Limited::new(body, bytes_max).collect()).await {
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
    }
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::BAD_REQUEST)
    }
}
