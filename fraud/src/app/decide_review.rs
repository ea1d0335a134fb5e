//! Somebody of the desk lets a payment go on or refuses it.

use ids::ReviewCaseId;
use service::{ApiError, ErrorCode};

use super::App;
use super::reviews::end_in;
use crate::clients::reviews::LANE;
use crate::domain::{ReviewDecisionKind, Verdict, judge};
use crate::store::cases::{self, CaseRow};
use crate::store::decisions::{self, DecisionRow};
use crate::store::policies;
use crate::store::stats::Ended;

/// A note is a sentence or two, or what was said on the telephone.
const NOTE_CHARS_MAX: usize = 2_000;

/// What somebody decides.
#[derive(Clone, Debug)]
pub struct DecideReview {
    /// The case.
    pub case_id: String,
    /// The decision.
    pub decision: ReviewDecisionKind,
    /// Why.
    pub note: String,
    /// Who decides.
    pub by: String,
}

impl App {
    /// Decides, and tells transactions if that ends the case. The same decision again changes nothing.
    pub async fn decide_review(&self, asked: DecideReview) -> Result<CaseRow, ApiError> {
        let missing = || ApiError::not_found("review case");
        let case_id = ReviewCaseId::parse(&asked.case_id).map_err(|_| missing())?;
        let note = note(&asked.note)?;
        let now = self.clock.now();
        let DecideReview { decision, by, .. } = asked;
        let case = self
            .database
            .write(move |tx| -> Result<CaseRow, ApiError> {
                let case = cases::find(tx, case_id)?.ok_or_else(missing)?;
                if case.user_id == by {
                    return Err(ApiError::new(
                        ErrorCode::Forbidden,
                        "nobody decides about a payment of their own",
                    ));
                }
                let before = decisions::of_case(tx, case_id)?;
                let approved_by: Vec<String> = before
                    .into_iter()
                    .filter(|earlier| earlier.decision == ReviewDecisionKind::Approve)
                    .map(|earlier| earlier.by)
                    .collect();
                let four_eyes_above = policies::current(tx)?.policy.four_eyes();
                let verdict = judge(case.state, decision, &by, &approved_by, case.amount, four_eyes_above);
                match verdict {
                    Verdict::Stands => return Ok(case),
                    Verdict::TooLate => return Err(too_late(&case)),
                    Verdict::NeedsSecond | Verdict::Ends => {}
                }
                // From here on there are only writes.
                // Whoever approved before may approve again as the one who ends it, once the policy asks for one only.
                if decision == ReviewDecisionKind::Reject || !approved_by.contains(&by) {
                    let row = DecisionRow {
                        decision,
                        by: by.clone(),
                        note: note.clone(),
                        at: now,
                    };
                    decisions::insert(tx, case_id, &row)?;
                }
                let action = actions::NewAction {
                    actor: &by,
                    action: match decision {
                        ReviewDecisionKind::Approve => "approveReview",
                        ReviewDecisionKind::Reject => "rejectReview",
                    },
                    object: case_id.as_str(),
                    reason: Some(&note),
                    detail: (verdict == Verdict::NeedsSecond).then_some("a second person has to approve"),
                };
                actions::record(tx, &action, now)?;
                if verdict == Verdict::NeedsSecond {
                    cases::set_needs_second(tx, case_id)?;
                } else {
                    end_in(tx, &case, Ended::ByPerson(decision), now)?;
                }
                cases::find(tx, case_id)?.ok_or_else(missing)
            })
            .await?;
        self.outbox.nudge(LANE);
        Ok(case)
    }
}

fn note(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let problem = if text.is_empty() {
        "`note` must say why".to_owned()
    } else if text.chars().count() > NOTE_CHARS_MAX {
        format!("`note` must have at most {NOTE_CHARS_MAX} characters")
    } else {
        return Ok(text.to_owned());
    };
    Err(ApiError::bad_input(problem).with("field", "note"))
}

fn too_late(case: &CaseRow) -> ApiError {
    let state = case.state.as_str();
    ApiError::new(ErrorCode::Conflict, format!("the case is {state} already")).with("state", state)
}
