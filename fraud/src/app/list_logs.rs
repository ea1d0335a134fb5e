//! Pages of the log, and how long the whole list is.

use ids::FraudLogId;
use service::page::page_size;
use service::{ApiError, Reference, Timestamp};
use store::{Snapshot, StoreError};

use super::App;
use super::log_search::LogSearch;
use crate::store::log_index::{self, Source, Stretch, Way};
use crate::store::logs::{self, LogRow};

/// Counting ends here.
const COUNT_MAX: usize = 10_000;
/// A rule's name is no longer.
const RULE_CHARS_MAX: usize = 100;

/// Which page to show.
#[derive(Clone, Debug)]
pub struct ListLogs {
    /// How many.
    pub first: Option<i32>,
    /// Those after this one: the id of the last one seen.
    pub after: Option<String>,
    /// Of which list.
    pub search: LogSearch,
}

impl App {
    /// One page of logs that are not hidden.
    pub async fn list_logs(&self, asked: ListLogs) -> Result<Vec<LogRow>, ApiError> {
        let limit = page_size(asked.first)?;
        let no_such = || ApiError::bad_input("`after` is no fraud log's id");
        let after = asked
            .after
            .map(|text| FraudLogId::parse(&text).map_err(|_| no_such()))
            .transpose()?;
        check(&asked.search)?;
        self.database
            .read(move |snapshot| {
                let after = after
                    .map(|after| log_index::find(snapshot, after)?.ok_or_else(no_such))
                    .transpose()?;
                let limit = usize::try_from(limit).unwrap_or_default();
                let keys = asked.search.page(snapshot, after, limit)?;
                Ok(read_rows(snapshot, keys.into_iter().map(|key| key.number))?)
            })
            .await
    }

    /// How many logs a list has, and whether that is all of them.
    pub async fn count_logs(&self, search: LogSearch) -> Result<(usize, bool), ApiError> {
        check(&search)?;
        self.database
            .read(move |snapshot| search.count(snapshot, COUNT_MAX))
            .await
    }

    /// A log, hidden or not: whoever has its id has seen it before, or has it from a case.
    pub async fn find_log(&self, log_id: &str) -> Result<LogRow, ApiError> {
        let missing = || ApiError::not_found("fraud log");
        let log_id = FraudLogId::parse(log_id).map_err(|_| missing())?;
        let found = self.database.read(move |snapshot| logs::find(snapshot, log_id)).await;
        found.map_err(ApiError::from)?.ok_or_else(missing)
    }

    /// The log of a transaction, if it was checked.
    pub async fn find_log_of(&self, transaction_id: Reference) -> Result<Option<LogRow>, ApiError> {
        let found = self
            .database
            .read(move |snapshot| logs::find_by_transaction(snapshot, &transaction_id))
            .await;
        found.map_err(ApiError::from)
    }

    /// A user's newest logs before a log.
    pub async fn recent_logs(&self, user_id: String, before: &LogRow, count: i64) -> Result<Vec<LogRow>, ApiError> {
        let stretch = Stretch {
            way: Way::Back,
            at: before.created_at,
            number: before.number,
            end: Timestamp::from_micros(i64::MIN),
        };
        let found = self
            .database
            .read(move |snapshot| -> Result<_, StoreError> {
                let keys = log_index::walk(snapshot, &Source::User(user_id), &stretch, count)?;
                read_rows(snapshot, keys.into_iter().map(|key| key.number))
            })
            .await;
        found.map_err(ApiError::from)
    }
}

fn read_rows(snapshot: &Snapshot<'_>, numbers: impl Iterator<Item = i64>) -> Result<Vec<LogRow>, StoreError> {
    let mut rows = Vec::new();
    for number in numbers {
        // The index and the rows are of one snapshot, and no row is ever removed.
        rows.extend(logs::find_numbered(snapshot, number)?);
    }
    Ok(rows)
}

fn check(search: &LogSearch) -> Result<(), ApiError> {
    let bad =
        |field: &str, problem: &str| Err(ApiError::bad_input(format!("`{field}`: {problem}")).with("field", field));
    match &search.rule {
        Some(rule) if rule.is_empty() || rule.chars().count() > RULE_CHARS_MAX => bad("rule", "this is no rule's name"),
        _ => Ok(()),
    }
}
