//! Stage 1, limits: what a request may cost, checked before the work that it would cause.
//!
//! The body is limited while it is read, tokens before parsing, and the shape of the document before validation.
//! Fragments are measured once each and then counted wherever they are used, so measuring is quick even for the
//! documents it is meant to stop.

use std::collections::HashMap;

use apollo_compiler::Name;
use apollo_compiler::ast::{self, Definition, Selection};
use axum::body::Body;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use service::graphql_http::HttpRequestError;

use super::shape::Refusal;
use crate::Limits;

/// Fragments that use fragments that use fragments.
const FRAGMENT_CHAIN_MAX: usize = 50;

/// Reads a body of bounded size in bounded time.
pub(super) async fn read_body(body: Body, limits: &Limits) -> Result<Bytes, Refusal> {
    let too_large = || HttpRequestError::TooLarge(limits.body_bytes);
    if http_body::Body::size_hint(&body).lower() > limits.body_bytes as u64 {
        return Err(too_large().into());
    }
    match tokio::time::timeout(limits.body_timeout, Limited::new(body, limits.body_bytes).collect()).await {
        Err(_) => Err(HttpRequestError::TooSlow.into()),
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large().into()),
        Ok(Err(_)) => Err(HttpRequestError::Malformed("the body broke off".into()).into()),
    }
}

/// Checks the shape of a parsed document against the limits.
pub(super) fn check_document(document: &ast::Document, limits: &Limits) -> Result<(), String> {
    let mut meter = Meter::new(document);
    for definition in &document.definitions {
        let (cost, root) = match definition {
            Definition::OperationDefinition(operation) => (
                meter.measure(&operation.selection_set)?,
                meter.count_root(&operation.selection_set)?,
            ),
            Definition::FragmentDefinition(fragment) => (meter.measure(&fragment.selection_set)?, Root::default()),
            _ => continue,
        };
        let checks = [
            (cost.depth, limits.depth, "is nested deeper than"),
            (cost.aliases, limits.aliases, "has more aliases than"),
            (
                cost.fields,
                limits.fields,
                "has more fields, fragments written out, than",
            ),
            (root.fields, limits.root_fields, "has more fields at the root than"),
            (
                root.introspection,
                limits.introspection_fields,
                "asks for the schema more often than",
            ),
        ];
        if let Some((_, limit, what)) = checks.into_iter().find(|(value, limit, _)| value > limit) {
            return Err(format!("the document {what} {limit}"));
        }
    }
    Ok(())
}

/// What a selection costs with its fragments written out.
#[derive(Clone, Copy, Default)]
struct Cost {
    depth: usize,
    aliases: usize,
    fields: usize,
}

#[derive(Clone, Copy, Default)]
struct Root {
    fields: usize,
    introspection: usize,
}

struct Meter<'a> {
    fragments: HashMap<&'a Name, &'a [Selection]>,
    measured: HashMap<&'a Name, Cost>,
    counted: HashMap<&'a Name, Root>,
    /// The fragments we are inside of: how a cycle shows.
    open: Vec<&'a Name>,
}

impl<'a> Meter<'a> {
    fn new(document: &'a ast::Document) -> Self {
        let fragments = document
            .definitions
            .iter()
            .filter_map(Definition::as_fragment_definition);
        Self {
            fragments: fragments
                .map(|fragment| (&fragment.name, fragment.selection_set.as_slice()))
                .collect(),
            measured: HashMap::new(),
            counted: HashMap::new(),
            open: Vec::new(),
        }
    }

    fn measure(&mut self, selections: &'a [Selection]) -> Result<Cost, String> {
        let mut total = Cost::default();
        for selection in selections {
            let cost = match selection {
                Selection::Field(field) => {
                    let inner = self.measure(&field.selection_set)?;
                    let bounded_elsewhere = matches!(field.name.as_str(), "__schema" | "__type");
                    Cost {
                        depth: if bounded_elsewhere { 1 } else { inner.depth + 1 },
                        aliases: inner.aliases.saturating_add(usize::from(field.alias.is_some())),
                        fields: inner.fields.saturating_add(1),
                    }
                }
                Selection::InlineFragment(inline) => self.measure(&inline.selection_set)?,
                Selection::FragmentSpread(spread) => self.measure_fragment(&spread.fragment_name)?,
            };
            total.depth = total.depth.max(cost.depth);
            total.aliases = total.aliases.saturating_add(cost.aliases);
            total.fields = total.fields.saturating_add(cost.fields);
        }
        Ok(total)
    }

    fn measure_fragment(&mut self, name: &'a Name) -> Result<Cost, String> {
        if let Some(cost) = self.measured.get(name) {
            return Ok(*cost);
        }
        let Some(selections) = self.enter(name)? else {
            return Ok(Cost::default());
        };
        let cost = self.measure(selections)?;
        self.open.pop();
        self.measured.insert(name, cost);
        Ok(cost)
    }

    fn count_root(&mut self, selections: &'a [Selection]) -> Result<Root, String> {
        let mut total = Root::default();
        for selection in selections {
            let root = match selection {
                Selection::Field(field) => {
                    let introspection = usize::from(matches!(field.name.as_str(), "__schema" | "__type"));
                    Root {
                        fields: 1,
                        introspection,
                    }
                }
                Selection::InlineFragment(inline) => self.count_root(&inline.selection_set)?,
                Selection::FragmentSpread(spread) => self.count_root_fragment(&spread.fragment_name)?,
            };
            total.fields = total.fields.saturating_add(root.fields);
            total.introspection = total.introspection.saturating_add(root.introspection);
        }
        Ok(total)
    }

    fn count_root_fragment(&mut self, name: &'a Name) -> Result<Root, String> {
        if let Some(root) = self.counted.get(name) {
            return Ok(*root);
        }
        let Some(selections) = self.enter(name)? else {
            return Ok(Root::default());
        };
        let root = self.count_root(selections)?;
        self.open.pop();
        self.counted.insert(name, root);
        Ok(root)
    }

    /// The fragment's selections; none when it does not exist or contains itself, both of which validation reports.
    fn enter(&mut self, name: &'a Name) -> Result<Option<&'a [Selection]>, String> {
        if self.open.contains(&name) {
            return Ok(None);
        }
        let Some(selections) = self.fragments.get(name).copied() else {
            return Ok(None);
        };
        if self.open.len() >= FRAGMENT_CHAIN_MAX {
            return Err(format!(
                "the document has fragments nested deeper than {FRAGMENT_CHAIN_MAX}"
            ));
        }
        self.open.push(name);
        Ok(Some(selections))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_measured_with_its_fragments_written_out() {
        #[track_caller]
        fn check(document: &str, expect: Option<&str>) {
            let limits = Limits {
                depth: 3,
                aliases: 2,
                root_fields: 3,
                fields: 12,
                ..Limits::default()
            };
            let document = ast::Document::parse(document, "test").unwrap();
            let refusal = check_document(&document, &limits).err();
            assert_eq!(refusal.is_some(), expect.is_some(), "{refusal:?}");
            assert!(refusal.unwrap_or_default().contains(expect.unwrap_or_default()));
        }
        check("{ a { b { c } } }", None);
        check("{ a { b { c { d } } } }", Some("deeper than 3"));
        check("{ a { ...F } } fragment F on A { b { c } }", None);
        check(
            "{ a { ...F } } fragment F on A { b { c { d } } }",
            Some("deeper than 3"),
        );
        check("{ x: a y: b }", None);
        check("{ x: a y: b z: c }", Some("aliases than 2"));
        check(
            "{ ...F ...F } fragment F on Query { x: a { y: b } }",
            Some("aliases than 2"),
        );
        check("{ a b c }", None);
        check("{ a b ...F } fragment F on Query { c ... { d } }", Some("root than 3"));
        check("{ __schema { a { b { c { d { e } } } } } }", None);
        check("{ ...F } fragment F on Query { ...F a }", None);
        let bomb = "{ a { ...A } } fragment A on A { ...B ...B } fragment B on A { ...C ...C } \
                    fragment C on A { b c d }";
        check(bomb, Some("fragments written out, than 12"));
    }

    #[test]
    fn long_chains_are_refused() {
        let links = (0..60)
            .map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1))
            .collect::<String>();
        let chain = format!("{{ ...F0 }} {links} fragment F60 on Query {{ a }}");
        let document = ast::Document::parse(chain, "test").unwrap();
        assert!(check_document(&document, &Limits::default()).is_err_and(|error| error.contains("fragments nested")));
    }
}
