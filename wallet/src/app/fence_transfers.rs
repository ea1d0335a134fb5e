//! Makes sure that a transfer which may still be on its way will never be posted.

use ids::TransferId;
use service::ApiError;

use super::App;
use super::post_transfers::Posted;
use crate::domain::Refusal;
use crate::store::transfers;

impl App {
    /// For each id: its answer if it has one, otherwise it is refused from now on. After this, what the caller reads
    /// is final: a request that was lost on the way can come as late as it likes.
    pub async fn fence_transfers(&self, transfer_ids: Vec<TransferId>) -> Result<Vec<Posted>, ApiError> {
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                let mut answers = Vec::with_capacity(transfer_ids.len());
                for &transfer_id in &transfer_ids {
                    let recorded = transfers::find(tx, transfer_id)?;
                    let is_repeated = recorded.is_some();
                    let refusal = match recorded {
                        Some(recorded) => recorded.refusal,
                        None => {
                            transfers::insert_cancelled(tx, transfer_id, now)?;
                            Some(Refusal::Cancelled)
                        }
                    };
                    answers.push(Posted {
                        transfer_id,
                        refusal,
                        is_repeated,
                    });
                }
                Ok(answers)
            })
            .await
    }
}
