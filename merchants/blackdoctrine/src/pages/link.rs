//! Links between the pages.

use axum::response::Redirect;

const BYTES_MAX: usize = 4_000;

/// Sends the visitor to a page of ours; a target that is none leads to the first page. Wherever visitors are sent, it is by
/// this: nobody is led elsewhere by a link that begins here.
pub(super) fn go(page: &str) -> Redirect {
    Redirect::to(own(page))
}

/// The page if it is ours, else the first page.
pub(super) fn own(page: &str) -> &str {
    // Browsers read `//` and `/\` as the beginning of another host.
    let is_path = page.starts_with('/') && !page[1..].starts_with(['/', '\\']);
    let is_plain = page.len() <= BYTES_MAX && page.bytes().all(|byte| byte.is_ascii_graphic());
    if is_path && is_plain { page } else { "/" }
}

/// Where to sign in and then go on to `page`.
pub(super) fn sign_in(page: &str) -> String {
    with_next("/masuk", page)
}

pub(super) fn register(page: &str) -> String {
    with_next("/daftar", page)
}

pub(super) fn product(id: i64) -> String {
    format!("/produk/{id}")
}

/// The order's own page.
pub(super) fn order(id: i64) -> String {
    format!("/pesanan/{id}")
}

fn with_next(target: &str, page: &str) -> String {
    if page == "/" {
        target.to_owned()
    } else {
        format!("{target}?lanjut={}", encode(page))
    }
}

/// A text as the value of a query parameter.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for (page, expect) in [
            ("/", "/"),
            ("/pesanan/1?status=PAID&x=%2F", "/pesanan/1?status=PAID&x=%2F"),
            ("", "/"),
            ("pesanan", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/a\r\nset-cookie: b", "/"),
            ("/\t/evil.example", "/"),
            ("/é", "/"),
        ] {
            assert_eq!(own(page), expect, "{page:?}");
        }
        assert_eq!(own(&format!("/{}", "a".repeat(BYTES_MAX))), "/");
    }

    #[test]
    fn a_query_in_a_query_stays_one_value() {
        assert_eq!(
            sign_in("/pesanan/1?a=b&c=%20d"),
            "/masuk?lanjut=/pesanan/1%3Fa%3Db%26c%3D%2520d"
        );
        assert_eq!(sign_in("/"), "/masuk");
    }
}
