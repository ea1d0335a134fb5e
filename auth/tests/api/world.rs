//! A running auth with its own folders and a clock that the test turns.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use auth::{Auth, StartError};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use service::settings::Sources;
use service::token::{PublicKeys, TokenVerifier};
use service::{Clock, Settings, Timestamp};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub const PASSWORD: &str = "correct horse battery";
pub const ADMIN_PASSWORD: &str = "an-admin-of-great-patience";
pub const ISSUE: &str = "mutation ($id: String!, $secret: String!) \
    { issueServiceToken(clientId: $id, clientSecret: $secret) { token expiresIn } }";
pub const HOME: &str = "203.0.113.7";

pub struct World {
    pub folder: TempDir,
    pub clock: Clock,
    pub settings: Settings,
    auth: Option<Auth>,
}

/// What came back: the status and the JSON.
pub struct Answer {
    pub status: StatusCode,
    pub body: Value,
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(&[("SAWIT_ADMIN_PASSWORD", ADMIN_PASSWORD)]).await
    }

    pub async fn start_with(pairs: &[(&str, &str)]) -> Self {
        let mut world = Self::stopped(pairs);
        world.up().await.unwrap();
        world
    }

    /// The folders and the keys are there, auth is not started yet.
    pub fn stopped(pairs: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_keys(&folder.path().join("keys"));
        let settings = settings(&folder, pairs);
        Self {
            folder,
            clock: Clock::manual(Timestamp::parse("2026-11-21T05:00:00Z").unwrap()),
            settings,
            auth: None,
        }
    }

    pub fn set(&mut self, pairs: &[(&str, &str)]) {
        self.settings = settings(&self.folder, pairs);
    }

    pub async fn up(&mut self) -> Result<(), StartError> {
        let verifier = self.verifier();
        let auth = Auth::start(&self.settings, verifier, self.clock.clone(), CancellationToken::new()).await?;
        self.auth = Some(auth);
        Ok(())
    }

    pub async fn down(&mut self) {
        self.auth.take().unwrap().close().await;
    }

    pub async fn restart(&mut self) {
        self.down().await;
        self.up().await.unwrap();
    }

    pub fn auth(&self) -> &Auth {
        self.auth.as_ref().unwrap()
    }

    pub fn verifier(&self) -> TokenVerifier {
        TokenVerifier::new(PublicKeys::in_keys_dir(&self.settings.keys_dir), self.clock.clone())
    }

    pub fn database(&self) -> PathBuf {
        self.settings.data_dir.join("users.db")
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// One HTTP request as it comes from a client.
    pub async fn send(&self, path: &str, token: Option<&str>, from: &str, body: Vec<u8>) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let mut request = request.body(Body::from(body)).unwrap();
        let peer = SocketAddr::new(from.parse().unwrap(), 40_000);
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.auth().router().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap();
        Answer { status, body }
    }

    pub async fn ask_from(&self, from: &str, token: Option<&str>, query: &str, variables: Value) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.send("/graphql", token, from, body.into_bytes()).await
    }

    pub async fn ask(&self, token: Option<&str>, query: &str, variables: Value) -> Answer {
        self.ask_from(HOME, token, query, variables).await
    }

    pub async fn internal(&self, token: Option<&str>, query: &str, variables: Value) -> Answer {
        let body = json!({"query": query, "variables": variables}).to_string();
        self.send("/internal/graphql", token, HOME, body.into_bytes()).await
    }

    pub async fn register(&self, name: &str) -> String {
        let answer = self.try_register(name, &format!("{name}@gmail.com")).await;
        answer.data()["registerUser"].as_str().unwrap().to_owned()
    }

    pub async fn try_register(&self, username: &str, email: &str) -> Answer {
        self.ask(
            None,
            "mutation ($u: String!, $e: String!, $p: String!) \
             { registerUser(username: $u, fullname: \"Somebody\", email: $e, password: $p) }",
            json!({"u": username, "e": email, "p": PASSWORD}),
        )
        .await
    }

    pub async fn login(&self, email: &str, password: &str) -> Answer {
        self.login_from(HOME, email, password).await
    }

    pub async fn login_from(&self, from: &str, email: &str, password: &str) -> Answer {
        self.ask_from(
            from,
            None,
            "mutation ($e: String!, $p: String!) { loginUser(email: $e, password: $p) \
             { access_token token_type expires_in refresh_token user { user_id username fullname email role createdAt } } }",
            json!({"e": email, "p": password}),
        )
        .await
    }

    /// Access token and refresh token of a new session.
    pub async fn session(&self, name: &str) -> (String, String) {
        tokens(&self.login(&format!("{name}@gmail.com"), PASSWORD).await, "loginUser")
    }

    pub async fn admin_token(&self) -> String {
        let answer = self.login(&self.auth().admin().email, ADMIN_PASSWORD).await;
        tokens(&answer, "loginUser").0
    }

    pub async fn service_token(&self, client: &str) -> String {
        let secret = auth::keys::client_secret(&self.settings.keys_dir, client).unwrap();
        let variables = json!({"id": client, "secret": secret.expose()});
        let answer = self.internal(None, ISSUE, variables).await;
        answer.data()["issueServiceToken"]["token"].as_str().unwrap().to_owned()
    }

    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.ask(
            None,
            "mutation ($t: String!) { refreshSession(refreshToken: $t) { access_token refresh_token user { role } } }",
            json!({"t": refresh_token}),
        )
        .await
    }

    pub async fn profile(&self, token: &str) -> Answer {
        self.ask(Some(token), "{ myProfile { user_id username role } }", json!({}))
            .await
    }
}

impl Answer {
    /// The data, when all went well.
    #[track_caller]
    pub fn data(&self) -> &Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert!(self.body.get("errors").is_none(), "{}", self.body);
        &self.body["data"]
    }

    /// The one error's code.
    #[track_caller]
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("an error with a code was expected: {}", self.body))
    }

    #[track_caller]
    pub fn message(&self) -> &str {
        self.body["errors"][0]["message"].as_str().unwrap()
    }

    pub fn retry_after(&self) -> u64 {
        self.body["errors"][0]["extensions"]["retryAfterSeconds"]
            .as_u64()
            .unwrap()
    }
}

#[track_caller]
pub fn tokens(answer: &Answer, field: &str) -> (String, String) {
    let session = &answer.data()[field];
    let text = |name: &str| session[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

fn settings(folder: &TempDir, pairs: &[(&str, &str)]) -> Settings {
    let folder_of = |name: &str| folder.path().join(name).display().to_string();
    let own = [
        ("SAWIT_DATA_DIR", folder_of("data")),
        ("SAWIT_KEYS_DIR", folder_of("keys")),
    ];
    let pairs = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let own = own.into_iter().map(|(name, value)| (name.to_owned(), value));
    Settings::load(&Sources::from_pairs(own.chain(pairs))).unwrap()
}

/// Making an RSA key takes a debug build long, so all worlds begin with the same.
fn copy_keys(to: &std::path::Path) {
    static FIRST: OnceLock<TempDir> = OnceLock::new();
    let first = FIRST.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        auth::keys::generate_if_missing(folder.path()).unwrap();
        folder
    });
    copy_folder(first.path(), to);
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
