//! Issues a bill for a merchant: a VA number that remembers its amount.

use std::net::IpAddr;

use ids::PaymentSessionId;
use money::Money;
use service::ApiError;
use service::token::{Caller, Role};

use super::App;
use super::create_session::{NUMBERS_TRIED_MAX, fresh_number, no_number};
use crate::domain::{CaptureMode, Merchant, PaymentSession, SessionSource, SessionState, VALID_FOR, VaNumber};
use crate::store::sessions;

const DESCRIPTION_CHARS_MAX: usize = 200;
impl App {
    /// Issues an invoice and answers with its VA number: for the merchant whose API key it is, else for the default
    /// marketplace.
    ///
    /// Deployed marketplaces ask without a token, so in the sandbox anybody may; in live mode an API key or an operator's
    /// token is needed.
    pub async fn generate_invoice(
        &self,
        caller: &Caller,
        address: Option<IpAddr>,
        amount: Money,
        description: Option<String>,
    ) -> Result<VaNumber, ApiError> {
        let own = match caller {
            Caller::ApiKey(_) => Some(self.merchant_of(caller, None).await?),
            _ => None,
        };
        if own.is_none() && !self.mode.is_sandbox() {
            caller.with_role(&[Role::Admin, Role::Service])?;
        } else if own.is_none() && caller.authenticated().is_err() {
            self.limits.invoices.admit(address)?;
        }
        if description
            .as_ref()
            .is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX)
        {
            return Err(ApiError::bad_input(format!(
                "a description has at most {DESCRIPTION_CHARS_MAX} characters"
            )));
        }
        let merchant_id = own
            .as_ref()
            .map_or_else(Merchant::default_id, |merchant| merchant.merchant_id);
        let va_prefix = own.and_then(|merchant| merchant.va_prefix.clone());
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                for _ in 0..NUMBERS_TRIED_MAX {
                    let session = PaymentSession {
                        session_id: PaymentSessionId::generate_random(),
                        merchant_id,
                        source: SessionSource::Invoice,
                        order_id: None,
                        va_number: fresh_number(va_prefix.as_deref()),
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
                Err(no_number())
            })
            .await
    }
}
