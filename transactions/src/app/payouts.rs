//! Shows payouts to those who act for their merchants.

use ids::PayoutId;
use service::token::Caller;
use service::{ApiError, ErrorCode};

use super::App;
use super::merchant_access::Access;
use crate::domain::Payout;
use crate::store::payouts;

impl App {
    /// One payout of a merchant that the caller acts for; anybody else's is as good as none.
    pub async fn payout(&self, caller: &Caller, payout_id: &str) -> Result<Option<Payout>, ApiError> {
        // Also of a payout that does not exist a stranger learns nothing.
        match caller {
            Caller::ApiKey(_) => drop(self.merchant_of(caller, None).await?),
            _ => drop(caller.user()?),
        }
        let Ok(payout_id) = PayoutId::parse(payout_id) else {
            return Ok(None);
        };
        let found = self.database.read(move |snapshot| payouts::find(snapshot, payout_id));
        let Some(payout) = found.await.map_err(ApiError::from)? else {
            return Ok(None);
        };
        match self
            .check_access(caller, payout.merchant_id, "payout", Access::Look)
            .await
        {
            Ok(()) => Ok(Some(payout)),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A merchant's payouts, newest first.
    pub async fn payouts(
        &self,
        caller: &Caller,
        merchant_id: Option<&str>,
        after: Option<&str>,
        limit: i64,
    ) -> Result<Vec<Payout>, ApiError> {
        let merchant_id = self.merchant_seen_by(caller, merchant_id).await?.merchant_id;
        let unknown = |_| ApiError::bad_input("`after` is no payout's id");
        let before = after.map(PayoutId::parse).transpose().map_err(unknown)?;
        let found = self
            .database
            .read(move |snapshot| payouts::list_of_merchant(snapshot, merchant_id, before, limit));
        found.await.map_err(ApiError::from)
    }
}
