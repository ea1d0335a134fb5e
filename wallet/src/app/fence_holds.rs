//! Makes sure that a hold which may still be on its way will never be granted.

use ids::HoldId;
use service::ApiError;
use store::{Snapshot, StoreError};

use super::App;
use crate::domain::HoldAnswer;
use crate::store::{fenced_holds, holds};

impl App {
    /// For each id: the hold as it stands if it was answered before, otherwise it is refused from now on. After this,
    /// what the caller reads is final: a request that was lost on the way can come as late as it likes.
    pub async fn fence_holds(&self, hold_ids: Vec<HoldId>) -> Result<Vec<HoldAnswer>, ApiError> {
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                let mut answers = Vec::with_capacity(hold_ids.len());
                for &hold_id in &hold_ids {
                    let answer = match find_answer(tx, hold_id)? {
                        Some(answer) => answer,
                        None => {
                            fenced_holds::insert(tx, hold_id, now)?;
                            HoldAnswer::Fenced {
                                hold_id,
                                fenced_at: now,
                            }
                        }
                    };
                    answers.push(answer);
                }
                Ok(answers)
            })
            .await
    }
}

/// What was answered under a hold's id, if anything was.
pub(super) fn find_answer(snapshot: &Snapshot<'_>, hold_id: HoldId) -> Result<Option<HoldAnswer>, StoreError> {
    if let Some((hold, _)) = holds::find(snapshot, hold_id)? {
        return Ok(Some(HoldAnswer::Known(hold)));
    }
    let fenced = fenced_holds::find(snapshot, hold_id)?;
    Ok(fenced.map(|fenced_at| HoldAnswer::Fenced { hold_id, fenced_at }))
}
