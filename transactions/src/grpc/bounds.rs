//! Bounds of concurrency and time around all gRPC calls.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::Status;

/// Calls under way at once; more are refused, not queued.
const IN_FLIGHT_MAX: usize = 1_024;
/// A call that has not begun to be answered by then is given up. A payment's answer comes after 25 seconds at the latest.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(40);
/// An answer that has not ended by then is cut off: whoever watches something watches it again.
const STREAM_TIME_MAX: Duration = Duration::from_secs(600);

/// What calls may cost together. Cheap to clone.
#[derive(Clone)]
pub struct Bounds {
    places: Arc<Semaphore>,
    closing: CancellationToken,
}

impl Bounds {
    /// Bounds that cut off what is still answered once `closing` is cancelled.
    pub fn new(closing: CancellationToken) -> Self {
        Self {
            places: Arc::new(Semaphore::new(IN_FLIGHT_MAX)),
            closing,
        }
    }
}

/// Lets a call in if there is room, and sees that it comes to an end.
pub async fn bounded(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let Ok(place) = Arc::clone(&bounds.places).try_acquire_owned() else {
        return Status::resource_exhausted("too many calls are under way; try again").into_http();
    };
    match tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(answer) => answer.map(|body| Body::new(BoundedBody::new(body, place, bounds.closing))),
        Err(_) => Status::deadline_exceeded("the call took too long; its outcome is unknown").into_http(),
    }
}

/// An answer that keeps its place until it has ended, and ends in time.
struct BoundedBody {
    body: Body,
    _place: OwnedSemaphorePermit,
    too_long: Pin<Box<tokio::time::Sleep>>,
    closing: Pin<Box<WaitForCancellationFutureOwned>>,
    has_ended: bool,
}

impl BoundedBody {
    fn new(body: Body, place: OwnedSemaphorePermit, closing: CancellationToken) -> Self {
        Self {
            body,
            _place: place,
            too_long: Box::pin(tokio::time::sleep(STREAM_TIME_MAX)),
            closing: Box::pin(closing.cancelled_owned()),
            has_ended: false,
        }
    }

    /// Ends the answer the way gRPC does, so that the client knows why.
    fn cut_off(&mut self, status: Status) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.has_ended = true;
        let mut trailers = HeaderMap::new();
        match status.add_header(&mut trailers) {
            Ok(()) => Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
            Err(_) => Poll::Ready(None),
        }
    }
}

impl HttpBody for BoundedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        if self.closing.as_mut().poll(context).is_ready() {
            return self.cut_off(Status::unavailable("the service is stopping; try again"));
        }
        if self.too_long.as_mut().poll(context).is_ready() {
            return self.cut_off(Status::deadline_exceeded("the answer took too long; ask again"));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
