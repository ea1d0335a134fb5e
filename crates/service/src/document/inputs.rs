//! What variables may hold, field by field.

use std::collections::HashMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, OperationDefinition, TypeKind, TypeSystemDefinition};
use async_graphql::{ServerError, Value, Variables};

use super::refuse;
use crate::error::ErrorCode;

/// The input types of a schema.
///
/// Reading an argument finds whatever is missing or of another type, but not what nobody knows: a field that was meant to
/// change what happens to money must not be overlooked, only because the other side is newer.
pub(crate) struct InputTypes(HashMap<String, Fields>);

/// The fields of an input type, each with the name of its own type.
type Fields = HashMap<String, String>;

impl InputTypes {
    /// Those of a schema by its definition.
    pub(crate) fn of(definition: &str) -> Result<Self, async_graphql::parser::Error> {
        let document = parse_schema(definition)?;
        let types = document.definitions.iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => match &definition.node.kind {
                TypeKind::InputObject(input) => {
                    let fields = input.fields.iter().map(|field| {
                        let (name, of) = (&field.node.name.node, innermost(&field.node.ty.node.base));
                        (name.to_string(), of.to_owned())
                    });
                    Some((definition.node.name.node.to_string(), fields.collect()))
                }
                _ => None,
            },
            _ => None,
        });
        Ok(Self(types.collect()))
    }

    /// Refuses variables with a field that their type does not have.
    pub(crate) fn check(&self, operation: &OperationDefinition, variables: &Variables) -> Result<(), ServerError> {
        for definition in &operation.variable_definitions {
            let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
            let of = innermost(&ty.base);
            if let Some(unknown) = variables.get(name).and_then(|value| self.unknown(of, value)) {
                let message = format!("the variable ${name} has an unknown field `{unknown}`");
                return Err(refuse(ErrorCode::GraphqlValidationFailed, message));
            }
        }
        Ok(())
    }

    /// The first field that a value of a type, or a list of those, should not have.
    fn unknown<'a>(&self, of: &str, value: &'a Value) -> Option<&'a str> {
        match value {
            Value::List(values) => values.iter().find_map(|value| self.unknown(of, value)),
            Value::Object(object) => {
                let fields = self.0.get(of)?;
                object.iter().find_map(|(name, value)| match fields.get(name.as_str()) {
                    None => Some(name.as_str()),
                    Some(of) => self.unknown(of, value),
                })
            }
            _ => None,
        }
    }
}

/// The name of a type without its lists.
fn innermost(base: &BaseType) -> &str {
    match base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => innermost(&inner.base),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;
    use crate::document::choose;

    #[test]
    fn a_field_that_nobody_knows_is_found_wherever_it_stands() {
        let inputs = InputTypes::of(
            "input Pay { amount: Int!, to: [Payee!], more: Pay } input Payee { id: ID }
             type Query { a(pay: [Pay!]!, id: ID): Int }",
        )
        .unwrap();
        #[track_caller]
        fn check(inputs: &InputTypes, variables: serde_json::Value, expect: Option<&str>) {
            let document = parse_query("query ($pay: [[Pay!]!]!, $id: ID) { a(pay: $pay, id: $id) }").unwrap();
            let variables: Variables = serde_json::from_value(variables).unwrap();
            let got = inputs.check(choose(&document, None).unwrap(), &variables).err();
            let message = got.map(|error| error.message).unwrap_or_default();
            assert!(message.contains(expect.unwrap_or_default()), "{message}");
            assert_eq!(message.is_empty(), expect.is_none(), "{message}");
        }
        check(&inputs, json!({}), None);
        check(&inputs, json!({ "pay": null, "id": { "any": 1 }, "other": 1 }), None);
        check(
            &inputs,
            json!({ "pay": { "amount": 1, "to": [{ "id": 1 }], "more": null } }),
            None,
        );
        check(
            &inputs,
            json!({ "pay": [[{ "amount": 1 }, { "amonut": 1 }]] }),
            Some("`amonut`"),
        );
        check(
            &inputs,
            json!({ "pay": { "more": { "more": { "x": 1 } } } }),
            Some("`x`"),
        );
        check(
            &inputs,
            json!({ "pay": { "to": [{ "id": 1 }, { "name": 1 }] } }),
            Some("`name`"),
        );
    }
}
