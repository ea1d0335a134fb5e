//! Takes a session back that nobody has paid or is paying.

use ids::PaymentSessionId;
use service::token::Caller;
use service::{ApiError, ErrorCode, Timestamp};
use store::Tx;

use super::App;
use crate::domain::{PaymentSession, SessionState};
use crate::store::{bill_claims, sessions};

impl App {
    /// Cancels a session. Cancelled again, it stays as it is.
    pub async fn cancel_session(&self, caller: &Caller, session_id: &str) -> Result<PaymentSession, ApiError> {
        let session_id = self.session_of(caller, session_id).await?.session_id;
        let now = self.clock.now();
        let cancelled = self.database.write(move |tx| cancel_in(tx, session_id, now)).await?;
        self.runner.session_changed(session_id);
        Ok(cancelled)
    }
}

/// A payment claims the bill in its first commit, and there is one writer: either it comes first and this is refused, or
/// this comes first and the payment is.
fn cancel_in(tx: &mut Tx<'_>, session_id: PaymentSessionId, now: Timestamp) -> Result<PaymentSession, ApiError> {
    let unknown = || ApiError::not_found("payment session");
    let session = sessions::find(tx, session_id)?.ok_or_else(unknown)?;
    let conflict = |message: &str| {
        let state = session.state.as_str();
        ApiError::new(ErrorCode::Conflict, message).with("state", state)
    };
    match session.state {
        SessionState::Review => return Err(conflict("a payment of this session is being reviewed")),
        SessionState::Cancelled if session.transaction_id.is_none() => return Ok(session),
        SessionState::Open => {}
        SessionState::Authorized | SessionState::Paid | SessionState::Expired | SessionState::Cancelled => {
            return Err(conflict("only an open session can be cancelled"));
        }
    }
    if bill_claims::find(tx, session.merchant_id, session.va_number.as_str())?.is_some() {
        return Err(conflict("somebody is paying this session now"));
    }
    sessions::set_state(tx, session_id, SessionState::Cancelled, None, now)?;
    sessions::find(tx, session_id)?.ok_or_else(unknown)
}
