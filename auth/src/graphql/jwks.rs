//! `/.well-known/jwks.json`: the public keys, for whoever checks our tokens.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use service::token::{PublicKeys, jwks};

/// A rotation shows that late; a flood of requests reads the folder that seldom.
const READ_AT_MOST_EVERY: Duration = Duration::from_secs(1);
const CACHE_CONTROL: &str = "public, max-age=60";

struct Published {
    keys_dir: PathBuf,
    last: Mutex<Option<(Instant, Arc<str>)>>,
}

pub(crate) fn router(keys_dir: &Path) -> Router {
    let published = Published {
        keys_dir: keys_dir.to_owned(),
        last: Mutex::default(),
    };
    Router::new()
        .route("/.well-known/jwks.json", get(serve_jwks))
        .with_state(Arc::new(published))
}

async fn serve_jwks(State(published): State<Arc<Published>>) -> Response {
    let read = tokio::task::spawn_blocking(move || published.read()).await;
    match read {
        Ok(Ok(body)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, CACHE_CONTROL),
            ];
            (headers, body.to_string()).into_response()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the public keys cannot be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

impl Published {
    /// Blocks.
    fn read(&self) -> std::io::Result<Arc<str>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, body)) = last.as_ref()
            && at.elapsed() < READ_AT_MOST_EVERY
        {
            return Ok(Arc::clone(body));
        }
        let keys = PublicKeys::in_keys_dir(&self.keys_dir).read()?;
        let body: Arc<str> = jwks(&keys).to_string().into();
        *last = Some((Instant::now(), Arc::clone(&body)));
        Ok(body)
    }
}
