//! Voids: lets go what is left of a hold.

use ids::HoldId;
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::App;
use super::fence_holds::find_answer;
use crate::domain::{Hold, HoldAnswer, HoldState};
use crate::store::{accounts, holds};

impl App {
    /// Lets go what is left of each hold. A hold that holds nothing (any more) stays as it is.
    pub async fn void_holds(&self, hold_ids: Vec<HoldId>) -> Result<Vec<HoldAnswer>, ApiError> {
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                let mut voided = Vec::with_capacity(hold_ids.len());
                for &hold_id in &hold_ids {
                    let answer = find_answer(tx, hold_id)?.ok_or_else(|| ApiError::not_found("hold"))?;
                    voided.push(match answer {
                        HoldAnswer::Known(hold) => HoldAnswer::Known(release(tx, hold, HoldState::Voided, now)?),
                        fenced @ HoldAnswer::Fenced { .. } => fenced,
                    });
                }
                Ok(voided)
            })
            .await
    }
}

/// Ends a pending hold. `ending` is how, if nothing of it was ever captured.
pub fn release(tx: &mut Tx<'_>, mut hold: Hold, ending: HoldState, now: Timestamp) -> Result<Hold, StoreError> {
    if hold.state != HoldState::Pending {
        return Ok(hold);
    }
    accounts::change_held(tx, &hold.account_id, -hold.remaining_minor(), now)?;
    hold.state = hold.released(ending);
    holds::update(tx, hold.hold_id, hold.captured_minor, hold.state, now)?;
    Ok(hold)
}
