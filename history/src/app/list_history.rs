//! One page of a user's list, newest first.

use ids::HistoryId;
use service::page::page_size;
use service::{ApiError, Timestamp};

use super::App;
use crate::domain::{Entry, check_label};
use crate::store::entries::{self, EntryFilter, Position};

/// Which entries to show.
#[derive(Clone, Debug)]
pub struct ListHistory {
    /// Whose.
    pub user_id: String,
    /// How many.
    pub first: Option<i32>,
    /// Those after this one: the id of the last one seen.
    pub after: Option<String>,
    /// Of this type.
    pub kind: Option<String>,
    /// Of this status.
    pub status: Option<String>,
    /// Happened at this time or later.
    pub from: Option<Timestamp>,
    /// Happened before this time.
    pub to: Option<Timestamp>,
}

impl App {
    /// Entries that their owner did not hide.
    pub async fn list_history(&self, asked: ListHistory) -> Result<Vec<Entry>, ApiError> {
        let limit = page_size(asked.first)?;
        if let Some(kind) = &asked.kind {
            check_label("type", kind)?;
        }
        if let Some(status) = &asked.status {
            check_label("status", status)?;
        }
        let no_such = || ApiError::bad_input("`after` is none of your history records' ids");
        let after = asked
            .after
            .map(|text| HistoryId::parse(&text).map_err(|_| no_such()))
            .transpose()?;
        // The end of the time range and the page's start are one bound.
        let end = Position {
            occurred_at: asked.to.unwrap_or(Timestamp::from_micros(i64::MAX)),
            sequence: 0,
        };
        let mut filter = EntryFilter {
            user_id: asked.user_id,
            kind: asked.kind,
            status: asked.status,
            from: asked.from.unwrap_or(Timestamp::from_micros(i64::MIN)),
            before: end,
        };
        self.database
            .read(move |snapshot| {
                if let Some(after) = after {
                    let after = entries::position(snapshot, after.as_str(), &filter.user_id)?.ok_or_else(no_such)?;
                    filter.before = filter.before.min(after);
                }
                Ok(entries::list(snapshot, &filter, limit)?)
            })
            .await
    }
}
