//! The cases of the desk.

use ids::{FraudLogId, ReviewCaseId};
use service::page::page_size;
use service::{ApiError, Reference};

use super::App;
use crate::domain::ReviewState;
use crate::store::cases::{self, CaseFilter, CaseRow};
use crate::store::decisions::{self, DecisionRow};

/// Which cases to show.
#[derive(Clone, Debug, Default)]
pub struct ListReviews {
    /// How many.
    pub first: Option<i32>,
    /// Those after this one: the id of the last one seen.
    pub after: Option<String>,
    /// In this state.
    pub state: Option<ReviewState>,
    /// Of this user.
    pub user_id: Option<Reference>,
}

impl App {
    /// One page: those that wait oldest first, others newest first.
    pub async fn list_reviews(&self, asked: ListReviews) -> Result<Vec<CaseRow>, ApiError> {
        let limit = page_size(asked.first)?;
        let after = asked
            .after
            .map(|text| ReviewCaseId::parse(&text).map_err(|_| ApiError::bad_input("`after` is no review case's id")))
            .transpose()?;
        let filter = CaseFilter {
            state: asked.state,
            user_id: asked.user_id.map(|id| id.as_str().to_owned()),
            after,
        };
        let found = self
            .database
            .read(move |snapshot| cases::list(snapshot, &filter, limit))
            .await;
        found.map_err(ApiError::from)
    }

    /// One case.
    pub async fn find_review(&self, case_id: &str) -> Result<CaseRow, ApiError> {
        let missing = || ApiError::not_found("review case");
        let case_id = ReviewCaseId::parse(case_id).map_err(|_| missing())?;
        let found = self.database.read(move |snapshot| cases::find(snapshot, case_id)).await;
        found.map_err(ApiError::from)?.ok_or_else(missing)
    }

    /// The case that a check asked for.
    pub async fn case_of_log(&self, log_id: FraudLogId) -> Result<Option<ReviewCaseId>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| cases::of_log(snapshot, log_id))
            .await;
        found.map_err(ApiError::from)
    }

    /// What was decided about a case so far.
    pub async fn decisions_of(&self, case_id: ReviewCaseId) -> Result<Vec<DecisionRow>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| decisions::of_case(snapshot, case_id))
            .await;
        found.map_err(ApiError::from)
    }
}
