//! Errors that a client may see: a stable code and a message, nothing of our insides.

use std::fmt;

/// The codes of `extensions.code`. `docs/errors/` has a page for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// No token, or one that is not valid (any more).
    Unauthenticated,
    /// The password is right, and the account has a second factor whose code is missing.
    TotpRequired,
    /// The token is good but its role or owner may not do this.
    Forbidden,
    /// No such thing, or it belongs to somebody else.
    NotFound,
    /// The input breaks a rule; the message says which.
    BadUserInput,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// The thing exists already or is in a state that does not allow this.
    Conflict,
    /// Too many attempts; `retryAfterSeconds` says how long to wait.
    RateLimited,
    /// A service or the disk behind it does not answer now; trying again is safe.
    ServiceUnavailable,
    /// The document is no GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// Our fault. The details are in the log under the request's id.
    Internal,
}

impl ErrorCode {
    /// Every code, for the documentation's test.
    pub const ALL: [ErrorCode; 12] = [
        Self::Unauthenticated,
        Self::TotpRequired,
        Self::Forbidden,
        Self::NotFound,
        Self::BadUserInput,
        Self::IdempotencyKeyReused,
        Self::Conflict,
        Self::RateLimited,
        Self::ServiceUnavailable,
        Self::GraphqlParseFailed,
        Self::GraphqlValidationFailed,
        Self::Internal,
    ];

    /// The code as clients see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::TotpRequired => "TOTP_REQUIRED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Self::Conflict => "CONFLICT",
            Self::RateLimited => "RATE_LIMITED",
            Self::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that a client sees: code, message and a few more facts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    facts: Vec<(&'static str, serde_json::Value)>,
}

impl ApiError {
    /// An error with a message fit for clients.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            facts: Vec::new(),
        }
    }

    /// The input breaks a rule.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadUserInput, message)
    }

    /// No such `thing` (or somebody else's, which is the same to this caller).
    pub fn not_found(thing: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {thing}"))
    }

    /// Adds a fact to `extensions`.
    pub fn with(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// The stable code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }
}

impl From<store::StoreError> for ApiError {
    /// Logs what happened; the client learns only whether trying again may help.
    fn from(error: store::StoreError) -> Self {
        if error.is_transient() {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the database cannot take this now"
            );
            Self::new(
                ErrorCode::ServiceUnavailable,
                "the service cannot store anything now; try again",
            )
        } else {
            tracing::error!(error = &error as &dyn std::error::Error, "the database failed");
            Self::new(ErrorCode::Internal, "something went wrong on our side")
        }
    }
}

impl From<money::MoneyError> for ApiError {
    fn from(error: money::MoneyError) -> Self {
        Self::bad_input(error.to_string())
    }
}

impl ApiError {
    /// Writes code and facts into the error that a client sees. Resolvers return this error as it is (the GraphQL
    /// library keeps it as the source of its own); the endpoint calls this.
    pub(crate) fn describe(&self, extensions: &mut async_graphql::ErrorExtensionValues) {
        extensions.set("code", self.code.as_str());
        for (name, value) in &self.facts {
            if let Ok(value) = async_graphql::Value::from_json(value.clone()) {
                extensions.set(*name, value);
            }
        }
    }
}
