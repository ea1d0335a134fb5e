//! Questions about the schema, which the gateway answers itself.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast;
use apollo_compiler::introspection::partial_execute;
use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use bytes::Bytes;
use service::error::ErrorCode;
use service::graphql_http::error_body;

use crate::schema::PublicSchema;

/// The part of an operation that asks about the schema.
pub(super) enum Introspection {
    /// No variables: always the same answer, so it is computed once. The whole schema costs milliseconds to write.
    Answered(Bytes),
    /// Depends on variables.
    Asked(Box<Valid<ExecutableDocument>>),
}

impl Introspection {
    /// `document` has introspection fields only, taken out of a valid document.
    pub(super) fn new(document: &ast::Document, has_variables: bool, schema: &PublicSchema) -> Self {
        match document.to_executable_validate(schema.valid()) {
            Ok(valid) if has_variables => Self::Asked(Box::new(valid)),
            Ok(valid) => Self::Answered(execute(&valid, None, schema)),
            Err(_) => Self::Answered(unanswerable()),
        }
    }

    /// The answer, in the shape of a service's answer.
    pub(super) fn answer(&self, variables: Option<&str>, schema: &PublicSchema) -> Bytes {
        match self {
            Self::Answered(body) => body.clone(),
            Self::Asked(document) => execute(document, variables, schema),
        }
    }

    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Answered(body) => body.len(),
            Self::Asked(_) => 16 * 1024,
        }
    }
}

fn execute(document: &Valid<ExecutableDocument>, variables: Option<&str>, schema: &PublicSchema) -> Bytes {
    try_execute(document, variables, schema).unwrap_or_else(unanswerable)
}

fn try_execute(document: &Valid<ExecutableDocument>, variables: Option<&str>, schema: &PublicSchema) -> Option<Bytes> {
    let operation = document.operations.iter().next()?;
    let values: JsonMap = serde_json::from_str(variables.unwrap_or("{}")).ok()?;
    let values = coerce_variable_values(schema.valid(), operation, &values).ok()?;
    let response = partial_execute(schema.valid(), schema.implementers(), document, operation, &values).ok()?;
    serde_json::to_vec(&response).ok().map(Bytes::from)
}

/// Variables were checked and the document is a part of a valid one, so this is not for clients' mistakes.
fn unanswerable() -> Bytes {
    error_body(ErrorCode::Internal, "the schema cannot be described")
}
