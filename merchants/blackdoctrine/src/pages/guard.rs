//! What holds for every page: what its browser may do with it, and under which name it is shown.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use reqwest::Url;

use crate::app::SharedApp;

/// Styles, pictures and the script come from here, forms go to here, and nothing else happens: no inline script or style,
/// no frame, no foreign server.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) async fn protect(State(app): State<SharedApp>, request: Request, next: Next) -> Response {
    if let Some(url) = under_its_own_name(&request, &app.rules.public_url) {
        return Redirect::temporary(url.as_str()).into_response();
    }
    let mut response = next.run(request).await;
    set_headers(response.headers_mut());
    response
}

fn set_headers(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: with that, browsers would leave the origin out of our own forms too.
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages are about one person at one moment; files that never change have said so themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// `localhost` and `127.0.0.1` are one shop but two to a browser's cookies: who ordered under the one and came back from
/// the checkout under the other would be a stranger. So a page is shown under its own name only.
fn under_its_own_name(request: &Request, public_url: &Url) -> Option<Url> {
    if request.method() != Method::GET {
        return None;
    }
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let asked: Url = format!("{}://{host}", public_url.scheme()).parse().ok()?;
    let is_another_name = is_this_machine(&asked)
        && is_this_machine(public_url)
        && asked.port_or_known_default() == public_url.port_or_known_default()
        && asked.host_str() != public_url.host_str();
    is_another_name.then(|| {
        let mut url = public_url.clone();
        url.set_path(request.uri().path());
        url.set_query(request.uri().query());
        url
    })
}

fn is_this_machine(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_page_has_one_name() {
        let loopback = "http://127.0.0.1:7003";
        for (method, host, public_url, expect) in [
            ("GET", "127.0.0.1:7003", loopback, None),
            (
                "GET",
                "localhost:7003",
                loopback,
                Some("http://127.0.0.1:7003/pesanan/1?status=PAID"),
            ),
            (
                "GET",
                "[::1]:7003",
                loopback,
                Some("http://127.0.0.1:7003/pesanan/1?status=PAID"),
            ),
            ("POST", "localhost:7003", loopback, None),
            // A tunnel, another machine's view, a proxy: the setting may be wrong, and then this would lead nowhere.
            ("GET", "localhost:9999", loopback, None),
            ("GET", "10.0.0.7:7003", loopback, None),
            ("GET", "localhost:7003", "https://shop.example", None),
            ("GET", "evil.example", loopback, None),
        ] {
            let request = Request::builder()
                .method(method)
                .uri("/pesanan/1?status=PAID")
                .header(header::HOST, host);
            let request = request.body(Body::empty()).unwrap();
            let url = under_its_own_name(&request, &public_url.parse().unwrap());
            assert_eq!(url.as_ref().map(Url::as_str), expect, "{method} {host}");
        }
    }
}
