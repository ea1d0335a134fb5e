//! Brings logs from before there was a desk into the index of rules and the counts, a slice in each commit, so that checks
//! wait behind none for long.

use service::ApiError;
use store::StoreError;

use super::App;
use crate::domain::Action;
use crate::store::stats::{Counted, Tally};
use crate::store::{catch_up, logs};

const SLICE: i64 = 200;

impl App {
    /// Brings in the next logs, and says whether there may be more.
    pub(super) async fn catch_up(&self) -> Result<bool, ApiError> {
        let next = self.database.read(catch_up::next).await;
        if next.map_err(|error: StoreError| ApiError::from(error))?.is_none() {
            return Ok(false);
        }
        self.database
            .write(|tx| -> Result<bool, StoreError> {
                let Some(done_to) = catch_up::next(tx)? else {
                    return Ok(false);
                };
                let slice = catch_up::logs_behind(tx, &done_to, SLICE)?;
                let mut tally = Tally::default();
                for (log_id, is_from_before) in &slice {
                    // What came since was counted when it came.
                    if !is_from_before {
                        continue;
                    }
                    let Some(log) = logs::find(tx, *log_id)? else { continue };
                    logs::index_rules(tx, &log)?;
                    tally.add(&Counted {
                        at: log.created_at,
                        outcome: log.decision.outcome,
                        amount: log.amount.minor(),
                        is_refused: log.decision.action == Action::Block,
                        is_reviewed: false,
                        fired: &log.decision.fired,
                    });
                }
                tally.save(tx)?;
                let is_done = slice.len() as u64 != SLICE.unsigned_abs();
                let done_to = slice.last().map_or(done_to, |(log_id, _)| log_id.to_string());
                catch_up::note(tx, &done_to, is_done)?;
                Ok(!is_done)
            })
            .await
            .map_err(ApiError::from)
    }
}
