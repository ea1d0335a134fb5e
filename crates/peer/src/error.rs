//! Why a call to another service did not give an answer.

use std::sync::Arc;

use service::{ApiError, ErrorCode};

/// Why a call failed. Cheap to clone, because a shared request fails for everybody in it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PeerError {
    /// It was not sent, or nobody answered: whether it took effect is unknown. Ask again with the same ids.
    #[error("{peer} does not answer")]
    Unavailable {
        /// Which service.
        peer: &'static str,
        /// What happened.
        #[source]
        cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    },
    /// The service refused the whole request; nothing took effect.
    #[error("{peer} refused the call: {message} ({code})")]
    Refused {
        /// Which service.
        peer: &'static str,
        /// Its `extensions.code`.
        code: String,
        /// Its message.
        message: String,
    },
    /// The answer does not have the shape that the schema promises; what happened is unknown.
    #[error("{peer} answered something unexpected: {problem}")]
    Malformed {
        /// Which service.
        peer: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl PeerError {
    pub(crate) fn unavailable(peer: &'static str, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Unavailable {
            peer,
            cause: Some(Arc::new(cause)),
        }
    }
}

impl From<PeerError> for ApiError {
    fn from(error: PeerError) -> Self {
        match &error {
            PeerError::Unavailable { peer, .. } => Self::new(
                ErrorCode::ServiceUnavailable,
                format!("{peer} does not answer now; try again"),
            ),
            PeerError::Refused { .. } | PeerError::Malformed { .. } => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a call between services failed"
                );
                Self::new(ErrorCode::Internal, "something went wrong on our side")
            }
        }
    }
}
