//! Takes the fraud desk's word about payments under review.

use ids::TransactionId;
use service::{ApiError, Timestamp};
use store::{StoreError, Tx};

use super::App;
use crate::domain::ReviewDecision;
use crate::saga::{Decided, decide_in};

/// So many at once; the desk sends no more.
const RESOLUTIONS_MAX: usize = 512;

/// A word about a payment.
#[derive(Clone, Debug)]
pub struct Resolution {
    /// The payment.
    pub transaction_id: String,
    /// The case at the fraud desk.
    pub case_id: String,
    /// What it says.
    pub decision: String,
}

impl App {
    /// Takes each word, in one commit, and answers whose were taken. Taken again, nothing changes; a word about a payment that
    /// we know nothing of, or that has ended, has nothing to change. Only one that says the opposite of an earlier one is not
    /// taken.
    pub async fn resolve_reviews(&self, resolutions: Vec<Resolution>) -> Result<Vec<String>, ApiError> {
        if resolutions.len() > RESOLUTIONS_MAX {
            return Err(ApiError::bad_input(format!(
                "at most {RESOLUTIONS_MAX} reviews are resolved at once"
            )));
        }
        let parsed: Vec<(Resolution, ReviewDecision)> = resolutions
            .into_iter()
            .map(|resolution| {
                let decision = ReviewDecision::parse(&resolution.decision)
                    .ok_or_else(|| ApiError::bad_input("`decision` is APPROVE or REJECT"))?;
                Ok((resolution, decision))
            })
            .collect::<Result<_, ApiError>>()?;
        let now = self.clock.now();
        self.database
            .write(move |tx| {
                let mut taken = Vec::with_capacity(parsed.len());
                for (resolution, decision) in &parsed {
                    if take(tx, resolution, *decision, now)? {
                        taken.push(resolution.transaction_id.clone());
                    }
                }
                Ok(taken)
            })
            .await
    }
}

fn take(
    tx: &mut Tx<'_>,
    resolution: &Resolution,
    decision: ReviewDecision,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Ok(transaction_id) = TransactionId::parse(&resolution.transaction_id) else {
        tracing::warn!(
            case = resolution.case_id,
            "a review of something that is no transaction was decided"
        );
        return Ok(true);
    };
    let decided = decide_in(tx, transaction_id, decision, Some(&resolution.case_id), now)?;
    match decided {
        Decided::Taken => {}
        Decided::NothingToDo => {
            tracing::info!(transaction = %transaction_id, case = resolution.case_id, "a review was decided that is over, or unknown");
        }
        Decided::Otherwise => {
            tracing::error!(transaction = %transaction_id, case = resolution.case_id, "a review was decided twice, and not the same way: the first decision counts");
        }
    }
    Ok(decided != Decided::Otherwise)
}
