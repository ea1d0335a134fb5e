//! Stage 2, parsing. Its results are kept with the plan, so a document seen before is not parsed again.

use apollo_compiler::ast;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::{LineColumn, Parser};
use apollo_compiler::validation::DiagnosticList;
use bytes::Bytes;
use service::document::check_text;
use service::error::ErrorCode;

use super::limits;
use super::shape::{GraphqlError, errors_only};
use crate::Limits;

/// A document with a mistake in every line is answered with this many of them.
const ERRORS_MAX: usize = 20;
/// Messages quote the document, which may consist of one name of many kilobytes.
const MESSAGE_CHARS_MAX: usize = 300;

/// Parses a document that stays within the limits, or gives the answer that says why not.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<ast::Document, Bytes> {
    check_text(text, limits.tokens).map_err(|message| refuse(ErrorCode::GraphqlValidationFailed, &message))?;
    let document = Parser::new()
        .parse_ast(text, "document.graphql")
        .map_err(|invalid| explain(ErrorCode::GraphqlParseFailed, &invalid.errors))?;
    limits::check_document(&document, limits)
        .map_err(|message| refuse(ErrorCode::GraphqlValidationFailed, &message))?;
    Ok(document)
}

/// The answer to a document with one thing wrong with it as a whole.
pub(super) fn refuse(code: ErrorCode, message: &str) -> Bytes {
    errors_only(&[GraphqlError::of_document(code, message, &[])])
}

/// The answer to a document that the parser or the validator found wanting.
pub(super) fn explain(code: ErrorCode, diagnostics: &DiagnosticList) -> Bytes {
    let found: Vec<(String, Vec<LineColumn>)> = diagnostics
        .iter()
        .take(ERRORS_MAX)
        .map(|diagnostic| {
            let message = diagnostic.error.to_string().chars().take(MESSAGE_CHARS_MAX).collect();
            let location = diagnostic
                .error
                .location()
                .and_then(|span| span.line_column(diagnostic.sources));
            (message, location.into_iter().collect())
        })
        .collect();
    let errors: Vec<_> = found
        .iter()
        .map(|(message, locations)| GraphqlError::of_document(code, message, locations))
        .collect();
    errors_only(&errors)
}
