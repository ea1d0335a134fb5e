//! The auth service: who is a merchant's owner.

use graphql_client::GraphQLQuery;
use peer::{Peer, PeerError};
use service::{ApiError, ErrorCode};

#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "../schemas/auth.internal.graphql",
    query_path = "src/clients/auth/grant_merchant_role.graphql"
)]
struct GrantMerchantRole;

/// The auth service. Cheap to clone.
#[derive(Clone)]
pub struct AuthClient {
    peer: Peer,
}

impl AuthClient {
    /// A client of this peer.
    pub fn new(peer: Peer) -> Self {
        Self { peer }
    }

    /// Makes a user an owner of merchants; whoever is one stays one.
    ///
    /// # Errors
    /// `NOT_FOUND` for nobody's id, `CONFLICT` for an account that is disabled.
    pub async fn grant_merchant_role(&self, user_id: &str) -> Result<(), ApiError> {
        let user_id = user_id.to_owned();
        let granted = self
            .peer
            .call::<GrantMerchantRole>(grant_merchant_role::Variables { user_id })
            .await;
        match granted {
            Ok(_) => Ok(()),
            Err(PeerError::Refused { code, .. }) if code == ErrorCode::NotFound.as_str() => {
                Err(ApiError::not_found("user"))
            }
            Err(PeerError::Refused { code, .. }) if code == ErrorCode::Conflict.as_str() => {
                Err(ApiError::new(ErrorCode::Conflict, "the user's account is disabled"))
            }
            Err(error) => Err(error.into()),
        }
    }
}
