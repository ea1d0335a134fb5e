//! Variables: whether they fit the operation, and which of them a part of it needs.
//!
//! A forwarded query is checked for missing variables only, because its service checks the rest. Where several
//! things would be done, all variables are checked here first: the first mutation must not happen when the second
//! cannot.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use apollo_compiler::ast::{Type, Value as GraphqlValue, VariableDefinition};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Node, Schema};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Refuses when a variable of `required` is absent or null. Keeps none of them in memory.
pub(super) fn check_presence(required: &[Name], variables: Option<&str>) -> Result<(), String> {
    if required.is_empty() {
        return Ok(());
    }
    let mut missing: Vec<&Name> = required.iter().collect();
    if let Some(text) = variables {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer
            .deserialize_map(PresenceVisitor { missing: &mut missing })
            .map_err(|error| format!("the variables cannot be read: {error}"))?;
    }
    match missing.first() {
        None => Ok(()),
        Some(name) => Err(format!("the variable ${name} is required")),
    }
}

struct PresenceVisitor<'v, 'a> {
    missing: &'v mut Vec<&'a Name>,
}

impl<'de> Visitor<'de> for PresenceVisitor<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // `Cow<str>` would always be owned here; a variable's name needs no escapes, so a borrowed key nearly always does.
        while let Some(key) = map.next_key::<Key<'de>>()? {
            if map.next_value::<Option<IgnoredAny>>()?.is_some() {
                self.missing.retain(|name| name.as_str() != key.0);
            }
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Refuses when a variable does not have the type that the operation declares.
pub(super) fn check_types(
    schema: &Schema,
    declared: &[Node<VariableDefinition>],
    variables: Option<&str>,
) -> Result<(), String> {
    if declared.is_empty() {
        return Ok(());
    }
    let values: Map<String, Value> = serde_json::from_str(variables.unwrap_or("{}"))
        .map_err(|error| format!("the variables cannot be read: {error}"))?;
    for variable in declared {
        let place = format!("${}", variable.name);
        match values.get(variable.name.as_str()) {
            Some(value) => check_value(schema, &place, &variable.ty, value)?,
            None if variable.default_value.is_none() && variable.ty.is_non_null() => {
                return Err(format!("the variable {place} is required"));
            }
            None => {}
        }
    }
    Ok(())
}

/// Input coercion of the specification, without its results. Messages name the place and never quote the value,
/// which may be a password.
fn check_value(schema: &Schema, place: &str, ty: &Type, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return if ty.is_non_null() {
            Err(format!("{place} must not be null"))
        } else {
            Ok(())
        };
    }
    let name = match ty {
        Type::List(item) | Type::NonNullList(item) => {
            return match value {
                Value::Array(values) => values
                    .iter()
                    .try_for_each(|value| check_value(schema, place, item, value)),
                single => check_value(schema, place, item, single),
            };
        }
        Type::Named(name) | Type::NonNullNamed(name) => name,
    };
    let fits = match (schema.types.get(name), name.as_str(), value) {
        (Some(ExtendedType::Scalar(_)), "Int", value) => value.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
        (Some(ExtendedType::Scalar(_)), "Float", value) => value.is_number(),
        (Some(ExtendedType::Scalar(_)), "String", value) => value.is_string(),
        (Some(ExtendedType::Scalar(_)), "Boolean", value) => value.is_boolean(),
        (Some(ExtendedType::Scalar(_)), "ID", value) => value.is_string() || value.is_i64() || value.is_u64(),
        // Custom scalars are their service's business.
        (Some(ExtendedType::Scalar(_)), _, _) => true,
        (Some(ExtendedType::Enum(allowed)), _, Value::String(text)) => allowed.values.contains_key(text.as_str()),
        (Some(ExtendedType::InputObject(object)), _, Value::Object(fields)) => {
            if let Some(unknown) = fields.keys().find(|key| !object.fields.contains_key(key.as_str())) {
                let unknown: String = unknown.chars().take(64).collect();
                return Err(format!("{place} has the field {unknown}, which {name} does not have"));
            }
            for (field_name, field) in &object.fields {
                let place = format!("{place}.{field_name}");
                match fields.get(field_name.as_str()) {
                    Some(value) => check_value(schema, &place, &field.ty, value)?,
                    None if field.is_required() => return Err(format!("{place} is required")),
                    None => {}
                }
            }
            true
        }
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(format!("{place} is no {name}"))
    }
}

/// Whether a variable might decide what is skipped by its default: there are executors that know only the values which
/// a request gives, so those get the default written out.
pub(super) fn has_boolean_default(variable: &VariableDefinition) -> bool {
    matches!(
        variable.default_value.as_ref().map(AsRef::as_ref),
        Some(GraphqlValue::Boolean(_))
    )
}

/// The variables of a request, each as the client wrote it.
pub(super) struct RawVariables<'a>(HashMap<Cow<'a, str>, &'a RawValue>);

impl<'a> RawVariables<'a> {
    pub(super) fn read(variables: Option<&'a str>) -> Result<Self, String> {
        let values = serde_json::from_str(variables.unwrap_or("{}"))
            .map_err(|error| format!("the variables cannot be read: {error}"))?;
        Ok(Self(values))
    }

    /// The value of a Boolean variable, or its default.
    pub(super) fn boolean(&self, declared: &[Node<VariableDefinition>], name: &Name) -> Option<bool> {
        if let Some(raw) = self.0.get(name.as_str()) {
            return raw.get().parse().ok();
        }
        let variable = declared.iter().find(|variable| variable.name == *name)?;
        match variable.default_value.as_ref().map(AsRef::as_ref) {
            Some(GraphqlValue::Boolean(value)) => Some(*value),
            _ => None,
        }
    }

    /// Appends an object of these variables, as far as the client gave them or their default is a Boolean.
    pub(super) fn push_object(&self, out: &mut String, declared: &[Node<VariableDefinition>], names: &[Name]) {
        out.push('{');
        let mut separator = "";
        for name in names {
            let value = match self.0.get(name.as_str()) {
                Some(value) => value.get(),
                None => match self.boolean(declared, name) {
                    Some(true) => "true",
                    Some(false) => "false",
                    None => continue,
                },
            };
            out.push_str(separator);
            // Names of GraphQL need no escapes in JSON.
            out.push('"');
            out.push_str(name);
            out.push_str("\":");
            out.push_str(value);
            separator = ",";
        }
        out.push('}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apollo_compiler::ast;

    #[test]
    fn types_are_checked_and_values_never_quoted() {
        let schema = Schema::parse_and_validate(
            "type Query { f(a: In, b: [Int!], c: E, d: Decimal, i: ID, s: String): Int }
             scalar Decimal enum E { X Y } input In { a: String! b: Int = 3, c: [In!] }",
            "test",
        )
        .unwrap();
        let check = |declared: &str, variables: &str, expect: Option<&str>| {
            let document = ast::Document::parse(format!("query({declared}) {{ f }}"), "test").unwrap();
            let operation = document.definitions[0].as_operation_definition().unwrap();
            let got = check_types(&schema, &operation.variables, Some(variables));
            assert_eq!(got.as_ref().err().map(String::as_str), expect, "{declared} {variables}");
        };
        check("$a: In!", r#"{"a":{"a":"x"}}"#, None);
        check("$a: In!", "{}", Some("the variable $a is required"));
        check("$a: In!", r#"{"a":null}"#, Some("$a must not be null"));
        check("$a: In!", r#"{"a":{}}"#, Some("$a.a is required"));
        check(
            "$a: In!",
            r#"{"a":{"a":"x","z":1}}"#,
            Some("$a has the field z, which In does not have"),
        );
        check(
            "$a: In!",
            r#"{"a":{"a":"x","c":[{"a":"secret","b":"1"}]}}"#,
            Some("$a.c.b is no Int"),
        );
        check("$b: [Int!]", r#"{"b":[1,2]}"#, None);
        check("$b: [Int!]", r#"{"b":1}"#, None);
        check("$b: [Int!]", r#"{"b":[1,null]}"#, Some("$b must not be null"));
        check("$b: Int", r#"{"b":3000000000}"#, Some("$b is no Int"));
        check("$c: E", r#"{"c":"X"}"#, None);
        check("$c: E", r#"{"c":"Z"}"#, Some("$c is no E"));
        check("$d: Decimal", r#"{"d":"10.50"}"#, None);
        check("$i: ID", r#"{"i":7}"#, None);
        check("$s: String", r#"{"s":7}"#, Some("$s is no String"));
        check("$s: String = \"x\"", "{}", None);
    }

    #[test]
    fn presence_is_checked_without_reading_values() {
        let required = [Name::new("a").unwrap(), Name::new("b").unwrap()];
        let check = |variables: Option<&str>, ok: bool| {
            assert_eq!(check_presence(&required, variables).is_ok(), ok, "{variables:?}");
        };
        check(None, false);
        check(Some("{}"), false);
        check(Some(r#"{"a":{"x":[1]},"b":false}"#), true);
        check(Some(r#"{"\u0061":1,"b":2,"c":3}"#), true);
        check(Some(r#"{"a":null,"b":2}"#), false);
    }
}
