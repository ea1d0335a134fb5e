//! What stands before every page: language, session, and the protection of forms. After it, a handler that takes [`Fields`]
//! has a form that came from a page of ours.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use service::Timestamp;
use tokio::time::Instant;
use url::Url;

use crate::api::{Api, Asker, Code, Failure, Operation};
use crate::config::Config;
use crate::cookies::{Cookie, CookiePolicy};
use crate::fields::Fields;
use crate::pages::problem;
use crate::session::{Purpose, Refresher, Session, Vault, random_text};
use crate::text::{Lang, Text};

/// A page is answered by then. Longer than the gateway takes at most.
const TIME_MAX: Duration = Duration::from_secs(45);
/// Questions end before the page does: only the page knows what it means that an answer did not come.
const QUESTIONS_TIME_MAX: Duration = Duration::from_secs(40);

/// The header of a request that a page makes without its reader.
const BY_ITSELF: &str = "x-refresh";

/// What all pages share.
pub(crate) struct Web {
    pub(crate) config: Config,
    pub(crate) api: Api,
    pub(crate) vault: Vault,
    cookies: CookiePolicy,
    refresher: Refresher,
}

impl Web {
    pub(crate) fn new(config: Config, key: &[u8; 32]) -> Self {
        Self {
            api: Api::new(config.gateway.clone()),
            vault: Vault::new(key),
            cookies: CookiePolicy {
                secure: config.is_secure(),
            },
            refresher: Refresher::new(),
            config,
        }
    }
}

/// Which of our places a page belongs to: each has a session of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The checkout and the wallet app.
    App,
    /// The console of the staff, which speaks English.
    Console,
}

impl Place {
    fn of(path: &str) -> Self {
        match path.strip_prefix("/console") {
            Some("") => Self::Console,
            Some(rest) if rest.starts_with('/') => Self::Console,
            _ => Self::App,
        }
    }

    const fn cookie(self) -> (Cookie, Purpose) {
        match self {
            Self::App => (Cookie::Session, Purpose::Session),
            Self::Console => (Cookie::Console, Purpose::Console),
        }
    }
}

/// One request, as handlers see it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Visit(Arc<Inner>);

struct Inner {
    web: Arc<Web>,
    place: Place,
    lang: Lang,
    address: Option<SocketAddr>,
    uri: Uri,
    /// The random name of this browser.
    name: String,
    session: Option<Session>,
    /// There was a session, and it has ended by itself.
    ended: bool,
    /// Auth could not be asked for the next tokens.
    session_unknown: bool,
    /// No question waits for longer than this.
    ask_until: Instant,
    new_cookies: Mutex<Vec<HeaderValue>>,
}

impl Visit {
    pub(crate) fn web(&self) -> &Web {
        &self.0.web
    }

    pub(crate) fn place(&self) -> Place {
        self.0.place
    }

    pub(crate) fn lang(&self) -> Lang {
        self.0.lang
    }

    pub(crate) fn say(&self, text: Text) -> &'static str {
        self.0.lang.say(text)
    }

    pub(crate) fn fill(&self, text: Text, values: &[&str]) -> String {
        self.0.lang.fill(text, values)
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.0.uri
    }

    pub(crate) fn session(&self) -> Option<&Session> {
        self.0.session.as_ref()
    }

    pub(crate) fn session_ended(&self) -> bool {
        self.0.ended
    }

    pub(crate) fn session_is_unknown(&self) -> bool {
        self.0.session_unknown
    }

    /// Asks the gateway as the person who is signed in, or as nobody.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &Operation<T>,
        variables: impl Serialize,
    ) -> Result<T, Failure> {
        let asker = Asker {
            address: self.0.address,
            token: self.session().map(|session| session.access_token.as_str()),
        };
        self.ask_as(asker, operation, variables).await
    }

    /// Asks the gateway as nobody, also when somebody is signed in.
    pub(crate) async fn ask_anonymously<T: DeserializeOwned>(
        &self,
        operation: &Operation<T>,
        variables: impl Serialize,
    ) -> Result<T, Failure> {
        let asker = Asker {
            address: self.0.address,
            token: None,
        };
        self.ask_as(asker, operation, variables).await
    }

    async fn ask_as<T: DeserializeOwned>(
        &self,
        asker: Asker<'_>,
        operation: &Operation<T>,
        variables: impl Serialize,
    ) -> Result<T, Failure> {
        let answer = self.0.web.api.ask(asker, operation, variables);
        let answer = tokio::time::timeout_at(self.0.ask_until, answer).await;
        answer.unwrap_or(Err(Failure::Unavailable))
    }

    /// What a form must bring back: it is bound to this browser and to the session, and no other site can know it.
    pub(crate) fn form_token(&self) -> String {
        let seed = self.session().map_or("", |session| session.seed.as_str());
        self.0.web.vault.mark(&["form", &self.0.name, seed])
    }

    /// Has the browser keep a session, or forget it.
    pub(crate) fn keep_session(&self, session: Option<&Session>) {
        let sealed = session.and_then(|session| session.seal(&self.0.web.vault));
        self.add_cookie(self.0.place.cookie().0, sealed.as_deref());
        // Forms from before are worth nothing after.
        self.add_cookie(Cookie::Visit, Some(&random_text()));
    }

    /// Has the browser keep the same session with something changed; its forms stay good.
    pub(crate) fn update_session(&self, session: &Session) {
        self.add_cookie(self.0.place.cookie().0, session.seal(&self.0.web.vault).as_deref());
    }

    pub(crate) fn keep_language(&self, lang: Lang) {
        self.add_cookie(Cookie::Language, Some(lang.code()));
    }

    fn add_cookie(&self, cookie: Cookie, value: Option<&str>) {
        if let Some(line) = self.0.web.cookies.write(cookie, value) {
            let mut lines = self.0.new_cookies.lock().unwrap_or_else(PoisonError::into_inner);
            // The latest word counts, and there is one line for each cookie.
            let name = |line: &HeaderValue| line.as_bytes().split(|byte| *byte == b'=').next().map(<[u8]>::to_vec);
            lines.retain(|old| name(old) != name(&line));
            lines.push(line);
        }
    }

    fn take_cookies(&self) -> Vec<HeaderValue> {
        std::mem::take(&mut *self.0.new_cookies.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the form that was sent is one of ours, for this browser and this session.
    fn is_own_form(&self, fields: &Fields, sent_seed: &str) -> bool {
        let token = fields.raw("form_token");
        self.0.web.vault.is_marked(&["form", &self.0.name, sent_seed], token)
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let visit = parts.extensions.get::<Self>().cloned();
        visit.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The layer around all pages.
pub(crate) async fn receive(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_page = parts.extensions.get::<MatchedPath>().is_some();
    // What no page has sent is a program's: it is told that there is nothing here, and no form is looked for in it.
    if !is_page && !matches!(parts.method, Method::GET | Method::HEAD) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (visit, sent_seed) = begin(web, &parts).await;
    parts.extensions.insert(visit.clone());
    let mut response = match parts.method {
        Method::GET | Method::HEAD => answer(&visit, Request::from_parts(parts, body), next).await,
        Method::POST if !is_same_origin(&parts.headers, &visit.web().config.public_url) => problem::stale(&visit),
        Method::POST => match Fields::read(parts.uri.path(), &parts.headers, body).await {
            Ok(fields) if visit.is_own_form(&fields, &sent_seed) => {
                parts.extensions.insert(fields);
                answer(&visit, Request::from_parts(parts, axum::body::Body::empty()), next).await
            }
            Ok(_) => problem::stale(&visit),
            Err(StatusCode::PAYLOAD_TOO_LARGE) => problem::too_large(&visit),
            Err(status) => status.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    for line in visit.take_cookies() {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

async fn answer(visit: &Visit, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(TIME_MAX, next.run(request)).await;
    answer.unwrap_or_else(|_| problem::down(visit))
}

/// Reads the cookies and renews the session if it is time. Also says which seed the browser's forms were made with: that
/// of the session it sent, even when that has ended since.
async fn begin(web: Arc<Web>, parts: &Parts) -> (Visit, String) {
    let read = |cookie| web.cookies.read(&parts.headers, cookie);
    let chosen = read(Cookie::Language).and_then(Lang::from_code);
    let name = read(Cookie::Visit).filter(|name| name.len() == 22).map(str::to_owned);
    let address = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let place = Place::of(parts.uri.path());
    let (cookie, purpose) = place.cookie();
    let sent = read(cookie).map(|sealed| Session::open(&web.vault, purpose, sealed));
    let sent_seed = sent
        .iter()
        .flatten()
        .next()
        .map_or(String::new(), |session| session.seed.clone());
    let state = match sent {
        None => SessionState::None,
        // Sealed with another key: there is nothing to be had from it.
        Some(None) => SessionState::Ended,
        Some(Some(session)) if session.is_idle(web.config.clock.now()) => SessionState::Ended,
        Some(Some(session)) => {
            let state = renewed(&web, address, session).await;
            state.touched(parts, web.config.clock.now())
        }
    };
    let is_new_visit = name.is_none();
    let visit = Visit(Arc::new(Inner {
        lang: match place {
            Place::App => chosen.unwrap_or_else(|| Lang::preferred(&parts.headers)),
            Place::Console => Lang::En,
        },
        place,
        address,
        uri: parts.uri.clone(),
        name: name.unwrap_or_else(random_text),
        ended: matches!(state, SessionState::Ended),
        session_unknown: matches!(state, SessionState::Unknown),
        session: match &state {
            SessionState::Good(session) | SessionState::Renewed(session) => Some(session.clone()),
            _ => None,
        },
        ask_until: Instant::now() + QUESTIONS_TIME_MAX,
        new_cookies: Mutex::default(),
        web,
    }));
    if is_new_visit {
        visit.add_cookie(Cookie::Visit, Some(&visit.0.name));
    }
    match &state {
        SessionState::Renewed(session) => {
            let sealed = session.seal(&visit.0.web.vault);
            visit.add_cookie(cookie, sealed.as_deref());
        }
        SessionState::Ended => visit.add_cookie(cookie, None),
        _ => {}
    }
    (visit, sent_seed)
}

enum SessionState {
    None,
    Good(Session),
    Renewed(Session),
    Ended,
    /// Nobody knows: auth does not answer. The cookie stays.
    Unknown,
}

impl SessionState {
    /// A reader who asks for a page is there; a page that looks for news by itself says nothing of its reader.
    fn touched(self, parts: &Parts, now: Timestamp) -> Self {
        if parts.headers.contains_key(BY_ITSELF) {
            return self;
        }
        match self {
            Self::Good(mut session) => {
                if session.touch(now) {
                    Self::Renewed(session)
                } else {
                    Self::Good(session)
                }
            }
            Self::Renewed(mut session) => {
                session.touch(now);
                Self::Renewed(session)
            }
            other => other,
        }
    }
}

async fn renewed(web: &Web, address: Option<SocketAddr>, session: Session) -> SessionState {
    let now = web.config.clock.now();
    if !session.wants_renewal(now) {
        return SessionState::Good(session);
    }
    match web.refresher.renew(&web.api, address, session.clone(), now).await {
        Ok(renewed) => SessionState::Renewed(renewed),
        Err(failure) if failure.is(Code::RateLimited) || failure.is_unknown() => {
            if session.is_usable(now) {
                SessionState::Good(session)
            } else {
                SessionState::Unknown
            }
        }
        Err(_) => SessionState::Ended,
    }
}

/// Whether a browser says that the form stands on a page of ours. One that says nothing is judged by the form's token.
fn is_same_origin(headers: &HeaderMap, public_url: &Url) -> bool {
    let text = |name: &header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return false;
    }
    let Some(origin) = text(&header::ORIGIN) else {
        return true;
    };
    let is_own_host = origin
        .split_once("://")
        .is_some_and(|(_, host)| text(&header::HOST) == Some(host));
    is_own_host || origin == public_url.origin().ascii_serialization()
}

/// 303: the next page is asked for by GET, so that reloading it sends nothing again.
pub(crate) fn see_other(path: &str) -> Response {
    Redirect::to(path).into_response()
}
