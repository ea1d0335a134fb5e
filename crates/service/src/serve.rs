//! Listening, and stopping without cutting anybody off.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long requests under way may take to finish once the program stops.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(20);

/// Serves a router until `stop`, then lets requests under way finish.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> std::io::Result<()> {
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
        // Answers are small and written at once: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
    });
    let stopping = stop.clone();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move { stopping.cancelled().await });
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN_TIME_MAX).await;
    };
    tokio::select! {
        result = server => result,
        () = overdue => {
            tracing::warn!("some requests did not finish in time and were cut off");
            Ok(())
        }
    }
}
