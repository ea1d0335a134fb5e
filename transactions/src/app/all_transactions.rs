//! Looks through all transactions, for staff.

use service::ApiError;
use service::token::Caller;

use super::App;
use crate::domain::Transaction;
use crate::store::transaction_search::{self, Search};

impl App {
    /// The transactions that fit, newest first.
    pub async fn all_transactions(
        &self,
        caller: &Caller,
        mut search: Search,
        limit: i64,
    ) -> Result<Vec<Transaction>, ApiError> {
        caller.staff()?;
        if let Some(wallet_id) = search.wallet_id {
            match self.merchants.get(wallet_id.retag::<ids::Merchant>()) {
                // What a merchant was paid stands under the merchant.
                Some(merchant) if search.merchant_id.is_none_or(|wanted| wanted == merchant.merchant_id) => {
                    search.merchant_id = Some(merchant.merchant_id);
                    search.wallet_id = None;
                }
                Some(_) => return Ok(Vec::new()),
                None => {
                    let owner = self.runner.wallet.facts(wallet_id).await?.map(|facts| facts.owner_id);
                    let Some(owner) = owner else { return Ok(Vec::new()) };
                    match &search.user_id {
                        // Somebody else can only have sent something into it.
                        Some(wanted) if *wanted != owner => {}
                        _ => search.user_id = Some(owner),
                    }
                }
            }
        }
        self.database
            .read(move |snapshot| transaction_search::list(snapshot, &search, limit))
            .await
            .map_err(ApiError::from)
    }
}
