//! Verifies a stretch of the trail.

use service::ApiError;
use store::{Snapshot, StoreError};

use super::App;
use crate::domain::chain::{Broken, Head, verify, verify_end};
use crate::store::{entries, head};

const STRETCH_DEFAULT: i64 = 1_000;
const STRETCH_MAX: i64 = 10_000;

/// What a verification came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The first entry that is changed or missing.
    pub broken: Option<Broken>,
    /// The last entry up to which all is well.
    pub reached: i64,
    /// Whether that is the end of the trail.
    pub complete: bool,
}

impl App {
    /// Verifies up to `first` entries after a number, taking the hash that stands at that number as given: whoever
    /// begins at 0 and goes on from each `reached` verifies everything.
    pub async fn verify(&self, after_sequence: i64, first: Option<i32>) -> Result<Verdict, ApiError> {
        let limit = first.map_or(STRETCH_DEFAULT, i64::from);
        if !(1..=STRETCH_MAX).contains(&limit) {
            return Err(ApiError::bad_input(format!(
                "`first` must be between 1 and {STRETCH_MAX}"
            )));
        }
        self.database
            .read(move |snapshot| {
                let noted = head::read(snapshot)?;
                if !(0..=noted.sequence).contains(&after_sequence) {
                    return Err(ApiError::bad_input(format!(
                        "`afterSequence` must be between 0 and {}",
                        noted.sequence
                    )));
                }
                Ok(verify_stretch(snapshot, noted, after_sequence, limit)?)
            })
            .await
    }

    /// Verifies the last entries and says so in the log when they are broken. The service goes on: what comes in has to
    /// be recorded all the more.
    pub(super) async fn verify_newest(&self) -> Result<(), StoreError> {
        let verdict = self
            .database
            .read(|snapshot| -> Result<Verdict, StoreError> {
                let noted = head::read(snapshot)?;
                let start = (noted.sequence - STRETCH_DEFAULT).max(0);
                // One more than there should be, so that entries beyond the noted end are seen.
                verify_stretch(snapshot, noted, start, STRETCH_DEFAULT + 1)
            })
            .await?;
        if let Some(Broken { sequence }) = verdict.broken {
            tracing::error!(sequence, "the audit trail is broken: this entry is changed or missing");
        }
        Ok(())
    }
}

fn verify_stretch(snapshot: &Snapshot<'_>, noted: Head, after: i64, limit: i64) -> Result<Verdict, StoreError> {
    let broken = |broken: Broken| Verdict {
        broken: Some(broken),
        reached: broken.sequence - 1,
        complete: false,
    };
    let start = match after {
        0 => Some(Head::START),
        _ => entries::hash(snapshot, after)?.map(|hash| Head { sequence: after, hash }),
    };
    let Some(start) = start else {
        return Ok(broken(Broken { sequence: after }));
    };
    let rows = entries::after(snapshot, after, limit)?;
    let complete = (rows.len() as i64) < limit;
    let reached = match verify(start, &rows) {
        Ok(reached) => reached,
        Err(found) => return Ok(broken(found)),
    };
    if (complete || reached.sequence > noted.sequence)
        && let Err(found) = verify_end(reached, noted)
    {
        return Ok(broken(found));
    }
    Ok(Verdict {
        broken: None,
        reached: reached.sequence,
        complete,
    })
}
