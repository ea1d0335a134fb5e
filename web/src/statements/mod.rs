//! Statements: a month of a wallet as a file, for its owner and for staff. The ledger says what it says; these pages fetch
//! all of it, put each line in words, and write it down.

mod csv;
mod describe;
mod gather;
mod month;
mod pdf;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use service::Timestamp;

use crate::api::{Failure, StatementLine, WalletStatement};
use crate::text::Lang;
use crate::visit::Visit;

use describe::Description;

pub(crate) use describe::Details;
pub(crate) use month::{Month, since};

/// Lines of one file. The API has all of a longer month, page by page.
pub(crate) const LINES_MAX: usize = 10_000;

/// What a statement is wanted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Pdf,
}

/// Why there is no file. Half a statement would be worse than none.
#[derive(Debug)]
pub(crate) enum NoFile {
    /// No address of a file.
    Unknown,
    /// The month has so many lines.
    TooLong(i64),
    /// The ledger, or what the lines are described with, could not be had.
    Failed(Failure),
}

/// All that a file is made of.
struct Statement {
    month: Month,
    holder: String,
    lang: Lang,
    /// When it was asked for.
    now: Timestamp,
    /// What the ledger says, without its lines.
    head: WalletStatement,
    /// Every line, described.
    lines: Vec<(StatementLine, Description)>,
}

/// The file under an address: `2026-11.csv` or `2026-11.pdf`.
pub(crate) async fn file(
    visit: &Visit,
    wallet_id: &str,
    file: &str,
    holder: String,
    details: Details,
) -> Result<Response, NoFile> {
    let (month, format) = match file.split_once('.') {
        Some((month, "csv")) => (month, Format::Csv),
        Some((month, "pdf")) => (month, Format::Pdf),
        _ => return Err(NoFile::Unknown),
    };
    let month = Month::parse(month).ok_or(NoFile::Unknown)?;
    let (head, lines) = gather::all(visit, wallet_id, month).await?;
    let bills = details.bills(visit, &lines).await.map_err(NoFile::Failed)?;
    let lang = visit.lang();
    let lines = lines.into_iter().map(|line| {
        let description = details.describe(lang, &line, &bills);
        (line, description)
    });
    let statement = Statement {
        month,
        holder,
        lang,
        now: visit.web().config.clock.now(),
        lines: lines.collect(),
        head,
    };
    let name = format!("sawit-{}-{}", statement.month.code(), statement.head.wallet_id);
    // Thousands of lines are set in some tenths of a second: not on a thread that others wait for.
    let written = tokio::task::spawn_blocking(move || match format {
        Format::Csv => csv::write(&statement).into_bytes(),
        Format::Pdf => pdf::write(&statement),
    });
    let body = written.await.map_err(|_| NoFile::Failed(Failure::Unavailable))?;
    Ok(respond(body, format, &name))
}

fn respond(body: Vec<u8>, format: Format, name: &str) -> Response {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Pdf => ("application/pdf", "pdf"),
    };
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // An id is plain; what would be none is no name of a file either.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{ending}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
