//! `/app/statement.csv`: the history as a file for spreadsheets.

use axum::body::Body;
use axum::extract::Query;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::history::Asked;
use super::sign_in_first;
use crate::api::{HistoryEntry, documents};
use crate::format::sortable;
use crate::pages::problem;
use crate::text::app;
use crate::visit::Visit;

/// More is asked for by narrower dates.
pub(super) const ROWS_MAX: usize = 5_000;
/// As many as a list of the gateway has at most.
const PAGE: usize = 500;
/// By it spreadsheets know UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

pub(crate) async fn download(visit: Visit, Query(asked): Query<Asked>) -> Response {
    if visit.session().is_none() {
        return sign_in_first(&visit);
    }
    let Ok(filter) = asked.filter() else {
        return problem::not_found(&visit);
    };
    let mut file = String::from(BYTE_ORDER_MARK);
    push_row(&mut file, &columns(&visit));
    let mut after: Option<String> = None;
    let mut rows = 0;
    while rows < ROWS_MAX {
        let variables = filter.variables(PAGE, after.as_deref());
        let entries = match visit.ask(&documents::MY_HISTORY, variables).await {
            Ok(entries) => entries,
            // Half a statement is worse than none.
            Err(failure) => return problem::of_failure(&visit, &failure),
        };
        entries.iter().for_each(|entry| push_row(&mut file, &cells(entry)));
        rows += entries.len();
        match entries.last() {
            Some(last) if entries.len() == PAGE => after = Some(last.history_id.clone()),
            _ => break,
        }
    }
    respond(file)
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
        HeaderValue::from_static("attachment; filename=\"sawit-statement.csv\""),
    );
    response
}

fn columns(visit: &Visit) -> [String; 10] {
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
    .map(|text| visit.say(text).to_owned())
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

/// One line as RFC 4180 has it.
fn push_row(file: &mut String, cells: &[String]) {
    for (position, cell) in cells.iter().enumerate() {
        if position > 0 {
            file.push(',');
        }
        push_cell(file, cell);
    }
    file.push_str("\r\n");
}

/// A spreadsheet takes a cell that begins with one of these for a formula, and runs it: the quote before it prevents that.
fn push_cell(file: &mut String, cell: &str) {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if is_formula {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if text.contains(['"', ',', '\r', '\n']) {
        file.push('"');
        file.push_str(&text.replace('"', "\"\""));
        file.push('"');
    } else {
        file.push_str(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_line() {
        #[track_caller]
        fn check(cell: &str, expect: &str) {
            let mut file = String::new();
            push_cell(&mut file, cell);
            assert_eq!(file, expect);
        }
        check("", "");
        check("Toko Budi", "Toko Budi");
        check("59000.5", "59000.5");
        check("=1+1", "'=1+1");
        check("+62", "'+62");
        check("-5", "'-5");
        check("@SUM(A1)", "'@SUM(A1)");
        check("\t=1", "'\t=1");
        check("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
        check("a,b", "\"a,b\"");
        check("a\r\nb", "\"a\r\nb\"");
        check("say \"hi\"", "\"say \"\"hi\"\"\"");
    }
}
