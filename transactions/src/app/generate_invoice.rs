//! Issues a bill for a merchant: a VA number that remembers its amount.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ids::PaymentSessionId;
use moka::sync::Cache;
use money::Money;
use service::token::{Caller, Role};
use service::{ApiError, ErrorCode};

use super::App;
use crate::domain::{CaptureMode, Merchant, PaymentSession, SessionSource, SessionState, VaNumber};
use crate::store::sessions;

/// A buyer who has not paid by then orders anew.
const VALID_FOR: Duration = Duration::from_secs(24 * 3_600);
/// Invoices per address and minute without a token.
const ANONYMOUS_PER_MINUTE: u32 = 120;
const DESCRIPTION_CHARS_MAX: usize = 200;
/// Twelve random digits clash about never; this many times in a row they do not.
const NUMBERS_TRIED_MAX: usize = 5;

/// Counts invoices asked for without a token, per address and minute. Cheap to clone.
#[derive(Clone)]
pub struct AnonymousInvoices {
    counts: Option<Cache<Option<IpAddr>, Arc<AtomicU32>>>,
}

impl AnonymousInvoices {
    /// A counter, or one that lets everybody through.
    pub fn new(limited: bool) -> Self {
        let counts = || {
            Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_secs(60))
                .build()
        };
        Self {
            counts: limited.then(counts),
        }
    }

    fn admit(&self, address: Option<IpAddr>) -> Result<(), ApiError> {
        let Some(counts) = &self.counts else { return Ok(()) };
        let count = counts.get_with(address, Arc::default);
        if count.fetch_add(1, Ordering::Relaxed) < ANONYMOUS_PER_MINUTE {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::RateLimited, "too many invoices were asked for").with("retryAfterSeconds", 60))
    }
}

impl App {
    /// Issues an invoice for the default marketplace and answers with its VA number.
    ///
    /// Deployed marketplaces ask without a token, so in the sandbox anybody may; in live mode an operator's token is
    /// needed.
    pub async fn generate_invoice(
        &self,
        caller: &Caller,
        address: Option<IpAddr>,
        amount: Money,
        description: Option<String>,
    ) -> Result<VaNumber, ApiError> {
        if !self.mode.is_sandbox() {
            caller.with_role(&[Role::Admin, Role::Service])?;
        } else if caller.authenticated().is_err() {
            self.anonymous_invoices.admit(address)?;
        }
        if description
            .as_ref()
            .is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX)
        {
            return Err(ApiError::bad_input(format!(
                "a description has at most {DESCRIPTION_CHARS_MAX} characters"
            )));
        }
        let (merchant_id, now) = (Merchant::default_id(), self.clock.now());
        self.database
            .write(move |tx| {
                for _ in 0..NUMBERS_TRIED_MAX {
                    let session = PaymentSession {
                        session_id: PaymentSessionId::generate(),
                        merchant_id,
                        source: SessionSource::Invoice,
                        order_id: None,
                        va_number: VaNumber::generate(),
                        amount,
                        description: description.clone(),
                        items: Vec::new(),
                        metadata: Vec::new(),
                        capture_mode: CaptureMode::Automatic,
                        return_url: None,
                        cancel_url: None,
                        state: SessionState::Open,
                        transaction_id: None,
                        version: 1,
                        expires_at: now.after(VALID_FOR),
                        paid_at: None,
                        created_at: now,
                        updated_at: now,
                    };
                    if sessions::insert(tx, &session, &[])? {
                        return Ok(session.va_number);
                    }
                }
                Err(ApiError::new(
                    ErrorCode::ServiceUnavailable,
                    "no free VA number was found; try again",
                ))
            })
            .await
    }
}
