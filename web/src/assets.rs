//! Style and script: built in, named by their content, and so kept by browsers for ever.

use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

/// One file.
pub(crate) struct Asset {
    content_type: &'static str,
    bytes: &'static [u8],
    /// Where pages find it.
    pub(crate) path: String,
}

pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "pages",
        "css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/pages.css"),
    )
});
pub(crate) static CONSOLE_STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "console",
        "css",
        "text/css; charset=utf-8",
        concat!(
            include_str!("../assets/console.css"),
            include_str!("../assets/desk.css")
        )
        .as_bytes(),
    )
});
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "pages",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/pages.js"),
    )
});
/// Of the page that verifies receipts alone.
pub(crate) static VERIFY_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "verify",
        "js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/verify.js"),
    )
});
pub(crate) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_bytes!("../assets/icon.svg")));

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        let hash: String = Sha256::digest(bytes)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            content_type,
            bytes,
            path: format!("/assets/{stem}-{hash}.{extension}"),
        }
    }
}

/// `/assets/{file}`: only under the name of its present content.
pub(crate) async fn asset(Path(file): Path<String>) -> Response {
    let known = [&*STYLE, &*CONSOLE_STYLE, &*SCRIPT, &*VERIFY_SCRIPT, &*ICON];
    let asset = known
        .into_iter()
        .find(|asset| asset.path.strip_prefix("/assets/") == Some(&file));
    let Some(asset) = asset else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::new(Body::from(asset.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
