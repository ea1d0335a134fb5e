//! Listening, with every connection bounded in time, and stopping without cutting anybody off.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// What HTTP/2 begins with (RFC 9113, 3.4).
const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// What begins like the preface is looked at again after this.
const PREFACE_PAUSE: Duration = Duration::from_millis(5);
/// When no connection can be taken on (too many open files), the next try waits.
const ACCEPT_PAUSE: Duration = Duration::from_millis(250);

/// What connections may cost.
#[derive(Clone, Copy)]
struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    connections: usize,
    /// How long a client may take for the head of a request, or be silent between two. Longer than our own callers keep
    /// a connection that they do not use: they let go of it first.
    head_time: Duration,
    /// How long requests under way may take to finish once the program stops.
    drain_time: Duration,
}

const LIMITS: Limits = Limits {
    connections: 4_096,
    head_time: Duration::from_secs(75),
    drain_time: Duration::from_secs(20),
};

/// Serves a router until `stop`, then lets requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    serve_within(LIMITS, listener, router, stop).await;
    Ok(())
}

async fn serve_within(limits: Limits, listener: TcpListener, router: Router, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            (stream, peer, place) = accept(&listener, &places) => {
                let connection = Connection { stream, peer, router: router.clone(), stop: stop.clone() };
                connections.spawn(async move {
                    let _place = place;
                    connection.serve(limits.head_time).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain_time, drained).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
    // What is left is aborted when the set goes.
}

/// The next connection, once there is a place for it. May be dropped at any point without losing one.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there always is a place.
    let place = Arc::clone(places).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, place),
            // The client was gone before it was its turn.
            Err(error) if is_of_one_connection(error.kind()) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken on now");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(self, head_time: Duration) {
        // Answers are small and written at once: waiting to fill a packet only delays them.
        let _ = self.stream.set_nodelay(true);
        let protocol = tokio::time::timeout(head_time, speaks_http2(&self.stream));
        let builder = tokio::select! {
            // Nothing is under way yet.
            () = self.stop.cancelled() => return,
            protocol = protocol => match protocol {
                Ok(Ok(true)) => builder(head_time).http2_only(),
                Ok(Ok(false)) => builder(head_time).http1_only(),
                // Too slow, or gone.
                _ => return,
            },
        };
        let (router, peer) = (self.router, self.peer);
        let service = service_fn(move |request| answer(router.clone(), peer, request));
        let mut connection = std::pin::pin!(builder.serve_connection_with_upgrades(TokioIo::new(self.stream), service));
        // Its errors are the client's: it went away, or was too slow, or sent what is no HTTP.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

fn builder(head_time: Duration) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head_time);
    // A client that is gone without a word does not answer, and is let go.
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(head_time)
        .keep_alive_timeout(head_time);
    builder
}

/// Looks at the first bytes without taking them.
async fn speaks_http2(stream: &TcpStream) -> std::io::Result<bool> {
    let mut first = [0; HTTP2_PREFACE.len()];
    loop {
        let length = stream.peek(&mut first).await?;
        if length == 0 || first[..length] != HTTP2_PREFACE[..length] {
            return Ok(false);
        }
        if length == HTTP2_PREFACE.len() {
            return Ok(true);
        }
        tokio::time::sleep(PREFACE_PAUSE).await;
    }
}

async fn answer(router: Router, peer: SocketAddr, request: http::Request<Incoming>) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    router.oneshot(request).await
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    use super::*;

    struct World {
        address: SocketAddr,
        stop: CancellationToken,
        /// `/slow` is asked, and may answer.
        slow: Arc<(Notify, Notify)>,
        server: JoinHandle<()>,
    }

    async fn start(limits: Limits) -> World {
        let (stop, slow) = (CancellationToken::new(), Arc::<(Notify, Notify)>::default());
        let both = Arc::clone(&slow);
        let handler = move || {
            let both = Arc::clone(&both);
            async move {
                both.0.notify_one();
                both.1.notified().await;
                "done"
            }
        };
        let router = Router::new()
            .route(
                "/",
                get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }),
            )
            .route("/slow", get(handler));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(serve_within(limits, listener, router, stop.clone()));
        World {
            address,
            stop,
            slow,
            server,
        }
    }

    const HURRIED: Limits = Limits {
        connections: 2,
        head_time: Duration::from_millis(100),
        drain_time: Duration::from_secs(5),
    };

    impl World {
        async fn connect(&self, sent: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(sent.as_bytes()).await.unwrap();
            stream
        }
    }

    /// Everything until the server closes, or resets what it did not read to the end.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut bytes = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut bytes));
        if let Err(error) = read.await.expect("the server closes the connection") {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_client_that_is_too_slow_is_let_go_and_its_place_is_free() {
        let world = start(HURRIED).await;
        for beginning in ["", "P", "PRI * HT", "GET / HT", "GET / HTTP/1.1\r\nhost: x\r\n"] {
            // Both places are taken, and the third has to wait for one of them.
            let (mut one, mut two) = (world.connect(beginning).await, world.connect(beginning).await);
            let mut third = world
                .connect("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .await;
            let own = third.local_addr().unwrap().to_string();
            assert!(rest(&mut third).await.ends_with(&own), "{beginning:?}");
            for stream in [&mut one, &mut two] {
                let said = rest(stream).await;
                assert!(!said.starts_with("HTTP/1.1 200"), "{beginning:?}: {said}");
            }
        }
    }

    #[tokio::test]
    async fn both_versions_of_http_are_spoken() {
        let world = start(LIMITS).await;
        for is_http2 in [false, true] {
            let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
                .http2_only(is_http2)
                .build_http::<Body>();
            let uri = format!("http://{}/", world.address).parse().unwrap();
            let answer = client.get(uri).await.unwrap();
            let expect = if is_http2 {
                http::Version::HTTP_2
            } else {
                http::Version::HTTP_11
            };
            assert_eq!((answer.status(), answer.version()), (http::StatusCode::OK, expect));
        }
    }

    #[tokio::test]
    async fn what_is_under_way_finishes_when_the_program_stops() {
        let world = start(LIMITS).await;
        let mut silent = world.connect("").await;
        let mut asked = world.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
        world.slow.0.notified().await;
        world.stop.cancel();
        assert_eq!(rest(&mut silent).await, "");
        assert!(!world.server.is_finished());
        world.slow.1.notify_one();
        assert!(rest(&mut asked).await.ends_with("done"));
        world.server.await.unwrap();
        assert!(TcpStream::connect(world.address).await.is_err());
    }

    #[tokio::test]
    async fn what_does_not_finish_is_cut_off() {
        let world = start(Limits {
            drain_time: Duration::from_millis(50),
            ..LIMITS
        })
        .await;
        let mut asked = world.connect("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await;
        world.slow.0.notified().await;
        world.stop.cancel();
        world.server.await.unwrap();
        assert_eq!(rest(&mut asked).await, "");
    }
}
