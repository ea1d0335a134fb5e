//! `issueServiceToken`: how one of our services proves to the others that it is one.

use service::{ApiError, Secret};

use super::access::claims;
use super::limiter::Subject;
use super::{Address, App, blocking, internal, unauthenticated};
use crate::domain::{AttemptKind, SERVICE_TOKEN_LIFE};
use crate::keys::{ClientCheck, check_client};

/// A secret longer than this is none of ours.
const CREDENTIAL_BYTES_MAX: usize = 256;

/// What a caller presents.
pub(crate) struct ClientCredentials {
    pub(crate) client_id: String,
    pub(crate) secret: Secret,
    pub(crate) address: Address,
}

/// A token of role Service.
pub(crate) struct ServiceToken {
    pub(crate) token: String,
    pub(crate) expires_in_seconds: u64,
}

impl App {
    /// Mints a token for one of our services.
    pub(crate) async fn issue_service_token(&self, credentials: ClientCredentials) -> Result<ServiceToken, ApiError> {
        let ClientCredentials {
            client_id,
            secret,
            address,
        } = credentials;
        let subjects: Vec<Subject> = Subject::address(AttemptKind::ServiceFromAddress, address)
            .into_iter()
            .collect();
        self.refuse_blocked(&subjects).await?;
        if self.check_client(client_id.clone(), secret).await? == ClientCheck::Refused {
            self.count_failure(&subjects).await?;
            tracing::warn!("a service token was refused: unknown client or wrong secret");
            return Err(unauthenticated("client id or secret is wrong"));
        }
        let token = self
            .sign(claims(client_id, self.clock.now(), SERVICE_TOKEN_LIFE))
            .await?;
        Ok(ServiceToken {
            token,
            expires_in_seconds: SERVICE_TOKEN_LIFE.as_secs(),
        })
    }

    async fn check_client(&self, client_id: String, secret: Secret) -> Result<ClientCheck, ApiError> {
        if client_id.len().max(secret.expose().len()) > CREDENTIAL_BYTES_MAX {
            return Ok(ClientCheck::Refused);
        }
        let keys_dir = self.keys_dir.clone();
        blocking(move || check_client(&keys_dir, &client_id, secret.expose()))
            .await?
            .map_err(|error| {
                tracing::error!(%error, "a client secret could not be checked");
                internal()
            })
    }
}
