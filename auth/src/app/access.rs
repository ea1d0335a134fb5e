//! Access tokens: signing them, and who their bearer is now.

use std::sync::Arc;

use ids::{RequestId, SessionId, UserId};
use service::token::{AUDIENCE, Caller, Claims, ISSUER, Role};
use service::{ApiError, ErrorCode, Timestamp};

use super::{App, blocking, disabled, internal, unauthenticated};
use crate::domain::ACCESS_TOKEN_LIFE;
use crate::store::sessions;
use crate::store::users::{self, User, UserStatus};

/// A user whose token is good and whose session goes on.
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) session_id: SessionId,
}

impl App {
    /// Who calls, as the database knows them. Other services believe a token until it ends; auth can do better, and
    /// refuses one whose session has ended or whose user is disabled.
    pub(crate) async fn signed_in(&self, caller: &Caller) -> Result<SignedIn, ApiError> {
        let claims = caller.user()?;
        let named = UserId::parse(&claims.sub)
            .ok()
            .zip(claims.sid.as_deref().and_then(|sid| SessionId::parse(sid).ok()));
        let Some((user_id, session_id)) = named else {
            return Err(unauthenticated("the token names no session; sign in again"));
        };
        let now = self.clock.now();
        let found = self
            .db
            .read(move |snapshot| {
                let session = sessions::of_user(snapshot, user_id, session_id)?;
                Ok::<_, ApiError>(users::by_id(snapshot, user_id)?.zip(session))
            })
            .await?;
        match found {
            Some((user, _)) if user.status == UserStatus::Disabled => Err(disabled()),
            Some((user, session)) if session.is_live(now) => Ok(SignedIn { user, session_id }),
            _ => Err(unauthenticated("the session has ended; sign in again")),
        }
    }

    /// An admin by the token and still one by the database.
    pub(crate) async fn signed_in_admin(&self, caller: &Caller) -> Result<SignedIn, ApiError> {
        self.signed_in_as(caller, &[Role::Admin]).await
    }

    /// A member of staff by the token and still one by the database.
    pub(crate) async fn signed_in_staff(&self, caller: &Caller) -> Result<SignedIn, ApiError> {
        self.signed_in_as(caller, &[Role::Admin, Role::FraudAnalyst, Role::Support])
            .await
    }

    async fn signed_in_as(&self, caller: &Caller, roles: &[Role]) -> Result<SignedIn, ApiError> {
        caller.with_role(roles)?;
        let signed_in = self.signed_in(caller).await?;
        let role = signed_in.user.role;
        if !roles.contains(&role) {
            return Err(ApiError::new(ErrorCode::Forbidden, format!("a {role} may not do this")));
        }
        Ok(signed_in)
    }

    /// The caller of an operation that takes a token as an argument as well; the argument counts.
    pub(crate) fn caller_with(&self, token: Option<&str>, header: &Caller) -> Caller {
        match token.map(|token| token.trim().trim_start_matches("Bearer ").trim()) {
            None | Some("") => header.clone(),
            Some(token) => Caller::from_token(token, &self.verifier),
        }
    }

    pub(super) async fn access_token(&self, user: &User, session_id: SessionId) -> Result<String, ApiError> {
        self.sign(Claims {
            role: user.role,
            sid: Some(session_id.to_string()),
            account_created_at: Some(user.created_at.micros()),
            email_domain: user.email_key.rsplit_once('@').map(|(_, domain)| domain.to_owned()),
            zoneinfo: user.time_zone.clone(),
            ..claims(user.user_id.to_string(), self.clock.now(), ACCESS_TOKEN_LIFE)
        })
        .await
    }

    pub(super) async fn sign(&self, claims: Claims) -> Result<String, ApiError> {
        let signer = Arc::clone(&self.signer);
        blocking(move || signer.sign(&claims)).await?.map_err(|error| {
            tracing::error!(%error);
            internal()
        })
    }
}

/// The claims that every token has; the role is a service's until somebody says otherwise.
pub(super) fn claims(subject: String, now: Timestamp, life: std::time::Duration) -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: subject,
        exp: now.after(life).seconds(),
        iat: now.seconds(),
        jti: RequestId::generate().to_string(),
        role: Role::Service,
        sid: None,
        account_created_at: None,
        email_domain: None,
        zoneinfo: None,
    }
}
