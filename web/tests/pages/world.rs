//! A gateway that says what it is told to, and a browser without a screen.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use peer::Upstream;
use serde_json::{Value, json};
use service::{Clock, Timestamp};
use tempfile::TempDir;
use tower::ServiceExt as _;
use web::Config;

pub const SESSION: &str = "cks_01M7YA8DWM618HY59GXD4SY2PR";
pub const WALLET: &str = "wal_01M7YA8DWM618HY59GXD4SY2PR";
pub const PAYMENT: &str = "trx_01M7YA8DWM618HY59GXD4SY2PR";
pub const BUYER: &str = "203.0.113.7:40000";

/// What the gateway was asked.
#[derive(Clone, Debug)]
pub struct Call {
    pub field: String,
    pub variables: Value,
    pub token: Option<String>,
    pub address: Option<SocketAddr>,
}

type Answer = Arc<dyn Fn(&Call) -> Value + Send + Sync>;

pub struct World {
    pub router: Router,
    pub clock: Clock,
    keys: TempDir,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl World {
    pub fn new() -> Self {
        Self::at("http://pay.example")
    }

    pub fn at(public_url: &str) -> Self {
        let answers: Arc<Mutex<HashMap<String, Answer>>> = Arc::default();
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let clock = Clock::manual(Timestamp::parse("2026-11-25T12:00:00Z").unwrap());
        let keys = tempfile::tempdir().unwrap();
        let gateway = gateway(answers.clone(), calls.clone());
        let router = router(gateway, public_url, &keys, &clock);
        let world = Self {
            router,
            clock,
            keys,
            answers,
            calls,
        };
        world.data("loginUser", login("access-1", "refresh-1"));
        world.data("logout", json!(true));
        world.data("checkoutSession", session(&json!({})));
        world.data("myWallets", json!([wallet(WALLET, 100_000)]));
        world.data("myHistory", json!([]));
        world.data("payPaymentSession", payment("SUCCESS"));
        world.data("transaction", payment("SUCCESS"));
        world
    }

    /// The same pages after a restart: all that stays is the file with the key.
    pub fn restarted(&self) -> Router {
        let gateway = gateway(self.answers.clone(), self.calls.clone());
        router(gateway, "http://pay.example", &self.keys, &self.clock)
    }

    pub fn data(&self, field: &str, value: Value) {
        self.answer(field, move |call| json!({ "data": { call.field.as_str(): value } }));
    }

    pub fn refuse(&self, field: &str, code: &str, facts: Value) {
        let mut extensions = facts;
        extensions["code"] = json!(code);
        self.answer(field, move |call| {
            json!({ "data": { call.field.as_str(): null }, "errors": [{ "message": "internal text", "extensions": extensions }] })
        });
    }

    pub fn down(&self, field: &str) {
        self.refuse(field, "SERVICE_UNAVAILABLE", json!({}));
    }

    pub fn answer(&self, field: &str, answer: impl Fn(&Call) -> Value + Send + Sync + 'static) {
        self.answers.lock().unwrap().insert(field.to_owned(), Arc::new(answer));
    }

    pub fn calls(&self, field: &str) -> Vec<Call> {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| call.field == field).cloned().collect()
    }

    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// A browser that is signed in at the checkout.
    pub async fn buyer(&self) -> Browser {
        let mut browser = self.browser();
        let page = browser.get(&format!("/checkout/{SESSION}")).await;
        let fields = [("email", "naruto@example.com"), ("password", "password123")];
        let answer = browser
            .send(&page, &format!("/checkout/{SESSION}/sign-in"), &fields)
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }
}

fn router(gateway: Router, public_url: &str, keys: &TempDir, clock: &Clock) -> Router {
    let config = Config {
        gateway: Upstream::in_process(gateway),
        public_url: public_url.parse().unwrap(),
        keys_dir: keys.path().to_owned(),
        confirm_above: money::parse_decimal("1000000", money::Currency::Idr).unwrap(),
        sandbox: true,
        clock: clock.clone(),
    };
    web::router(config).unwrap()
}

fn gateway(answers: Arc<Mutex<HashMap<String, Answer>>>, calls: Arc<Mutex<Vec<Call>>>) -> Router {
    let handle = move |request: Request| async move {
        let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
        let token = request.headers().get(header::AUTHORIZATION);
        let token = token.map(|value| value.to_str().unwrap().to_owned());
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let document = body["query"].as_str().unwrap();
        // The root field: the first name inside the first braces.
        let root = document.split_once('{').unwrap().1.trim_start();
        let field: String = root.chars().take_while(char::is_ascii_alphanumeric).collect();
        let call = Call {
            field: field.clone(),
            variables: body["variables"].clone(),
            token,
            address,
        };
        calls.lock().unwrap().push(call.clone());
        // Long enough that requests at the same time meet.
        tokio::time::sleep(Duration::from_millis(5)).await;
        let answer = answers.lock().unwrap().get(&field).cloned();
        match answer {
            Some(answer) => Json(answer(&call)).into_response(),
            None => StatusCode::BAD_GATEWAY.into_response(),
        }
    };
    Router::new().route("/graphql", post(handle))
}

pub fn login(access: &str, refresh: &str) -> Value {
    json!({ "access_token": access, "refresh_token": refresh, "expires_in": 900,
            "user": { "user_id": "usr_1", "fullname": "Naruto Uzumaki" } })
}

pub fn wallet(id: &str, available: i64) -> Value {
    json!({ "walletId": id, "walletName": "Tabungan", "balance": available, "availableBalance": available, "status": "ACTIVE",
            "createdAt": "2026-01-05T03:00:00.000000Z" })
}

/// A bill of 59,000 with what is told changed.
pub fn session(changes: &Value) -> Value {
    let mut session = json!({
        "sessionId": SESSION, "merchantName": "Toko", "orderId": "INV-1", "amount": 59000, "description": null,
        "items": [{ "name": "Kopi", "quantity": 2, "price": 29500 }], "vaNumber": "DS-8800123", "state": "OPEN",
        "expiresAt": "2026-11-26T12:00:00Z", "version": 1, "canReturn": true,
        "returnUrl": "https://shop.example/back?signature=x", "cancelUrl": null, "now": "2026-11-25T12:00:00Z",
    });
    for (name, value) in changes.as_object().unwrap() {
        session[name] = value.clone();
    }
    session
}

pub fn payment(status: &str) -> Value {
    json!({ "transactionId": PAYMENT, "type": "PAYMENT", "status": status, "amount": 59000, "walletId": WALLET,
            "targetWalletId": null, "sessionId": SESSION, "description": null, "failureCode": null,
            "createdAt": "2026-11-25T12:00:00Z" })
}

pub fn profile(has_pin: bool) -> Value {
    json!({ "username": "n", "fullname": "N", "email": "a@b.example", "hasPin": has_pin,
            "createdAt": "2026-11-25T12:00:00Z" })
}

/// Keeps cookies, and sends forms as they stand on a page.
#[derive(Clone)]
pub struct Browser {
    pub router: Router,
    pub cookies: HashMap<String, String>,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Page {
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The hidden fields of the form that goes to `action`.
    pub fn hidden(&self, action: &str) -> Vec<(String, String)> {
        let start = format!("action=\"{action}\"");
        let form = self
            .body
            .split_once(&start)
            .unwrap_or_else(|| panic!("no form to {action}: {}", self.body))
            .1;
        let form = form.split_once("</form>").unwrap().0;
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        inputs
            .map(|input| {
                let (name, rest) = input.split_once("\" value=\"").unwrap();
                (name.to_owned(), rest.split_once('"').unwrap().0.to_owned())
            })
            .collect()
    }
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self {
            router,
            cookies: HashMap::new(),
        }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.request(
            Request::get(path)
                .header(header::ACCEPT, "text/html")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Sends the form that stands on a page, filled in.
    pub async fn send(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let hidden = page.hidden(action);
        let mut pairs: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        pairs.extend(fields);
        self.post(action, &pairs).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.request(form(path).body(Body::from(body)).unwrap()).await
    }

    pub async fn request(&mut self, mut request: Request) -> Page {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request
                .headers_mut()
                .insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let address: SocketAddr = BUYER.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = body.collect().await.unwrap().to_bytes();
        Page {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

/// A form as browsers send it from a page of ours.
pub fn form(path: &str) -> http::request::Builder {
    Request::post(path)
        .header(header::HOST, "pay.example")
        .header(header::ORIGIN, "http://pay.example")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}
