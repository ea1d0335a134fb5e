//! The gRPC API for merchants, with health and reflection, as routes that any listener can serve.

mod bounds;
mod convert;
mod payments;
mod status;

use axum::{Router, middleware};
use service::token::TokenVerifier;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use crate::app::App;
use bounds::{Bounds, bounded};
use payments::Payments;
use proto::payment_service_server::PaymentServiceServer;

/// What the contract `schemas/sawit/payments/v1/payments.proto` defines, in Rust.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    reason = "generated from the contract, which has the comments"
)]
pub mod proto {
    tonic::include_proto!("sawit.payments.v1");

    /// The contract in the form that the reflection service tells it in.
    pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/payments.binpb"));
}

/// No message that we know of is a tenth of this.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// The contract that is compiled in cannot be told by the reflection service.
#[derive(Debug, thiserror::Error)]
#[error("the gRPC contract is broken")]
pub struct BrokenContract(#[from] tonic_reflection::server::Error);

/// Payments, health and reflection. Whatever stays open for long (a watched health) ends when `closing` is cancelled.
pub async fn routes(app: App, verifier: TokenVerifier, closing: CancellationToken) -> Result<Routes, BrokenContract> {
    let payments = PaymentServiceServer::new(Payments::new(app, verifier))
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<PaymentServiceServer<Payments>>().await;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(proto::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let mut routes = Routes::new(payments)
        .add_service(health.max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(reflection().build_v1()?.max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(
            reflection()
                .build_v1alpha()?
                .max_decoding_message_size(MESSAGE_BYTES_MAX),
        );
    let bounds = Bounds::new(closing);
    let router = std::mem::take(routes.axum_router_mut());
    *routes.axum_router_mut() = router.layer(middleware::from_fn_with_state(bounds, bounded));
    Ok(routes)
}

/// The routes beside others: what is not theirs is left to whoever they are merged with.
pub fn beside_others(routes: Routes) -> Router {
    routes.into_axum_router().reset_fallback()
}
