//! One page of the log, newest first.

use ids::FraudLogId;
use service::page::page_size;
use service::{ApiError, Reference, Timestamp};

use super::App;
use crate::domain::Outcome;
use crate::store::logs::{self, LogFilter, LogRow, Position};

/// Which logs to show.
#[derive(Clone, Debug, Default)]
pub struct ListLogs {
    /// How many.
    pub first: Option<i32>,
    /// Those after this one: the id of the last one seen.
    pub after: Option<String>,
    /// Of this outcome.
    pub status: Option<Outcome>,
    /// Of this user.
    pub user_id: Option<Reference>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub to: Option<Timestamp>,
}

impl App {
    /// Logs that are not hidden.
    pub async fn list_logs(&self, asked: ListLogs) -> Result<Vec<LogRow>, ApiError> {
        let limit = page_size(asked.first)?;
        let no_such = || ApiError::bad_input("`after` is no fraud log's id");
        let after = asked
            .after
            .map(|text| FraudLogId::parse(&text).map_err(|_| no_such()))
            .transpose()?;
        // Times and ids share one order, so the end of the time range and the page's start are one bound.
        let end = Position {
            created_at: asked.to.unwrap_or(Timestamp::from_micros(i64::MAX)),
            log_id: String::new(),
        };
        let mut filter = LogFilter {
            status: asked.status,
            user_id: asked.user_id,
            from: asked.from.unwrap_or(Timestamp::from_micros(i64::MIN)),
            before: end,
        };
        self.database
            .read(move |snapshot| {
                if let Some(after) = after {
                    let after = logs::position(snapshot, after)?.ok_or_else(no_such)?;
                    filter.before = filter.before.min(after);
                }
                Ok(logs::list(snapshot, &filter, limit)?)
            })
            .await
    }
}
