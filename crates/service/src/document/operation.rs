//! The operation of a document that is to be run.

use std::collections::HashSet;

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{ServerError, Value, Variables};

use super::refuse;
use crate::error::ErrorCode;

/// The operation of this name, or the only one. The library says what is wrong when there is none.
pub(crate) fn choose<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => operations.values().next(),
        _ => None,
    };
    chosen.map(|operation| &operation.node)
}

/// Refuses a mutation that has a response key twice at its root: the specification makes one field of them, the library
/// would run both.
pub(crate) fn check_repetition(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), ServerError> {
    if operation.ty != OperationType::Mutation {
        return Ok(());
    }
    let mut keys = HashSet::new();
    let mut fragments = HashSet::new();
    let mut open = vec![&operation.selection_set.node];
    while let Some(selections) = open.pop() {
        for selection in &selections.items {
            let repeated = match &selection.node {
                Selection::Field(field) if field.node.name.node.starts_with("__") => None,
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    (!keys.insert(key)).then(|| format!("`{key}`"))
                }
                Selection::InlineFragment(inline) => {
                    open.push(&inline.node.selection_set.node);
                    None
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = document.fragments.get(name) {
                        open.push(&fragment.node.selection_set.node);
                    }
                    (!fragments.insert(name)).then(|| format!("the fragment `{name}`"))
                }
            };
            if let Some(what) = repeated {
                let message = format!("{what} stands twice in one mutation: give each field an alias of its own");
                return Err(refuse(ErrorCode::BadUserInput, message));
            }
        }
    }
    Ok(())
}

/// Gives variables that are absent their default, and refuses what a condition (`@skip`, `@include`) could be misled by:
/// the library knows no defaults there, and reads whatever is no Boolean as false.
pub(crate) fn complete_variables(
    operation: &OperationDefinition,
    variables: &mut Variables,
) -> Result<(), ServerError> {
    for definition in &operation.variable_definitions {
        let (name, ty) = (&definition.node.name.node, &definition.node.var_type.node);
        let bad = |what: &str| Err(refuse(ErrorCode::BadUserInput, format!("the variable ${name} {what}")));
        let is_boolean = matches!(&ty.base, BaseType::Named(base) if base == "Boolean");
        match (variables.get(name), &definition.node.default_value) {
            (None, Some(default)) => {
                let default = default.node.clone();
                variables.insert(name.clone(), default);
            }
            (None, None) if !ty.nullable => return bad("is required"),
            (Some(Value::Null), _) if is_boolean && !ty.nullable => return bad("must not be null"),
            (Some(value), _) if is_boolean && !matches!(value, Value::Boolean(_) | Value::Null) => {
                return bad("is no Boolean");
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_may_stand_once_at_the_root_of_a_mutation() {
        #[track_caller]
        fn check(text: &str, expect: Option<&str>) {
            let document = parse_query(text).unwrap();
            let operation = choose(&document, None).unwrap();
            let refusal = check_repetition(&document, operation).err().map(|error| error.message);
            assert_eq!(refusal.is_some(), expect.is_some(), "{refusal:?}");
            assert!(refusal.unwrap_or_default().contains(expect.unwrap_or_default()));
        }
        check("mutation { pay again: pay { id id } }", None);
        check("mutation { __typename __typename pay }", None);
        check("{ pay pay }", None);
        check("mutation { pay pay }", Some("`pay`"));
        check("mutation { a: pay a: pay }", Some("`a`"));
        check("mutation { pay ... { ... on Mutation { pay } } }", Some("`pay`"));
        check("mutation { pay ...F } fragment F on Mutation { pay }", Some("`pay`"));
        check("mutation { ...F ...F } fragment F on Mutation { pay }", Some("`F`"));
        check("mutation { ...F } fragment F on Mutation { ...F }", Some("`F`"));
        check(
            "mutation { ...F ...G } fragment F on Mutation { ...G } fragment G on Mutation { pay }",
            Some("`G`"),
        );
        check("mutation { pay @skip(if: true) pay }", Some("`pay`"));
    }

    #[test]
    fn variables_are_completed_and_conditions_are_not_misled() {
        #[track_caller]
        fn check(declared: &str, given: serde_json::Value, expect: Result<serde_json::Value, &str>) {
            let document = parse_query(format!("query ({declared}) {{ a }}")).unwrap();
            let mut variables = Variables::from_json(given);
            let done = complete_variables(choose(&document, None).unwrap(), &mut variables);
            let got = done.map(|()| serde_json::to_value(&variables).unwrap());
            assert_eq!(
                got.map_err(|error| error.message),
                expect.map_err(str::to_owned),
                "{declared}"
            );
        }
        check(
            "$a: Boolean = true, $b: [Int!]! = [1]",
            json!({}),
            Ok(json!({ "a": true, "b": [1] })),
        );
        check("$a: Boolean = true", json!({ "a": false }), Ok(json!({ "a": false })));
        check("$a: Int = 1", json!({ "a": null }), Ok(json!({ "a": null })));
        check("$a: Int", json!({ "z": 1 }), Ok(json!({ "z": 1 })));
        check("$a: Boolean!", json!({}), Err("the variable $a is required"));
        check(
            "$a: Boolean! = true",
            json!({ "a": null }),
            Err("the variable $a must not be null"),
        );
        check(
            "$a: Boolean!",
            json!({ "a": "yes" }),
            Err("the variable $a is no Boolean"),
        );
    }

    #[test]
    fn the_operation_is_chosen_as_the_library_does() {
        let document = parse_query("query A { a } mutation B { b }").unwrap();
        assert_eq!(choose(&document, Some("B")).unwrap().ty, OperationType::Mutation);
        assert!(choose(&document, None).is_none() && choose(&document, Some("C")).is_none());
        let document = parse_query("query A { a }").unwrap();
        assert!(choose(&document, None).is_some());
    }
}
