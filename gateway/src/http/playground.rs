//! GraphiQL at `GET /graphql`, for people with a browser.
//!
//! The page is ours; GraphiQL and React are pinned releases. They come from the assets folder when they are there
//! (`scripts/graphiql` puts them there) and from a CDN otherwise, either way only if their hash is the one below. The
//! content security policy lets nothing else run.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{self, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::gateway::Gateway;

const CDN: &str = "https://cdn.jsdelivr.net";

/// A file of a pinned release.
struct Asset {
    file: &'static str,
    /// The same file at the CDN.
    cdn_path: &'static str,
    integrity: &'static str,
}

const ASSETS: [Asset; 4] = [
    Asset {
        file: "graphiql-4.1.2.min.css",
        cdn_path: "/npm/graphiql@4.1.2/graphiql.min.css",
        integrity: "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr",
    },
    Asset {
        file: "react-18.3.1.production.min.js",
        cdn_path: "/npm/react@18.3.1/umd/react.production.min.js",
        integrity: "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    },
    Asset {
        file: "react-dom-18.3.1.production.min.js",
        cdn_path: "/npm/react-dom@18.3.1/umd/react-dom.production.min.js",
        integrity: "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    },
    Asset {
        file: "graphiql-4.1.2.min.js",
        cdn_path: "/npm/graphiql@4.1.2/graphiql.min.js",
        integrity: "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B",
    },
];

/// Our own files, built in.
const OWN: [(&str, &str); 3] = [
    ("page.css", include_str!("assets/page.css")),
    ("page.js", include_str!("assets/page.js")),
    ("example.graphql", include_str!("assets/example.graphql")),
];

const PAGE: &str = include_str!("assets/page.html");

/// Whether a request is a browser's that came to look, rather than a query.
pub(super) fn is_wanted(request: &Request) -> bool {
    let accepts_html = || accept(request.headers()).any(|range| range.trim_start().starts_with("text/html"));
    let query_string = request.uri().query().unwrap_or_default();
    let has_query = url::form_urlencoded::parse(query_string.as_bytes()).any(|(name, _)| name == "query");
    request.method() == Method::GET && !has_query && accepts_html()
}

fn accept(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
}

pub(super) async fn page(gateway: &Gateway) -> Response {
    let is_local = match &gateway.config.graphiql_assets {
        Some(folder) => all_present(folder).await,
        None => false,
    };
    let mut styles = String::new();
    let mut scripts = String::new();
    for Asset {
        file,
        cdn_path,
        integrity,
    } in &ASSETS
    {
        let url = if is_local {
            format!("/graphiql/{file}")
        } else {
            format!("{CDN}{cdn_path}")
        };
        let checked = format!("integrity=\"{integrity}\" crossorigin=\"anonymous\"");
        if file.ends_with(".css") {
            styles.push_str(&format!("<link rel=\"stylesheet\" href=\"{url}\" {checked}>\n"));
        } else {
            scripts.push_str(&format!("<script src=\"{url}\" {checked} defer></script>\n"));
        }
    }
    let html = PAGE
        .replace("<!--styles-->", &styles)
        .replace("<!--scripts-->", &scripts);
    let origins = if is_local {
        String::from("'self'")
    } else {
        format!("'self' {CDN}")
    };
    // Strict for styles too: all that GraphiQL loses by it is that the page behind an open dialog can be scrolled.
    let policy = format!(
        "default-src 'none'; script-src {origins}; style-src {origins}; img-src 'self' data:; \
         font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let mut response = Response::new(Body::from(html));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn all_present(folder: &Path) -> bool {
    for asset in &ASSETS {
        if !tokio::fs::try_exists(folder.join(asset.file)).await.unwrap_or(false) {
            return false;
        }
    }
    true
}

/// `/graphiql/{file}`: only files that are listed here, so no path of a client's ever reaches the disk.
pub(super) async fn asset(State(gateway): State<Arc<Gateway>>, extract::Path(file): extract::Path<String>) -> Response {
    if let Some((name, text)) = OWN.iter().find(|(name, _)| *name == file) {
        return file_response(name, "no-cache", *text);
    }
    let Some(asset) = ASSETS.iter().find(|asset| asset.file == file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(folder) = &gateway.config.graphiql_assets else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match tokio::fs::read(folder.join(asset.file)).await {
        // The version is part of the name.
        Ok(bytes) => file_response(asset.file, "public, max-age=31536000, immutable", bytes),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn file_response(name: &str, caching: &'static str, body: impl Into<Body>) -> Response {
    let content_type = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
