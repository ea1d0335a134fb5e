//! As much of a browser as a shop without scripts needs: cookies, links, forms.

use std::collections::BTreeMap;

use reqwest::header::{self, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode};

use crate::world::World;

pub struct Browser {
    base: String,
    http: Client,
    pub cookies: BTreeMap<String, String>,
}

/// What the browser got.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn new(world: &World) -> Self {
        Self {
            base: world.pages_url(),
            http: Client::builder().redirect(Policy::none()).build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// A browser in which somebody has just made an account.
    pub async fn signed_in(world: &World, email: &str) -> Self {
        let mut browser = Self::new(world);
        let page = browser.get("/daftar").await;
        let fields = [
            ("token", page.token()),
            ("nama", "Naruto"),
            ("email", email),
            ("sandi", "password123"),
            ("lanjut", "/"),
        ];
        let page = browser.post("/daftar", &fields).await;
        assert_eq!(page.goes_to(), "/");
        browser
    }

    /// Opens a page; no redirect is followed.
    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[], &[]).await
    }

    /// Sends a form as a page of the shop does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let origin = self.base.clone();
        let headers = [("origin", origin.as_str()), ("sec-fetch-site", "same-origin")];
        self.send(Method::POST, path, &headers, fields).await
    }

    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Page {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let line: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        if method == Method::POST {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(encode(fields));
        }
        let response = request.send().await.unwrap();
        let page = Page {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        };
        self.keep_cookies(&page);
        page
    }

    /// Orders from the product's page; gives the path of the order's page.
    pub async fn order(&mut self, product_id: &str, quantity: &str) -> String {
        let page = self.get(&format!("/produk/{product_id}")).await;
        let fields = order_fields(&page, quantity);
        let path = format!("/produk/{product_id}/pesan");
        self.post(&path, &borrowed(&fields)).await.goes_to().to_owned()
    }

    fn keep_cookies(&mut self, page: &Page) {
        for line in page.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Page {
    /// Where the browser is sent.
    #[track_caller]
    pub fn goes_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// The token of the page's last form; the first may be the one to sign out by.
    #[track_caller]
    pub fn token(&self) -> &str {
        self.hidden("token")
    }

    #[track_caller]
    pub fn hidden(&self, name: &str) -> &str {
        let start = format!(r#"<input type="hidden" name="{name}" value=""#);
        self.between(&start, "\"")
    }

    /// What stands between the last place where `start` is and the next `end`.
    #[track_caller]
    pub fn between(&self, start: &str, end: &str) -> &str {
        let (_, rest) = self
            .body
            .rsplit_once(start)
            .unwrap_or_else(|| panic!("no {start} in {}", self.body));
        rest.split(end).next().unwrap()
    }

    pub fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }
}

/// The fields of the order form on a product's page, filled in.
pub fn order_fields(page: &Page, quantity: &str) -> Vec<(&'static str, String)> {
    vec![
        ("token", page.token().to_owned()),
        ("formulir", page.hidden("formulir").to_owned()),
        ("jumlah", quantity.to_owned()),
        ("alamat", "Jalan Konoha No. 02".to_owned()),
        ("kota", "1".to_owned()),
        ("kirim", "REGULER".to_owned()),
    ]
}

pub fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

fn encode(fields: &[(&str, &str)]) -> String {
    let mut url: reqwest::Url = "http://x/".parse().unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}
