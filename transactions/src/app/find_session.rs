//! Sessions as merchants and buyers look at them.

use std::sync::Arc;

use ids::PaymentSessionId;
use service::token::Caller;
use service::{ApiError, ErrorCode};

use super::App;
use super::merchant_access::Access;
use crate::domain::{Merchant, PaymentSession};
use crate::store::sessions;

impl App {
    /// A session of a merchant that the caller acts for; any other is as good as none.
    pub async fn session_of(&self, caller: &Caller, session_id: &str) -> Result<PaymentSession, ApiError> {
        self.session_for(caller, session_id, Access::Act).await
    }

    /// A session that the caller may look at; any other is as good as none.
    pub async fn session_seen_by(&self, caller: &Caller, session_id: &str) -> Result<PaymentSession, ApiError> {
        self.session_for(caller, session_id, Access::Look).await
    }

    async fn session_for(&self, caller: &Caller, session_id: &str, access: Access) -> Result<PaymentSession, ApiError> {
        self.check_may_act(caller).await?;
        let session = self.find_session(session_id).await?;
        let session = session.ok_or_else(|| ApiError::not_found("payment session"))?;
        self.check_access(caller, session.merchant_id, "payment session", access)
            .await?;
        Ok(session)
    }

    /// What whoever has a session's id may see: the session, and who is paid.
    pub async fn checkout_session(
        &self,
        session_id: &str,
    ) -> Result<Option<(PaymentSession, Arc<Merchant>)>, ApiError> {
        match self.find_session(session_id).await? {
            Some(session) => self.with_merchant(session).map(Some),
            None => Ok(None),
        }
    }

    /// A session with its merchant.
    pub(super) fn with_merchant(&self, session: PaymentSession) -> Result<(PaymentSession, Arc<Merchant>), ApiError> {
        let merchant = self.merchants.get(session.merchant_id);
        // Merchants are never removed.
        let lost = || ApiError::new(ErrorCode::Internal, "something went wrong on our side");
        Ok((session, merchant.ok_or_else(lost)?))
    }

    /// A session by its id, whoever asks.
    pub(super) async fn find_session(&self, session_id: &str) -> Result<Option<PaymentSession>, ApiError> {
        let Ok(session_id) = PaymentSessionId::parse(session_id) else {
            return Ok(None);
        };
        let found = self.database.read(move |snapshot| sessions::find(snapshot, session_id));
        found.await.map_err(ApiError::from)
    }
}
