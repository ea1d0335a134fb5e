//! `/app/history.csv`: the history as it is filtered, as a file for spreadsheets. What a wallet had and has is in its statements.

use axum::body::Body;
use axum::extract::Query;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::history::Asked;
use super::sign_in_first;
use crate::api::{HistoryEntry, documents};
use crate::csv::Table;
use crate::format::sortable;
use crate::pages::problem;
use crate::text::app;
use crate::visit::Visit;

/// More is asked for by narrower dates.
pub(super) const ROWS_MAX: usize = 5_000;
/// As many as a list of the gateway has at most.
const PAGE: usize = 500;

pub(crate) async fn download(visit: Visit, Query(asked): Query<Asked>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let Ok(filter) = asked.filter() else {
        return problem::not_found(&visit);
    };
    let mut table = Table::new(&columns(&visit));
    let mut after: Option<String> = None;
    let mut rows = 0;
    while rows < ROWS_MAX {
        let variables = filter.variables(PAGE, after.as_deref());
        let entries = match visit.ask(&documents::MY_HISTORY, variables).await {
            Ok(entries) => entries,
            // Half a file is worse than none.
            Err(failure) => return problem::of_failure(&visit, &failure),
        };
        entries.iter().for_each(|entry| table.push(&cells(entry)));
        rows += entries.len();
        match entries.last() {
            Some(last) if entries.len() == PAGE => after = Some(last.history_id.clone()),
            _ => break,
        }
    }
    respond(table.finish())
}

fn respond(file: String) -> Response {
    let mut response = Response::new(Body::from(file));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"sawit-history.csv\""),
    );
    response
}

fn columns(visit: &Visit) -> [&'static str; 10] {
    [
        app::COLUMN_TIME,
        app::COLUMN_TRANSACTION,
        app::COLUMN_TYPE,
        app::COLUMN_DIRECTION,
        app::COLUMN_AMOUNT,
        app::COLUMN_STATUS,
        app::COLUMN_VA,
        app::COLUMN_COUNTERPARTY,
        app::COLUMN_WALLET,
        app::COLUMN_FAILURE,
    ]
    .map(|text| visit.say(text))
}

/// Codes and plain amounts, because programs read this, too.
fn cells(entry: &HistoryEntry) -> [String; 10] {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    [
        sortable(entry.created_at),
        entry.transaction_id.clone(),
        entry.kind.clone(),
        entry.direction.clone(),
        entry.amount().to_string(),
        entry.status.clone(),
        text(&entry.va_number),
        text(&entry.counterparty),
        text(&entry.wallet_id),
        text(&entry.failure_code),
    ]
}
