//! A way to another service: a router in this process, or a base URL.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures::FutureExt as _;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::ServiceExt;

/// No answer between services is larger; one that is, is refused rather than held in memory.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A way to another service. Cheap to clone.
#[derive(Clone)]
pub enum Upstream {
    /// The service runs in this process: its router is called without a socket.
    InProcess(Router),
    /// The service runs in this process, too, but starts after those that call it.
    Later(Weak<OnceLock<Router>>),
    /// The service runs elsewhere.
    Http(Box<HttpUpstream>),
}

/// Where a service that starts after its callers comes in. It alone keeps the service's router: two services that call
/// each other would keep each other alive for ever otherwise.
pub struct Opening(Arc<OnceLock<Router>>);

impl Opening {
    /// Lets calls through to this router from now on. Only the first one counts.
    pub fn open(&self, router: Router) {
        // A second router would be a second service; whoever starts one makes a second opening.
        let _ = self.0.set(router);
    }
}

/// A service behind a URL, with its pool of connections.
#[derive(Clone)]
pub struct HttpUpstream {
    client: Client<HttpConnector, Full<Bytes>>,
    base: Uri,
}

/// Why no answer came. None of these tells whether the request took effect.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The base URL cannot be called.
    #[error("the service's address is invalid: {0}")]
    Address(String),
    /// No connection, or it broke.
    #[error("the service cannot be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer in time.
    #[error("the service did not answer within {0:?}")]
    Timeout(Duration),
    /// The answer is larger than any answer should be.
    #[error("the service's answer is too large")]
    AnswerTooLarge,
}

impl Upstream {
    /// A service in this process.
    pub fn in_process(router: Router) -> Self {
        Self::InProcess(router)
    }

    /// A service in this process that starts later: calls find nobody until it is opened, nor after the opening is
    /// dropped.
    pub fn later() -> (Self, Opening) {
        let opening = Opening(Arc::default());
        (Self::Later(Arc::downgrade(&opening.0)), opening)
    }

    /// A service at a base URL such as `http://127.0.0.1:8002`; paths are appended to it.
    pub fn http(base_url: &str) -> Result<Self, UpstreamError> {
        let base: Uri = base_url
            .trim_end_matches('/')
            .parse()
            .map_err(|error| UpstreamError::Address(format!("{error}")))?;
        if base.scheme_str() != Some("http") || base.authority().is_none() {
            return Err(UpstreamError::Address(format!("{base_url} is no http:// address")));
        }
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(60))
            .build(connector);
        Ok(Self::Http(Box::new(HttpUpstream { client, base })))
    }

    /// Sends a request whose URI is a path (and query), and reads the whole answer.
    pub async fn send(&self, request: Request<Bytes>, timeout: Duration) -> Result<Response<Bytes>, UpstreamError> {
        match tokio::time::timeout(timeout, self.send_unlimited(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(UpstreamError::Timeout(timeout)),
        }
    }

    async fn send_unlimited(&self, request: Request<Bytes>) -> Result<Response<Bytes>, UpstreamError> {
        match self {
            Self::InProcess(router) => send_in_process(router.clone(), request).await,
            Self::Later(opening) => {
                let opened = opening.upgrade().and_then(|opening| opening.get().cloned());
                let router = opened.ok_or_else(|| UpstreamError::Unreachable("it is not running".into()))?;
                send_in_process(router, request).await
            }
            Self::Http(http) => {
                let (mut parts, body) = request.into_parts();
                parts.uri = http.absolute(&parts.uri)?;
                let request = Request::from_parts(parts, Full::new(body));
                let answer = http
                    .client
                    .request(request)
                    .await
                    .map_err(|error| UpstreamError::Unreachable(Box::new(error)))?;
                collect(answer).await
            }
        }
    }
}

async fn send_in_process(router: Router, request: Request<Bytes>) -> Result<Response<Bytes>, UpstreamError> {
    let request = request.map(Body::from);
    // Over a socket a handler that panics costs its own connection only; it must not cost more here.
    let answer = async {
        match router.oneshot(request).await {
            Ok(answer) => collect(answer).await,
            Err(never) => match never {},
        }
    };
    let answer = AssertUnwindSafe(answer).catch_unwind().await;
    answer.unwrap_or_else(|_| Err(UpstreamError::Unreachable("the handler panicked".into())))
}

impl HttpUpstream {
    fn absolute(&self, path: &Uri) -> Result<Uri, UpstreamError> {
        let base_path = self.base.path().trim_end_matches('/');
        let path = path.path_and_query().map_or("/", |path| path.as_str());
        Uri::builder()
            .scheme(self.base.scheme_str().unwrap_or("http"))
            .authority(self.base.authority().map_or("", |authority| authority.as_str()))
            .path_and_query(format!("{base_path}{path}"))
            .build()
            .map_err(|error| UpstreamError::Address(error.to_string()))
    }
}

async fn collect<B>(answer: Response<B>) -> Result<Response<Bytes>, UpstreamError>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (parts, body) = answer.into_parts();
    match Limited::new(body, ANSWER_BYTES_MAX).collect().await {
        Ok(collected) => Ok(Response::from_parts(parts, collected.to_bytes())),
        Err(error) if error.is::<LengthLimitError>() => Err(UpstreamError::AnswerTooLarge),
        Err(error) => Err(UpstreamError::Unreachable(error)),
    }
}
