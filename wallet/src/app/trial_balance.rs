//! Proves the books.

use service::ApiError;

use super::App;
use crate::store::trial::{self, CurrencyTotals};

/// The books as a whole.
#[derive(Clone, Debug)]
pub struct TrialBalance {
    /// One entry per currency.
    pub currencies: Vec<CurrencyTotals>,
    /// Transfers whose postings do not sum to zero.
    pub unbalanced_transfers: i64,
}

impl TrialBalance {
    /// Whether everything adds up.
    pub fn is_balanced(&self) -> bool {
        self.unbalanced_transfers == 0
            && self
                .currencies
                .iter()
                .all(|totals| totals.sum_minor == 0 && totals.mismatches == 0)
    }
}

impl App {
    /// Adds up every posting there is. Takes time in proportion to them.
    pub async fn trial_balance(&self) -> Result<TrialBalance, ApiError> {
        self.database
            .read(|snapshot| {
                Ok(TrialBalance {
                    currencies: trial::totals(snapshot)?,
                    unbalanced_transfers: trial::unbalanced_transfers(snapshot)?,
                })
            })
            .await
    }
}
