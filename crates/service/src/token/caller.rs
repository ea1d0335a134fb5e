//! Who is calling, as a resolver sees it.

use std::sync::Arc;

use async_graphql::Context;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::claims::{Claims, Role};
use super::verifier::{TokenError, TokenVerifier};
use crate::error::{ApiError, ErrorCode};
use crate::secret::Secret;

/// What a merchant's API keys begin with.
pub const API_KEY_PREFIX: &str = "sk_";
/// A key is some fifty bytes; nothing much longer is looked up.
const API_KEY_BYTES_MAX: usize = 128;

/// Who is calling. A bad token is no error until an operation needs a good one: a page that sends its old
/// token along with `loginUser` must be able to log in.
#[derive(Clone, Debug)]
pub enum Caller {
    /// No token.
    Anonymous,
    /// A token that is not valid.
    Rejected(TokenError),
    /// A good token.
    Known(Arc<Claims>),
    /// A merchant's API key, not looked up yet: only the service that knows merchants can say whose it is.
    ApiKey(Secret),
}

impl Caller {
    /// Reads the `Authorization` header.
    pub fn from_headers(headers: &HeaderMap, verifier: &TokenVerifier) -> Self {
        match bearer(headers) {
            None => Self::Anonymous,
            Some(token) => Self::from_token(token, verifier),
        }
    }

    /// Checks a token that came some other way.
    pub fn from_token(token: &str, verifier: &TokenVerifier) -> Self {
        if token.starts_with(API_KEY_PREFIX) && token.len() <= API_KEY_BYTES_MAX {
            return Self::ApiKey(Secret::new(token));
        }
        verifier.verify(token).map_or_else(Self::Rejected, Self::Known)
    }

    /// The claims of whoever calls, with any role.
    pub fn authenticated(&self) -> Result<&Arc<Claims>, ApiError> {
        match self {
            Self::Known(claims) => Ok(claims),
            Self::Anonymous => Err(ApiError::new(
                ErrorCode::Unauthenticated,
                "sign in first: the Authorization header is missing",
            )),
            Self::Rejected(error) => Err(ApiError::new(ErrorCode::Unauthenticated, error.to_string())),
            Self::ApiKey(_) => Err(ApiError::new(
                ErrorCode::Forbidden,
                "an API key is for a merchant's operations; this one is for people",
            )),
        }
    }

    /// A person: a customer, a merchant or staff, not a service.
    pub fn user(&self) -> Result<&Arc<Claims>, ApiError> {
        self.with_role(&[
            Role::Nasabah,
            Role::Merchant,
            Role::Admin,
            Role::FraudAnalyst,
            Role::Support,
        ])
    }

    /// Staff: may look at everything, whoever's it is.
    pub fn staff(&self) -> Result<&Arc<Claims>, ApiError> {
        self.with_role(&[Role::Admin, Role::FraudAnalyst, Role::Support])
    }

    /// Staff who decide about suspicious payments and keep the rules.
    pub fn fraud_desk(&self) -> Result<&Arc<Claims>, ApiError> {
        self.with_role(&[Role::Admin, Role::FraudAnalyst])
    }

    /// Somebody with one of these roles.
    pub fn with_role(&self, roles: &[Role]) -> Result<&Arc<Claims>, ApiError> {
        let claims = self.authenticated()?;
        if roles.contains(&claims.role) {
            return Ok(claims);
        }
        Err(ApiError::new(
            ErrorCode::Forbidden,
            format!("a {} may not do this", claims.role),
        ))
    }

    /// An admin or one of our services.
    pub fn operator(&self) -> Result<&Arc<Claims>, ApiError> {
        self.with_role(&[Role::Admin, Role::Service])
    }
}

/// The caller of the operation that is being resolved.
pub fn caller<'a>(context: &Context<'a>) -> &'a Caller {
    context.data_opt::<Caller>().unwrap_or(&Caller::Anonymous)
}

/// The token of an `Authorization: Bearer …` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}
