//! A proxy between two services that can hold a request or its answer, so that a test can stop a process at an exact
//! point of its work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::response::Response;
use bytes::Bytes;
use tokio::sync::watch;

use crate::listen::Server;
use crate::ports::free_port;
use crate::wait::eventually;

const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A proxy in front of one base URL.
pub struct Gate {
    inner: Arc<Inner>,
    server: Server,
}

struct Inner {
    http: reqwest::Client,
    target: String,
    rules: Mutex<Vec<Rule>>,
}

#[derive(Clone)]
struct Rule {
    text: String,
    stage: Stage,
    takes_more: Arc<AtomicBool>,
    verdict: watch::Receiver<Verdict>,
    held: Arc<watch::Sender<usize>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Before the request is forwarded.
    Request,
    /// After it was answered, before the answer is given back.
    Answer,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Hold,
    Pass,
    Lose,
}

/// Holds what matches, until it is released or lost. Dropped, it releases.
pub struct Hold {
    takes_more: Arc<AtomicBool>,
    verdict: watch::Sender<Verdict>,
    held: watch::Receiver<usize>,
}

impl Gate {
    /// A gate in front of a base URL such as `http://127.0.0.1:8002`.
    pub async fn before(target: impl Into<String>) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        let inner = Arc::new(Inner {
            http: http.build().expect("an HTTP client can be made"),
            target: target.into().trim_end_matches('/').to_owned(),
            rules: Mutex::default(),
        });
        let router = Router::new().fallback(serve).with_state(Arc::clone(&inner));
        let server = Server::start(free_port(), router).await;
        Self { inner, server }
    }

    /// Its own base URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// Holds requests whose body or path contains this text before they are forwarded.
    pub fn hold_requests(&self, text: &str) -> Hold {
        self.hold(text, Stage::Request)
    }

    /// Forwards requests whose body or path contains this text, and holds their answers.
    pub fn hold_answers(&self, text: &str) -> Hold {
        self.hold(text, Stage::Answer)
    }

    fn hold(&self, text: &str, stage: Stage) -> Hold {
        let (verdict, verdict_seen) = watch::channel(Verdict::Hold);
        let (held, held_seen) = watch::channel(0);
        let takes_more = Arc::new(AtomicBool::new(true));
        self.inner.rules().push(Rule {
            text: text.to_owned(),
            stage,
            takes_more: Arc::clone(&takes_more),
            verdict: verdict_seen,
            held: Arc::new(held),
        });
        Hold {
            takes_more,
            verdict,
            held: held_seen,
        }
    }
}

impl Hold {
    /// Waits until something is held.
    pub async fn reached(&self) {
        self.reached_by(1).await;
    }

    /// Waits until this many are held (or have been).
    pub async fn reached_by(&self, count: usize) {
        eventually("a request reaches the gate", async || {
            (self.count() >= count).then_some(())
        })
        .await;
    }

    /// How many were held so far.
    pub fn count(&self) -> usize {
        *self.held.borrow()
    }

    /// What is held stays held; what comes from now on passes.
    pub fn hold_no_more(&self) {
        self.takes_more.store(false, Ordering::SeqCst);
    }

    /// Lets go of what is held; nothing more is held.
    pub fn release(self) {
        self.verdict.send_replace(Verdict::Pass);
    }

    /// Lets what is held vanish: a held request is never forwarded, a held answer never given back. Nothing more is held.
    pub fn lose(self) {
        self.verdict.send_replace(Verdict::Lose);
    }
}

impl Inner {
    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rules that hold something of this stage now.
    fn matching(&self, stage: Stage, path: &str, body: &str) -> Vec<Rule> {
        let rules = self.rules();
        let fits = |rule: &&Rule| {
            rule.stage == stage
                && rule.takes_more.load(Ordering::SeqCst)
                && *rule.verdict.borrow() == Verdict::Hold
                && (body.contains(&rule.text) || path.contains(&rule.text))
        };
        rules.iter().filter(fits).cloned().collect()
    }

    /// False when it is to be lost.
    async fn wait(&self, stage: Stage, path: &str, body: &str) -> bool {
        for mut rule in self.matching(stage, path, body) {
            rule.held.send_modify(|count| *count += 1);
            // A sender that is gone has released.
            let verdict = rule.verdict.wait_for(|verdict| *verdict != Verdict::Hold).await;
            if verdict.is_ok_and(|verdict| *verdict == Verdict::Lose) {
                return false;
            }
        }
        true
    }

    async fn forward(&self, parts: Parts, body: Bytes) -> Option<Response> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let text = String::from_utf8_lossy(&body).into_owned();
        if !self.wait(Stage::Request, &path, &text).await {
            return None;
        }
        let mut headers = parts.headers;
        for hop in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
            headers.remove(hop);
        }
        let url = format!("{}{path}", self.target);
        let sent = self
            .http
            .request(parts.method, url)
            .headers(headers)
            .body(body)
            .send()
            .await;
        let answer = sent.ok()?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        response.headers_mut().remove(TRANSFER_ENCODING);
        let body = answer.bytes().await.ok()?;
        if !self.wait(Stage::Answer, &path, &text).await {
            return None;
        }
        *response.body_mut() = Body::from(body);
        Some(response)
    }
}

async fn serve(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return broken();
    };
    // In a task of its own: what is held goes on also when the one who sent it was killed meanwhile.
    let forwarded = tokio::spawn(async move { inner.forward(parts, body).await });
    forwarded.await.ok().flatten().unwrap_or_else(broken)
}

/// An answer that breaks off before its first byte of content, as one of a service that dies does.
fn broken() -> Response {
    let error = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Response::new(Body::from_stream(futures::stream::once(std::future::ready(Err::<
        Bytes,
        _,
    >(
        error
    )))))
}
