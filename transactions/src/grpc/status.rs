//! Our errors as gRPC tells them.

use service::{ApiError, ErrorCode};
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};

/// The trailer that carries our stable code.
pub const CODE_TRAILER: &str = "sawit-code";

/// The status of an error, with its stable code beside it.
pub fn status_of(error: &ApiError) -> Status {
    let mut status = Status::new(grpc_code(error.code()), error.to_string());
    let code = MetadataValue::from_static(error.code().as_str());
    status.metadata_mut().insert(CODE_TRAILER, code);
    status
}

const fn grpc_code(code: ErrorCode) -> Code {
    match code {
        ErrorCode::Unauthenticated | ErrorCode::TotpRequired => Code::Unauthenticated,
        ErrorCode::Forbidden => Code::PermissionDenied,
        ErrorCode::NotFound => Code::NotFound,
        ErrorCode::BadUserInput => Code::InvalidArgument,
        ErrorCode::IdempotencyKeyReused => Code::AlreadyExists,
        ErrorCode::Conflict => Code::FailedPrecondition,
        ErrorCode::RateLimited => Code::ResourceExhausted,
        ErrorCode::ServiceUnavailable => Code::Unavailable,
        // The first two are about documents, which gRPC has none of.
        ErrorCode::GraphqlParseFailed | ErrorCode::GraphqlValidationFailed | ErrorCode::Internal => Code::Internal,
    }
}
