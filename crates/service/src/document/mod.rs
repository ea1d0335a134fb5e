//! Documents on their way to the GraphQL library, which takes them at their word: it would run a mutation twice that
//! stands there twice, overlook a default that says what to skip, write out fragments without end, and overflow its
//! stack on brackets. What none of our clients needs is refused here, before it costs anything.
//!
//! A document is parsed once and remembered: a copy of it costs a thirtieth of parsing it again.

mod inputs;
mod operation;
mod size;
mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::parser::parse_query;
use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{ErrorExtensionValues, ServerError};
use moka::sync::Cache;

pub(crate) use inputs::InputTypes;
pub(crate) use operation::{check_repetition, choose, complete_variables};
pub use text::check_text;

use crate::error::ErrorCode;

/// More than the gateway lets through.
const TOKENS_MAX: usize = 4_000;
/// Syntax trees take some sixteen times the text they were read from.
const MEMORY_PER_TEXT: usize = 16;
/// Enough for some hundred documents of the usual size. There are ten endpoints in one process.
const REMEMBERED_BYTES_MAX: u64 = 1024 * 1024;
/// A document that has its values written into it can be long, and does not come again.
const REMEMBERED_TEXT_MAX: usize = 8 * 1024;

/// A document, and whether it is known to be valid in the schema that it was executed in.
pub(crate) struct Document {
    /// As it was parsed.
    pub(crate) executable: ExecutableDocument,
    is_proven: AtomicBool,
}

impl Document {
    /// Whether it was found valid before.
    pub(crate) fn is_proven(&self) -> bool {
        self.is_proven.load(Ordering::Relaxed)
    }

    /// Notes that it was found valid.
    pub(crate) fn prove(&self) {
        self.is_proven.store(true, Ordering::Relaxed);
    }
}

/// Reads documents and remembers them, bounded by memory.
pub(crate) struct Documents {
    remembered: Cache<Arc<str>, Arc<Document>>,
}

impl Documents {
    pub(crate) fn new() -> Self {
        let remembered = Cache::builder()
            .max_capacity(REMEMBERED_BYTES_MAX)
            .weigher(|text: &Arc<str>, _| u32::try_from(text.len() * MEMORY_PER_TEXT + 512).unwrap_or(u32::MAX))
            .build();
        Self { remembered }
    }

    /// The parsed document, if it is one that can be executed within bounds.
    pub(crate) fn read(&self, text: &str) -> Result<Arc<Document>, ServerError> {
        if let Some(document) = self.remembered.get(text) {
            return Ok(document);
        }
        let invalid = |message: String| refuse(ErrorCode::GraphqlValidationFailed, message);
        check_text(text, TOKENS_MAX).map_err(invalid)?;
        let document = parse_query(text).map_err(|error| coded(error.into(), ErrorCode::GraphqlParseFailed))?;
        size::check_size(&document).map_err(invalid)?;
        let document = Arc::new(Document {
            executable: document,
            is_proven: AtomicBool::new(false),
        });
        if text.len() <= REMEMBERED_TEXT_MAX {
            self.remembered.insert(text.into(), Arc::clone(&document));
        }
        Ok(document)
    }
}

fn refuse(code: ErrorCode, message: impl Into<String>) -> ServerError {
    coded(ServerError::new(message, None), code)
}

fn coded(mut error: ServerError, code: ErrorCode) -> ServerError {
    error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default)
        .set("code", code.as_str());
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_remembered_within_bounds() {
        let documents = Documents::new();
        let first = documents.read("{ a }").unwrap();
        assert!(Arc::ptr_eq(&first, &documents.read("{ a }").unwrap()));
        assert!(documents.read("{ a ").is_err());
        let long = format!("{{ a(b: \"{}\") }}", "x".repeat(REMEMBERED_TEXT_MAX));
        let first = documents.read(&long).unwrap();
        assert!(!Arc::ptr_eq(&first, &documents.read(&long).unwrap()));
        for n in 0..20_000 {
            documents.read(&format!("{{ a(b: {n}) }}")).unwrap();
        }
        documents.remembered.run_pending_tasks();
        assert!(documents.remembered.weighted_size() <= REMEMBERED_BYTES_MAX);
        assert!(documents.remembered.entry_count() > 100);
    }
}
