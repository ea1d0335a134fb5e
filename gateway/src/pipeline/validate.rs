//! Stage 3, validation against the merged schema. Also kept with the plan.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast;
use apollo_compiler::introspection::check_max_depth;
use apollo_compiler::validation::Valid;
use bytes::Bytes;
use service::error::ErrorCode;

use super::parse::{explain, refuse};
use crate::schema::PublicSchema;

/// Validates a document, or gives the answer that says what is wrong.
pub(super) fn validate(
    document: &ast::Document,
    schema: &PublicSchema,
    introspection: bool,
) -> Result<Valid<ExecutableDocument>, Bytes> {
    let valid = document
        .to_executable_validate(schema.valid())
        .map_err(|invalid| explain(ErrorCode::GraphqlValidationFailed, &invalid.errors))?;
    for operation in valid.operations.iter() {
        let mut fields = operation.root_fields(&valid);
        if !introspection && fields.any(|field| matches!(field.name.as_str(), "__schema" | "__type")) {
            return Err(refuse(
                ErrorCode::GraphqlValidationFailed,
                "the schema is not open to questions here",
            ));
        }
        check_max_depth(&valid, operation)
            .map_err(|error| refuse(ErrorCode::GraphqlValidationFailed, &error.message().to_string()))?;
    }
    Ok(valid)
}
