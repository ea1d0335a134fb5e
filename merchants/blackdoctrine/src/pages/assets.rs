//! The files that pages are made of. Each has its content's hash in its name, so that browsers may keep it for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::pages::PageError;

/// One file of ours.
pub(super) struct Asset {
    media_type: &'static str,
    content: &'static str,
    path: LazyLock<String>,
}

impl Asset {
    /// Where it is served.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

/// Declares an asset from its file; a macro, because the path is worked out by a function that knows only this asset.
macro_rules! asset {
    ($file:literal, $media_type:literal) => {{
        const CONTENT: &str = include_str!(concat!("assets/", $file));
        Asset {
            media_type: $media_type,
            content: CONTENT,
            path: LazyLock::new(|| path_of($file, CONTENT)),
        }
    }};
}

pub(super) static STYLE: Asset = asset!("shop.css", "text/css; charset=utf-8");
pub(super) static SCRIPT: Asset = asset!("watch.js", "text/javascript; charset=utf-8");
pub(super) static ICON: Asset = asset!("icon.svg", "image/svg+xml");

/// Pictures of the products the shop begins with, by id; the first is for all others.
static PICTURES: [Asset; 9] = [
    asset!("product.svg", "image/svg+xml"),
    asset!("product-1.svg", "image/svg+xml"),
    asset!("product-2.svg", "image/svg+xml"),
    asset!("product-3.svg", "image/svg+xml"),
    asset!("product-4.svg", "image/svg+xml"),
    asset!("product-5.svg", "image/svg+xml"),
    asset!("product-6.svg", "image/svg+xml"),
    asset!("product-7.svg", "image/svg+xml"),
    asset!("product-8.svg", "image/svg+xml"),
];

pub(super) fn picture(product_id: i64) -> &'static Asset {
    let picture = usize::try_from(product_id).ok().and_then(|id| PICTURES.get(id));
    picture.unwrap_or(&PICTURES[0])
}

pub(crate) async fn serve(Path(name): Path<String>) -> Result<Response, PageError> {
    let asset = [&STYLE, &SCRIPT, &ICON]
        .into_iter()
        .chain(&PICTURES)
        .find(|asset| asset.path().strip_prefix("/assets/") == Some(&name))
        .ok_or(PageError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.content).into_response())
}

fn path_of(name: &str, content: &str) -> String {
    let digest = Sha256::digest(content);
    let hash: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("/assets/{stem}.{hash}.{extension}")
}
