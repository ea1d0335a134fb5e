//! The public API of payment sessions: for merchants who open them, and for buyers who pay them.

use async_graphql::{Context, Object, Result};
use ids::PaymentSessionId;
use service::ApiError;
use service::endpoint::{ClientAddress, IdempotencyKeyHeader};
use service::page::{page_cost, page_size};
use service::token::caller;

use super::session_types::{
    CheckoutSession, PayPaymentSessionInput, PaymentSession, PaymentSessionInput, PaymentStatus,
};
use super::types::Transaction;
use crate::app::App;
use crate::app::check_payment::Question;
use crate::domain::SessionState;
use crate::store::sessions::{self, Filter};

/// Queries.
#[derive(Default)]
pub struct SessionQuery;

/// Mutations.
#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionQuery {
    /// A payment session of a merchant that the caller acts for.
    async fn payment_session(&self, context: &Context<'_>, session_id: String) -> Result<Option<PaymentSession>> {
        let app = context.data_unchecked::<App>();
        let session = app.session_seen_by(caller(context), &session_id).await?;
        Ok(Some(session.try_into()?))
    }

    /// A merchant's payment sessions, newest first.
    #[expect(
        clippy::too_many_arguments,
        reason = "the arguments of a field are those that clients write"
    )]
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn payment_sessions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Needed where the caller has several to choose from.")] merchant_id: Option<String>,
        #[graphql(desc = "At most this many (100 unless told, 500 at most).")] first: Option<i32>,
        #[graphql(desc = "Those older than this session.")] after: Option<String>,
        #[graphql(desc = "In this state only.")] state: Option<SessionState>,
        #[graphql(desc = "Of this order only.")] order_id: Option<String>,
    ) -> Result<Option<Vec<PaymentSession>>> {
        let app = context.data_unchecked::<App>();
        let merchant = app.merchant_seen_by(caller(context), merchant_id.as_deref()).await?;
        let limit = page_size(first)?;
        let unknown = |_| ApiError::bad_input("`after` is no session's id");
        let before = after
            .as_deref()
            .map(PaymentSessionId::parse)
            .transpose()
            .map_err(unknown)?;
        let filter = Filter {
            before,
            state,
            order_id,
        };
        let found = app
            .database
            .read(move |snapshot| sessions::list_of_merchant(snapshot, merchant.merchant_id, &filter, limit))
            .await;
        let found = found.map_err(ApiError::from)?.into_iter().map(PaymentSession::try_from);
        Ok(Some(found.collect::<Result<_, _>>()?))
    }

    /// What a buyer may see of a session. Whoever has its id may ask.
    async fn checkout_session(&self, context: &Context<'_>, session_id: String) -> Result<Option<CheckoutSession>> {
        let app = context.data_unchecked::<App>();
        let found = app.checkout_session(&session_id).await?;
        let shown = found.map(|(session, merchant)| CheckoutSession::new(&session, &merchant, app.clock.now()));
        Ok(shown.transpose()?)
    }

    /// Where the payment of a merchant's order stands; null for an order that has no session. In the sandbox everybody may
    /// ask about orders of the marketplace of the configuration.
    async fn check_payment(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The merchant's own name for what is paid.")] order_id: String,
        #[graphql(desc = "Needed where the caller has several to choose from.")] merchant_id: Option<String>,
        #[graphql(desc = "Wait up to this long (25000 at most) for a change.")] wait_ms: Option<i32>,
        #[graphql(desc = "The version that is known already; a later one is answered at once.")] version: Option<i64>,
    ) -> Result<Option<PaymentStatus>> {
        let address = context.data_opt::<ClientAddress>().and_then(|address| address.0);
        let question = Question {
            order_id,
            merchant_id,
            wait_ms,
            version,
        };
        let app = context.data_unchecked::<App>();
        let status = app.check_payment(caller(context), address, question).await?;
        Ok(status.map(PaymentStatus::from))
    }
}

#[Object]
impl SessionMutation {
    /// Opens a payment session for a merchant that the caller acts for.
    async fn create_payment_session(
        &self,
        context: &Context<'_>,
        input: PaymentSessionInput,
    ) -> Result<Option<PaymentSession>> {
        let app = context.data_unchecked::<App>();
        let merchant = app.merchant_of(caller(context), input.merchant_id.as_deref()).await?;
        let key = key_of(context, input.idempotency_key.clone());
        let session = app.create_session(&merchant, input.into(), key).await?;
        Ok(Some(session.try_into()?))
    }

    /// Takes an open session back that nobody is paying.
    async fn cancel_payment_session(
        &self,
        context: &Context<'_>,
        session_id: String,
    ) -> Result<Option<PaymentSession>> {
        let app = context.data_unchecked::<App>();
        let session = app.cancel_session(caller(context), &session_id).await?;
        Ok(Some(session.try_into()?))
    }

    /// Opens the checkout of a bill by its VA number. Everybody may. A refusal tells its `failureCode` in `extensions`.
    async fn open_checkout(
        &self,
        context: &Context<'_>,
        va_number: String,
        #[graphql(desc = "Where the buyer goes afterwards, at one of the merchant's origins.")] return_url: Option<
            String,
        >,
    ) -> Result<Option<CheckoutSession>> {
        let address = context.data_opt::<ClientAddress>().and_then(|address| address.0);
        let app = context.data_unchecked::<App>();
        let (session, merchant) = app.open_checkout(address, &va_number, return_url.as_deref()).await?;
        Ok(Some(CheckoutSession::new(&session, &merchant, app.clock.now())?))
    }

    /// Pays a session from the caller's wallet, as `createTransaction` does with its number and amount.
    async fn pay_payment_session(
        &self,
        context: &Context<'_>,
        input: PayPaymentSessionInput,
    ) -> Result<Option<Transaction>> {
        let claims = caller(context).user()?.clone();
        let key = key_of(context, input.idempotency_key);
        let address = context.data_opt::<ClientAddress>().and_then(|address| address.0);
        let app = context.data_unchecked::<App>();
        let transaction = app
            .pay_session(&claims, address, &input.session_id, input.wallet_id, input.amount, key)
            .await?;
        Ok(Some(transaction.into()))
    }
}

/// The idempotency key of the input, or of the header.
fn key_of(context: &Context<'_>, key: Option<String>) -> Option<String> {
    key.or_else(|| context.data_opt::<IdempotencyKeyHeader>()?.0.clone())
}
