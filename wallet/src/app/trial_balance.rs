//! Proves the books.

use std::sync::Arc;
use std::time::Duration;

use service::{ApiError, ErrorCode, Timestamp};
use store::StoreError;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::App;
use crate::store::trial::{self, CurrencyTotals};

/// Unless somebody wants a newer one, an answer is shared for so long: a page that many look at costs what one does.
pub const MAX_AGE_SECONDS: i32 = 10;

/// The books as a whole.
#[derive(Clone, Debug)]
pub struct TrialBalance {
    /// One entry per currency.
    pub currencies: Vec<CurrencyTotals>,
    /// Transfers whose postings do not sum to zero.
    pub unbalanced_transfers: i64,
    /// When they were added up.
    pub counted_at: Timestamp,
}

/// The last answer. Whoever holds it is the one who counts.
#[derive(Clone, Debug, Default)]
pub struct LastCount(Arc<Mutex<Option<Counted>>>);

#[derive(Debug)]
struct Counted {
    books: TrialBalance,
    begun_at: Instant,
    ended_at: Instant,
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
    /// Adds up every posting there is, which takes time in proportion to them; or tells what came of that at most
    /// `max_age` ago. Only one count goes on at a time, and those who wait for it share it.
    pub async fn trial_balance(&self, max_age: Duration) -> Result<TrialBalance, ApiError> {
        let asked_at = Instant::now();
        let mut last = Arc::clone(&self.last_count.0).lock_owned().await;
        // Its age is that of its end: a count that takes longer than `max_age` must do for those who waited for it.
        let is_good = |last: &&Counted| last.begun_at >= asked_at || last.ended_at.elapsed() < max_age;
        if let Some(known) = last.as_ref().filter(is_good) {
            return Ok(known.books.clone());
        }
        // In a task of its own: when the one who asked has gone, the count still goes on, and no second one beside it.
        let app = self.clone();
        let counted = tokio::spawn(async move {
            let begun_at = Instant::now();
            let books = app.add_up().await?;
            *last = Some(Counted {
                books: books.clone(),
                begun_at,
                ended_at: Instant::now(),
            });
            Ok(books)
        });
        counted.await.map_err(|error| {
            tracing::error!(%error, "the books could not be added up");
            ApiError::new(ErrorCode::Internal, "something went wrong on our side")
        })?
    }

    async fn add_up(&self) -> Result<TrialBalance, ApiError> {
        let counted_at = self.clock.now();
        self.database
            .read(move |snapshot| -> Result<TrialBalance, StoreError> {
                Ok(TrialBalance {
                    currencies: trial::totals(snapshot)?,
                    unbalanced_transfers: trial::unbalanced_transfers(snapshot)?,
                    counted_at,
                })
            })
            .await
            .map_err(ApiError::from)
    }
}
