//! A caller and the fake service that it calls.
#![allow(dead_code)]

use graphql_client::{GraphQLQuery, QueryBody};
use peer::{Peer, PeerError, ServiceTokens, Upstream};
use serde_json::{Value, json};
use service::{Secret, ServiceName};
use testkit::peers::FakePeer;

/// An operation as the typed client makes them.
pub struct Echo;

impl GraphQLQuery for Echo {
    type Variables = Value;
    type ResponseData = Value;

    fn build_query(variables: Value) -> QueryBody<Value> {
        QueryBody {
            variables,
            query: "query Echo($text: String!) { echo(text: $text) }",
            operation_name: "Echo",
        }
    }
}

/// A way to this fake, which hands out the tokens, too.
pub fn peer(fake: &FakePeer) -> Peer {
    peer_with_auth(fake, fake)
}

/// A way to this fake with tokens from another.
pub fn peer_with_auth(fake: &FakePeer, auth: &FakePeer) -> Peer {
    Peer::new(ServiceName::Wallet, Upstream::in_process(fake.router()), tokens(auth))
}

/// Tokens from this fake.
pub fn tokens(auth: &FakePeer) -> ServiceTokens {
    ServiceTokens::new(
        Upstream::in_process(auth.router()),
        "transactions",
        Secret::new("secret"),
    )
}

/// Calls once.
pub async fn call(peer: &Peer) -> Result<Value, PeerError> {
    peer.call::<Echo>(json!({ "text": "halo" })).await
}

/// Which kind of error it is.
pub fn kind(outcome: &Result<Value, PeerError>) -> &'static str {
    match outcome {
        Ok(_) => "ok",
        Err(PeerError::Unavailable { .. }) => "unavailable",
        Err(PeerError::Refused { .. }) => "refused",
        Err(PeerError::Malformed { .. }) => "malformed",
    }
}
