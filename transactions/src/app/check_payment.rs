//! What became of an order, for merchants that ask: at once, or as soon as something changes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ids::MerchantId;
use service::token::Caller;
use service::{ApiError, ErrorCode, Timestamp};
use tokio::time::Instant;

use super::App;
use crate::domain::{Merchant, PaymentSession, Transaction};
use crate::store::{sessions, transactions};

/// Nobody waits longer for an answer.
const WAIT_MAX: Duration = Duration::from_secs(25);
/// A buyer who pays does so soon; whoever asks about the others may ask less often.
const POLL_SOON: Duration = Duration::from_secs(2);
const POLL_LATER: Duration = Duration::from_secs(10);
const SOON_FOR: Duration = Duration::from_secs(600);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The merchant's name for what is paid.
    pub order_id: String,
    /// Whose order; the caller's own unless told.
    pub merchant_id: Option<String>,
    /// How long to wait for a change.
    pub wait_ms: Option<i32>,
    /// The version that is known already.
    pub version: Option<i64>,
}

/// Where an order's payment stands.
#[derive(Clone, Debug)]
pub struct PaymentStatus {
    /// Its session.
    pub session: PaymentSession,
    /// The payment that paid (or holds) it.
    pub transaction: Option<Transaction>,
    /// When to ask again; never, when it stays so.
    pub next_poll_after: Option<Duration>,
}

impl App {
    /// Where an order's payment stands; `None` for an order that we know nothing of.
    pub async fn check_payment(
        &self,
        caller: &Caller,
        address: Option<IpAddr>,
        question: Question,
    ) -> Result<Option<PaymentStatus>, ApiError> {
        let wait = parse_wait(question.wait_ms)?;
        let merchant = self.who_asks(caller, address, question.merchant_id.as_deref()).await?;
        let (merchant_id, order_id) = (merchant.merchant_id, question.order_id);
        let Some(first) = self.payment_status(merchant_id, order_id.clone()).await? else {
            return Ok(None);
        };
        let known = question.version.unwrap_or(first.session.version);
        if wait.is_zero() || first.session.version > known || first.session.state.is_final() {
            return Ok(Some(first));
        }
        // Whoever finds no room is answered at once, and asks again.
        let Some(mut waiter) = self.runner.waiters.wait_for(first.session.session_id, merchant_id) else {
            return Ok(Some(first));
        };
        let until = Instant::now() + wait;
        let mut status = first;
        loop {
            // Looked at again before each wait: what changes from here on wakes this waiter.
            if let Some(newer) = self.payment_status(merchant_id, order_id.clone()).await? {
                status = newer;
            }
            if status.session.version > known || !waiter.changed_until(until).await {
                return Ok(Some(status));
            }
        }
    }

    /// In the sandbox everybody may ask for the marketplace of the configuration, as they may issue bills for it.
    async fn who_asks(
        &self,
        caller: &Caller,
        address: Option<IpAddr>,
        merchant_id: Option<&str>,
    ) -> Result<Arc<Merchant>, ApiError> {
        let refused = match self.merchant_seen_by(caller, merchant_id).await {
            Ok(merchant) => return Ok(merchant),
            Err(refused) => refused,
        };
        let default = self.merchants.default_merchant().filter(|default| {
            let asked = merchant_id.is_none_or(|wanted| wanted == default.merchant_id.as_str());
            // Whoever runs several merchants must say which.
            let is_stranger = refused.code() != ErrorCode::BadUserInput && !matches!(caller, Caller::ApiKey(_));
            asked && is_stranger && self.mode.is_sandbox()
        });
        let default = default.ok_or(refused)?;
        self.limits.polls.admit(address)?;
        Ok(default)
    }

    async fn payment_status(
        &self,
        merchant_id: MerchantId,
        order_id: String,
    ) -> Result<Option<PaymentStatus>, ApiError> {
        let now = self.clock.now();
        let found = self.database.read(move |snapshot| {
            let Some(session) = sessions::find_by_order(snapshot, merchant_id, &order_id)? else {
                return Ok(None);
            };
            let transaction = match session.transaction_id {
                Some(transaction_id) => transactions::find(snapshot, transaction_id)?,
                None => None,
            };
            Ok(Some(PaymentStatus {
                next_poll_after: next_poll_after(&session, now),
                session,
                transaction,
            }))
        });
        found.await
    }
}

fn next_poll_after(session: &PaymentSession, now: Timestamp) -> Option<Duration> {
    let soon = now.since(session.updated_at) < SOON_FOR;
    let pause = if soon { POLL_SOON } else { POLL_LATER };
    (!session.state.is_final()).then_some(pause)
}

fn parse_wait(wait_ms: Option<i32>) -> Result<Duration, ApiError> {
    let wait = u64::try_from(wait_ms.unwrap_or(0)).map(Duration::from_millis);
    match wait {
        Ok(wait) if wait <= WAIT_MAX => Ok(wait),
        Ok(_) | Err(_) => Err(ApiError::new(
            ErrorCode::BadUserInput,
            format!("waitMs is between 0 and {}", WAIT_MAX.as_millis()),
        )),
    }
}
