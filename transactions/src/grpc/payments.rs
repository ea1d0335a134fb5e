//! The service of the contract: who calls, parse, call, map.

use std::sync::Arc;

use service::token::{Caller, Claims, TokenVerifier};
use service::{ApiError, ErrorCode};
use tonic::{Request, Response, Status};

use super::convert::{self, given};
use super::proto::get_payment_request::Payment as Which;
use super::proto::payment_service_server::PaymentService;
use super::proto::{GetPaymentRequest, Payment, ProcessPaymentRequest, Refund, RefundPaymentRequest};
use super::status::status_of;
use crate::app::App;
use crate::app::process_payment::{PaymentOrder, claims_of_owner};
use crate::app::refund_payment;
use crate::domain::{IdempotencyKey, Merchant};

/// Payments of merchants.
pub struct Payments {
    app: App,
    verifier: TokenVerifier,
}

impl Payments {
    /// Payments of this app's merchants.
    pub fn new(app: App, verifier: TokenVerifier) -> Self {
        Self { app, verifier }
    }

    /// The caller, who must be a merchant's program.
    async fn merchant<T>(&self, request: &Request<T>) -> Result<(Caller, Arc<Merchant>), ApiError> {
        let caller = Caller::from_headers(request.metadata().as_ref(), &self.verifier);
        if !matches!(caller, Caller::ApiKey(_)) {
            let message = "an API key of the merchant is needed, as `authorization: Bearer sk_…`";
            return Err(ApiError::new(ErrorCode::Unauthenticated, message));
        }
        let merchant = self.app.merchant_of(&caller, None).await?;
        Ok((caller, merchant))
    }

    /// Who pays: the bearer of the token; in the sandbox without one the user who runs the merchant. With real money a key
    /// reaches its merchant's money, and nobody's own.
    fn payer(&self, token: &str, merchant: &Merchant) -> Result<Arc<Claims>, ApiError> {
        if token.is_empty() && !self.app.mode.is_sandbox() {
            return Err(ApiError::bad_input(
                "payer_token is needed: the access token of whoever pays",
            ));
        }
        if token.is_empty() {
            return claims_of_owner(merchant, self.app.clock.now()).map(Arc::new);
        }
        let payer = Caller::from_token(token, &self.verifier);
        let claims = payer.user().map_err(|error| {
            let message = format!("payer_token: {error}");
            ApiError::new(error.code(), message)
        })?;
        Ok(Arc::clone(claims))
    }

    async fn process(&self, request: Request<ProcessPaymentRequest>) -> Result<Payment, ApiError> {
        let (_, merchant) = self.merchant(&request).await?;
        let input = request.into_inner();
        let payer = self.payer(&input.payer_token, &merchant)?;
        let order = PaymentOrder {
            order_id: input.order_id,
            amount: convert::amount(&input.amount)?,
            wallet_id: input.wallet_id,
            description: given(input.description),
            key: given(input.idempotency_key)
                .as_deref()
                .map(IdempotencyKey::parse)
                .transpose()?,
        };
        let paid = self.app.process_payment(&merchant, &payer, order).await?;
        Ok(convert::payment(paid))
    }

    async fn refund(&self, request: Request<RefundPaymentRequest>) -> Result<Refund, ApiError> {
        let (caller, _) = self.merchant(&request).await?;
        let input = request.into_inner();
        let refund = refund_payment::Refund {
            transaction_id: input.payment_id,
            amount: given(input.amount).as_deref().map(convert::amount).transpose()?,
            reason: given(input.reason),
            splits: Vec::new(),
        };
        let refunded = self
            .app
            .refund_payment(&caller, &refund, given(input.idempotency_key))
            .await?;
        Ok(convert::refund(refunded))
    }

    async fn get(&self, request: Request<GetPaymentRequest>) -> Result<Payment, ApiError> {
        let (caller, merchant) = self.merchant(&request).await?;
        let found = match request.into_inner().payment {
            Some(Which::PaymentId(payment_id)) => self.app.find_payment(&caller, &payment_id).await?,
            Some(Which::OrderId(order_id)) => self.app.payment_of_order(&merchant, order_id).await?,
            None => return Err(ApiError::bad_input("payment_id or order_id is needed")),
        };
        Ok(convert::payment(found))
    }
}

#[tonic::async_trait]
impl PaymentService for Payments {
    async fn process_payment(&self, request: Request<ProcessPaymentRequest>) -> Result<Response<Payment>, Status> {
        answer("ProcessPayment", self.process(request).await)
    }

    async fn refund_payment(&self, request: Request<RefundPaymentRequest>) -> Result<Response<Refund>, Status> {
        answer("RefundPayment", self.refund(request).await)
    }

    async fn get_payment(&self, request: Request<GetPaymentRequest>) -> Result<Response<Payment>, Status> {
        answer("GetPayment", self.get(request).await)
    }
}

fn answer<T>(method: &'static str, done: Result<T, ApiError>) -> Result<Response<T>, Status> {
    let code = done.as_ref().map_or_else(|error| error.code().as_str(), |_| "OK");
    metrics::counter!("sawit_grpc_calls_total", "method" => method, "code" => code).increment(1);
    done.map(Response::new).map_err(|error| status_of(&error))
}
